/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the tactics, and when it is enough. */
#include "shrink/rounds.h"

#include "shrink/tactics.h"

#include <stdlib.h>
#include <string.h>

static tactic_fn *const tactics[] = {
    tactic_cut_tail,      tactic_drop_blocks, tactic_drop_tasks, tactic_drop_actions,
    tactic_drop_sections, tactic_drop_single, tactic_strip,      tactic_config,
    tactic_tasks,         tactic_unify,       tactic_zero,       tactic_numbers,
    tactic_sequence,      tactic_replace,
};

bool rounds_begin(struct shrinker *shrinker, const struct plan *plan)
{
    size_t count = plan->interaction_count + 1; /* never 0 bytes */
    shrinker->best = shrinker->candidate = *plan;
    shrinker->best.interactions = calloc(count, sizeof *plan->interactions);
    shrinker->candidate.interactions = calloc(count, sizeof *plan->interactions);
    shrinker->marked = calloc(count, sizeof *shrinker->marked);
    if (shrinker->best.interactions == NULL || shrinker->candidate.interactions == NULL ||
        shrinker->marked == NULL)
        return false;
    if (plan->interaction_count > 0)
        memcpy(shrinker->best.interactions, plan->interactions,
               plan->interaction_count * sizeof *plan->interactions);
    shrinker->best_cost = cost_of(plan);
    return true;
}

void rounds_clean_up(struct shrinker *shrinker)
{
    free(shrinker->best.interactions);
    free(shrinker->candidate.interactions);
    free(shrinker->marked);
    tried_clean_up(&shrinker->tried);
}

bool rounds_run(struct shrinker *shrinker, uint32_t rounds_max)
{
    while (!shrinker->is_over) {
        struct cost before = shrinker->best_cost;
        shrinker->round++;
        for (size_t i = 0; i < sizeof tactics / sizeof tactics[0]; i++)
            tactics[i](shrinker);
        if (shrinker->is_over)
            return false;
        if (!cost_is_less(&shrinker->best_cost, &before))
            return true;
        if (shrinker->round == rounds_max)
            return false;
    }
    return false;
}
