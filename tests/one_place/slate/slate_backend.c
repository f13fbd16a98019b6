/* SPDX-License-Identifier: Apache-2.0 */
/* Statements are known by their first words; only writes are more than that. */
#include "slate/slate.h"

#include <stdlib.h>
#include <string.h>

struct backend_connection {
    bool in_transaction;
    enum outcome failure;
    int64_t changes;
};

struct backend_statement {
    struct backend_connection *connection;
    enum { KIND_BEGIN, KIND_END, KIND_READ, KIND_WRITE } kind;
};

static bool has_lid_closed;

void slate_close_lid(bool is_closed)
{
    has_lid_closed = is_closed;
}

static const char *version(void)
{
    return "1";
}

static enum outcome connect(struct backend_connection **ret_connection,
                            const struct backend_options *options)
{
    (void)options;
    *ret_connection = calloc(1, sizeof **ret_connection);
    return *ret_connection == NULL ? OUTCOME_NO_MEMORY : OUTCOME_OK;
}

static enum outcome disconnect(struct backend_connection *connection)
{
    free(connection);
    return OUTCOME_OK;
}

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    struct backend_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return OUTCOME_NO_MEMORY;
    statement->connection = connection;
    statement->kind = KIND_WRITE;
    if (length >= 5 && memcmp(sql, "BEGIN", 5) == 0)
        statement->kind = KIND_BEGIN;
    else if (length >= 6 && (memcmp(sql, "COMMIT", 6) == 0 || memcmp(sql, "ROLLBA", 6) == 0))
        statement->kind = KIND_END;
    else if (length >= 6 && memcmp(sql, "SELECT", 6) == 0)
        statement->kind = KIND_READ;
    *ret_statement = statement;
    return OUTCOME_OK;
}

static enum outcome bind_int64(struct backend_statement *statement, int parameter, int64_t value)
{
    (void)statement, (void)parameter, (void)value;
    return OUTCOME_OK;
}

static enum outcome bind_text(struct backend_statement *statement, int parameter, const char *text,
                              size_t length)
{
    (void)statement, (void)parameter, (void)text, (void)length;
    return OUTCOME_OK;
}

static enum outcome bind(struct backend_statement *statement, int parameter,
                         const struct value *value)
{
    (void)statement, (void)parameter, (void)value;
    return OUTCOME_OK;
}

static int parameter_count(struct backend_statement *statement)
{
    (void)statement;
    return 0;
}

static bool is_read_only(struct backend_statement *statement)
{
    return statement->kind != KIND_WRITE;
}

static enum outcome step(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    connection->failure = OUTCOME_OK;
    connection->changes = 0;
    if (statement->kind == KIND_BEGIN || statement->kind == KIND_END)
        connection->in_transaction = statement->kind == KIND_BEGIN;
    else if (statement->kind == KIND_WRITE && has_lid_closed)
        connection->failure = OUTCOME_READONLY;
    else
        connection->changes = statement->kind == KIND_WRITE;
    return connection->failure;
}

static int column_count(struct backend_statement *statement)
{
    (void)statement;
    return 0;
}

static bool column_is_null(struct backend_statement *statement, int column)
{
    (void)statement, (void)column;
    return true;
}

static int64_t column_int64(struct backend_statement *statement, int column)
{
    (void)statement, (void)column;
    return 0;
}

static const char *column_text(struct backend_statement *statement, int column, size_t *ret_length)
{
    (void)statement, (void)column, (void)ret_length;
    return NULL;
}

static void column(struct backend_statement *statement, int column, struct value *ret_value)
{
    (void)statement, (void)column;
    *ret_value = (struct value){.kind = VALUE_NULL};
}

static void reset(struct backend_statement *statement)
{
    (void)statement;
}

static void finalize(struct backend_statement *statement)
{
    free(statement);
}

static int64_t changes(struct backend_connection *connection)
{
    return connection->changes;
}

static bool in_transaction(struct backend_connection *connection)
{
    return connection->in_transaction;
}

static void cancel(struct backend_connection *connection)
{
    (void)connection;
}

static int error_code(struct backend_connection *connection)
{
    return (int)connection->failure;
}

static const char *error_state(struct backend_connection *connection)
{
    (void)connection;
    return "";
}

static const char *error_message(struct backend_connection *connection)
{
    return interplay_outcome_names[connection->failure];
}

const struct backend_ops slate_backend = {
    .name = "slate",
    .dialect = DIALECT_NONE,
    .version = version,
    .connect = connect,
    .disconnect = disconnect,
    .prepare = prepare,
    .bind_int64 = bind_int64,
    .bind_text = bind_text,
    .bind = bind,
    .parameter_count = parameter_count,
    .is_read_only = is_read_only,
    .step = step,
    .column_count = column_count,
    .column_is_null = column_is_null,
    .column_int64 = column_int64,
    .column_text = column_text,
    .column = column,
    .reset = reset,
    .finalize = finalize,
    .changes = changes,
    .in_transaction = in_transaction,
    .cancel = cancel,
    .error_code = error_code,
    .error_state = error_state,
    .error_message = error_message,
};
