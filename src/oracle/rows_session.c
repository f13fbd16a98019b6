/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/rows_session.h"

#include <string.h>

struct rows_savepoint {
    const struct rows_savepoint *below;
    uint8_t name;
    uint32_t view_count;
    struct rows_view views[];
};

static void clear_work(struct rows_work *work)
{
    memset(work->keys, 0, sizeof work->keys);
    rows_state_init(&work->state);
}

void rows_session_forget(struct rows_session *session)
{
    session->in_transaction = session->has_failed = session->is_lost = false;
    session->has_snapshot = false;
    session->view_count = 0;
    session->savepoints = NULL;
}

void rows_session_begin_work(struct rows_session *session)
{
    session->view_count = 1;
    session->views[0].set = 0;
    clear_work(&session->views[0].work);
}

void rows_session_begin(struct rows_session *session)
{
    rows_session_forget(session);
    session->in_transaction = true;
    rows_session_begin_work(session);
}

/* `work` is that of the first view. */
static void merge_others(const struct rows_session *session, struct rows_work *work)
{
    for (uint32_t i = 1; i < session->view_count; i++)
        rows_merge(work, &session->views[i].work);
}

struct rows_work *rows_session_work(const struct rows_session *session, struct arena *arena)
{
    struct rows_work *work = arena_alloc(arena, sizeof *work);
    *work = session->views[0].work;
    merge_others(session, work);
    return work;
}

void rows_session_join_views(struct rows_session *session)
{
    merge_others(session, &session->views[0].work);
    session->view_count = 1;
}

/* --- savepoints ------------------------------------------------------------------------------- */

static void save(struct rows_session *session, uint8_t name, bool keeps_views, struct arena *arena)
{
    struct rows_savepoint *savepoint =
        arena_alloc(arena, sizeof *savepoint + session->view_count * sizeof *savepoint->views);
    savepoint->below = session->savepoints;
    savepoint->name = name;
    savepoint->view_count = keeps_views ? session->view_count : 0;
    memcpy(savepoint->views, session->views, savepoint->view_count * sizeof *savepoint->views);
    session->savepoints = savepoint;
}

static const struct rows_savepoint *find_savepoint(const struct rows_session *session, uint8_t name)
{
    const struct rows_savepoint *savepoint = session->savepoints;
    while (savepoint != NULL && savepoint->name != name)
        savepoint = savepoint->below;
    return savepoint;
}

/* The snapshot stays; what was done before there was one was nothing. */
static void go_back(struct rows_session *session, const struct rows_savepoint *savepoint)
{
    for (uint32_t i = 0; i < session->view_count; i++) {
        struct rows_view *view = &session->views[i];
        clear_work(&view->work);
        for (uint32_t k = 0; k < savepoint->view_count; k++)
            if (savepoint->views[k].set == view->set)
                view->work = savepoint->views[k].work;
    }
    session->savepoints = savepoint;
    session->has_failed = false;
}

void rows_session_follow_savepoints(struct rows_session *session,
                                    const struct interaction *interaction, bool keeps_views,
                                    struct arena *arena)
{
    uint8_t name = interaction->arguments[FIELD_savepoint];
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    const struct rows_savepoint *savepoint = find_savepoint(session, name);
    if (effect == EFFECT_SAVEPOINT)
        save(session, name, keeps_views, arena);
    else if (effect == EFFECT_RELEASE && savepoint != NULL)
        session->savepoints = savepoint->below;
    else if (effect == EFFECT_ROLLBACK_TO && savepoint != NULL)
        go_back(session, savepoint);
}
