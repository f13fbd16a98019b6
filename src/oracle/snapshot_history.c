/* SPDX-License-Identifier: Apache-2.0 */
/* Commit orders and sessions: what can be done to a history. */
#include "oracle/snapshot_history.h"

#include "base/assert.h"

#include <string.h>

void history_init(struct history *history, struct arena *arena, size_t commits_max)
{
    memset(history, 0, sizeof *history);
    struct model_database *first = ARENA_NEW(arena, struct model_database);
    model_database_init(first);
    history->versions = arena_alloc(arena, (commits_max + 1) * sizeof(struct model_database *));
    history->versions[0] = first;
    for (int task = 0; task < PLAN_TASKS_MAX; task++)
        session_reset(&history->sessions[task]);
}

static void copy_session(struct session *session, struct arena *arena)
{
    if (session->own != NULL) {
        struct model_database *own = arena_alloc(arena, sizeof *own);
        *own = *session->own;
        session->own = own;
    }
    if (session->candidate_count > 0) {
        size_t bytes = session->candidate_count * sizeof *session->candidates;
        uint32_t *candidates = arena_alloc(arena, bytes);
        memcpy(candidates, session->candidates, bytes);
        session->candidates = candidates;
    }
}

void history_copy(struct history *copy, const struct history *history, struct arena *arena,
                  size_t commits_max)
{
    *copy = *history;
    copy->versions = arena_alloc(arena, (commits_max + 1) * sizeof(struct model_database *));
    memcpy(copy->versions, history->versions, (history->head + 1) * sizeof *copy->versions);
    for (int task = 0; task < PLAN_TASKS_MAX; task++)
        copy_session(&copy->sessions[task], arena);
}

void history_append(struct history *history, const struct model_database *database)
{
    history->versions[++history->head] = database;
    history->dropped = NULL;
    history->dropped_may_return = false;
}

/* Nobody reads a version that does not exist. */
static void forget_positions_after(struct history *history, uint32_t position)
{
    for (int task = 0; task < PLAN_TASKS_MAX; task++) {
        struct session *session = &history->sessions[task];
        uint32_t kept = 0;
        for (uint32_t i = 0; i < session->candidate_count; i++)
            if (session->candidates[i] <= position)
                session->candidates[kept++] = session->candidates[i];
        session->candidate_count = kept;
        if (session->commit_position != NO_POSITION && session->commit_position > position)
            session->commit_position = NO_POSITION;
        if (session->floor > position)
            session->floor = position;
        if (session->schema_floor > position)
            session->schema_floor = position;
    }
}

void history_truncate(struct history *history, uint32_t position)
{
    ASSERT(position <= history->head);
    history->head = position;
    history->dropped = NULL;
    history->dropped_may_return = false;
    if (history->returned > position)
        history->returned = position;
    if (history->synced > position)
        history->synced = position;
    if (history->kept > position)
        history->kept = position;
    forget_positions_after(history, position);
}

void history_drop_head(struct history *history)
{
    const struct model_database *dropped = history_head(history);
    ASSERT(history->head > 0);
    history_truncate(history, history->head - 1);
    history->dropped = dropped;
}

void history_restore_dropped(struct history *history)
{
    const struct model_database *restored = history->dropped;
    ASSERT(restored != NULL);
    history_append(history, restored);
}

const struct savepoint_state *session_savepoint(const struct session *session, uint8_t name)
{
    const struct savepoint_state *state = session->savepoints;
    while (state != NULL && state->name != name)
        state = state->below;
    return state;
}

void session_end_transaction(struct session *session)
{
    session->in_transaction = false;
    session->transaction_is_savepoint = false;
    session->savepoints = NULL;
    session->own = NULL;
    session->has_snapshot = false;
    session->candidate_count = 0;
    session->failed_floor = NO_POSITION;
}

void session_reset(struct session *session)
{
    session_end_transaction(session);
    session->in_call = session->has_stream = false;
    session->commit_position = NO_POSITION;
}
