/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot oracle's bookkeeping: possible histories are kept, forked where something is in
 * doubt, and dropped when a result contradicts them. What a single history says of a result is in
 * snapshot_judge.c.
 */
#include "oracle/snapshot.h"

#include "oracle/oracle.h"
#include "oracle/snapshot_explain.h"
#include "oracle/snapshot_judge.h"

#include <stdio.h>
#include <string.h>

static void begin(void *state, const struct oracle_setting *setting)
{
    struct snapshot_oracle *oracle = state;
    oracle->setting = setting;
    oracle->arena = setting->arena;
    oracle->plan = setting->judged;
    oracle->is_blind = false;
    oracle->shares_connections = setting->is_pooled;
    oracle->common_cause = NULL;
    oracle->history_count = 1;
    oracle->kind[0] = oracle->why[0] = '\0';
    history_init(&oracle->histories[0], setting->arena, oracle->plan->interaction_count * 2);
}

static void remove_history(struct snapshot_oracle *oracle, uint32_t index)
{
    oracle->histories[index] = oracle->histories[--oracle->history_count];
}

/*
 * A copy of the history at `index`, at the end of the list; NULL, and blind, when there are too
 * many.
 */
static struct history *fork_history(struct snapshot_oracle *oracle, uint32_t index)
{
    if (oracle->history_count == HISTORIES_MAX) {
        oracle->is_blind = true;
        return NULL;
    }
    struct history *copy = &oracle->histories[oracle->history_count++];
    history_copy(copy, &oracle->histories[index], oracle->arena,
                 oracle->plan->interaction_count * 2);
    return copy;
}

static void report(struct snapshot_oracle *oracle, const char *name, size_t interaction,
                   struct verdict *verdict)
{
    char signature[96];
    (void)snprintf(signature, sizeof signature, "%s/%s", name, oracle->kind);
    verdict_violation(verdict, interaction, signature, "%s", oracle->why);
}

static void on_call(struct snapshot_oracle *oracle, const struct event *event)
{
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        struct history *history = &oracle->histories[i];
        struct session *session = &history->sessions[event->task];
        session->in_call = true;
        session->may_fail = false;
        session->interaction = event->interaction;
        session->floor = history->returned;
        session->commit_position = NO_POSITION;
    }
}

/*
 * The call may yet fail, even where its commit was the next in the order: a fault struck in it, it is
 * cancelled, or it sleeps in the middle (a commit that restarts the log gives up with a locking
 * protocol error after many naps).
 */
static void on_doubt(struct snapshot_oracle *oracle, uint32_t task)
{
    for (uint32_t i = 0; i < oracle->history_count; i++)
        oracle->histories[i].sessions[task].may_fail = true;
}

/*
 * True when the newest version comes from a call that is still under way and may yet fail.
 */
static bool head_is_doubtful(const struct history *history, uint32_t task)
{
    for (uint32_t other = 0; other < PLAN_TASKS_MAX; other++) {
        const struct session *session = &history->sessions[other];
        if (other != task && session->in_call && session->may_fail &&
            session->commit_position == history->head)
            return true;
    }
    return false;
}

/* Somebody has the write lock now: what is in doubt is decided. Keeps a history for each way. */
static void decide_doubts(struct snapshot_oracle *oracle, uint32_t task)
{
    uint32_t count = oracle->history_count;
    for (uint32_t i = 0; i < count; i++) {
        if (head_is_doubtful(&oracle->histories[i], task)) {
            struct history *without = fork_history(oracle, i);
            if (without != NULL)
                history_drop_head(without);
        } else if (oracle->histories[i].dropped_may_return) {
            struct history *with = fork_history(oracle, i);
            if (with != NULL)
                history_restore_dropped(with);
        }
    }
}

static void on_commit_point(struct snapshot_oracle *oracle, uint32_t task, struct verdict *verdict)
{
    size_t interaction = oracle->histories[0].sessions[task].interaction;
    decide_doubts(oracle, task);
    for (uint32_t i = 0; !oracle->is_blind && i < oracle->history_count;) {
        if (snapshot_judge_commit_point(oracle, &oracle->histories[i], task))
            i++;
        else
            remove_history(oracle, i);
    }
    if (!oracle->is_blind && oracle->history_count == 0) {
        report(oracle, "snapshot", interaction, verdict);
        oracle->is_blind = true;
    }
}

/*
 * The commit of this call failed in the middle: it may have happened, or not, or come back in a
 * recovery.
 */
