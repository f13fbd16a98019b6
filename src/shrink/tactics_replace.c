/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tactics that replace an action by another one. Taking away alone leaves one bug with as many
 * minimal plans as there are actions that wake it: a row may be inserted, updated or deleted, a
 * lock held by a paused write or by a transaction. The simplest of them stands for all, so that
 * the plans of one bug come to look the same (docs/measurements.md says how far).
 */
#include "shrink/tactics.h"

#include <string.h>

static bool has_mark(const struct interaction *interaction)
{
    return interaction->pause_after > 0 || interaction->fault != FAULT_NONE;
}

static bool is_simplest(const struct plan_config *config)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (field != PLAN_CONFIG_tasks && config->choice[field] != 0)
            return false;
    return true;
}

/* What the new action does not have goes, and a sleep says how long it takes. */
static void replace(struct interaction *interaction, uint8_t action)
{
    interaction->action = action;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (!plan_action_has(action, (enum plan_field)field))
            interaction->arguments[field] = 0;
    plan_settle_sleep(interaction);
}

static void strip(struct interaction *interaction)
{
    interaction->pause_after = 0;
    interaction->pause_class = 0;
    interaction->fault = FAULT_NONE;
    interaction->fault_at = 0;
}

/* --- the attempts ----------------------------------------------------------------------------- */

/* A simpler action; what the interaction carries stays. */
static bool try_simpler(struct shrinker *shrinker, size_t index, uint8_t action)
{
    if (action >= shrinker->best.interactions[index].action)
        return false;
    replace(&attempt_begin(shrinker)->interactions[index], action);
    return attempt(shrinker);
}

/* Any action, where it makes a pause or a fault needless: a transaction that is open, say. */
static bool try_unmarked(struct shrinker *shrinker, size_t index, uint8_t action)
{
    if (!has_mark(&shrinker->best.interactions[index]))
        return false;
    bool has_mode = plan_action_has(action, FIELD_begin_mode);
    for (uint8_t mode = 0; mode <= (has_mode ? BEGIN_IMMEDIATE : 0); mode++) {
        struct interaction *interaction = &attempt_begin(shrinker)->interactions[index];
        strip(interaction);
        replace(interaction, action);
        if (has_mode)
            interaction->arguments[FIELD_begin_mode] = mode;
        if (attempt(shrinker))
            return true;
    }
    return false;
}

/* Any action, where it makes a setting needless. */
static bool try_unset(struct shrinker *shrinker, size_t index, uint8_t action)
{
    if (is_simplest(&shrinker->best.config))
        return false;
    struct plan *candidate = attempt_begin(shrinker);
    candidate->config = (struct plan_config){.choice[PLAN_CONFIG_tasks] =
                                                 candidate->config.choice[PLAN_CONFIG_tasks]};
    replace(&candidate->interactions[index], action);
    return attempt(shrinker);
}

static void replace_one(struct shrinker *shrinker, size_t index, const uint8_t *actions,
                        uint32_t count)
{
    const struct interaction *before = &shrinker->best.interactions[index];
    if (plan_action_infos[before->action].is_document || before->expectation != NULL)
        return; /* what a person wrote stays */
    for (uint32_t i = 0; i < count; i++) {
        if (plan_action_infos[actions[i]].is_document)
            continue;
        if (try_simpler(shrinker, index, actions[i]) || try_unmarked(shrinker, index, actions[i]))
            continue;
        (void)try_unset(shrinker, index, actions[i]);
    }
}

void tactic_replace(struct shrinker *shrinker)
{
    uint8_t actions[ACTION_COUNT];
    if (!shrinker->replaces_actions || !plan_kind(&shrinker->best)->has_config)
        return;
    uint32_t count = plan_list_actions(shrinker->best.database, actions);
    for (size_t i = 0; i < shrinker->best.interaction_count; i++)
        replace_one(shrinker, i, actions, count);
}
