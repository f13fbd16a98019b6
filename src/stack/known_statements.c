/* SPDX-License-Identifier: Apache-2.0 */
/* By address, with open addressing; nothing is ever removed. */
#include "stack/known_statements.h"

enum {
    STATEMENTS_MAX = 2048, /* some hundred in each dialect that runs in the process */
    PLACES = 2 * STATEMENTS_MAX,
};

struct known_statement {
    struct read_statement read;
    struct write_statement write;
};

/* In the order in which they were first seen; places hold numbers from 1, or 0: free. */
static struct known_statement statements[STATEMENTS_MAX];
static uint16_t places[PLACES];
static uint32_t used;

static uint16_t *place_of(const char *sql)
{
    uint64_t hash = (uint64_t)(uintptr_t)sql * 0x9e3779b97f4a7c15u;
    uint32_t place = (uint32_t)(hash >> 40) % PLACES;
    while (places[place] != 0 && statements[places[place] - 1].read.statement.sql != sql)
        place = (place + 1) % PLACES;
    return &places[place];
}

static const struct known_statement *known(const struct stack_call *call)
{
    if (!call->is_known)
        return NULL;
    uint16_t *place = place_of(call->sql);
    if (*place != 0)
        return &statements[*place - 1];
    if (used == STATEMENTS_MAX)
        return NULL;
    struct known_statement *added = &statements[used++];
    *place = (uint16_t)used;
    added->read.statement = added->write.statement = (struct statement){
        .sql = call->sql,
        .parameter_count = (uint8_t)call->parameter_count,
        .column_count = (uint8_t)call->column_count,
    };
    return added;
}

const struct read_statement *known_read_statement(const struct stack_call *call)
{
    const struct known_statement *there = known(call);
    return there == NULL ? NULL : &there->read;
}

const struct write_statement *known_write_statement(const struct stack_call *call)
{
    const struct known_statement *there = known(call);
    return there == NULL ? NULL : &there->write;
}

void known_batch(const struct stack_call *calls, uint32_t count,
                 struct batch_item ret_items[KNOWN_BATCH_MAX])
{
    for (uint32_t i = 0; i < count && i < KNOWN_BATCH_MAX; i++)
        ret_items[i] = (struct batch_item){known_write_statement(&calls[i]), calls[i].parameters};
}
