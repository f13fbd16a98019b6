/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A backend without a database: connections know whether they are in a transaction, statements only
 * what kind they are. It is there to test pools fast. Like SQLite, it undoes the whole transaction
 * when a write in it fails in the storage. Of settings it knows that SET came, and no RESET since.
 */
#include "memory/memory_internal.h"
#include "memory/memory_sim.h"
#include "sim/handles.h"

/* --- connections ----------------------------------------------------------------------------- */

static const char *memory_version(void)
{
    return "1";
}

static void end_transaction(struct backend_connection *connection)
{
    connection->in_transaction = false;
    connection->has_written = false;
}

/* Takes note of a failure and of what it does to the connection. */
static enum outcome fail(struct backend_connection *connection, enum outcome outcome)
{
    connection->failure = outcome;
    if (outcome == OUTCOME_DIED) {
        connection->is_dead = true;
        end_transaction(connection);
    }
    return outcome;
}

static bool is_usable(const struct backend_connection *connection)
{
    return handle_check(connection->handle.is_open, HANDLE_CONNECTION_USED);
}

/*
 * Crosses into the simulated world and says whether the call may go on: others may have come
 * meanwhile.
 */
static enum outcome cross(struct backend_connection *connection, enum memory_call call)
{
    if (!is_usable(connection))
        return OUTCOME_MISUSE;
    enum outcome outcome = connection->is_dead ? OUTCOME_DIED : memory_sim_cross(call);
    if (!handle_check(connection->handle.is_open, HANDLE_CONNECTION_LEFT))
        return OUTCOME_MISUSE;
    return outcome == OUTCOME_OK ? outcome : fail(connection, outcome);
}

