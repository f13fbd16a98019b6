/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The snapshot oracle's events, each for every history that is possible: snapshot_judge.c says what
 * a single one makes of a result, snapshot_doubt.c keeps several where something is in doubt,
 * snapshot_content.c looks at the whole database.
 */
#include "oracle/snapshot.h"

#include "oracle/snapshot_content.h"
#include "oracle/snapshot_doubt.h"
#include "oracle/snapshot_explain.h"
#include "oracle/snapshot_judge.h"

#include <stdio.h>

static enum survival survival_of(const struct oracle_setting *setting)
{
    return setting->durability == NULL ? SURVIVES_UNCLAIMED : setting->durability->power_loss;
}

static void begin(void *state, const struct oracle_setting *setting)
{
    struct snapshot_oracle *oracle = state;
    oracle->setting = setting;
    oracle->arena = setting->arena;
    oracle->plan = setting->judged;
    oracle->end = (struct oracle_end){0};
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        oracle->promised[task] = survival_of(setting);
    oracle->shares_connections = setting->is_pooled;
    snapshot_cause_begin(&oracle->cause, setting);
    oracle->history_count = 1;
    oracle->kind[0] = oracle->why[0] = '\0';
    history_init(&oracle->histories[0], setting->arena, oracle->plan->interaction_count * 2);
}

static void report(struct snapshot_oracle *oracle, const char *name, size_t interaction,
                   struct verdict *verdict)
{
    char signature[96];
    (void)snprintf(signature, sizeof signature, "%s/%s", name, oracle->kind);
    verdict_violation(verdict, interaction, signature, "%s", oracle->why);
}

/* No history is left: none explains what was seen. */
static void judge_histories(struct snapshot_oracle *oracle, const char *name, size_t interaction,
                            struct verdict *verdict)
{
    if (oracle_has_ended(&oracle->end) || oracle->history_count > 0)
        return;
    report(oracle, name, interaction, verdict);
    oracle_end(&oracle->end, (uint32_t)interaction, "");
}

/* --- calls ----------------------------------------------------------------------------------- */

/* A stream keeps the connection's snapshot, for itself and for what runs beside it. */
static uint32_t floor_of(const struct history *history, struct session *session, uint32_t detail)
{
    if (detail == EVENT_CALL_BESIDE && !session->has_stream)
        session->stream_floor = session->floor;
    session->has_stream = detail == EVENT_CALL_BESIDE;
    return detail == 0 ? history->returned : session->stream_floor;
}

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct snapshot_oracle *oracle = state;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++) {
        struct history *history = &oracle->histories[i];
        struct session *session = &history->sessions[event->task];
        uint32_t floor = floor_of(history, session, event->detail);
        session->in_call = true;
        session->may_fail &= event->detail == EVENT_CALL_GOES_ON;
        session->struck = event->detail == EVENT_CALL_GOES_ON ? session->struck : FAULT_NONE;
        session->guess = GUESS_AS_TOLD;
        session->interaction = event->interaction;
        session->floor = floor;
        session->commit_position = NO_POSITION;
    }
}

/*
 * The call may yet fail, even where its commit was the next in the order: a fault struck in it, it
 * is cancelled, or it sleeps in the middle (a commit that restarts the log gives up with a locking
 * protocol error after many naps).
 */
static void on_doubt(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct snapshot_oracle *oracle = state;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++)
        oracle->histories[i].sessions[event->task].may_fail = true;
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    on_doubt(state, event, verdict);
    if (!fault_is_of_request((enum fault_kind)event->detail))
        return;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++)
        oracle->histories[i].sessions[event->task].struck = (uint8_t)event->detail;
}

static void on_commit_point(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    if (oracle_has_ended(&oracle->end))
        return;
    size_t interaction = oracle->histories[0].sessions[event->task].interaction;
    snapshot_decide_doubts(oracle, event->task);
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count;) {
        if (snapshot_judge_commit_point(oracle, &oracle->histories[i], event->task))
            i++;
        else
            snapshot_remove_history(oracle, i);
    }
    judge_histories(oracle, "snapshot", interaction, verdict);
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

