/* SPDX-License-Identifier: Apache-2.0 */
/* One history against one result: statements, failures and commits. */
#include "oracle/snapshot_judge.h"

#include "oracle/seen.h"

#include <stdarg.h>
#include <stdio.h>

bool snapshot_contradiction(const struct judged *judged, const char *kind, const char *format, ...)
{
    struct snapshot_oracle *oracle = judged->oracle;
    (void)snprintf(oracle->kind, sizeof oracle->kind, "%s", kind);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(oracle->why, sizeof oracle->why, format, arguments);
    va_end(arguments);
    return false;
}

bool snapshot_lost_update(const struct judged *judged, uint32_t base)
{
    return snapshot_contradiction(
        judged, "lost-update", "a transaction on commit %u writes although commit %u is the newest",
        base, judged->history->head);
}

void snapshot_begin_own(const struct judged *judged)
{
    struct session *session = judged->session;
    session->own = arena_alloc(judged->oracle->arena, sizeof *session->own);
    *session->own = *history_head(judged->history);
    session->base = judged->history->head;
    session->has_snapshot = true;
}

static const char *action_name(const struct judged *judged)
{
    return plan_action_infos[judged->call.interaction->action].name;
}

/* --- wrong results --------------------------------------------------------------------------- */

static const char *describe_seen(const struct judged *judged, char *text, size_t bytes)
{
    return seen_describe(judged->call.interaction, judged->call.seen, text, bytes);
}

/* It would be right at a commit before `from`. */
static bool is_stale(const struct judged *judged, uint32_t from)
{
    struct sight older = {.has_window = from > 0, .to = from - 1};
    return sight_find(&judged->call, &older) < sight_count(&older);
}

static bool wrong_result(const struct judged *judged, const char *kind, uint32_t from, uint32_t to)
{
    char seen[192], name[64];
    bool stale = is_stale(judged, from);
    (void)snprintf(name, sizeof name, "%s-%s", stale ? "stale" : kind, action_name(judged));
    return snapshot_contradiction(
        judged, name,
        "the %s came to %s, which is right at none of the commits %u to %u that it may see%s",
        action_name(judged), describe_seen(judged, seen, sizeof seen), from, to,
        stale ? ", but at an older one" : "");
}

static bool wrong_own(const struct judged *judged, uint32_t base)
{
    char seen[192], name[64];
    (void)snprintf(name, sizeof name, "wrong-own-%s", action_name(judged));
    return snapshot_contradiction(
        judged, name,
        "the %s came to %s, which is not right after what this transaction wrote itself on commit "
        "%u",
        action_name(judged), describe_seen(judged, seen, sizeof seen), base);
}

static bool is_look(const struct judged *judged)
{
    return plan_action_infos[judged->call.interaction->action].effect == EFFECT_LOOK;
}

/* Told by how it differs from the newest commit. */
static bool wrong_look(const struct judged *judged, const struct sight *sight)
{
    char name[64];
    struct model_difference difference;
    model_database_difference(history_head(judged->history), judged->call.seen->looked,
                              &difference);
    (void)snprintf(name, sizeof name, "%s-look/%s",
                   is_stale(judged, sight->from) ? "stale" : "wrong", difference.kind);
    return snapshot_contradiction(
        judged, name,
        "what a new connection reads is right at none of the commits %u to %u that it may see; "
        "against the last one: %s",
        sight->from, sight->to, difference.text);
}

/* No state agrees. */
static bool wrong(const struct judged *judged, const struct sight *sight)
{
    const struct session *session = judged->session;
    bool writes = model_is_write((enum plan_action)judged->call.interaction->action) &&
                  judged->call.seen->outcome != OUTCOME_SQL_ERROR;
    uint32_t count = session->candidate_count;
    if (is_look(judged))
        return wrong_look(judged, sight);
    if (sight->own != NULL)
        return wrong_own(judged, sight->base);
    if (session->in_transaction && writes)
        return wrong_own(judged, judged->history->head);
    if (session->has_snapshot)
        return wrong_result(judged, "snapshot-moved", count ? session->candidates[0] : 0,
                            count ? session->candidates[count - 1] : 0);
    return wrong_result(judged, "wrong", sight->from, sight->to);
}

/* --- statements ------------------------------------------------------------------------------ */

