/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing a configuration by the weights of its values. */
#include "generate/configuration.h"

#include "generate/draw.h"

/* Direct, pool, actors. */
static const uint8_t stacks[][3] = {
    [GENERATE_FOR_DATABASE] = {7, 2, 1},
    [GENERATE_FOR_POOL] = {0, 3, 2},
};

/* More clients than a pool has connections. */
static const uint8_t tasks_of_pool[PLAN_TASKS_MAX] = {1, 10, 16, 10, 4, 3, 2, 8};

void draw_configuration(struct plan_config *ret_config, struct random *random,
                        struct generate_subject subject)
{
    struct plan_config config = {0};
    uint8_t fields[PLAN_CONFIG_COUNT];
    uint32_t count = plan_list_settings(subject.database, fields);
    config.choice[PLAN_CONFIG_stack] = (uint8_t)draw_weighted(
        random, stacks[subject.search], plan_config_infos[PLAN_CONFIG_stack].value_count);
    bool has_pool = plan_config_get(&config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
    for (uint32_t i = 0; i < count; i++) {
        const struct plan_config_info *info = &plan_config_infos[fields[i]];
        if (fields[i] == PLAN_CONFIG_stack || (info->is_of_pool && !has_pool))
            continue;
        bool clients_of_pool = fields[i] == PLAN_CONFIG_tasks && has_pool;
        config.choice[fields[i]] = (uint8_t)draw_weighted(
            random, clients_of_pool ? tasks_of_pool : info->weights, info->value_count);
    }
    *ret_config = config;
}