/* `setup` has nothing to set up here. */
static enum outcome memory_connect(struct backend_connection **ret_connection,
                                   const struct backend_options *options)
{
    enum outcome outcome = memory_sim_cross(MEMORY_CONNECT);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct backend_connection *connection = memory_take_connection();
    if (connection == NULL)
        return OUTCOME_CANNOT_OPEN;
    *connection = (struct backend_connection){
        .handle = {.is_open = true},
        .on_commit_point = options->on_commit_point,
        .context = options->context,
    };
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome memory_disconnect(struct backend_connection *connection)
{
    if (!handle_check(connection->handle.is_open, HANDLE_CONNECTION_LEFT_TWICE) ||
        cross(connection, MEMORY_RELEASE) == OUTCOME_MISUSE)
        return OUTCOME_MISUSE;
    if (connection->statements > 0)
        return fail(connection, OUTCOME_BUSY);
    memory_give_connection(connection);
    return OUTCOME_OK;
}

static int64_t memory_changes(struct backend_connection *connection)
{
    return is_usable(connection) ? connection->changes : 0;
}

static bool memory_in_transaction(struct backend_connection *connection)
{
    return is_usable(connection) && connection->in_transaction;
}

static const char *memory_session_change(struct backend_connection *connection)
{
    if (!is_usable(connection))
        return NULL;
    if (!connection->was_asked)
        connection->was_set = connection->is_set;
    connection->was_asked = true;
    return connection->is_set == connection->was_set ? "" : "settings";
}

static void memory_cancel(struct backend_connection *connection)
{
    if (is_usable(connection))
        connection->is_cancelled = true;
}

static int memory_error_code(struct backend_connection *connection)
{
    return is_usable(connection) ? (int)connection->failure : OUTCOME_MISUSE;
}

static const char *memory_error_state(struct backend_connection *connection)
{
    (void)is_usable(connection);
    return "";
}

static const char *memory_error_message(struct backend_connection *connection)
{
    return interplay_outcome_names[memory_error_code(connection)];
}

/* --- statements ------------------------------------------------------------------------------ */

static bool is_prepared(const struct backend_statement *statement)
{
    return handle_check(statement->handle.is_open, HANDLE_STATEMENT_USED);
}

static enum outcome memory_prepare(struct backend_connection *connection, const char *sql,
                                   size_t length, struct backend_statement **ret_statement)
{
    if (!is_usable(connection))
        return OUTCOME_MISUSE;
    connection->is_cancelled = false; /* that was for a call that is over */
    enum outcome outcome = cross(connection, MEMORY_PREPARE);
    struct backend_statement *statement = outcome == OUTCOME_OK ? memory_take_statement() : NULL;
    if (outcome == OUTCOME_OK && statement == NULL)
        outcome = fail(connection, OUTCOME_NO_MEMORY);
    if (outcome == OUTCOME_MISUSE)
        return outcome;
    if (outcome != OUTCOME_OK) {
        connection->is_cancelled = false;
        return outcome;
    }
    *statement = (struct backend_statement){
        .handle = {.is_open = true},
        .connection = connection,
        .kind = memory_sql_kind(sql, length),
        .parameter_count = memory_sql_parameters(sql, length),
        .row_limit = 1,
        .schema_version = memory_at_hand()->schema_version,
    };
    connection->statements++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

static enum outcome bind_rows(struct backend_statement *statement, int parameter, int64_t limit)
{
    if (!is_prepared(statement))
        return OUTCOME_MISUSE;
    if (parameter < 1 || parameter > statement->parameter_count)
        return fail(statement->connection, OUTCOME_SQL_ERROR);
    if (parameter == 1)
        statement->row_limit = limit < MEMORY_ROWS_MAX ? limit : MEMORY_ROWS_MAX;
    return OUTCOME_OK;
}

static enum outcome memory_bind_int64(struct backend_statement *statement, int parameter,
                                      int64_t value)
{
    return bind_rows(statement, parameter, value);
}

static enum outcome memory_bind_text(struct backend_statement *statement, int parameter,
                                     const char *text, size_t length)
{
    (void)text;
    (void)length;
    return bind_rows(statement, parameter, 1);
}

static enum outcome memory_bind(struct backend_statement *statement, int parameter,
                                const struct value *value)
{
    return bind_rows(statement, parameter, value->kind == VALUE_INTEGER ? value->integer : 1);
}

static int memory_parameter_count(struct backend_statement *statement)
{
    return is_prepared(statement) ? statement->parameter_count : 0;
}

static bool memory_is_read_only(struct backend_statement *statement)
{
    return is_prepared(statement) && statement->kind != STATEMENT_WRITE &&
           statement->kind != STATEMENT_SCHEMA;
}

/* As `cross`; a connection stays open while it has statements. */
static enum outcome cross_with(struct backend_statement *statement, enum memory_call call)
{
    enum outcome outcome = cross(statement->connection, call);
    return handle_check(statement->handle.is_open, HANDLE_STATEMENT_LEFT) ? outcome
                                                                          : OUTCOME_MISUSE;
}

/* False: somebody else has finalized it meanwhile. */
static bool end_run(struct backend_statement *statement)
{
    if (cross_with(statement, MEMORY_RELEASE) == OUTCOME_MISUSE)
        return false;
    statement->has_begun = false;
    statement->row_limit = 1;
    statement->connection->is_cancelled = false;
    return true;
}

static void memory_reset(struct backend_statement *statement)
{
    if (is_prepared(statement))
        (void)end_run(statement);
}

static void memory_finalize(struct backend_statement *statement)
{
    if (!handle_check(statement->handle.is_open, HANDLE_STATEMENT_LEFT_TWICE) ||
        !end_run(statement))
        return;
    statement->connection->statements--;
    memory_give_statement(statement);
}

/* --- running --------------------------------------------------------------------------------- */

static enum memory_call call_of(const struct backend_statement *statement)
{
    switch (statement->kind) {
    case STATEMENT_BEGIN:
        return MEMORY_BEGIN;
    case STATEMENT_COMMIT:
        return MEMORY_COMMIT;
    case STATEMENT_ROLLBACK:
        return MEMORY_ROLLBACK;
    case STATEMENT_READ:
        return statement->has_begun ? MEMORY_ROW : MEMORY_READ;
    case STATEMENT_SET:
    case STATEMENT_RESET:
        return MEMORY_READ;
    case STATEMENT_WRITE:
    case STATEMENT_SCHEMA:
        break;
    }
    return MEMORY_WRITE;
}

/* BEGIN, COMMIT and ROLLBACK speak of no table: a new schema is nothing to them. */
static bool depends_on_schema(enum statement_kind kind)
{
    return kind == STATEMENT_READ || kind == STATEMENT_WRITE || kind == STATEMENT_SCHEMA;
}

/* Behind the commit point it is too late to undo anything: a failure leaves the commit in doubt. */
static enum outcome commit(struct backend_connection *connection)
{
    end_transaction(connection);
    if (connection->on_commit_point != NULL)
        connection->on_commit_point(connection->context);
    return cross(connection, MEMORY_SYNC);
}

static enum outcome run_write(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    connection->changes = statement->kind == STATEMENT_WRITE;
    if (statement->kind == STATEMENT_SCHEMA)
        memory_at_hand()->schema_version++;
    if (!connection->in_transaction)
        return commit(connection);
    connection->has_written = true;
    return OUTCOME_OK;
}

static enum outcome run_query(struct backend_statement *statement)
{
    statement->row = statement->has_begun ? statement->row + 1 : 0;
    statement->has_begun = statement->row < statement->row_limit;
    return statement->has_begun ? OUTCOME_ROW : OUTCOME_OK;
}

static enum outcome run(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    switch (statement->kind) {
    case STATEMENT_BEGIN:
        if (connection->in_transaction)
            return fail(connection, OUTCOME_SQL_ERROR);
        connection->in_transaction = true;
        return OUTCOME_OK;
    case STATEMENT_COMMIT:
        if (!connection->in_transaction)
            return fail(connection, OUTCOME_SQL_ERROR);
        if (connection->has_written)
            return commit(connection);
        end_transaction(connection);
        return OUTCOME_OK;
    case STATEMENT_ROLLBACK:
        if (!connection->in_transaction)
            return fail(connection, OUTCOME_SQL_ERROR);
        end_transaction(connection);
        return OUTCOME_OK;
    case STATEMENT_READ:
        return run_query(statement);
    case STATEMENT_SET:
    case STATEMENT_RESET:
        connection->is_set = statement->kind == STATEMENT_SET;
        return OUTCOME_OK;
    case STATEMENT_WRITE:
    case STATEMENT_SCHEMA:
        break;
    }
    return run_write(statement);
}

static enum outcome memory_step(struct backend_statement *statement)
{
    if (!is_prepared(statement))
        return OUTCOME_MISUSE;
    struct backend_connection *connection = statement->connection;
    enum memory_call call = call_of(statement);
    if (call != MEMORY_ROW)
        connection->changes = 0;
    enum outcome outcome = cross_with(statement, call);
    if (outcome == OUTCOME_MISUSE)
        return outcome;
    if (outcome == OUTCOME_OK && connection->is_cancelled)
        outcome = fail(connection, OUTCOME_INTERRUPTED);
    if (outcome == OUTCOME_OK && depends_on_schema(statement->kind) && !statement->has_begun &&
        statement->schema_version != memory_at_hand()->schema_version)
        outcome = fail(connection, OUTCOME_SCHEMA);
    if (outcome == OUTCOME_OK)
        return run(statement);
    statement->has_begun = false;
    if (call == MEMORY_WRITE && (outcome == OUTCOME_IO_ERROR || outcome == OUTCOME_FULL))
        end_transaction(connection);
    return outcome;
}

static int memory_column_count(struct backend_statement *statement)
{
    return is_prepared(statement) && statement->kind == STATEMENT_READ ? 1 : 0;
}

static bool memory_column_is_null(struct backend_statement *statement, int column)
{
    return !is_prepared(statement) || column != 0 || !statement->has_begun;
}

static int64_t memory_column_int64(struct backend_statement *statement, int column)
{
    return memory_column_is_null(statement, column) ? 0 : statement->row;
}

/* There is no text here; a column is never converted. */
static const char *memory_column_text(struct backend_statement *statement, int column,
                                      size_t *ret_length)
{
    (void)is_prepared(statement);
    (void)column;
    if (ret_length != NULL)
        *ret_length = 0;
    return NULL;
}

static void memory_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    if (memory_column_is_null(statement, column))
        *ret_value = (struct value){.kind = VALUE_NULL};
    else
        *ret_value = value_integer(statement->row);
}

const struct backend_ops interplay_backend_memory = {
    .name = "memory",
    .dialect = DIALECT_NONE,
    .capabilities = BACKEND_CAN_CANCEL | BACKEND_ONE_WRITER | BACKEND_NOTICES_MISUSE,
    .version = memory_version,
    .connect = memory_connect,
    .disconnect = memory_disconnect,
    .prepare = memory_prepare,
    .bind_int64 = memory_bind_int64,
    .bind_text = memory_bind_text,
    .bind = memory_bind,
    .parameter_count = memory_parameter_count,
    .is_read_only = memory_is_read_only,
    .step = memory_step,
    .column_count = memory_column_count,
    .column_is_null = memory_column_is_null,
    .column_int64 = memory_column_int64,
    .column_text = memory_column_text,
    .column = memory_column,
    .reset = memory_reset,
    .finalize = memory_finalize,
    .changes = memory_changes,
    .in_transaction = memory_in_transaction,
    .cancel = memory_cancel,
    .error_code = memory_error_code,
    .error_state = memory_error_state,
    .error_message = memory_error_message,
    .session_change = memory_session_change,
};