/* Every history moves on, or is dropped. */
static void return_in_all(struct snapshot_oracle *oracle, uint32_t task,
                          const struct observation *seen)
{
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count;) {
        if (return_in(oracle, i, task, seen)) {
            oracle->histories[i].sessions[task].in_call = false;
            i++;
        } else {
            snapshot_remove_history(oracle, i);
        }
    }
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    const struct observation *seen = event->result->seen;
    const struct session *first = &oracle->histories[0].sessions[event->task];
    const struct interaction *interaction = &oracle->plan->interactions[event->interaction];
    if (oracle_has_ended(&oracle->end))
        return;
    snapshot_cause_note(&oracle->cause, event->task, interaction, first, seen);
    if (outcome_is_failure(seen->outcome))
        snapshot_fork_failed_commit(oracle, event->task, seen->in_transaction);
    else if (snapshot_takes_write_lock(interaction, first))
        snapshot_decide_doubts(oracle, event->task);
    if (first->struck != FAULT_NONE)
        snapshot_fork_lost_request(oracle, event->task, seen);
    return_in_all(oracle, event->task, seen);
    judge_histories(oracle, "snapshot", event->interaction, verdict);
}

static void on_disconnect(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    if (verdict->kind == VERDICT_OK) /* else it is what the verdict may be about */
        snapshot_cause_disconnect(&oracle->cause, event->task);
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++) {
        struct history *history = &oracle->histories[i];
        session_reset(&history->sessions[event->task]);
        history->sessions[event->task].schema_floor = history->returned;
        history->dropped_may_return = history->dropped != NULL;
    }
}

/* Whoever comes next recovers, whether a task of these held a connection or not. */
static void on_everybody_died(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct snapshot_oracle *oracle = state;
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++)
        oracle->histories[i].dropped_may_return = oracle->histories[i].dropped != NULL;
}

/* --- the whole database ---------------------------------------------------------------------- */

static void on_power_loss(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    struct snapshot_oracle *oracle = state;
    enum survival survival = survival_of(oracle->setting);
    for (uint32_t i = 0; !oracle_has_ended(&oracle->end) && i < oracle->history_count; i++)
        snapshot_lose_power(&oracle->histories[i], survival);
}

static void on_durability(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct snapshot_oracle *oracle = state;
    oracle->promised[event->task] = (enum survival)event->detail;
    for (uint32_t i = 0; event->value != 0 && i < oracle->history_count; i++)
        oracle->histories[i].kept = 0;
}

static void on_recovered(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    const struct model_database *content = event->recovery->content;
    if (oracle_has_ended(&oracle->end))
        return;
    snapshot_explain_loss(oracle, &oracle->histories[0], content);
    for (uint32_t i = 0; i < oracle->history_count;) {
        if (snapshot_recover(&oracle->histories[i], content))
            i++;
        else
            snapshot_remove_history(oracle, i);
    }
    judge_histories(oracle, "durability", event_interaction(event), verdict);
}

static void on_content(void *state, const struct event *event, struct verdict *verdict)
{
    struct snapshot_oracle *oracle = state;
    if (!oracle_has_ended(&oracle->end) && !snapshot_judge_end(oracle, event->content))
        report(oracle, "snapshot", event_interaction(event), verdict);
}

/* --- the run --------------------------------------------------------------------------------- */

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    oracle_end(&((struct snapshot_oracle *)state)->end, event->interaction, "");
}

/* What one cause leads to, up to a corrupt database, is one finding, whichever result shows it. */
static void on_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    const struct snapshot_oracle *oracle = state;
    snapshot_cause_sign(&oracle->cause, verdict);
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},
    {EVENT_slept, on_doubt},
    {EVENT_cancel, on_doubt},
    {EVENT_fault, on_fault},
    {EVENT_commit_point, on_commit_point},
    {EVENT_result, on_result},
    {EVENT_disconnect, on_disconnect},
    {EVENT_everybody_died, on_everybody_died},
    {EVENT_power_loss, on_power_loss},
    {EVENT_durability, on_durability},
    {EVENT_recovered, on_recovered},
    {EVENT_content, on_content},
    {EVENT_claims_end, on_claims_end},
    {EVENT_content_ends, on_claims_end},
    {EVENT_end, on_end},
    {0},
};

static const struct oracle_end *end_of(const void *state)
{
    return &((const struct snapshot_oracle *)state)->end;
}

const struct oracle_ops oracle_snapshot_ops = {
    .state_bytes = sizeof(struct snapshot_oracle),
    .begin = begin,
    .handlers = handlers,
    .explain = snapshot_explain,
    .end = end_of,
};
