/* SPDX-License-Identifier: Apache-2.0 */
/* Connections over sessions of the server of keys. */
#include "keys_subject.h"

#include "base/assert.h"
#include "base/hash.h"
#include "keys_client.h"

#include <stdlib.h>
#include <string.h>

enum { STATEMENTS_MAX = 4096 };

enum kind { READ, WRITE, BEGIN, END };

struct backend_connection {
    struct keys_session session;
    bool is_open;
    bool in_transaction;
    bool is_interrupted; /* while it waited */
    uint32_t busy_timeout_ms;
    uint32_t statements, prepared; /* now, and ever */
    uint32_t count;                /* of locks, as the server said last */
    enum outcome failure;
    void (*on_commit_point)(void *context);
    void *context;
};

struct backend_statement {
    struct backend_connection *connection; /* NULL: free */
    enum kind kind;
    uint32_t key;
    int parameter_count;
    bool has_row;
};

struct subject_instance {
    struct keys_server server;
    struct keys_session harness;
    struct backend_connection connections[KEYS_SESSIONS - 1];
    struct backend_statement statements[STATEMENTS_MAX];
};

uint32_t keys_subject_delay_max_us;
uint32_t keys_subject_timeouts;

static struct subject_instance *at_hand(void)
{
    return world->subject;
}

/* --- calls ----------------------------------------------------------------------------------- */

static enum outcome outcome_of(struct backend_connection *connection, unsigned answer)
{
    connection->count = answer >> 16;
    switch (answer & 0xff) {
    case KEYS_DONE:
        return OUTCOME_OK;
    case KEYS_CANCELLED:
        return connection->is_interrupted ? OUTCOME_INTERRUPTED : OUTCOME_BUSY;
    case KEYS_DEADLOCK:
        return OUTCOME_BUSY;
    }
    return OUTCOME_DIED;
}

static enum outcome call(struct backend_connection *connection, enum keys_request request,
                         uint32_t key)
{
    struct keys_session *session = &connection->session;
    uint64_t timeout_ns = (uint64_t)connection->busy_timeout_ms * 1000000;
    connection->is_interrupted = false;
    keys_client_ask(session, request, key);
    if (!keys_client_wait(session, timeout_ns == 0 ? WORLD_NEVER : world->now_ns + timeout_ns)) {
        keys_subject_timeouts++;
        if (!session->is_cancelled)
            keys_client_cancel(session);
        (void)keys_client_wait(session, WORLD_NEVER);
    }
    connection->failure = outcome_of(connection, keys_client_take(session));
    return connection->failure;
}

static enum outcome release(struct backend_connection *connection)
{
    connection->in_transaction = false;
    return call(connection, KEYS_RELEASE, 0);
}

/* --- connections ----------------------------------------------------------------------------- */

static const char *keys_version(void)
{
    return "1";
}

