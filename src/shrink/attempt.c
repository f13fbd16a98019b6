/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a candidate is worth asking about. */
#include "shrink/attempt.h"

#include <string.h>

struct plan *attempt_begin(struct shrinker *shrinker)
{
    const struct plan *best = &shrinker->best;
    struct plan *candidate = &shrinker->candidate;
    struct interaction *room = candidate->interactions;
    *candidate = *best;
    candidate->interactions = room;
    if (best->interaction_count > 0)
        memcpy(room, best->interactions, best->interaction_count * sizeof *room);
    return candidate;
}

/* The document does not say how many tasks these have: the reader takes as many as act. */
static void count_tasks(struct plan *plan)
{
    if (plan_kind(plan)->has_config)
        return;
    uint8_t last = 0;
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].task > last)
            last = plan->interactions[i].task;
    plan->config.choice[PLAN_CONFIG_tasks] = last;
}

bool attempt(struct shrinker *shrinker)
{
    if (shrinker->is_over)
        return false;
    count_tasks(&shrinker->candidate);
    struct cost cost = cost_of(&shrinker->candidate);
    if (!cost_is_less(&cost, &shrinker->best_cost) ||
        !tried_add(&shrinker->tried, &shrinker->candidate))
        return false;
    if (!shrinker->judge(shrinker, &shrinker->candidate, &shrinker->noticed))
        return false;
    struct plan old = shrinker->best;
    shrinker->best = shrinker->candidate;
    shrinker->candidate = old;
    shrinker->best_cost = cost;
    return true;
}

static bool has_power_loss(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (fault_loses_power((enum fault_kind)plan->interactions[i].fault))
            return true;
    return false;
}

/*
 * What a power loss takes is drawn from the seed and its place in the plan: without something
 * before it other things are lost. So the candidate is asked about with all seeds.
 */
static bool attempt_with_any_loss(struct shrinker *shrinker)
{
    struct plan *candidate = &shrinker->candidate;
    if (!shrinker->draws_losses || !has_power_loss(candidate))
        return false;
    for (uint8_t seed = 0; seed < plan_config_infos[PLAN_CONFIG_loss_seed].value_count; seed++) {
        candidate->config.choice[PLAN_CONFIG_loss_seed] = seed;
        if (attempt(shrinker))
            return true;
    }
    return false;
}

bool attempt_without_marked(struct shrinker *shrinker)
{
    struct plan *candidate = attempt_begin(shrinker);
    size_t kept = 0;
    for (size_t i = 0; i < shrinker->best.interaction_count; i++)
        if (!shrinker->marked[i])
            candidate->interactions[kept++] = shrinker->best.interactions[i];
    candidate->interaction_count = kept;
    return attempt(shrinker) || attempt_with_any_loss(shrinker);
}

void attempt_unmark(struct shrinker *shrinker)
{
    memset(shrinker->marked, 0, shrinker->best.interaction_count * sizeof *shrinker->marked);
}
