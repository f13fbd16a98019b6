/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is claimed of every stack, a pool or not: it opens, and a statement that is cancelled stops;
 * and of those that say so, that no other one does, and that a connection is handed out as it was
 * set up. Whose answer was lost is not told that nothing was done, and what is late hits nobody
 * else.
 */
#include "oracle/oracle.h"

#include <stdio.h>

/* What happened to the call under way. */
struct session {
    bool is_meant; /* a cancel of this call, a fault */
    bool is_late;  /* one of an earlier call that had not ended */
    bool lost_answer, has_committed;
};

struct stack_oracle {
    bool is_blind; /* nothing is promised any more of what opens */
    bool cancels_one_call;
    bool was_interrupted; /* a pool was closed so */
    struct session sessions[PLAN_TASKS_MAX];
};

static void begin(void *state, const struct oracle_setting *setting)
{
    *(struct stack_oracle *)state = (struct stack_oracle){
        .cancels_one_call = (setting->traits & STACK_CANCELS_ONE_CALL) != 0,
    };
}

static void on_claims_end(void *state, const struct event *event, struct verdict *verdict)
{
    (void)event;
    (void)verdict;
    ((struct stack_oracle *)state)->is_blind = true;
}

static void on_opened(void *state, const struct event *event, struct verdict *verdict)
{
    const struct stack_oracle *oracle = state;
    if (event->detail != OUTCOME_OK && !oracle->is_blind)
        verdict_violation(verdict, event_interaction(event), "pool/does-not-open",
                          "opening the stack came to %s", interplay_outcome_names[event->detail]);
}

static void on_got(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    if (event->detail == OUTCOME_OK && event->lease == NULL)
        verdict_violation(verdict, event_interaction(event), "pool/no-lease",
                          "task %u was told ok, and got no connection", event->task);
}

static void on_session_changed(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    char signature[sizeof verdict->signature];
    (void)snprintf(signature, sizeof signature, "pool/session-changed/%s", event->text);
    verdict_violation(verdict, event_interaction(event), signature,
                      "task %u was handed a connection that is not as it was when it was handed "
                      "out first: %s",
                      event->task, event->text);
}

/* --- cancels --------------------------------------------------------------------------------- */

static void on_call(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    ((struct stack_oracle *)state)->sessions[event->task] = (struct session){0};
}

static void on_cancel(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct stack_oracle *)state)->sessions[event->task];
    if (event->detail == EVENT_CANCEL_IS_LATE)
        session->is_late = true;
    else
        session->is_meant = true;
}

static void on_fault(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct stack_oracle *)state)->sessions[event->task];
    session->is_meant |= event->detail == FAULT_interrupt;
    session->lost_answer |= event->detail == FAULT_partial_failure;
}

static void on_closes(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    ((struct stack_oracle *)state)->was_interrupted |= event->detail != 0;
}

/* --- lost answers ---------------------------------------------------------------------------- */

static void on_commit_point(void *state, const struct event *event, struct verdict *verdict)
{
    (void)verdict;
    struct session *session = &((struct stack_oracle *)state)->sessions[event->task];
    session->has_committed |= session->lost_answer;
}

static void check_denial(const struct event *event, const struct session *session,
                         struct verdict *verdict)
{
    const struct observation *seen = event->result->seen;
    if (session->has_committed && outcome_denies(seen->outcome))
        verdict_violation(
            verdict, event_interaction(event), "pool/commit-denied",
            "the answer to task %u's commit was lost, so that it is in doubt (and was "
            "done); the pool says for certain that it was not: %s (%s)",
            event->task, interplay_outcome_names[seen->outcome], seen->error_message);
}

static void on_late_request(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    verdict_violation(verdict, event_interaction(event), "pool/late-request",
                      "task %u was told that no answer came in time; its request arrives now, with "
                      "one of task %u, which was handed the same connection",
                      (uint32_t)event->value, event->task);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    const struct stack_oracle *oracle = state;
    const struct session *session = &oracle->sessions[event->task];
    check_denial(event, session, verdict);
    bool is_explained = session->is_meant || !session->is_late || oracle->was_interrupted;
    if (oracle->cancels_one_call && !is_explained &&
        event->result->seen->outcome == OUTCOME_INTERRUPTED)
        verdict_violation(verdict, event_interaction(event), "pool/cancel-hits-later-call",
                          "task %u's call was interrupted; the only cancel began before the call "
                          "did, and was meant for an earlier one",
                          event->task);
}

static void on_rows_after_cancel(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    if (event->value > 1) /* the stack had its chance: a row may be on its way, two may not */
        verdict_violation(verdict, event_interaction(event), "pool/cancel-ignored",
                          "task %u's statement was cancelled while it ran, and %u more rows came",
                          event->task, (uint32_t)event->value);
}

static const struct oracle_handler handlers[] = {
    {EVENT_claims_end, on_claims_end},
    {EVENT_pool_opened, on_opened},
    {EVENT_lease_got, on_got},
    {EVENT_session_changed, on_session_changed},
    {EVENT_call, on_call},
    {EVENT_cancel, on_cancel},
    {EVENT_fault, on_fault},
    {EVENT_pool_closes, on_closes},
    {EVENT_commit_point, on_commit_point},
    {EVENT_late_request, on_late_request},
    {EVENT_result, on_result},
    {EVENT_rows_after_cancel, on_rows_after_cancel},
    {0},
};

const struct oracle_ops oracle_stack_ops = {
    .state_bytes = sizeof(struct stack_oracle),
    .begin = begin,
    .handlers = handlers,
};
