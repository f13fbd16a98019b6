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

/* Those that mean something only with a pool follow `stack` in config.def. */
static bool is_of_pool(uint32_t field)
{
    return field > PLAN_CONFIG_stack;
}

void draw_configuration(struct plan_config *ret_config, struct random *random,
                        enum generate_subject subject)
{
    struct plan_config config = {0};
    config.choice[PLAN_CONFIG_stack] = (uint8_t)draw_weighted(
        random, stacks[subject], plan_config_infos[PLAN_CONFIG_stack].value_count);
    bool has_pool = plan_config_get(&config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
    for (uint32_t field = 0; field < PLAN_CONFIG_COUNT; field++) {
        if (field == PLAN_CONFIG_stack || (is_of_pool(field) && !has_pool))
            continue;
        const struct plan_config_info *info = &plan_config_infos[field];
        bool clients_of_pool = field == PLAN_CONFIG_tasks && has_pool;
        config.choice[field] = (uint8_t)draw_weighted(
            random, clients_of_pool ? tasks_of_pool : info->weights, info->value_count);
    }
    *ret_config = config;
}
