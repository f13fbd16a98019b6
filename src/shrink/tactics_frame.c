/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics about what holds a plan together: the configuration, who acts, in which order. */
#include "shrink/tactics.h"

#include "base/assert.h"

#include <string.h>

/* --- configuration --------------------------------------------------------------------------- */

static void lower_config(struct shrinker *shrinker, int field)
{
    for (uint8_t choice = 0; choice < shrinker->best.config.choice[field]; choice++) {
        attempt_begin(shrinker)->config.choice[field] = choice;
        if (attempt(shrinker))
            return;
    }
}

void tactic_config(struct shrinker *shrinker)
{
    if (!plan_kind(&shrinker->best)->has_config)
        return;
    struct plan_config *config = &attempt_begin(shrinker)->config;
    uint8_t tasks = config->choice[PLAN_CONFIG_tasks];
    *config = (struct plan_config){.choice[PLAN_CONFIG_tasks] = tasks};
    if (attempt(shrinker))
        return;
    lower_config(shrinker, PLAN_CONFIG_stack); /* does it show without a pool? */
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (field != PLAN_CONFIG_tasks)
            lower_config(shrinker, field);
}

/* --- tasks ----------------------------------------------------------------------------------- */

static void set_tasks(struct plan *plan, uint32_t tasks)
{
    plan->config.choice[PLAN_CONFIG_tasks] = (uint8_t)(tasks - 1);
    ASSERT(plan_tasks(plan) == tasks);
}

/* Task t becomes map[t], also where it is a target. */
static void rename_tasks(struct plan *plan, const uint8_t map[PLAN_TASKS_MAX], uint32_t tasks)
{
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &plan->interactions[i];
        interaction->task = map[interaction->task];
        if (plan_action_has((enum plan_action)interaction->action, FIELD_target))
            interaction->arguments[FIELD_target] = map[plan_target(plan, interaction)];
    }
    set_tasks(plan, tasks);
}

enum numbering { NUMBERED_AS_BEFORE, NUMBERED_AS_THEY_BEGIN };

/* Numbers the tasks that act from 0 on; one that does not act is no target but 0. */
static void number_tasks(struct plan *plan, enum numbering numbering)
{
    uint8_t order[PLAN_TASKS_MAX];
    uint8_t map[PLAN_TASKS_MAX] = {0};
    uint32_t seen = 0;
    uint8_t count = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        uint8_t task = plan->interactions[i].task;
        if (!(seen & (1u << task)))
            order[count++] = task;
        seen |= 1u << task;
    }
    if (numbering == NUMBERED_AS_BEFORE) {
        count = 0;
        for (uint8_t task = 0; task < PLAN_TASKS_MAX; task++)
            if (seen & (1u << task))
                order[count++] = task;
    }
    for (uint8_t i = 0; i < count; i++)
        map[order[i]] = i;
    rename_tasks(plan, map, count == 0 ? 1 : count);
}

/* What one task does is done by another. */
static void merge_tasks(struct shrinker *shrinker)
{
    for (uint32_t from = plan_tasks(&shrinker->best); from-- > 1;)
        for (uint32_t into = 0; into < from && from < plan_tasks(&shrinker->best); into++) {
            uint8_t map[PLAN_TASKS_MAX];
            for (uint8_t task = 0; task < PLAN_TASKS_MAX; task++)
                map[task] = task == from ? (uint8_t)into : task;
            struct plan *candidate = attempt_begin(shrinker);
            rename_tasks(candidate, map, plan_tasks(candidate));
            number_tasks(candidate, NUMBERED_AS_BEFORE);
            (void)attempt(shrinker);
        }
}

/* As the compact form reads task numbers that are too large. */
static void fold_tasks(struct shrinker *shrinker)
{
    for (uint32_t tasks = 1; tasks < plan_tasks(&shrinker->best); tasks++) {
        struct plan *candidate = attempt_begin(shrinker);
        for (size_t i = 0; i < candidate->interaction_count; i++)
            candidate->interactions[i].task = (uint8_t)(candidate->interactions[i].task % tasks);
        set_tasks(candidate, tasks);
        if (attempt(shrinker))
            return;
    }
}

void tactic_tasks(struct shrinker *shrinker)
{
    number_tasks(attempt_begin(shrinker), NUMBERED_AS_THEY_BEGIN);
    if (!attempt(shrinker)) {
        number_tasks(attempt_begin(shrinker), NUMBERED_AS_BEFORE);
        (void)attempt(shrinker);
    }
    fold_tasks(shrinker);
    merge_tasks(shrinker);
}

/* --- order ----------------------------------------------------------------------------------- */

static bool move(struct shrinker *shrinker, size_t from, size_t to)
{
    struct interaction *interactions = attempt_begin(shrinker)->interactions;
    struct interaction moved = interactions[from];
    if (from > to)
        memmove(&interactions[to + 1], &interactions[to], (from - to) * sizeof moved);
    else
        memmove(&interactions[from], &interactions[from + 1], (to - from) * sizeof moved);
    interactions[to] = moved;
    return attempt(shrinker);
}

void tactic_sequence(struct shrinker *shrinker)
{
    for (size_t i = 1; i < shrinker->best.interaction_count; i++) {
        size_t before = i;
        while (before-- > 0)
            if (shrinker->best.interactions[before].task == shrinker->best.interactions[i].task)
                break;
        if (before < i - 1 && !move(shrinker, i, before + 1))
            (void)move(shrinker, before, i - 1);
    }
}
