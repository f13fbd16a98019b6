/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a statement on a connection: checks against its declaration, the prepared form, the gate,
 * rows, and what is worth another try.
 */
#include "pool/connection_internal.h"

#include "pool/failure.h"

struct run {
    struct connection *connection;
    const struct order *order;
    struct row_sink rows;
    struct pool_error *error;
    struct backend_statement *statement;
    bool is_kept; /* the cache owns `statement` */
    bool is_read_only;
    uint64_t row_count;
};

static const char *sql_of(const struct order *order)
{
    return order->known != NULL ? order->known->sql : order->sql;
}

/* --- checks ---------------------------------------------------------------------------------- */

static const char *kind_name(unsigned kind)
{
    static const char *const names[] = {"null", "integer", "real", "text", "blob"};
    return kind < sizeof names / sizeof names[0] ? names[kind] : "unknown";
}

static bool kind_fits(uint8_t declared, enum value_kind kind)
{
    return declared == VALUE_NULL || kind == VALUE_NULL || declared == (unsigned)kind;
}

static enum outcome check_parameters(const struct order *order, struct pool_error *error)
{
    const struct statement *known = order->known;
    if (known == NULL)
        return OUTCOME_OK;
    if (known->parameter_count > POOL_PARAMETERS_MAX || known->column_count > POOL_COLUMNS_MAX ||
        order->parameter_count != known->parameter_count)
        return failure_set(error, OUTCOME_MISUSE,
                           "%u parameters are given, %u parameters and %u columns declared: %s",
                           order->parameter_count, known->parameter_count, known->column_count,
                           known->sql);
    for (uint32_t i = 0; i < order->parameter_count; i++) {
        enum value_kind kind = order->parameters[i].kind;
        if (!kind_fits(known->parameters[i], kind))
            return failure_set(error, OUTCOME_MISUSE, "parameter %u is %s, declared as %s: %s",
                               i + 1, kind_name(kind), kind_name(known->parameters[i]), known->sql);
    }
    return OUTCOME_OK;
}

/* Whether the transaction that the statement belongs to, or that there is none, is still true. */
static enum outcome check_transaction(struct connection *connection, const struct order *order,
                                      struct pool_error *error)
{
    if (connection->is_broken)
        return connection_refuse_broken(error);
    if (order->in_transaction != connection->in_transaction)
        return failure_set(error, OUTCOME_MISUSE,
                           connection->in_transaction
                               ? "a transaction is open: statements go through it"
                               : "the transaction has ended");
    if (order->in_transaction && !connection_in_transaction(connection))
        return failure_set(error, OUTCOME_ROLLED_BACK,
                           "the database has rolled the transaction back by itself");
    return OUTCOME_OK;
}

/* What the database says of a statement that it has just prepared. */
static enum outcome check_prepared(const struct run *run)
{
    const struct backend_ops *backend = run->connection->backend;
    const struct order *order = run->order;
    const char *sql = sql_of(order);
    if (!order->may_write && !backend->is_read_only(run->statement))
        return failure_set(run->error, order->known != NULL ? OUTCOME_MISUSE : OUTCOME_READONLY,
                           "only reading is allowed here: %s", sql);
    if (backend->dialect == DIALECT_NONE) /* nothing that could count */
        return OUTCOME_OK;
    int parameters = backend->parameter_count(run->statement);
    if (parameters != (int)order->parameter_count)
        return failure_set(run->error, OUTCOME_MISUSE, "%u parameters instead of %d: %s",
                           order->parameter_count, parameters, sql);
    int columns = backend->column_count(run->statement);
    if (order->known != NULL && columns >= 0 && columns != order->known->column_count)
        return failure_set(run->error, OUTCOME_MISUSE, "%u columns are declared instead of %d: %s",
                           order->known->column_count, columns, sql);
    if (columns > POOL_COLUMNS_MAX)
        return failure_set(run->error, OUTCOME_MISUSE, "%d columns, no more than %d are possible",
                           columns, POOL_COLUMNS_MAX);
    return OUTCOME_OK;
}

/* --- the prepared statement ------------------------------------------------------------------ */

