/* SPDX-License-Identifier: Apache-2.0 */
/* The decorator: only connecting, preparing, stepping and their ends are its own. */
#include "faulty_backend.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct backend_ops *const inner = &interplay_backend_sqlite;

struct backend_statement {
    struct backend_statement *inner;
    struct backend_connection *connection; /* the inner one: connections are not wrapped */
    char sql[128];
};

struct faulty_plan faulty_plan;
struct faulty_counts faulty_counts;

void faulty_reset(void)
{
    faulty_plan = (struct faulty_plan){.prefix = NULL};
    faulty_counts = (struct faulty_counts){.failures = 0};
}

/* True: what is called `text` fails now. */
static bool fails_now(const char *text)
{
    struct faulty_plan *plan = &faulty_plan;
    if (plan->prefix == NULL || strncmp(text, plan->prefix, strlen(plan->prefix)) != 0)
        return false;
    faulty_counts.steps++;
    if (plan->times == 0)
        return false;
    plan->times--;
    faulty_counts.failures++;
    return true;
}

static enum outcome faulty_connect(struct backend_connection **ret_connection,
                                   const struct backend_options *options)
{
    if (fails_now(FAULTY_CONNECT))
        return faulty_plan.outcome;
    enum outcome outcome = inner->connect(ret_connection, options);
    faulty_counts.connections += outcome == OUTCOME_OK;
    return outcome;
}

static enum outcome faulty_disconnect(struct backend_connection *connection)
{
    enum outcome outcome = inner->disconnect(connection);
    faulty_counts.connections -= outcome == OUTCOME_OK;
    return outcome;
}

static enum outcome faulty_prepare(struct backend_connection *connection, const char *sql,
                                   size_t length, struct backend_statement **ret_statement)
{
    struct backend_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return OUTCOME_NO_MEMORY;
    enum outcome outcome = inner->prepare(connection, sql, length, &statement->inner);
    if (outcome != OUTCOME_OK) {
        free(statement);
        return outcome;
    }
    statement->connection = connection;
    (void)snprintf(statement->sql, sizeof statement->sql, "%s", sql);
    memcpy(faulty_counts.last_prepared, statement->sql, sizeof statement->sql);
    faulty_counts.statements++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

static void roll_back(struct backend_connection *connection)
{
    struct backend_statement *rollback = NULL;
    if (inner->prepare(connection, "ROLLBACK", 8, &rollback) != OUTCOME_OK)
        abort();
    if (inner->step(rollback) != OUTCOME_OK)
        abort();
    inner->finalize(rollback);
}

static enum outcome faulty_step(struct backend_statement *statement)
{
    const struct faulty_plan *plan = &faulty_plan;
    if (!fails_now(statement->sql))
        return inner->step(statement->inner);
    if (plan->effect == FAULTY_IT_HAPPENS)
        (void)inner->step(statement->inner);
    else if (plan->effect == FAULTY_ROLLS_BACK)
        roll_back(statement->connection);
    return plan->outcome;
}

static void faulty_finalize(struct backend_statement *statement)
{
    inner->finalize(statement->inner);
    free(statement);
    faulty_counts.statements--;
}

/* --- handed through -------------------------------------------------------------------------- */

static const char *faulty_version(void)
{
    return inner->version();
}

static enum outcome faulty_bind(struct backend_statement *statement, int parameter,
                                const struct value *value)
{
    return inner->bind(statement->inner, parameter, value);
}

static int faulty_parameter_count(struct backend_statement *statement)
{
    return inner->parameter_count(statement->inner);
}

static bool faulty_is_read_only(struct backend_statement *statement)
{
    return inner->is_read_only(statement->inner);
}

static int faulty_column_count(struct backend_statement *statement)
{
    return inner->column_count(statement->inner);
}

static void faulty_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    inner->column(statement->inner, column, ret_value);
}

static void faulty_statement_reset(struct backend_statement *statement)
{
    inner->reset(statement->inner);
}

static int64_t faulty_changes(struct backend_connection *connection)
{
    return inner->changes(connection);
}

static bool faulty_in_transaction(struct backend_connection *connection)
{
    return inner->in_transaction(connection);
}

static void faulty_cancel(struct backend_connection *connection)
{
    inner->cancel(connection);
}

static int faulty_error_code(struct backend_connection *connection)
{
    return inner->error_code(connection);
}

static const char *faulty_error_state(struct backend_connection *connection)
{
    return inner->error_state(connection);
}

static const char *faulty_error_message(struct backend_connection *connection)
{
    return inner->error_message(connection);
}

#define FAULTY_OPS(named, spoken)                                                                  \
    {                                                                                              \
        .name = (named), .dialect = (spoken), .capabilities = BACKEND_CAN_CANCEL,                  \
        .version = faulty_version, .connect = faulty_connect, .disconnect = faulty_disconnect,     \
        .prepare = faulty_prepare, .bind = faulty_bind, .parameter_count = faulty_parameter_count, \
        .is_read_only = faulty_is_read_only, .step = faulty_step,                                  \
        .column_count = faulty_column_count, .column = faulty_column,                              \
        .reset = faulty_statement_reset, .finalize = faulty_finalize, .changes = faulty_changes,   \
        .in_transaction = faulty_in_transaction, .cancel = faulty_cancel,                          \
        .error_code = faulty_error_code, .error_state = faulty_error_state,                        \
        .error_message = faulty_error_message,                                                     \
    }

const struct backend_ops faulty_backend = FAULTY_OPS("faulty", DIALECT_SQLITE);
const struct backend_ops faulty_mssql_backend = FAULTY_OPS("faulty_mssql", DIALECT_MSSQL);