static void fork_failed_commit(struct snapshot_oracle *oracle, uint32_t index, uint32_t task,
                               bool still_open)
{
    struct history *history = &oracle->histories[index];
    struct session *session = &history->sessions[task];
    uint32_t position = session->commit_position;
    if (position == NO_POSITION || position != history->head) {
        session->commit_position = NO_POSITION;
        return; /* dropped before, or somebody committed on top of it: it happened */
    }
    if (still_open) {
        history_drop_head(history);
        history->dropped = NULL;
        return;
    }
    struct history *without = fork_history(oracle, index);
    if (without != NULL)
        history_drop_head(without);
    oracle->histories[index].sessions[task].commit_position = NO_POSITION;
    oracle->histories[index].returned = position;
}

static bool return_in(struct snapshot_oracle *oracle, uint32_t index, uint32_t task,
                      const struct observation *seen)
{
    if (snapshot_judge_return(oracle, &oracle->histories[index], task, seen))
        return true;
    if (!oracle->histories[index].dropped_may_return)
        return false;
    history_restore_dropped(&oracle->histories[index]);
    return snapshot_judge_return(oracle, &oracle->histories[index], task, seen);
}

static void note_common_cause(struct snapshot_oracle *oracle, const struct interaction *interaction,
                              const struct session *session, const struct observation *seen)
{
    const struct promises *promises = oracle->setting->promises;
    if (oracle->common_cause != NULL || promises->known_cause == NULL || !seen->in_transaction ||
        !outcome_is_failure(seen->outcome))
        return;
    enum plan_action action = (enum plan_action)interaction->action;
    const struct failed_call call = {
        .outcome = seen->outcome,
        .is_write = model_is_write(action),
        .is_outermost_release =
            plan_action_infos[action].effect == EFFECT_RELEASE && session->transaction_is_savepoint,
    };
    oracle->common_cause = promises->known_cause(&call);
}

static void on_result(struct snapshot_oracle *oracle, const struct event *event,
                      struct verdict *verdict)
{
    uint32_t task = event->task;
    const struct observation *seen = event->result->seen;
    const struct session *first = &oracle->histories[0].sessions[task];
    size_t at = first->interaction;
    const struct interaction *interaction = &oracle->plan->interactions[at];
    if (snapshot_is_lost(interaction)) {
        oracle->is_blind = true;
        return;
    }
    note_common_cause(oracle, interaction, first, seen);
    if (outcome_is_failure(seen->outcome)) {
        uint32_t count = oracle->history_count;
        for (uint32_t i = 0; !oracle->is_blind && i < count; i++)
            fork_failed_commit(oracle, i, task, seen->in_transaction);
    } else if (snapshot_takes_write_lock(interaction, first)) {
        decide_doubts(oracle, task);
    }
    for (uint32_t i = 0; !oracle->is_blind && i < oracle->history_count;) {
        if (return_in(oracle, i, task, seen)) {
            oracle->histories[i].sessions[task].in_call = false;
            i++;
        } else {
            remove_history(oracle, i);
        }
    }
    if (!oracle->is_blind && oracle->history_count == 0) {
        report(oracle, "snapshot", at, verdict);
        oracle->is_blind = true;
    }
}

static void on_disconnect(struct snapshot_oracle *oracle, uint32_t task)
{
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        session_reset(&oracle->histories[i].sessions[task]);
        oracle->histories[i].sessions[task].schema_floor = oracle->histories[i].returned;
        oracle->histories[i].dropped_may_return = oracle->histories[i].dropped != NULL;
    }
}

/* The last position that must survive. */
static uint32_t promised_position(const struct history *history, enum survival survival)
{
    switch (survival) {
    case SURVIVES_ALL:
        return history->returned;
    case SURVIVES_ALL_BUT_LAST:
        return history->returned == 0 ? 0 : history->returned - 1;
    case SURVIVES_SYNCED:
        return history->synced;
    case SURVIVES_UNCLAIMED:
        return 0;
    }
    return 0;
}

/* Fixes what must survive. Calls under way still return (as died). */
static void on_power_loss(struct snapshot_oracle *oracle)
{
    const struct durability_promise *durability = oracle->setting->durability;
    enum survival survival = durability == NULL ? SURVIVES_UNCLAIMED : durability->power_loss;
    for (uint32_t i = 0; i < oracle->history_count; i++)
        oracle->histories[i].survivor_floor = promised_position(&oracle->histories[i], survival);
}