static enum outcome obtain(struct run *run)
{
    struct connection *connection = run->connection;
    const struct order *order = run->order;
    if (order->known != NULL)
        run->statement = statement_cache_find(&connection->cache, order->known);
    run->is_kept = run->statement != NULL;
    if (!run->is_kept) {
        enum outcome outcome =
            connection_prepare(connection, sql_of(order), &run->statement, run->error);
        if (outcome != OUTCOME_OK)
            return outcome;
        outcome = check_prepared(run);
        if (outcome != OUTCOME_OK) {
            connection->backend->finalize(run->statement);
            run->statement = NULL;
            return outcome;
        }
        run->is_kept = order->known != NULL &&
                       statement_cache_keep(&connection->cache, order->known, run->statement);
    }
    run->is_read_only = connection->backend->is_read_only(run->statement);
    return OUTCOME_OK;
}

static void release(struct run *run)
{
    const struct backend_ops *backend = run->connection->backend;
    if (run->is_kept)
        backend->reset(run->statement);
    else
        backend->finalize(run->statement);
    run->statement = NULL;
}

/* --- rows ------------------------------------------------------------------------------------ */

static enum outcome check_column(const struct run *run, uint32_t column, const struct value *value)
{
    const struct statement *known = run->order->known;
    if (known != NULL && !kind_fits(known->columns[column], value->kind))
        return failure_set(run->error, OUTCOME_MISUSE, "column %u is %s, declared as %s: %s",
                           column + 1, kind_name(value->kind), kind_name(known->columns[column]),
                           known->sql);
    bool has_bytes = value->kind == VALUE_TEXT || value->kind == VALUE_BLOB;
    if (has_bytes && value->text.bytes == NULL)
        return failure_set(run->error, OUTCOME_NO_MEMORY, "no memory for column %u", column + 1);
    return OUTCOME_OK;
}

/* The database may have prepared it anew, for another schema: the columns are counted each time. */
static enum outcome read_row(const struct run *run, uint32_t count, struct value *columns)
{
    const struct backend_ops *backend = run->connection->backend;
    const struct statement *known = run->order->known;
    if (count > POOL_COLUMNS_MAX || (known != NULL && count != known->column_count))
        return failure_set(run->error, OUTCOME_MISUSE, "the schema has changed, now %u columns: %s",
                           count, sql_of(run->order));
    for (uint32_t i = 0; i < count; i++) {
        backend->column(run->statement, (int)i, &columns[i]);
        enum outcome outcome = check_column(run, i, &columns[i]);
        if (outcome != OUTCOME_OK)
            return outcome;
    }
    return OUTCOME_OK;
}

/* Not inlined: the stack would have the room for it in every call. */
static __attribute__((noinline)) void tell_names(const struct run *run)
{
    const char *names[POOL_COLUMNS_MAX];
    const struct backend_ops *backend = run->connection->backend;
    int count = backend->column_name == NULL ? 0 : backend->column_count(run->statement);
    if (count > POOL_COLUMNS_MAX)
        return;
    for (int i = 0; i < count; i++) {
        names[i] = backend->column_name(run->statement, i);
        if (names[i] == NULL)
            return;
    }
    if (count > 0)
        run->rows.on_names(run->rows.context, names, (uint32_t)count);
}

/* Hands the row over. False: no more are wanted, or `*ret_outcome` says what is wrong with it. */
static bool take_row(struct run *run, enum outcome *ret_outcome)
{
    struct value columns[POOL_COLUMNS_MAX];
    uint32_t count = (uint32_t)run->connection->backend->column_count(run->statement);
    if (run->row_count++ == 0 && run->rows.on_names != NULL)
        tell_names(run);
    *ret_outcome = read_row(run, count, columns);
    if (*ret_outcome != OUTCOME_OK)
        return false;
    return run->rows.on_row == NULL || run->rows.on_row(run->rows.context, columns, count);
}

/*
 * To the end, or until nobody wants more rows. A writing statement is brought to its end even then:
 * only its last step tells whether it happened.
 */
static enum outcome step_all(struct run *run)
{
    enum outcome of_rows = OUTCOME_OK;
    bool is_wanted = true;
    while (is_wanted || !run->is_read_only) {
        enum outcome outcome = run->connection->backend->step(run->statement);
        if (outcome == OUTCOME_OK)
            break;
        if (outcome != OUTCOME_ROW)
            return connection_failed(run->connection, outcome, run->error);
        if (is_wanted)
            is_wanted = take_row(run, &of_rows);
    }
    return of_rows;
}

