/* SPDX-License-Identifier: Apache-2.0 */
/* A backend that is SQLite's, call by call, and remembers the statements under way. */
#include "decorator.h"

#include "base/assert.h"
#include "sim/world.h"

#include <string.h>

const struct backend_ops *const honest = &interplay_backend_sqlite;
struct canary_memory canary_memory;

static struct backend_ops broken;

bool canary_in_task(void)
{
    return world->current != NULL;
}

bool canary_every(uint32_t n)
{
    return ++canary_memory.times % n == 0;
}

static struct canary_statement *find(const struct backend_statement *statement)
{
    for (size_t i = 0; i < CANARY_STATEMENTS_MAX; i++)
        if (canary_memory.statements[i].statement == statement)
            return &canary_memory.statements[i];
    return NULL;
}

struct canary_statement *canary_statement(struct backend_statement *statement)
{
    return canary_in_task() ? find(statement) : NULL;
}

bool canary_begins(const struct canary_statement *statement, const char *beginning)
{
    return statement != NULL && strncmp(statement->sql, beginning, strlen(beginning)) == 0;
}

enum outcome canary_execute(struct backend_connection *connection, const char *sql)
{
    struct backend_statement *statement;
    enum outcome outcome = honest->prepare(connection, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return outcome;
    do {
        outcome = honest->step(statement);
    } while (outcome == OUTCOME_ROW);
    honest->finalize(statement);
    return outcome;
}

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    enum outcome outcome = honest->prepare(connection, sql, length, ret_statement);
    struct canary_statement *here = find(NULL);
    if (outcome != OUTCOME_OK || !canary_in_task() || here == NULL)
        return outcome;
    *here = (struct canary_statement){.statement = *ret_statement, .connection = connection};
    size_t kept = length < CANARY_SQL_BYTES - 1 ? length : CANARY_SQL_BYTES - 1;
    memcpy(here->sql, sql, kept);
    return outcome;
}

static void finalize(struct backend_statement *statement)
{
    struct canary_statement *here = find(statement);
    if (here != NULL)
        *here = (struct canary_statement){0};
    honest->finalize(statement);
}

/* What the canary's functions for single kinds say, as a value. */
static void column(struct backend_statement *statement, int index, struct value *ret_value)
{
    honest->column(statement, index, ret_value);
    if (broken.column_is_null(statement, index))
        ret_value->kind = VALUE_NULL;
    else if (ret_value->kind == VALUE_INTEGER || ret_value->kind == VALUE_NULL)
        *ret_value = value_integer(broken.column_int64(statement, index));
}

/* A statement that is run again starts anew. */
static void reset(struct backend_statement *statement)
{
    struct canary_statement *here = find(statement);
    if (here != NULL)
        here->is_altered = false;
    honest->reset(statement);
}

static void forget(void)
{
    memset(&canary_memory, 0, sizeof canary_memory);
}

struct backend_ops *canary_decorate(struct fuzz_setup *setup)
{
    ASSERT(setup->subject.backend == honest);
    broken = *honest;
    broken.prepare = prepare;
    broken.finalize = finalize;
    broken.column = column;
    broken.reset = reset;
    setup->subject.backend = &broken;
    setup->before_plan = forget;
    return &broken;
}

struct backend_ops *canary_decorated(void)
{
    return &broken;
}
