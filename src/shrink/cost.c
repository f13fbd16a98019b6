/* SPDX-License-Identifier: Apache-2.0 */
/* Counting what makes a plan hard to understand. */
#include "shrink/cost.h"

static void add_config(struct cost *cost, const struct plan *plan)
{
    if (!plan_kind(plan)->has_config)
        return; /* others have none that a person could change */
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        uint8_t choice = plan->config.choice[field];
        if (field == PLAN_CONFIG_tasks)
            continue;
        cost->parts[COST_CONFIG] += choice != 0;
        cost->parts[COST_NUMBERS] += choice;
    }
}

/* A sleep counts by its number of bits: sums cannot overflow, and half of it is simpler. */
static uint64_t bits_of(uint64_t number)
{
    uint64_t bits = 0;
    for (; number > 0; number >>= 1)
        bits++;
    return bits;
}

static void add_interaction(struct cost *cost, const struct interaction *interaction)
{
    cost->parts[COST_MARKS] += interaction->pause_after > 0;
    cost->parts[COST_MARKS] += interaction->fault != FAULT_NONE;
    cost->parts[COST_MARKS] += interaction->expectation != NULL;
    cost->parts[COST_ACTIONS] += interaction->action;
    for (int field = 0; field < FIELD_COUNT; field++) {
        if (field == FIELD_duration)
            continue; /* sleep_ms says the same */
        cost->parts[COST_ARGUMENTS] += interaction->arguments[field] != 0;
        cost->parts[COST_NUMBERS] += interaction->arguments[field];
    }
    cost->parts[COST_NUMBERS] += (uint64_t)interaction->pause_after + interaction->pause_class +
                                 interaction->fault_at + bits_of(interaction->sleep_ms);
}

static void add_order(struct cost *cost, const struct plan *plan)
{
    uint32_t seen = 0;
    uint32_t seen_count = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        uint8_t task = plan->interactions[i].task;
        if (i > 0 && plan->interactions[i - 1].task != task)
            cost->parts[COST_SWITCHES]++;
        if (seen & (1u << task))
            continue;
        cost->parts[COST_MISNUMBERS] += task != seen_count;
        seen |= 1u << task;
        seen_count++;
    }
}

struct cost cost_of(const struct plan *plan)
{
    struct cost cost = {0};
    cost.parts[COST_INTERACTIONS] = plan->interaction_count;
    cost.parts[COST_TASKS] = plan_tasks(plan);
    add_config(&cost, plan);
    for (size_t i = 0; i < plan->interaction_count; i++)
        add_interaction(&cost, &plan->interactions[i]);
    add_order(&cost, plan);
    return cost;
}

bool cost_is_less(const struct cost *left, const struct cost *right)
{
    for (int part = 0; part < COST_PARTS; part++)
        if (left->parts[part] != right->parts[part])
            return left->parts[part] < right->parts[part];
    return false;
}
