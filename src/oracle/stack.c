/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is claimed of every stack, a pool or not: it opens, and a statement that is cancelled stops.
 */
#include "oracle/oracle.h"

struct stack_oracle {
    bool is_blind; /* nothing is promised any more of what opens */
};

static void begin(void *state, const struct oracle_setting *setting)
{
    (void)setting;
    *(struct stack_oracle *)state = (struct stack_oracle){0};
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
    {EVENT_rows_after_cancel, on_rows_after_cancel},
    {0},
};

const struct oracle_ops oracle_stack_ops = {
    .state_bytes = sizeof(struct stack_oracle),
    .begin = begin,
    .handlers = handlers,
};
