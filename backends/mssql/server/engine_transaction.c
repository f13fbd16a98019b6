/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions. What a session has changed stands in its list of undo entries; a commit numbers the
 * versions in it, a rollback takes them away again. Savepoints and statements are marks in it.
 */
#include "mssql/server/engine.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

/* --- undo ------------------------------------------------------------------------------------- */

void engine_add_undo(struct engine_session *session, struct engine_undo undo)
{
    if (session->undo_count == session->undo_capacity) {
        session->undo_capacity = session->undo_capacity == 0 ? 64 : session->undo_capacity * 2;
        session->undo = realloc(session->undo, session->undo_capacity * sizeof *session->undo);
        ASSERT(session->undo != NULL);
    }
    session->undo[session->undo_count++] = undo;
}

static void undo_one(const struct engine_undo *undo)
{
    struct engine_version *version;
    switch (undo->kind) {
    case UNDO_VERSION:
        version = undo->row->newest;
        undo->row->newest = version->older;
        free(version);
        return;
    case UNDO_CREATE:
        undo->table->is_dropped = true;
        return;
    case UNDO_DROP:
        undo->table->is_dropped = false;
        return;
    case UNDO_SHAPE:
        engine_free_shape(undo->table->shape);
        undo->table->shape = undo->shape;
        undo->table->shape_commit = undo->shape_commit;
        return;
    }
}

void engine_undo_to(struct engine_session *session, size_t mark)
{
    while (session->undo_count > mark)
        undo_one(&session->undo[--session->undo_count]);
    while (session->savepoint_count > 0 &&
           session->savepoints[session->savepoint_count - 1].mark > mark)
        free(session->savepoints[--session->savepoint_count].name);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void forget_older(struct engine_row *row)
{
    while (row->newest->older != NULL) {
        struct engine_version *older = row->newest->older;
        row->newest->older = older->older;
        free(older);
    }
}

static void keep_one(struct engine_session *session, const struct engine_undo *undo)
{
    struct tds_server *server = session->server;
    switch (undo->kind) {
    case UNDO_VERSION:
        for (struct engine_version *version = undo->row->newest;
             version != NULL && version->writer == session; version = version->older) {
            version->writer = NULL;
            version->commit = server->commits;
        }
        if (server->snapshots == 0 && server->statements == 0)
            forget_older(undo->row);
        return;
    case UNDO_CREATE:
    case UNDO_DROP:
        undo->table->shape_commit = server->commits;
        return;
    case UNDO_SHAPE:
        engine_free_shape(undo->shape);
        undo->table->shape_commit = server->commits;
        return;
    }
}

static void end_snapshots(struct engine_session *session)
{
    session->server->snapshots -= session->has_snapshot;
    session->server->snapshots -= session->has_statement_snapshot;
    session->has_snapshot = session->has_statement_snapshot = false;
}

static void end(struct engine_session *session)
{
    while (session->savepoint_count > 0)
        free(session->savepoints[--session->savepoint_count].name);
    free(session->transaction_name);
    session->transaction_name = NULL;
    session->depth = 0;
    session->is_doomed = session->began_by_statement = false;
    session->undo_count = 0;
    end_snapshots(session);
    engine_unlock_all(session, false);
}

static void tell(struct engine_session *session, uint8_t change)
{
    if (!session->began_by_statement)
        session->client->transaction(session->client_context, change, session->transaction);
}

void engine_begin(struct engine_session *session, const char *name)
{
    session->depth++;
    if (session->depth > 1)
        return;
    session->transaction = ++session->server->transaction_numbers;
    session->transaction_name = name == NULL ? NULL : strdup(name);
    tell(session, 8);
}

/* The whole of it, whatever its depth. */
void engine_commit(struct engine_session *session)
{
    if (session->undo_count > 0)
        session->server->commits++;
    end_snapshots(session);
    for (size_t i = 0; i < session->undo_count; i++)
        keep_one(session, &session->undo[i]);
    tell(session, 9);
    end(session);
}

void engine_rollback(struct engine_session *session)
{
    engine_undo_to(session, 0);
    tell(session, 10);
    end(session);
}

/* --- savepoints ------------------------------------------------------------------------------- */

bool engine_save(struct engine_session *session, const char *name)
{
    if (session->depth == 0)
        return engine_raise(session, 628);
    if (session->savepoint_count == session->savepoint_capacity) {
        session->savepoint_capacity =
            session->savepoint_capacity == 0 ? 8 : session->savepoint_capacity * 2;
        session->savepoints =
            realloc(session->savepoints, session->savepoint_capacity * sizeof *session->savepoints);
        ASSERT(session->savepoints != NULL);
    }
    session->savepoints[session->savepoint_count++] =
        (struct engine_savepoint){strdup(name), session->undo_count};
    return true;
}

/* The last one of that name; it stays, and so do the locks. */
bool engine_rollback_to(struct engine_session *session, const char *name)
{
    for (size_t i = session->savepoint_count; i-- > 0;) {
        if (!tsql_same_name(session->savepoints[i].name, name))
            continue;
        if (session->is_doomed)
            return engine_raise(session, 3931);
        engine_undo_to(session, session->savepoints[i].mark);
        while (session->savepoint_count > i + 1)
            free(session->savepoints[--session->savepoint_count].name);
        return true;
    }
    return engine_raise(session, 6401, name);
}

/* --- statements ------------------------------------------------------------------------------- */

static void use_snapshot(struct engine_session *session, bool *is_used, uint64_t *snapshot)
{
    if (*is_used)
        return;
    *is_used = true;
    *snapshot = session->server->commits;
    session->server->snapshots++;
}

bool engine_touch(struct engine_session *session)
{
    const struct tds_server *server = session->server;
    if (session->implicit_transactions && session->began_by_statement) {
        session->began_by_statement = false;
        tell(session, 8);
    }
    if (session->isolation == TSQL_SNAPSHOT) {
        if (server->options.no_snapshot_isolation)
            return engine_raise(session, 3952, server->database);
        use_snapshot(session, &session->has_snapshot, &session->snapshot);
    } else if (session->isolation == TSQL_READ_COMMITTED &&
               server->options.read_committed_snapshot) {
        use_snapshot(session, &session->has_statement_snapshot, &session->statement_snapshot);
    }
    return true;
}

size_t engine_begin_statement(struct engine_session *session)
{
    session->server->statements++;
    if (session->depth == 0) {
        session->began_by_statement = true;
        engine_begin(session, NULL);
    }
    return session->undo_count;
}

void engine_end_statement(struct engine_session *session, size_t mark, bool failed)
{
    if (failed)
        engine_undo_to(session, mark);
    session->server->statements--;
    if (session->has_statement_snapshot) {
        session->has_statement_snapshot = false;
        session->server->snapshots--;
    }
    if (!session->began_by_statement)
        engine_unlock_all(session, true);
    else if (failed)
        engine_rollback(session);
    else
        engine_commit(session);
}