static enum outcome keys_connect(struct backend_connection **ret_connection,
                                 const struct backend_options *options)
{
    uint32_t number = 0;
    while (at_hand()->connections[number].is_open)
        if (++number == KEYS_SESSIONS - 1)
            return OUTCOME_CANNOT_OPEN;
    struct backend_connection *connection = &at_hand()->connections[number];
    *connection = (struct backend_connection){
        .is_open = true,
        .busy_timeout_ms = options->busy_timeout_ms,
        .on_commit_point = options->on_commit_point,
        .context = options->context,
    };
    keys_client_open(&connection->session, &at_hand()->server, number);
    connection->session.line.connection = connection;
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome keys_disconnect(struct backend_connection *connection)
{
    if (connection->statements > 0)
        return OUTCOME_BUSY;
    if (connection->in_transaction)
        (void)release(connection);
    keys_client_close(&connection->session);
    connection->is_open = false;
    return OUTCOME_OK;
}

static int64_t keys_changes(struct backend_connection *connection)
{
    (void)connection;
    return 1;
}

static bool keys_in_transaction(struct backend_connection *connection)
{
    return connection->in_transaction;
}

/* Only who waits for somebody can be interrupted; other answers are on their way. */
static void keys_cancel(struct backend_connection *connection)
{
    if (connection->session.line.state != OUTSIDE_BLOCKED || connection->session.is_cancelled)
        return;
    connection->is_interrupted = true;
    keys_client_cancel(&connection->session);
}

static int keys_error_code(struct backend_connection *connection)
{
    return (int)connection->failure;
}

static const char *keys_error_state(struct backend_connection *connection)
{
    (void)connection;
    return "";
}

static const char *keys_error_message(struct backend_connection *connection)
{
    return interplay_outcome_names[connection->failure];
}

/* --- statements ------------------------------------------------------------------------------ */

static bool begins_with(const char *sql, size_t length, const char *word)
{
    return length >= strlen(word) && memcmp(sql, word, strlen(word)) == 0;
}

static enum kind kind_of(const char *sql, size_t length)
{
    if (begins_with(sql, length, "SELECT"))
        return READ;
    if (begins_with(sql, length, "BEGIN"))
        return BEGIN;
    bool ends = begins_with(sql, length, "COMMIT") || begins_with(sql, length, "ROLLBACK");
    return ends ? END : WRITE;
}

static enum outcome keys_prepare(struct backend_connection *connection, const char *sql,
                                 size_t length, struct backend_statement **ret_statement)
{
    struct backend_statement *statement = at_hand()->statements;
    while (statement->connection != NULL)
        if (++statement == at_hand()->statements + STATEMENTS_MAX)
            return OUTCOME_NO_MEMORY;
    *statement = (struct backend_statement){
        .connection = connection,
        .kind = kind_of(sql, length),
        .key = (uint32_t)(hash_word(connection->session.number, connection->prepared++) % 2),
        .parameter_count = memchr(sql, '?', length) != NULL,
    };
    connection->statements++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

static enum outcome keys_bind_int64(struct backend_statement *statement, int parameter,
                                    int64_t value)
{
    (void)value;
    return parameter <= statement->parameter_count ? OUTCOME_OK : OUTCOME_SQL_ERROR;
}

static enum outcome keys_bind_text(struct backend_statement *statement, int parameter,
                                   const char *text, size_t length)
{
    (void)text;
    (void)length;
    return keys_bind_int64(statement, parameter, 0);
}

static enum outcome keys_bind(struct backend_statement *statement, int parameter,
                              const struct value *value)
{
    (void)value;
    return keys_bind_int64(statement, parameter, 0);
}

static int keys_parameter_count(struct backend_statement *statement)
{
    return statement->parameter_count;
}

static bool keys_is_read_only(struct backend_statement *statement)
{
    return statement->kind != WRITE;
}

/* One statement that is a transaction of its own gives its lock back at once. */
static enum outcome lock(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome = call(connection, KEYS_LOCK, statement->key);
    if (outcome != OUTCOME_OK || connection->in_transaction)
        return outcome;
    if (connection->on_commit_point != NULL)
        connection->on_commit_point(connection->context);
    return release(connection);
}

static enum outcome keys_step(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome;
    switch (statement->kind) {
    case READ:
        outcome = statement->has_row ? OUTCOME_OK : call(connection, KEYS_LOOK, 0);
        statement->has_row = outcome == OUTCOME_OK && !statement->has_row;
        return statement->has_row ? OUTCOME_ROW : outcome;
    case WRITE:
        return lock(statement);
    case BEGIN:
        connection->in_transaction = true;
        return OUTCOME_OK;
    case END:
        break;
    }
    return connection->in_transaction ? release(connection) : OUTCOME_OK;
}

static int keys_column_count(struct backend_statement *statement)
{
    return statement->kind == READ ? 1 : 0;
}

static bool keys_column_is_null(struct backend_statement *statement, int column)
{
    return column != 0 || !statement->has_row;
}

static int64_t keys_column_int64(struct backend_statement *statement, int column)
{
    return keys_column_is_null(statement, column) ? 0 : statement->connection->count;
}

static const char *keys_column_text(struct backend_statement *statement, int column,
                                    size_t *ret_length)
{
    (void)statement;
    (void)column;
    if (ret_length != NULL)
        *ret_length = 0;
    return NULL;
}

static void keys_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    *ret_value = value_integer(keys_column_int64(statement, column));
}

static void keys_reset(struct backend_statement *statement)
{
    statement->has_row = false;
}

static void keys_finalize(struct backend_statement *statement)
{
    statement->connection->statements--;
    statement->connection = NULL;
}

static const struct backend_ops keys_backend = {
    .name = "keys",
    .dialect = DIALECT_NONE,
    .capabilities = BACKEND_CAN_CANCEL,
    .version = keys_version,
    .connect = keys_connect,
    .disconnect = keys_disconnect,
    .prepare = keys_prepare,
    .bind_int64 = keys_bind_int64,
    .bind_text = keys_bind_text,
    .bind = keys_bind,
    .parameter_count = keys_parameter_count,
    .is_read_only = keys_is_read_only,
    .step = keys_step,
    .column_count = keys_column_count,
    .column_is_null = keys_column_is_null,
    .column_int64 = keys_column_int64,
    .column_text = keys_column_text,
    .column = keys_column,
    .reset = keys_reset,
    .finalize = keys_finalize,
    .changes = keys_changes,
    .in_transaction = keys_in_transaction,
    .cancel = keys_cancel,
    .error_code = keys_error_code,
    .error_state = keys_error_state,
    .error_message = keys_error_message,
};

/* --- the world ------------------------------------------------------------------------------- */

static enum error_code keys_open(struct subject_instance **ret_instance, const char *setup_sql,
                                 struct error *error)
{
    (void)setup_sql;
    struct subject_instance *instance = calloc(1, sizeof *instance);
    if (instance == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    const struct keys_server_options options = {true, keys_subject_delay_max_us};
    keys_server_start(&instance->server, &options);
    keys_client_open(&instance->harness, &instance->server, KEYS_SESSIONS - 1);
    world->subject = instance;
    *ret_instance = instance;
    return ERROR_NONE;
}

static void keys_close(struct subject_instance *instance)
{
    keys_server_stop(&instance->server);
    free(instance);
}

/* Connections that were left go with the server: nobody runs on after that without a new one. */
static void keys_start_plan(struct subject_instance *instance, const struct subject_start *start)
{
    (void)start;
    keys_client_ask(&instance->harness, KEYS_RESTART, 0);
    ASSERT(keys_client_wait(&instance->harness, WORLD_NEVER));
    ASSERT((keys_client_take(&instance->harness) & 0xff) == KEYS_DONE);
}

static void keys_connection(struct subject_instance *instance, struct backend_options *ret_options)
{
    (void)instance;
    ret_options->target = "keys";
}

static void keys_resources(struct subject_instance *instance,
                           struct subject_resources *ret_resources)
{
    int64_t left = 0;
    for (uint32_t i = 0; i < KEYS_SESSIONS - 1; i++)
        left += instance->connections[i].is_open;
    for (uint32_t i = 0; i < STATEMENTS_MAX; i++)
        left += instance->statements[i].connection != NULL;
    *ret_resources = (struct subject_resources){.allocations = left};
}

static uint64_t keys_blockers(struct subject_instance *instance, void *waiting,
                              void *const *connections, uint32_t count)
{
    (void)instance;
    const struct backend_connection *asked = waiting;
    const struct keys_session *sessions[KEYS_SESSIONS];
    for (uint32_t i = 0; i < count; i++)
        sessions[i] = &((const struct backend_connection *)connections[i])->session;
    return keys_client_blockers(&asked->session, sessions, count);
}

static const struct subject_world_ops keys_world = {
    .open = keys_open,
    .close = keys_close,
    .reset = keys_start_plan,
    .connection = keys_connection,
    .resources = keys_resources,
    .blockers = keys_blockers,
};

static const struct promises keys_promises = {
    .permits = {[OUTCOME_BUSY] = SITUATION_CONTENDED | SITUATION_DROP},
};

const struct subject keys_subject = {
    .name = "keys",
    .backend = &keys_backend,
    .world = &keys_world,
    .promises = &keys_promises,
};
