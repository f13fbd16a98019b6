/* SPDX-License-Identifier: Apache-2.0 */
/* The versioned store by backend.h: connections, statements, parameters, columns. */
#include "sim/handles.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static const char *version(void)
{
    return "1";
}

/* --- connections ------------------------------------------------------------------------------ */

static bool is_usable(const struct backend_connection *connection)
{
    return handle_check(connection->is_taken, HANDLE_CONNECTION_USED);
}

static struct backend_connection *free_connection(void)
{
    struct subject_instance *store = store_at_hand();
    for (uint32_t i = 0; i < STORE_CONNECTIONS_MAX; i++) {
        uint32_t at = (store->next_connection + i) % STORE_CONNECTIONS_MAX;
        if (store->connections[at].is_taken)
            continue;
        if (store->connections_touched <= at)
            store->connections_touched = at + 1;
        store->next_connection = at + 1;
        return &store->connections[at];
    }
    world_meet_limit("connections of the backend store (64)");
    return NULL;
}

static enum outcome connect_store(struct backend_connection **ret_connection,
                                  const struct backend_options *options)
{
    enum outcome outcome = store_cross(STORE_CALL_CONNECT);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct backend_connection *connection = free_connection();
    if (connection == NULL)
        return OUTCOME_CANNOT_OPEN;
    *connection = (struct backend_connection){
        .is_taken = true,
        .message = "",
        .on_commit_point = options->on_commit_point,
        .context = options->context,
    };
    store_at_hand()->left++;
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome disconnect_store(struct backend_connection *connection)
{
    if (!handle_check(connection->is_taken, HANDLE_CONNECTION_LEFT_TWICE))
        return OUTCOME_MISUSE;
    (void)store_cross(STORE_CALL_RELEASE);
    if (!handle_check(connection->is_taken, HANDLE_CONNECTION_LEFT))
        return OUTCOME_MISUSE;
    if (connection->statements > 0)
        return store_fail(connection, OUTCOME_BUSY, "statements are not finalized");
    store_rollback(connection);
    connection->is_taken = false;
    store_at_hand()->left--;
    return OUTCOME_OK;
}

static int64_t changes(struct backend_connection *connection)
{
    return is_usable(connection) ? connection->changes : 0;
}

static bool in_transaction(struct backend_connection *connection)
{
    return is_usable(connection) && connection->in_transaction;
}

static void cancel(struct backend_connection *connection)
{
    if (is_usable(connection))
        connection->is_cancelled = true;
}

static int error_code(struct backend_connection *connection)
{
    return is_usable(connection) ? (int)connection->failure : OUTCOME_MISUSE;
}

static const char *error_state(struct backend_connection *connection)
{
    (void)is_usable(connection);
    return "";
}

static const char *error_message(struct backend_connection *connection)
{
    return is_usable(connection) ? connection->message : interplay_outcome_names[OUTCOME_MISUSE];
}

/*
 * Others may have come meanwhile. With OUTCOME_DIED the process is gone, and its transaction with
 * it.
 */
static enum outcome cross(struct backend_connection *connection, enum store_call call)
{
    if (!is_usable(connection))
        return OUTCOME_MISUSE;
    enum outcome outcome = connection->is_dead ? OUTCOME_DIED : store_cross(call);
    if (!handle_check(connection->is_taken, HANDLE_CONNECTION_LEFT))
        return OUTCOME_MISUSE;
    if (outcome == OUTCOME_DIED) {
        connection->is_dead = true;
        store_rollback(connection);
    }
    return outcome == OUTCOME_OK
               ? outcome
               : store_fail(connection, outcome, interplay_outcome_names[outcome]);
}

/* --- statements ------------------------------------------------------------------------------- */

static bool is_prepared(const struct backend_statement *statement)
{
    return handle_check(statement->is_taken, HANDLE_STATEMENT_USED);
}

/* A few in turns; they are large. */
static struct backend_statement *free_statement(void)
{
    struct subject_instance *store = store_at_hand();
    for (uint32_t i = 0; i < STORE_STATEMENTS_MAX; i++) {
        uint32_t at =
            i < STORE_STATEMENTS_NEAR ? (store->next_statement + i) % STORE_STATEMENTS_NEAR : i;
        if (store->statements[at] == NULL)
            store->statements[at] = calloc(1, sizeof *store->statements[at]);
        if (store->statements[at] != NULL && store->statements[at]->is_taken)
            continue;
        if (store->statements_touched <= at)
            store->statements_touched = at + 1;
        store->next_statement = at + 1;
        return store->statements[at];
    }
    world_meet_limit("statements of the backend store (1024)");
    return NULL;
}

static char *store_copy(const char *text, size_t length)
{
    char *copy = store_alloc(length + 1);
    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return copy;
}

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    if (!is_usable(connection))
        return OUTCOME_MISUSE;
    connection->is_cancelled = false; /* that was for a call that is over */
    enum outcome outcome = cross(connection, STORE_CALL_PREPARE);
    struct backend_statement *statement = outcome == OUTCOME_OK ? free_statement() : NULL;
    if (outcome == OUTCOME_OK && statement == NULL)
        return store_fail(connection, OUTCOME_NO_MEMORY, "out of memory");
    if (outcome != OUTCOME_OK)
        return outcome;
    statement->sql = store_copy(sql, length);
    if (statement->sql == NULL)
        return store_fail(connection, OUTCOME_NO_MEMORY, "the store is full");
    if (!store_parse(statement->sql, length, &statement->query))
        return store_fail(connection, OUTCOME_SQL_ERROR,
                          "the store does not know such a statement");
    statement->is_taken = true;
    statement->connection = connection;
    statement->has_run = false;
    memset(statement->parameters, 0,
           (size_t)statement->query.parameter_count * sizeof *statement->parameters);
    connection->statements++;
    store_at_hand()->left++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

static enum outcome bind(struct backend_statement *statement, int parameter,
                         const struct value *value)
{
    if (!is_prepared(statement))
        return OUTCOME_MISUSE;
    if (parameter < 1 || parameter > statement->query.parameter_count)
        return store_fail(statement->connection, OUTCOME_SQL_ERROR, "no such parameter");
    statement->parameters[parameter - 1] = *value;
    return OUTCOME_OK;
}

static enum outcome bind_int64(struct backend_statement *statement, int parameter, int64_t value)
{
    const struct value bound = value_integer(value);
    return bind(statement, parameter, &bound);
}

static enum outcome bind_text(struct backend_statement *statement, int parameter, const char *text,
                              size_t length)
{
    const char *copy = store_copy(text, length);
    if (copy == NULL)
        return store_fail(statement->connection, OUTCOME_NO_MEMORY, "the store is full");
    const struct value bound = value_text(copy, length);
    return bind(statement, parameter, &bound);
}

static int parameter_count(struct backend_statement *statement)
{
    return is_prepared(statement) ? statement->query.parameter_count : 0;
}

static bool is_read_only(struct backend_statement *statement)
{
    enum store_kind kind = statement->query.kind;
    return is_prepared(statement) && (kind <= STORE_MAX || kind >= STORE_BEGIN);
}

/* As `cross`; a connection stays open while it has statements. */
static enum outcome cross_with(struct backend_statement *statement, enum store_call call)
{
    enum outcome outcome = cross(statement->connection, call);
    return handle_check(statement->is_taken, HANDLE_STATEMENT_LEFT) ? outcome : OUTCOME_MISUSE;
}

static enum outcome start(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome = cross_with(statement, STORE_CALL_STEP);
    if (outcome == OUTCOME_OK && connection->is_cancelled)
        outcome = store_fail(connection, OUTCOME_INTERRUPTED, "cancelled");
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = store_run(statement);
    if (!handle_check(statement->is_taken, HANDLE_STATEMENT_LEFT))
        return OUTCOME_MISUSE;
    if (outcome == OUTCOME_DIED)
        connection->is_dead = true;
    statement->has_run = outcome == OUTCOME_OK;
    statement->row = 0;
    return outcome;
}

static enum outcome step(struct backend_statement *statement)
{
    if (!is_prepared(statement))
        return OUTCOME_MISUSE;
    if (!statement->has_run) {
        enum outcome outcome = start(statement);
        if (outcome != OUTCOME_OK)
            return outcome;
    }
    if (statement->row < statement->row_count) {
        statement->row++;
        return OUTCOME_ROW;
    }
    statement->has_run = false;
    return OUTCOME_OK;
}

/* False: somebody else has finalized it meanwhile. */
static bool end_run(struct backend_statement *statement)
{
    if (cross_with(statement, STORE_CALL_RELEASE) == OUTCOME_MISUSE)
        return false;
    statement->has_run = false;
    statement->row = statement->row_count = 0;
    statement->connection->is_cancelled = false;
    return true;
}

static void reset(struct backend_statement *statement)
{
    if (!is_prepared(statement) || !end_run(statement))
        return;
    memset(statement->parameters, 0,
           (size_t)statement->query.parameter_count * sizeof *statement->parameters);
}

static void finalize(struct backend_statement *statement)
{
    if (!handle_check(statement->is_taken, HANDLE_STATEMENT_LEFT_TWICE) || !end_run(statement))
        return;
    statement->is_taken = false;
    statement->connection->statements--;
    store_at_hand()->left--;
}

/* --- columns ---------------------------------------------------------------------------------- */

static bool gives_rows(const struct store_query *query)
{
    return query->kind == STORE_SELECT || query->returns_rows;
}

static int column_count(struct backend_statement *statement)
{
    const struct store_query *query = &statement->query;
    bool has_x = query->has_all_columns && statement->has_x;
    if (!is_prepared(statement))
        return 0;
    return gives_rows(query) ? 3 + has_x : query->kind <= STORE_MAX ? 1 : 0;
}

static const char *column_name(struct backend_statement *statement, int number)
{
    static const char *const names[] = {"k", "v", "p", "x"};
    bool is_one = number >= 0 && number < column_count(statement);
    return is_one && gives_rows(&statement->query) ? names[number] : NULL;
}

static void column(struct backend_statement *statement, int number, struct value *ret_value)
{
    *ret_value = (struct value){.kind = VALUE_NULL};
    if (number < 0 || number >= column_count(statement) || statement->row == 0)
        return;
    if (!gives_rows(&statement->query)) {
        if (!statement->number_is_null)
            *ret_value = value_integer(statement->number);
        return;
    }
    const struct store_result_row *row = &statement->rows[statement->row - 1];
    if (number < 2)
        *ret_value = value_integer(number == 0 ? row->key : row->value);
    else if (number == 3)
        *ret_value = value_integer(row->value + store_at_hand()->addends[statement->query.table]);
    else if (row->text.bytes != NULL)
        *ret_value = value_text(row->text.bytes, row->text.length);
}

static bool column_is_null(struct backend_statement *statement, int number)
{
    struct value value;
    column(statement, number, &value);
    return value.kind == VALUE_NULL;
}

static int64_t column_int64(struct backend_statement *statement, int number)
{
    struct value value;
    column(statement, number, &value);
    return value.kind == VALUE_INTEGER ? value.integer : 0;
}

static const char *column_text(struct backend_statement *statement, int number, size_t *ret_length)
{
    struct value value;
    column(statement, number, &value);
    bool is_text = value.kind == VALUE_TEXT;
    if (ret_length != NULL)
        *ret_length = is_text ? value.text.length : 0;
    return is_text ? value.text.bytes : NULL;
}

const struct backend_ops interplay_backend_store = {
    .name = "store",
    .dialect = DIALECT_SQLITE,
    .capabilities = BACKEND_CAN_CANCEL | BACKEND_HAS_MODEL | BACKEND_NOTICES_MISUSE,
    .version = version,
    .connect = connect_store,
    .disconnect = disconnect_store,
    .prepare = prepare,
    .bind_int64 = bind_int64,
    .bind_text = bind_text,
    .bind = bind,
    .parameter_count = parameter_count,
    .is_read_only = is_read_only,
    .step = step,
    .column_count = column_count,
    .column_name = column_name,
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