/*
 * A statement that failed inside a transaction, or whose text is the plan's own, may have taken its
 * snapshot all the same.
 */
static void remember_failed_floor(const struct judged *judged)
{
    struct session *session = judged->session;
    if (judged->oracle->setting->promises->rows == VIEW_OF_TRANSACTION && session->in_transaction &&
        !session->has_snapshot && session->floor < session->failed_floor)
        session->failed_floor = session->floor;
}

/* Of `count` commits those stay, or become, candidates that agree. */
static void keep_candidates(const struct judged *judged, const struct sight *sight, uint32_t count,
                            const uint32_t *positions, uint32_t first)
{
    struct session *session = judged->session;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position = positions != NULL ? positions[i] : first + i;
        if (sight_agrees(&judged->call, sight, judged->history->versions[position]))
            session->candidates[kept++] = position;
    }
    session->candidate_count = kept;
}

/* Those on numbers beside the tables do not: the schema that a connection knows stays as old. */
static bool looks_at_schema(const struct judged *judged)
{
    enum plan_effect effect = plan_action_infos[judged->call.interaction->action].effect;
    return effect != EFFECT_NUMBER && effect != EFFECT_READ_NUMBER;
}

static void know_schema_of(const struct judged *judged, uint32_t position)
{
    if (looks_at_schema(judged))
        judged->session->schema_floor = position;
}

/* The first read of a transaction: every commit that it may have seen is a candidate. */
static void take_snapshot(const struct judged *judged, const struct sight *sight)
{
    struct session *session = judged->session;
    uint32_t count = sight->to - sight->from + 1;
    session->candidates = arena_alloc(judged->oracle->arena, count * sizeof *session->candidates);
    keep_candidates(judged, sight, count, NULL, sight->from);
    session->has_snapshot = true;
    know_schema_of(judged, session->candidates[0]);
}

static void accept_read(const struct judged *judged, const struct sight *sight)
{
    struct session *session = judged->session;
    if (sight->own != NULL)
        return;
    if (session->has_snapshot)
        keep_candidates(judged, sight, sight->candidate_count, sight->candidates, 0);
    else if (session->in_transaction && judged->call.view == VIEW_OF_TRANSACTION)
        take_snapshot(judged, sight);
    else
        know_schema_of(judged, session->floor);
}

static void accept_write(const struct judged *judged)
{
    struct session *session = judged->session;
    if (session->in_transaction) {
        if (session->own == NULL)
            snapshot_begin_own(judged);
        (void)model_apply(session->own, judged->call.interaction, judged->call.step);
        know_schema_of(judged, session->base);
    } else if (session->commit_position != NO_POSITION) {
        know_schema_of(judged, session->commit_position);
    }
}

static bool judge_statement(const struct judged *judged)
{
    struct session *session = judged->session;
    const struct sight sight = snapshot_sight(&judged->call);
    if (sight.is_refused)
        return snapshot_lost_update(judged,
                                    session->candidate_count > 0 ? session->candidates[0] : 0);
    if (sight_find(&judged->call, &sight) == sight_count(&sight))
        return wrong(judged, &sight);
    if (is_look(judged))
        return true; /* it says nothing of the task's connection */
    if (judged->call.seen->outcome == OUTCOME_SQL_ERROR)
        remember_failed_floor(judged);
    else if (model_is_write((enum plan_action)judged->call.interaction->action))
        accept_write(judged);
    else
        accept_read(judged, &sight);
    return true;
}

/* --- calls ----------------------------------------------------------------------------------- */

/*
 * The call failed: the statement had no effect; the transaction is still open, or was rolled back
 * as a whole.
 */
static void accept_failure(const struct judged *judged)
{
    struct session *session = judged->session;
    if (!judged->call.seen->in_transaction)
        session_end_transaction(session);
    else if (!session->in_transaction)
        session->in_transaction = true;
    else if (!is_look(judged))
        remember_failed_floor(judged);
}

static bool reads_newest(const struct judged *judged)
{
    const struct session *session = judged->session;
    bool reads = session->own != NULL || !session->has_snapshot;
    for (uint32_t i = 0; i < session->candidate_count; i++)
        reads |= session->candidates[i] == judged->history->head;
    return reads;
}

