/* SPDX-License-Identifier: Apache-2.0 */
/* The server: one database, and a session of its own for what its host asks from within. */
#include "mssql/server/engine.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- from within ------------------------------------------------------------------------------ */

struct within {
    struct tds_server *server;
    tds_server_row_fn on_row;
    void *context;
    bool failed;
};

static void on_columns(void *context, const struct tsql_output *columns, uint32_t count)
{
    (void)context;
    (void)columns;
    (void)count;
}

static void on_row(void *context, const struct value *values, uint32_t count)
{
    const struct within *within = context;
    if (within->on_row != NULL)
        within->on_row(within->context, values, count);
}

static void on_done(void *context, uint16_t command, bool has_count, uint64_t count, bool failed)
{
    (void)context;
    (void)command;
    (void)has_count;
    (void)count;
    (void)failed;
}

/* The first error is the one that is told. */
static void on_message(void *context, const struct engine_error *message)
{
    struct within *within = context;
    if (message->class_ <= 10 || within->failed)
        return;
    within->failed = true;
    within->server->within_error = *message;
}

static void on_transaction(void *context, uint8_t change, uint64_t number)
{
    (void)context;
    (void)change;
    (void)number;
}

static void on_database(void *context, const char *name)
{
    (void)context;
    (void)name;
}

static const struct engine_client within_client = {
    .columns = on_columns,
    .row = on_row,
    .done = on_done,
    .message = on_message,
    .transaction = on_transaction,
    .database = on_database,
};

bool tds_server_execute(struct tds_server *server, const char *sql, tds_server_row_fn on_row_fn,
                        void *context, struct tds_server_error *ret_error)
{
    struct within within = {server, on_row_fn, context, false};
    struct engine_session *session = server->within;
    session->client_context = &within;
    session->variable_count = 0;
    engine_run(session, sql, strlen(sql));
    engine_session_reset(session);
    arena_reset(&session->arena);
    session->client_context = NULL;
    if (within.failed && ret_error != NULL)
        *ret_error = (struct tds_server_error){.number = server->within_error.number,
                                               .state = server->within_error.state,
                                               .class_ = server->within_error.class_,
                                               .message = server->within_error.text};
    return !within.failed;
}

/* --- beginning and end ------------------------------------------------------------------------ */

static void set_options(struct tds_server *server, const struct tds_server_options *options)
{
    enum { PACKET_MOST = 32767 };
    if (options != NULL)
        server->options = *options;
    if (server->options.packet_bytes_max == 0 || server->options.packet_bytes_max > PACKET_MOST)
        server->options.packet_bytes_max = PACKET_MOST;
    snprintf(server->database, sizeof server->database, "%s",
             server->options.database == NULL ? "interplay" : server->options.database);
    server->first_options = server->options;
}

struct tds_server *tds_server_new(const struct tds_server_options *options,
                                  const struct tds_server_host *host, void *context)
{
    struct tds_server *server = calloc(1, sizeof *server);
    ASSERT(server != NULL);
    server->host = host;
    server->context = context;
    set_options(server, options);
    server->within = engine_session_new(server, NULL, &within_client, NULL);
    return server;
}

static void free_locks(struct tds_server *server)
{
    while (server->free_locks != NULL) {
        struct engine_lock *lock = server->free_locks;
        server->free_locks = lock->next_here;
        free(lock);
    }
}

void tds_server_free(struct tds_server *server)
{
    engine_session_free(server->within);
    ASSERT(server->sessions == NULL);
    engine_free_spare_sessions(server);
    engine_free_tables(server);
    free_locks(server);
    free(server);
}

void tds_server_reset(struct tds_server *server)
{
    ASSERT(server->sessions == server->within && server->within->next == NULL);
    engine_free_tables(server);
    server->options = server->first_options;
    server->session_numbers = 1; /* that from within */
    server->transaction_numbers = server->commits = 0;
    server->table_numbers = 0;
}