/* --- running --------------------------------------------------------------------------------- */

static enum outcome bind_all(struct run *run)
{
    const struct backend_ops *backend = run->connection->backend;
    for (uint32_t i = 0; i < run->order->parameter_count; i++) {
        enum outcome outcome =
            backend->bind(run->statement, (int)i + 1, &run->order->parameters[i]);
        if (outcome != OUTCOME_OK)
            return connection_failed(run->connection, outcome, run->error);
    }
    return OUTCOME_OK;
}

/* What is told of a statement that has come to its end. */
static void tell_end(const struct run *run, int64_t *ret_changes)
{
    const struct backend_ops *backend = run->connection->backend;
    if (ret_changes != NULL)
        *ret_changes = run->is_read_only ? 0 : backend->changes(run->connection->database);
    if (run->row_count == 0 && run->rows.on_names != NULL)
        tell_names(run);
    if (run->rows.ret_columns == NULL)
        return;
    int columns = backend->column_count(run->statement);
    *run->rows.ret_columns = columns < 0 ? 0 : (uint32_t)columns;
}

static enum outcome attempt(struct run *run, int64_t *ret_changes)
{
    struct connection *connection = run->connection;
    enum outcome outcome = obtain(run);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = bind_all(run);
    if (outcome == OUTCOME_OK && !run->is_read_only)
        outcome = connection_take_gate(connection, run->error);
    if (outcome == OUTCOME_OK) {
        if (connection_start_stepping(connection)) {
            outcome = step_all(run);
            connection_stop_stepping(connection);
        } else {
            outcome = failure_set(run->error, OUTCOME_INTERRUPTED, "interrupted");
        }
    }
    if (outcome == OUTCOME_OK)
        tell_end(run, ret_changes);
    release(run);
    return outcome;
}

/*
 * Where a failure ends the transaction another try only says so: what counts is that its columns
 * have changed.
 */
static enum outcome say_changed(struct run *run)
{
    return failure_set(run->error, OUTCOME_SCHEMA,
                       "the schema has changed, and the transaction "
                       "has failed by that: %s",
                       sql_of(run->order));
}

static enum outcome run_with_tries(struct run *run, int64_t *ret_changes)
{
    struct connection *connection = run->connection;
    const struct order *order = run->order;
    bool is_renewed = false;
    uint32_t tries = 0;
    for (;;) {
        enum outcome outcome = attempt(run, ret_changes);
        if (run->row_count > 0)
            return outcome;
        if (outcome == OUTCOME_ROLLED_BACK && is_renewed)
            return say_changed(run);
        if (outcome == OUTCOME_SCHEMA && order->known != NULL && !is_renewed) {
            statement_cache_evict(&connection->cache, order->known);
            is_renewed = true;
        } else if (outcome != OUTCOME_BUSY || !order->may_write ||
                   connection_in_transaction(connection) ||
                   !connection_back_off(connection, ++tries)) {
            return outcome;
        }
        /* What failed may have ended the transaction: nothing of it may run outside. */
        outcome = check_transaction(connection, order, run->error);
        if (outcome != OUTCOME_OK)
            return outcome;
    }
}

enum outcome connection_run(struct connection *connection, const struct order *order,
                            struct row_sink rows, int64_t *ret_changes, struct pool_error *error)
{
    if (!connection_enter(connection))
        return connection_refuse_nested(error);
    struct run run = {.connection = connection, .order = order, .rows = rows, .error = error};
    enum outcome outcome = check_transaction(connection, order, error);
    if (outcome == OUTCOME_OK)
        outcome = check_parameters(order, error);
    if (outcome == OUTCOME_OK)
        outcome = run_with_tries(&run, ret_changes);
    if (outcome == OUTCOME_OK && order->in_transaction && !connection_in_transaction(connection)) {
        connection->in_transaction = false;
        outcome = failure_set(error, OUTCOME_MISUSE, "the statement ended the transaction: %s",
                              sql_of(order));
    }
    connection_settle(connection);
    connection_leave(connection);
    return outcome;
}
