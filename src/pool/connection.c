/* SPDX-License-Identifier: Apache-2.0 */
/* A connection's life, and what all of its statements have in common. */
#include "pool/connection_internal.h"

#include "pool/deadline.h"
#include "pool/failure.h"
#include "pool/placeholder.h"
#include "pool/write_gate.h"

#include <stdlib.h>
#include <string.h>

/* --- opening --------------------------------------------------------------------------------- */

/* Runs before the options' own setup. */
static const char *pool_setup(const struct connection *connection)
{
    switch (connection->backend->dialect) {
    case DIALECT_SQLITE:
        return connection->is_writer ? "PRAGMA journal_mode=wal;" : "PRAGMA query_only=1;";
    case DIALECT_POSTGRES:
        return connection->is_writer ? "" : "SET default_transaction_read_only = on;";
    case DIALECT_MSSQL:
    case DIALECT_NONE:
        break;
    }
    return "";
}

/* NULL: no memory. */
static char *join(const char *first, const char *second)
{
    size_t first_length = strlen(first), second_length = strlen(second);
    char *joined = malloc(first_length + second_length + 1);
    if (joined == NULL)
        return NULL;
    memcpy(joined, first, first_length);
    memcpy(joined + first_length, second, second_length + 1);
    return joined;
}

static enum outcome connect_database(struct connection *connection, struct pool_error *error)
{
    struct backend_options options = connection->options->connection;
    char *setup = join(pool_setup(connection), options.setup == NULL ? "" : options.setup);
    if (setup == NULL)
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    options.setup = setup[0] == '\0' ? NULL : setup;
    enum outcome outcome;
    uint32_t tries = 0;
    do /* Switching to the log needs the database for itself for a moment. */
        outcome = connection->backend->connect(&connection->database, &options);
    while (outcome == OUTCOME_BUSY && connection_back_off(connection, ++tries));
    free(setup);
    if (outcome == OUTCOME_OK)
        return OUTCOME_OK;
    /* Not to what: there may be a password in it. */
    return failure_set(error, outcome, "cannot open or set up a connection to the database");
}

static enum outcome open_parts(struct connection *connection, struct pool_error *error)
{
    uint32_t capacity = connection->options->statement_cache;
    if (pthread_mutex_init(&connection->call.mutex, NULL) != 0)
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    enum outcome outcome = statement_cache_init(&connection->cache, connection->backend, capacity);
    if (outcome != OUTCOME_OK)
        (void)failure_set(error, outcome, "no memory for %u statements", capacity);
    else if ((outcome = connect_database(connection, error)) != OUTCOME_OK)
        statement_cache_clean_up(&connection->cache);
    if (outcome != OUTCOME_OK)
        (void)pthread_mutex_destroy(&connection->call.mutex);
    return outcome;
}

enum outcome connection_open(struct connection **ret_connection,
                             const struct connection_settings *settings, struct pool_error *error)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    connection->options = settings->options;
    connection->backend = settings->options->backend;
    connection->is_writer = settings->is_writer;
    connection->gate = settings->gate;
    enum outcome outcome = open_parts(connection, error);
    if (outcome != OUTCOME_OK) {
        free(connection);
        return outcome;
    }
    *ret_connection = connection;
    return OUTCOME_OK;
}

void connection_close(struct connection *connection)
{
    if (connection == NULL)
        return;
    statement_cache_clean_up(&connection->cache);
    for (int i = 0; i < CONTROL_COUNT; i++) {
        if (connection->control[i] != NULL)
            connection->backend->finalize(connection->control[i]);
    }
    (void)connection->backend->disconnect(connection->database);
    /* Only now are the locks of an open transaction gone. */
    if (connection->holds_gate)
        write_gate_leave(connection->gate);
    (void)pthread_mutex_destroy(&connection->call.mutex);
    free(connection);
}

/* --- questions ------------------------------------------------------------------------------- */

bool connection_is_broken(const struct connection *connection)
{
    return connection->is_broken;
}

bool connection_in_transaction(struct connection *connection)
{
    return connection->backend->in_transaction(connection->database);
}

uint32_t connection_statements(const struct connection *connection)
{
    return connection->cache.count;
}

uint64_t connection_prepares(const struct connection *connection)
{
    return connection->prepares;
}

/* --- what all statements need ---------------------------------------------------------------- */

enum outcome connection_failed(struct connection *connection, enum outcome outcome,
                               struct pool_error *error)
{
    /* Without an answer: the request, or its answer, may still come, and hit somebody else. */
    if (outcome == OUTCOME_DIED || outcome == OUTCOME_MISUSE || outcome == OUTCOME_TIMEOUT ||
        outcome == OUTCOME_IN_DOUBT)
        connection->is_broken = true;
    return failure_of_database(error, outcome, connection->backend, connection->database);
}

static enum outcome prepare_text(struct connection *connection, const char *sql,
                                 struct backend_statement **ret_statement, struct pool_error *error)
{
    connection->prepares++;
    enum outcome outcome =
        connection->backend->prepare(connection->database, sql, strlen(sql), ret_statement);
    return outcome == OUTCOME_OK ? outcome : connection_failed(connection, outcome, error);
}

enum outcome connection_prepare(struct connection *connection, const char *sql,
                                struct backend_statement **ret_statement, struct pool_error *error)
{
    enum dialect dialect = connection->backend->dialect;
    if (!placeholder_needs_translation(dialect))
        return prepare_text(connection, sql, ret_statement, error);
    size_t size_bytes = placeholder_translate(dialect, sql, NULL, 0) + 1;
    char *text = malloc(size_bytes);
    if (text == NULL)
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    (void)placeholder_translate(dialect, sql, text, size_bytes);
    enum outcome outcome = prepare_text(connection, text, ret_statement, error);
    free(text);
    return outcome;
}

/* Longer than any statement of another writer that itself waits for somebody outside. */
static uint32_t gate_timeout_ms(const struct pool_options *options)
{
    uint64_t sum = (uint64_t)options->acquire_timeout_ms + options->connection.busy_timeout_ms;
    return sum < POOL_NO_TIMEOUT ? (uint32_t)sum : POOL_NO_TIMEOUT;
}

enum outcome connection_take_gate(struct connection *connection, struct pool_error *error)
{
    if (connection->gate == NULL || connection->holds_gate)
        return OUTCOME_OK;
    enum outcome outcome = write_gate_take(connection->gate, gate_timeout_ms(connection->options));
    connection->holds_gate = outcome == OUTCOME_OK;
    if (outcome != OUTCOME_OK)
        (void)failure_set(error, outcome, "another writer of the pool did not finish in time");
    return outcome;
}

void connection_settle(struct connection *connection)
{
    if (!connection->holds_gate || connection->is_broken || connection_in_transaction(connection))
        return;
    connection->holds_gate = false;
    write_gate_leave(connection->gate);
}

bool connection_back_off(const struct connection *connection, uint32_t tries)
{
    if (tries > connection->options->busy_retries)
        return false;
    uint32_t doublings = tries - 1 < 10 ? tries - 1 : 10;
    deadline_sleep(10u << doublings);
    return true;
}

enum outcome connection_refuse_broken(struct pool_error *error)
{
    return failure_set(error, OUTCOME_DIED, "the connection is broken; give it back");
}

enum outcome connection_refuse_nested(struct pool_error *error)
{
    return failure_set(error, OUTCOME_MISUSE, "a statement is still running on the connection");
}
