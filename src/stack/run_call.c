/* SPDX-License-Identifier: Apache-2.0 */
/* One call on a backend's connection, from prepare to finalize. */
#include <interplay/stack.h>

#include <stdio.h>

/* Plans' own rows are narrow; a person's query may have as many columns as databases allow. */
enum { NARROW_COLUMNS_MAX = 8, COLUMNS_MAX = 4096 };

static void take_failure(const struct backend_ops *backend, struct backend_connection *connection,
                         enum outcome outcome, struct stack_reply *reply)
{
    reply->outcome = outcome;
    reply->error_code = backend->error_code(connection);
    (void)snprintf(reply->error_state, sizeof reply->error_state, "%s",
                   backend->error_state(connection));
    (void)snprintf(reply->error_message, sizeof reply->error_message, "%s",
                   backend->error_message(connection));
}

static enum outcome bind_all(const struct backend_ops *backend, struct backend_statement *statement,
                             const struct stack_call *call)
{
    enum outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; i < call->parameter_count && outcome == OUTCOME_OK; i++)
        outcome = backend->bind(statement, (int)i + 1, &call->parameters[i]);
    return outcome;
}

static void take_columns(const struct backend_ops *backend, struct backend_statement *statement,
                         int columns, const struct stack_call *call, struct value *values)
{
    for (int i = 0; i < columns; i++)
        backend->column(statement, i, &values[i]);
    call->on_row(call->context, values, (uint32_t)columns);
}

/* Not inlined: the stack would have the room for it in every call. */
static __attribute__((noinline)) void take_wide_row(const struct backend_ops *backend,
                                                    struct backend_statement *statement,
                                                    int columns, const struct stack_call *call)
{
    struct value values[COLUMNS_MAX];
    take_columns(backend, statement, columns, call, values);
}

static void take_row(const struct backend_ops *backend, struct backend_statement *statement,
                     int columns, const struct stack_call *call)
{
    struct value values[NARROW_COLUMNS_MAX];
    if (columns <= NARROW_COLUMNS_MAX)
        take_columns(backend, statement, columns, call, values);
    else
        take_wide_row(backend, statement, columns, call);
}

/* False: there are too many, which is the failure. */
static bool can_take(int columns, const struct stack_call *call, struct stack_reply *reply)
{
    reply->column_count = columns < 0 ? STACK_COLUMNS_UNKNOWN : columns; /* before the first step */
    if (call->on_row == NULL || columns <= COLUMNS_MAX)
        return true;
    reply->outcome = OUTCOME_OTHER;
    (void)snprintf(reply->error_message, sizeof reply->error_message,
                   "rows of %d columns, at most %d can be taken", columns, COLUMNS_MAX);
    return false;
}

/*
 * False: its rows cannot be taken. The first step may compile the statement anew, for a schema that
 * has changed since it was prepared: then its rows have other columns.
 */
static bool take_rows(const struct backend_ops *backend, struct backend_statement *statement,
                      const struct stack_call *call, enum outcome *ret_outcome,
                      struct stack_reply *reply)
{
    if (!can_take(backend->column_count(statement), call, reply))
        return false;
    while ((*ret_outcome = backend->step(statement)) == OUTCOME_ROW) {
        if (!can_take(backend->column_count(statement), call, reply))
            return false;
        if (call->on_row != NULL)
            take_row(backend, statement, reply->column_count, call);
    }
    return *ret_outcome != OUTCOME_OK || can_take(backend->column_count(statement), call, reply);
}

void interplay_stack_run(const struct backend_ops *backend, struct backend_connection *connection,
                         const struct stack_call *call, struct stack_reply *ret_reply)
{
    *ret_reply = (struct stack_reply){.outcome = OUTCOME_OK};
    struct backend_statement *statement = NULL;
    enum outcome outcome = backend->prepare(connection, call->sql, call->sql_length, &statement);
    if (outcome == OUTCOME_OK)
        outcome = bind_all(backend, statement, call);
    if (outcome == OUTCOME_OK && !take_rows(backend, statement, call, &outcome, ret_reply)) {
        backend->finalize(statement);
        return;
    }
    if (outcome != OUTCOME_OK)
        take_failure(backend, connection, outcome, ret_reply);
    else
        interplay_stack_take_names(backend, statement, call, ret_reply);
    if (statement != NULL)
        backend->finalize(statement);
    if (outcome == OUTCOME_OK && call->access == STACK_WRITE)
        ret_reply->changes = backend->changes(connection);
}
