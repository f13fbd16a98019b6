/* SPDX-License-Identifier: Apache-2.0 */
/* A backend that is SQLite's, call by call, and remembers the statements under way. */
#include "decorator.h"

#include "base/assert.h"
#include "sim/world.h"

#include <string.h>

const struct backend_ops *const honest = &interplay_backend_sqlite;
struct canary_memory canary_memory;

canary_answering_fn *canary_answering;

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

/* --- sessions --------------------------------------------------------------------------------- */

struct canary_session *canary_session(const struct backend_connection *connection)
{
    for (size_t i = 0; i < CANARY_SESSIONS_MAX; i++)
        if (canary_memory.sessions[i].connection == connection)
            return &canary_memory.sessions[i];
    return NULL;
}

static enum outcome connect_with_helper(struct backend_connection **ret_connection,
                                        const struct backend_options *options)
{
    enum outcome outcome = honest->connect(ret_connection, options);
    struct canary_session *session = canary_session(NULL);
    if (outcome != OUTCOME_OK || !canary_in_task() || session == NULL)
        return outcome;
    *session = (struct canary_session){.connection = *ret_connection, .options = *options};
    session->options.setup = NULL; /* it takes no lock for good, and shares no cache */
    session->options.parameters[0] = '\0';
    session->options.on_commit_point = NULL;
    session->options.on_statement = NULL;
    return outcome;
}

static enum outcome disconnect_with_helper(struct backend_connection *connection)
{
    struct canary_session *session = canary_session(connection);
    if (session != NULL && session->helper != NULL) {
        (void)honest->disconnect(session->helper);
        session->helper = NULL;
    }
    enum outcome outcome = honest->disconnect(connection);
    if (session != NULL && outcome == OUTCOME_OK)
        *session = (struct canary_session){0};
    return outcome;
}

/* --- statements ------------------------------------------------------------------------------- */

static void count_statement(const struct canary_statement *here, int by)
{
    struct canary_session *session = canary_session(here->answering);
    if (session != NULL)
        session->statements += (uint32_t)by;
}

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    char beginning[CANARY_SQL_BYTES] = "";
    size_t kept = length < CANARY_SQL_BYTES - 1 ? length : CANARY_SQL_BYTES - 1;
    memcpy(beginning, sql, kept);
    struct backend_connection *answering = connection;
    if (canary_answering != NULL && canary_in_task())
        answering = canary_answering(connection, beginning);
    enum outcome outcome = honest->prepare(answering, sql, length, ret_statement);
    struct canary_statement *here = find(NULL);
    if (outcome != OUTCOME_OK || !canary_in_task() || here == NULL)
        return outcome;
    *here = (struct canary_statement){
        .statement = *ret_statement, .connection = connection, .answering = answering};
    memcpy(here->sql, beginning, sizeof beginning);
    count_statement(here, 1);
    return outcome;
}

static void finalize(struct backend_statement *statement)
{
    struct canary_statement *here = find(statement);
    if (here != NULL) {
        count_statement(here, -1);
        *here = (struct canary_statement){0};
    }
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
        here->is_altered = here->has_row = false;
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
    broken.connect = connect_with_helper;
    broken.disconnect = disconnect_with_helper;
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
