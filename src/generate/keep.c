/* SPDX-License-Identifier: Apache-2.0 */
/* What a profile leaves of a plan. */
#include "generate/keep.h"

#include "generate/draw.h"

/* --- drawing ---------------------------------------------------------------------------------- */

enum plan_action generate_action(struct random *random, const struct generate_subject *subject,
                                 bool has_pool)
{
    uint8_t actions[ACTION_COUNT];
    uint32_t weights[ACTION_COUNT], total = 0;
    uint32_t count = plan_list_actions(subject->database, actions);
    for (uint32_t i = 0; i < count; i++) {
        enum plan_action action = (enum plan_action)actions[i];
        bool possible = has_pool || !generate_needs_pool(action);
        weights[i] = possible ? plan_action_infos[action].draw.weight *
                                    generate_profile_weight(subject->profile, action)
                              : 0;
        total += weights[i];
    }
    return total == 0 ? ACTION_select
                      : (enum plan_action)actions[draw_weighted(random, weights, count)];
}

/* --- what stays ------------------------------------------------------------------------------- */

static uint8_t lowest_bit(uint32_t set)
{
    return (uint8_t)__builtin_ctz(set);
}

static void keep_pool(const struct generate_profile *profile, struct plan_config *config)
{
    uint8_t *readers = &config->choice[PLAN_CONFIG_readers];
    uint8_t *writers = &config->choice[PLAN_CONFIG_writers];
    if (generate_profile_splits(profile, *readers, *writers))
        return;
    for (uint8_t i = 0; i < plan_config_infos[PLAN_CONFIG_readers].value_count; i++)
        for (uint8_t k = 0; k < plan_config_infos[PLAN_CONFIG_writers].value_count; k++)
            if (generate_profile_splits(profile, i, k)) {
                *readers = i;
                *writers = k;
                return;
            }
}

static void keep_config(const struct generate_profile *profile, struct plan *plan)
{
    uint8_t fields[PLAN_CONFIG_COUNT];
    uint32_t count = plan_list_settings(plan->database, fields);
    for (uint32_t i = 0; i < count; i++) {
        uint8_t *choice = &plan->config.choice[fields[i]];
        uint32_t left = profile->settings[fields[i]];
        if (left != 0 && !(left >> *choice & 1u))
            *choice = lowest_bit(left);
    }
    if (profile->pool_size > 0)
        keep_pool(profile, &plan->config);
}

bool generate_is_too_much(const struct generate_profile *profile, const struct task_state *states,
                          uint32_t tasks, const struct interaction *interaction)
{
    enum plan_section opens = plan_action_infos[interaction->action].opens;
    uint32_t open = 0;
    if (profile->max_in_flight_tx == 0 || states[interaction->task].in_transaction ||
        (opens != SECTION_TRANSACTION && opens != SECTION_SAVEPOINT))
        return false;
    for (uint32_t task = 0; task < tasks; task++)
        open += states[task].in_transaction;
    return open >= profile->max_in_flight_tx;
}

static void keep_disturbances(const struct generate_profile *profile,
                              struct interaction *interaction)
{
    if (interaction->fault != FAULT_NONE &&
        !generate_profile_may_fail(profile, (enum fault_kind)interaction->fault)) {
        interaction->fault = FAULT_NONE;
        interaction->fault_at = 0;
    }
    if (profile->weights[GROUP_pauses] == 0) {
        interaction->pause_class = 0;
        interaction->pause_after = 0;
    }
}

void generate_keep_within(const struct generate_profile *profile, struct plan *plan)
{
    struct task_state states[PLAN_TASKS_MAX] = {{0}};
    size_t kept = 0;
    if (profile == NULL)
        return;
    keep_config(profile, plan);
    uint32_t tasks = plan_tasks(plan);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction interaction = plan->interactions[i];
        interaction.task = (uint8_t)(interaction.task % tasks);
        if (!generate_profile_may_do(profile, (enum plan_action)interaction.action) ||
            generate_is_too_much(profile, states, tasks, &interaction))
            continue;
        keep_disturbances(profile, &interaction);
        moment_follow(states, tasks, &interaction);
        plan->interactions[kept++] = interaction;
    }
    plan->interaction_count = profile->steps > 0 && kept > profile->steps ? profile->steps : kept;
}
