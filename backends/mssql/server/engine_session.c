/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions of the database: how one begins, is given back as new, and ends. */
#include "mssql/server/engine.h"

#include "base/assert.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Instructions of SQLite between two looks at whether the session was cancelled. */
enum { LOOK_AFTER = 20000 };

bool engine_wait_briefly(struct engine_session *session)
{
    if (session->host_context == NULL)
        return true;
    return engine_wait(session, TDS_WAIT_ROOM, engine_now_ns(session->server));
}

static int look(void *session)
{
    return !engine_wait_briefly(session);
}

static void set_defaults(struct engine_session *session)
{
    session->isolation = TSQL_READ_COMMITTED;
    session->xact_abort = session->no_count = session->implicit_transactions = false;
    session->lock_timeout_ms = -1;
    session->deadlock_priority = 0;
    session->rows_affected = 0;
    session->last_error = 0;
}

static struct engine_session *make(struct tds_server *server)
{
    struct engine_session *session = calloc(1, sizeof *session);
    ASSERT(session != NULL);
    session->server = server;
    arena_init(&session->arena, TSQL_ARENA_BYTES);
    engine_open_sqlite(session);
    sqlite3_progress_handler(session->sqlite, LOOK_AFTER, look, session);
    return session;
}

/* Everything but what it keeps is as in a new one. */
static struct engine_session *take_spare(struct tds_server *server)
{
    struct engine_session *session = server->spare;
    server->spare = session->next;
    memset(session, 0, offsetof(struct engine_session, arena));
    session->server = server;
    return session;
}

struct engine_session *engine_session_new(struct tds_server *server, void *host_context,
                                          const struct engine_client *client, void *client_context)
{
    struct engine_session *session = server->spare == NULL ? make(server) : take_spare(server);
    session->host_context = host_context;
    session->client = client;
    session->client_context = client_context;
    session->number = 50 + ++server->session_numbers; /* lower ones are the server's own */
    set_defaults(session);
    session->next = server->sessions;
    server->sessions = session;
    return session;
}

void engine_session_reset(struct engine_session *session)
{
    if (session->depth > 0)
        engine_rollback(session);
    set_defaults(session);
}

void engine_session_free(struct engine_session *session)
{
    if (session->depth > 0)
        engine_rollback(session);
    struct engine_session **at = &session->server->sessions;
    while (*at != session)
        at = &(*at)->next;
    *at = session->next;
    arena_reset(&session->arena);
    session->next = session->server->spare;
    session->server->spare = session;
}

struct engine_variable *engine_find_variable(struct engine_session *session, const char *name)
{
    for (uint32_t i = 0; i < session->variable_count; i++)
        if (tsql_same_name(session->variables[i].name, name))
            return &session->variables[i];
    return NULL;
}

bool engine_has_database(const struct tds_server *server, const char *name)
{
    return tsql_same_name(name, server->database) || tsql_same_name(name, "master") ||
           tsql_same_name(name, "tempdb");
}

void engine_free_spare_sessions(struct tds_server *server)
{
    while (server->spare != NULL) {
        struct engine_session *session = server->spare;
        server->spare = session->next;
        sqlite3_close(session->sqlite);
        arena_clean_up(&session->arena);
        free(session->undo);
        free(session->savepoints);
        free(session);
    }
}