/* The answer was lost, but it was done all the same; false: it cannot have been. */
static bool accept_unseen(const struct judged *judged)
{
    bool writes = model_is_write((enum plan_action)judged->call.interaction->action);
    judged->session->in_transaction |= writes;
    if (!writes)
        return snapshot_accept_unseen(judged);
    if (!reads_newest(judged))
        return false;
    accept_write(judged);
    return true;
}

static struct judged judged_call(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task, const struct observation *seen)
{
    return (struct judged){
        .oracle = oracle,
        .history = history,
        .session = &history->sessions[task],
        .call = snapshot_call_of(oracle, history, task, seen),
    };
}

/* What the task has committed is promised as it is now, whatever is promised later. */
static void acknowledge(const struct snapshot_oracle *oracle, struct history *history,
                        uint32_t task)
{
    uint32_t position = history->sessions[task].commit_position;
    if (position > history->returned)
        history->returned = position;
    if (oracle->promised[task] == SURVIVES_ALL && position > history->kept)
        history->kept = position;
}

bool snapshot_judge_return(struct snapshot_oracle *oracle, struct history *history, uint32_t task,
                           const struct observation *seen)
{
    struct judged judged = judged_call(oracle, history, task, seen);
    struct session *session = judged.session;
    if (session->guess == GUESS_DONE)
        return accept_unseen(&judged);
    if (session->guess == GUESS_NOT_DONE || outcome_is_failure(seen->outcome)) {
        accept_failure(&judged);
        return true;
    }
    if (judged.call.interaction->sql != NULL)
        remember_failed_floor(&judged); /* it may have read something, which takes the snapshot */
    if (!(snapshot_sees(judged.call.interaction) ? judge_statement
                                                 : snapshot_judge_transaction)(&judged))
        return false;
    if (session->commit_position != NO_POSITION)
        acknowledge(oracle, history, task);
    /* Its rollback was lost: nobody knows what is in the transaction. */
    if (seen->in_transaction && session->struck != FAULT_NONE &&
        judged.call.interaction->action == ACTION_batch)
        oracle_end(&oracle->end, (uint32_t)judged.call.step,
                   "what is in a transaction is open: a rollback was lost");
    else if (session->in_transaction != seen->in_transaction)
        return snapshot_contradiction(
            &judged, "transaction-state",
            "after the %s the connection is %s a transaction, which it should not be",
            action_name(&judged), seen->in_transaction ? "in" : "outside of");
    return true;
}

/* --- commit points --------------------------------------------------------------------------- */

/* Somebody took a lost answer for a lost request. */
static bool repetition(const struct judged *judged)
{
    char name[64];
    (void)snprintf(name, sizeof name, "repeated-%s", action_name(judged));
    return snapshot_contradiction(
        judged, name,
        "the answer to the %s was lost, which had committed; now the same "
        "call commits once more",
        action_name(judged));
}

/* What the commit makes of the newest version; NULL: nothing. */
static const struct model_database *committed(const struct judged *judged)
{
    if (judged->session->in_transaction)
        return judged->session->own;
    struct model_database *next = arena_alloc(judged->oracle->arena, sizeof *next);
    *next = *history_head(judged->history);
    if (model_is_write((enum plan_action)judged->call.interaction->action))
        (void)model_apply(next, judged->call.interaction, judged->call.step);
    return next;
}

static bool may_commit(const struct judged *judged)
{
    const struct session *session = judged->session;
    enum plan_action action = (enum plan_action)judged->call.interaction->action;
    if (!session->in_transaction || session->own == NULL)
        return true; /* without `own` a write statement failed before: nothing to commit */
    if (action != ACTION_commit && action != ACTION_release)
        return snapshot_contradiction(judged, "unasked-commit", "%s committed the open transaction",
                                      action_name(judged));
    return session->base == judged->history->head || snapshot_lost_update(judged, session->base);
}

bool snapshot_judge_commit_point(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task)
{
    struct judged judged = judged_call(oracle, history, task, NULL);
    if (!judged.session->in_call)
        return true;
    if (!may_commit(&judged))
        return false;
    const struct model_database *next = committed(&judged);
    if (next == NULL || model_database_equal(next, history_head(history)))
        return true; /* nothing changed: no new version */
    if (judged.session->struck != FAULT_NONE && judged.session->commit_position != NO_POSITION)
        return repetition(&judged);
    history_append(history, next);
    judged.session->commit_position = history->head;
    return true;
}
