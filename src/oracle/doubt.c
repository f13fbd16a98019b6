/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client is told of its commit is what the server has said, where that is heard on the wire:
 * a reply that never came leaves a commit in doubt, and whoever calls it failed, or done, is wrong
 * as soon as the server knows otherwise.
 *
 * What was heard holds whatever became of the content, so these claims do not end with the others.
 */
#include "oracle/oracle.h"

struct session {
    bool has_written; /* its transaction has changed rows, as it was told */
    bool is_unsure;   /* something else was done in it that nobody follows */
    /* The call under way, which may end the lease before it is judged: */
    bool had_written;      /* when it began, and all was followed */
    bool has_committed;    /* what it wrote, says the server */
    uint64_t heard_before; /* commits, of anybody */
};

struct doubt_oracle {
    const struct oracle_setting *setting;
    bool are_requests_lost; /* and success is told of what was never asked */
    bool was_interrupted;   /* a pool was closed so: transactions may end at any moment */
    uint64_t heard;         /* commits */
    struct session sessions[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    *(struct doubt_oracle *)state = (struct doubt_oracle){.setting = setting};
}

/* --- events ----------------------------------------------------------------------------------- */

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct doubt_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    session->has_committed = false;
    session->had_written = session->has_written && !session->is_unsure;
    session->heard_before = oracle->heard;
}

static void on_server_commit(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct doubt_oracle *oracle = state;
    oracle->heard++;
    if (event->detail == EVENT_COMMIT_WROTE)
        oracle->sessions[event->task].has_committed = true;
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct doubt_oracle *oracle = state;
    oracle->are_requests_lost |= fault_is_of_request((enum fault_kind)event->detail);
}

static void on_closes(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    ((struct doubt_oracle *)state)->was_interrupted |= event->detail != 0;
}

static void on_gone(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct doubt_oracle *)state)->sessions[event->task];
    session->has_written = session->is_unsure = false;
}

/* --- what was told ---------------------------------------------------------------------------- */

/* It ends a transaction, or is one by itself. */
static bool is_commit(const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    return interaction->sql == NULL &&
           (effect == EFFECT_COMMIT || effect == EFFECT_COMMIT_PREPARED || effect == EFFECT_ROWS);
}

static void check_failed(const struct event *event, struct verdict *verdict)
{
    const struct observation *seen = event->result->seen;
    verdict_violation(verdict, event_interaction(event), "pool/told-failed-but-committed",
                      "the server has committed what task %u wrote, and the reply was lost on the "
                      "way; the task is told for certain that it was not: %s (%s)",
                      event->task, interplay_outcome_names[seen->outcome], seen->error_message);
}

static void check_done(const struct event *event, struct verdict *verdict)
{
    verdict_violation(verdict, event_interaction(event), "pool/told-committed-but-lost",
                      "task %u is told that its transaction, which has changed rows, is committed; "
                      "the server has said so of none during the call",
                      event->task);
}

static void judge(const struct doubt_oracle *oracle, const struct session *session,
                  const struct event *event, struct verdict *verdict)
{
    const struct interaction *interaction =
        &oracle->setting->judged->interactions[event->interaction];
    enum outcome outcome = event->result->seen->outcome;
    if (!is_commit(interaction) || oracle->was_interrupted)
        return;
    bool ends = plan_action_infos[interaction->action].effect == EFFECT_COMMIT;
    if (session->has_committed && outcome_denies(outcome))
        check_failed(event, verdict);
    if (ends && outcome == OUTCOME_OK && session->had_written && !oracle->are_requests_lost &&
        oracle->heard == session->heard_before)
        check_done(event, verdict);
}

static void follow(struct session *session, const struct interaction *interaction,
                   const struct observation *seen)
{
    bool wrote = plan_action_infos[interaction->action].effect == EFFECT_ROWS &&
                 seen->outcome == OUTCOME_OK && seen->changes > 0;
    session->is_unsure = seen->in_transaction && (session->is_unsure || interaction->sql != NULL);
    session->has_written = seen->in_transaction && (session->has_written || wrote);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    struct doubt_oracle *oracle = state;
    struct session *session = &oracle->sessions[event->task];
    judge(oracle, session, event, verdict);
    follow(session, &oracle->setting->judged->interactions[event->interaction],
           event->result->seen);
}

static const struct oracle_handler handlers[] = {
    {EVENT_call, on_call},        {EVENT_server_commit, on_server_commit},
    {EVENT_fault, on_fault},      {EVENT_disconnect, on_gone},
    {EVENT_lease_ended, on_gone}, {EVENT_pool_closes, on_closes},
    {EVENT_result, on_result},    {0},
};

const struct oracle_ops oracle_doubt_ops = {
    .state_bytes = sizeof(struct doubt_oracle),
    .begin = begin,
    .handlers = handlers,
};
