/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing a configuration by the weights of its values. */
#include "generate/configuration.h"

#include "generate/draw.h"

enum { SETTING_VALUES_MAX = 16 };

/* Direct, pool, actors. */
static const uint32_t stacks[][3] = {
    [GENERATE_FOR_DATABASE] = {7, 2, 1},
    [GENERATE_FOR_POOL] = {0, 3, 2},
};

/* More clients than a pool has connections. */
static const uint32_t tasks_of_pool[PLAN_TASKS_MAX] = {1, 10, 16, 10, 4, 3, 2, 8};

/* Draws one of the values that the profile leaves it, by their weights if those are not all 0. */
static uint8_t draw_value(struct random *random, const uint32_t *weights, uint32_t field,
                          const struct generate_profile *profile)
{
    uint32_t count = plan_config_infos[field].value_count;
    uint32_t left = profile == NULL ? 0 : profile->settings[field];
    if (left == 0)
        return (uint8_t)draw_weighted(random, weights, count);
    uint32_t masked[SETTING_VALUES_MAX] = {0};
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += masked[i] = left >> i & 1u ? weights[i] : 0;
    for (uint32_t i = 0; total == 0 && i < count; i++)
        masked[i] = left >> i & 1u;
    return (uint8_t)draw_weighted(random, masked, count);
}

/* How many of a pool's connections are readers, and how many writers. */
static void draw_pool(struct plan_config *config, struct random *random,
                      const struct generate_profile *profile)
{
    uint32_t writers = plan_config_infos[PLAN_CONFIG_writers].value_count;
    uint32_t count = plan_config_infos[PLAN_CONFIG_readers].value_count * writers;
    uint32_t first = random_below(random, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t pair = (first + i) % count;
        if (!generate_profile_splits(profile, pair / writers, pair % writers))
            continue;
        config->choice[PLAN_CONFIG_readers] = (uint8_t)(pair / writers);
        config->choice[PLAN_CONFIG_writers] = (uint8_t)(pair % writers);
        return;
    }
}

void draw_configuration(struct plan_config *ret_config, struct random *random,
                        struct generate_subject subject)
{
    struct plan_config config = {0};
    uint8_t fields[PLAN_CONFIG_COUNT];
    const struct generate_profile *profile = subject.profile;
    uint32_t count = plan_list_settings(subject.database, fields);
    config.choice[PLAN_CONFIG_stack] =
        draw_value(random, stacks[subject.search], PLAN_CONFIG_stack, profile);
    bool has_pool = plan_config_get(&config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
    for (uint32_t i = 0; i < count; i++) {
        const struct plan_config_info *info = &plan_config_infos[fields[i]];
        if (fields[i] == PLAN_CONFIG_stack || (info->is_of_pool && !has_pool))
            continue;
        bool clients_of_pool = fields[i] == PLAN_CONFIG_tasks && has_pool;
        config.choice[fields[i]] =
            draw_value(random, clients_of_pool ? tasks_of_pool : info->weights, fields[i], profile);
    }
    if (profile != NULL && profile->pool_size > 0)
        draw_pool(&config, random, profile);
    *ret_config = config;
}
