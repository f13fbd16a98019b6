/* SPDX-License-Identifier: Apache-2.0 */
/* A table by address, with open addressing; nothing is ever removed. */
#include "stack/known_statements.h"

/* Half of them are used at most: some hundred statements in each dialect that runs in the process. */
enum { STATEMENTS_MAX = 8192 };

struct known_statement {
    const char *sql; /* NULL: free */
    struct read_statement read;
    struct write_statement write;
};

static struct known_statement table[STATEMENTS_MAX];
static uint32_t used;

static struct known_statement *place_of(const char *sql)
{
    uint64_t hash = (uint64_t)(uintptr_t)sql * 0x9e3779b97f4a7c15u;
    uint32_t index = (uint32_t)(hash >> 40) % STATEMENTS_MAX;
    while (table[index].sql != NULL && table[index].sql != sql)
        index = (index + 1) % STATEMENTS_MAX;
    return &table[index];
}

static const struct known_statement *known(const struct stack_call *call)
{
    if (!call->is_known)
        return NULL;
    struct known_statement *there = place_of(call->sql);
    if (there->sql == call->sql)
        return there;
    if (used == STATEMENTS_MAX / 2)
        return NULL;
    used++;
    struct statement statement = {
        .sql = call->sql,
        .parameter_count = (uint8_t)call->parameter_count,
        .column_count = (uint8_t)call->column_count,
    };
    there->sql = call->sql;
    there->read.statement = there->write.statement = statement;
    return there;
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
