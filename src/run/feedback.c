/* SPDX-License-Identifier: Apache-2.0 */
/* Who did what, beside whom: counters of what a run has seen. */
#include "run/feedback.h"

#include "base/hash.h"

__attribute__((section("__libfuzzer_extra_counters"))) uint8_t feedback_counters[FEEDBACK_COUNTERS];

enum domain {
    OUTCOME, /* action x outcome x transaction state */
    /* yield point and action where a task was held back x action and outcome that overtook it */
    OVERTAKEN,
    CONFLICT, /* the same x a fact of what the overtaking call did to the storage */
    FAULT,    /* fault kind x action x outcome */
    OVERLAP,  /* action, filter and outcome x what it has to do with transactions beside its own */
    HINT,     /* oracle x what came near a violation */
};

static void count(enum domain domain, uint32_t a, uint32_t b)
{
    uint64_t hash = random_mix(((uint64_t)domain << 56) ^ ((uint64_t)a << 28) ^ b);
    feedback_counters[hash % FEEDBACK_COUNTERS] = 1; /* how often says nothing about a state */
}

void feedback_begin(struct feedback *feedback, const struct plan *plan)
{
    *feedback = (struct feedback){.plan = plan};
}

static void count_overtaken(const struct feedback *feedback, uint32_t task, uint32_t by,
                            uint64_t footprint)
{
    const struct interaction *interactions = feedback->plan->interactions;
    uint32_t there = (uint32_t)feedback->held_back[task].point << 8 |
                     interactions[feedback->held_back[task].interaction].action;
    count(OVERTAKEN, there, by);
    for (; footprint != 0; footprint &= footprint - 1)
        count(CONFLICT, there, (uint32_t)__builtin_ctzll(footprint));
}

/* Rows that are read one by one, in a range, or as a number come to different dependencies. */
static void count_overlap(struct feedback *feedback, uint32_t task,
                          const struct interaction *interaction, const struct observation *seen)
{
    uint32_t facts = overlaps_read(&feedback->overlaps, task, interaction, seen);
    if (facts == 0)
        return;
    uint32_t how = (uint32_t)(interaction->arguments[FIELD_filter] == FILTER_KEY) << 1 |
                   (interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS);
    count(OVERLAP, (uint32_t)interaction->action << 8 | how, (uint32_t)seen->outcome << 16 | facts);
}

static void count_result(struct feedback *feedback, const struct event *event)
{
    const struct event_result *result = event->result;
    const struct interaction *interaction = &feedback->plan->interactions[event->interaction];
    uint32_t action = interaction->action, outcome = (uint32_t)result->seen->outcome;
    uint32_t end = outcome << 1 | result->seen->in_transaction;
    count(OUTCOME, action, end);
    count_overlap(feedback, event->task, interaction, result->seen);
    if (result->is_struck)
        count(FAULT, action << 8 | interaction->fault, outcome);
    for (uint32_t left = result->held_back & ~(1u << event->task); left != 0; left &= left - 1)
        count_overtaken(feedback, (uint32_t)__builtin_ctz(left), action << 8 | end,
                        result->footprint);
}

void feedback_read(struct feedback *feedback, const struct event *event)
{
    if (event->kind == EVENT_result) {
        count_result(feedback, event);
    } else if (event->kind == EVENT_park && event->task < PLAN_TASKS_MAX) {
        feedback->held_back[event->task].point = (uint8_t)event->detail;
        feedback->held_back[event->task].interaction = event->interaction;
    } else if (event->kind == EVENT_disconnect && event->task < PLAN_TASKS_MAX) {
        overlaps_forget(&feedback->overlaps, event->task);
    }
}

void feedback_end(const struct oracles *oracles)
{
    for (uint32_t left = oracles->active; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left), hints[ORACLE_HINTS_MAX];
        const struct oracle_ops *ops = oracle_table[i].ops;
        uint32_t hint_count = ops->hint == NULL ? 0 : ops->hint(oracles->states[i], hints);
        for (uint32_t at = 0; at < hint_count; at++)
            count(HINT, i, hints[at]);
    }
}
