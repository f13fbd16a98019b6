/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that see no state: transactions, savepoints, reports; what they make of a session. */
#include "oracle/snapshot_judge.h"

#include <stdio.h>

static bool begin(const struct judged *judged)
{
    judged->session->in_transaction = true;
    if (judged->call.interaction->arguments[FIELD_begin_mode] != BEGIN_DEFERRED)
        snapshot_begin_own(judged);
    return true;
}

static bool commit(const struct judged *judged)
{
    struct session *session = judged->session;
    if (session->commit_position == NO_POSITION && session->own != NULL &&
        !model_database_equal(session->own, judged->history->versions[session->base]))
        return snapshot_contradiction(
            judged, "commit-without-effect",
            "a transaction with changes was reported as committed, but there was no commit");
    session_end_transaction(session);
    return true;
}

static bool roll_back(const struct judged *judged)
{
    session_end_transaction(judged->session);
    return true;
}

static bool save(const struct judged *judged)
{
    struct session *session = judged->session;
    if (!session->in_transaction) {
        session->in_transaction = true;
        session->transaction_is_savepoint = true;
    }
    struct savepoint_state *state = ARENA_NEW(judged->oracle->arena, struct savepoint_state);
    state->below = session->savepoints;
    state->name = judged->call.interaction->arguments[FIELD_savepoint];
    if (session->own != NULL) {
        struct model_database *copy = arena_alloc(judged->oracle->arena, sizeof *copy);
        *copy = *session->own;
        state->database = copy;
    }
    session->savepoints = state;
    return true;
}

static const struct savepoint_state *savepoint_of(const struct judged *judged)
{
    return session_savepoint(judged->session, judged->call.interaction->arguments[FIELD_savepoint]);
}

static bool release(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct savepoint_state *state = savepoint_of(judged);
    if (state->below == NULL && session->transaction_is_savepoint)
        return commit(judged);
    session->savepoints = state->below;
    return true;
}

static bool roll_back_to(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct savepoint_state *state = savepoint_of(judged);
    session->savepoints = state;
    if (state->database != NULL)
        *session->own = *state->database;
    else if (session->own != NULL)
        *session->own = *judged->history->versions[session->base];
    return true;
}

/*
 * An action of the database's own, which may have made everything safe that was acknowledged when
 * it began.
 */
static bool report(const struct judged *judged)
{
    const struct promises *promises = judged->oracle->setting->promises;
    bool syncs =
        promises->report_syncs != NULL && promises->report_syncs(judged->call.seen->report);
    if (syncs && judged->history->synced < judged->session->floor)
        judged->history->synced = judged->session->floor;
    return true;
}

static bool accept(const struct judged *judged)
{
    static bool (*const accepts[EFFECT_COUNT])(const struct judged *judged) = {
        [EFFECT_BEGIN] = begin,    [EFFECT_COMMIT] = commit,   [EFFECT_ROLLBACK] = roll_back,
        [EFFECT_SAVEPOINT] = save, [EFFECT_RELEASE] = release, [EFFECT_ROLLBACK_TO] = roll_back_to,
        [EFFECT_REPORT] = report,
    };
    enum plan_effect effect = plan_action_infos[judged->call.interaction->action].effect;
    return accepts[effect] == NULL || accepts[effect](judged);
}

bool snapshot_accept_unseen(const struct judged *judged)
{
    const struct snapshot_rule rule = snapshot_rule(&judged->call);
    return rule.outcome == OUTCOME_OK && accept(judged);
}

bool snapshot_judge_transaction(const struct judged *judged)
{
    const struct observation *seen = judged->call.seen;
    const struct snapshot_rule rule = snapshot_rule(&judged->call);
    if (!rule.is_there)
        return true;
    if (seen->outcome == rule.outcome)
        return rule.outcome != OUTCOME_OK || accept(judged);
    char name[64];
    const char *action = plan_action_infos[judged->call.interaction->action].name;
    (void)snprintf(name, sizeof name, "wrong-%s", action);
    return snapshot_contradiction(judged, name, "%s came to %s (%s), but %s: %s was expected",
                                  action, interplay_outcome_names[seen->outcome],
                                  seen->error_message, rule.because,
                                  interplay_outcome_names[rule.outcome]);
}
