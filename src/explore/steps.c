/* SPDX-License-Identifier: Apache-2.0 */
/* From a plan to its steps, task by task. */
#include "explore/steps.h"

#include <string.h>

/* Returns how many pauses that were. */
static uint32_t drop_pauses(struct plan *plan)
{
    size_t kept = 0;
    uint32_t pauses = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction interaction = plan->interactions[i];
        pauses += interaction.pause_after > 0;
        interaction.pause_after = 0;
        interaction.pause_class = 0;
        if (interaction.action != ACTION_resume)
            plan->interactions[kept++] = interaction;
    }
    plan->interaction_count = kept;
    return pauses;
}

static bool is_same_step(const struct steps *steps, size_t i)
{
    const struct steps_names *names = steps->names;
    return names != NULL && names->step_of[i] == names->step_of[i - 1];
}

static void take_steps(struct steps *steps, bool preempts)
{
    uint32_t first = 0;
    for (size_t i = steps->setup; i < steps->plan.interaction_count - steps->check; i++) {
        uint32_t task = steps->plan.interactions[i].task;
        if (i > steps->setup && !preempts && is_same_step(steps, i)) {
            steps->length[first]++;
            continue;
        }
        first = (uint32_t)i;
        steps->length[first] = 1;
        steps->of[task][steps->count[task]++] = first;
    }
}

enum error_code steps_take(struct steps *ret_steps, struct arena *arena, const struct plan *plan,
                           size_t setup, size_t check, const struct steps_names *names,
                           bool preempts, struct error *error)
{
    struct steps *steps = ret_steps;
    *steps = (struct steps){.plan = *plan, .setup = setup, .check = check, .names = names};
    steps->plan.interactions = ARENA_ARRAY(arena, struct interaction, plan->interaction_count + 1);
    memcpy(steps->plan.interactions, plan->interactions,
           plan->interaction_count * sizeof *plan->interactions);
    if (preempts)
        steps->pauses_left_out = drop_pauses(&steps->plan);
    size_t count = steps->plan.interaction_count;
    if (count > STEPS_MAX)
        return interplay_error(error, ERROR_INPUT, "%zu interactions, expected at most %d", count,
                               STEPS_MAX);
    if (setup > count || check > count - setup)
        return interplay_error(error, ERROR_INPUT,
                               "%zu interactions, fewer than the %zu that are set-up and the %zu "
                               "that are check",
                               count, setup, check);
    take_steps(steps, preempts);
    return ERROR_NONE;
}
