/* SPDX-License-Identifier: Apache-2.0 */
/* From the orders of a scenario to steps. */
#include "cli/explore_scenario.h"

/* Number of the step in this order, by interaction: a step may come twice. */
static uint32_t *number_steps(struct arena *arena, const struct scenario *scenario,
                              const struct scenario_order *order, const struct scenario_plan *made)
{
    uint32_t *numbers = ARENA_ARRAY(arena, uint32_t, made->plan.interaction_count + 1);
    size_t at = made->setup;
    uint32_t turns = order == NULL ? scenario->step_count : order->count;
    for (uint32_t turn = 0; turn < turns; turn++) {
        const struct scenario_step *step =
            &scenario->steps[order == NULL ? turn : order->steps[turn]];
        for (uint32_t i = 0; i < step->text.statement_count; i++)
            numbers[at++] = turn;
    }
    return numbers;
}

enum error_code explore_make_order(struct explore_order *ret_order, struct arena *arena,
                                   const struct scenario *scenario,
                                   const struct scenario_order *order, struct error *error)
{
    struct scenario_plan made;
    enum error_code code = scenario_make_plan(scenario, order, arena, &made, error);
    if (code != ERROR_NONE)
        return code;
    const char **names = ARENA_ARRAY(arena, const char *, made.plan.interaction_count + 1);
    for (size_t i = 0; i < made.plan.interaction_count; i++)
        if (made.step_of[i] != SCENARIO_NO_STEP)
            names[i] = scenario->steps[made.step_of[i]].name;
    *ret_order = (struct explore_order){
        .made = made,
        .names = {.names = names,
                  .step_of = number_steps(arena, scenario, order, &made),
                  .ticker = scenario->session_count},
    };
    return ERROR_NONE;
}