/*
 * Finds the survivors in one history and makes them its present; false when they are not a promised
 * prefix.
 */
static bool recover(struct history *history, const struct model_database *content)
{
    if (history->dropped != NULL && model_database_equal(history->dropped, content))
        history_restore_dropped(history);
    for (uint32_t position = history->head + 1; position-- > history->survivor_floor;) {
        if (!model_database_equal(history->versions[position], content))
            continue;
        history_truncate(history, position);
        history->returned = history->synced = position;
        return true;
    }
    return false;
}

/* Which promise the survivors break. */
static void explain_loss(struct snapshot_oracle *oracle, const struct history *history,
                         const struct model_database *content)
{
    for (uint32_t position = 0; position < history->survivor_floor; position++) {
        if (model_database_equal(history->versions[position], content)) {
            (void)snprintf(oracle->kind, sizeof oracle->kind, "lost-commit");
            (void)snprintf(oracle->why, sizeof oracle->why,
                           "after the power loss the database is at commit %u, but commit %u was "
                           "acknowledged and promised to survive",
                           position, history->survivor_floor);
            return;
        }
    }
    char difference[256];
    model_database_difference(history_head(history), content, difference, sizeof difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "no-prefix");
    (void)snprintf(
        oracle->why, sizeof oracle->why,
        "after the power loss the database is at no commit at all; against the last one: %s",
        difference);
}

static void on_recovered(struct snapshot_oracle *oracle, const struct event *event,
                         struct verdict *verdict)
{
    const struct model_database *content = event->recovery->content;
    explain_loss(oracle, &oracle->histories[0], content);
    for (uint32_t i = 0; i < oracle->history_count;) {
        if (recover(&oracle->histories[i], content))
            i++;
        else
            remove_history(oracle, i);
    }
    if (oracle->history_count == 0) {
        report(oracle, "durability", event_interaction(event), verdict);
        oracle->is_blind = true;
    }
}

static void on_content(struct snapshot_oracle *oracle, const struct model_database *content,
                       struct verdict *verdict)
{
    for (uint32_t i = 0; i < oracle->history_count; i++) {
        const struct history *history = &oracle->histories[i];
        if (model_database_equal(history_head(history), content) ||
            (history->dropped != NULL && model_database_equal(history->dropped, content)))
            return;
    }
    char difference[256];
    model_database_difference(history_head(&oracle->histories[0]), content, difference,
                              sizeof difference);
    (void)snprintf(oracle->kind, sizeof oracle->kind, "final-content");
    (void)snprintf(oracle->why, sizeof oracle->why,
                   "after every connection was closed, a new one does not read what was "
                   "committed: %s",
                   difference);
    report(oracle, "snapshot", SIZE_MAX, verdict);
}

/* What one cause leads to, up to a corrupt database, is one finding, whichever result shows it. */
static void on_end(const struct snapshot_oracle *oracle, struct verdict *verdict)
{
    if (verdict->kind == VERDICT_VIOLATION && oracle->common_cause != NULL)
        (void)snprintf(verdict->signature, sizeof verdict->signature, "snapshot/%s",
                       oracle->common_cause);
}

static void on_seeing_event(struct snapshot_oracle *oracle, const struct event *event,
                            struct verdict *verdict)
{
    if (event->kind == EVENT_call)
        on_call(oracle, event);
    else if (event->kind == EVENT_result)
        on_result(oracle, event, verdict);
    else if (event->kind == EVENT_commit_point)
        on_commit_point(oracle, event->task, verdict);
    else if (event->kind == EVENT_disconnect)
        on_disconnect(oracle, event->task);
    else if (event->kind == EVENT_power_loss)
        on_power_loss(oracle);
    else if (event->kind == EVENT_recovered)
        on_recovered(oracle, event, verdict);
    else if (event->kind == EVENT_content)
        on_content(oracle, event->content, verdict);
    else
        on_doubt(oracle, event->task); /* it slept, was cancelled, or met a fault */
}

static void on_event(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    if (event->kind == EVENT_end)
        on_end(oracle, verdict);
    else if (event->kind == EVENT_claims_end)
        oracle->is_blind = true;
    else if (!oracle->is_blind)
        on_seeing_event(oracle, event, verdict);
}

const struct oracle_ops oracle_snapshot_ops = {
    .state_bytes = sizeof(struct snapshot_oracle),
    .begin = begin,
    .on_event = on_event,
    .explain = snapshot_explain,
};
