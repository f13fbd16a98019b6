/* SPDX-License-Identifier: Apache-2.0 */
/* The weights of all configuration values. */
#include "generate/configuration.h"

#include "generate/draw.h"

enum { CHOICES_MAX = 16 };

/* Of the values of each field, in the order of config.def. */
static const uint8_t weights[PLAN_CONFIG_COUNT][CHOICES_MAX] = {
    [PLAN_CONFIG_tasks] = {1, 24, 24, 4, 1, 1, 1, 1},
    [PLAN_CONFIG_journal_mode] = {40, 3, 2, 2, 1, 1},
    [PLAN_CONFIG_synchronous] = {6, 6, 1, 2},
    [PLAN_CONFIG_page_size] = {6, 4, 4, 1},
    [PLAN_CONFIG_autocheckpoint] = {4, 3, 3, 3, 3, 3, 2},
    [PLAN_CONFIG_busy_timeout] = {8, 2, 2, 2, 2},
    [PLAN_CONFIG_cache_size] = {10, 2, 2, 1},
    [PLAN_CONFIG_locking_mode] = {31, 1},
    [PLAN_CONFIG_mmap_size] = {6, 1, 1},
    [PLAN_CONFIG_powersafe_overwrite] = {7, 1},
    [PLAN_CONFIG_journal_size_limit] = {12, 1, 1},
    [PLAN_CONFIG_loss_seed] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
    /* Of a pool: what is small is contended. */
    [PLAN_CONFIG_readers] = {4, 4, 1, 1},
    [PLAN_CONFIG_writers] = {5, 1},
    [PLAN_CONFIG_statement_cache] = {6, 2, 3, 2, 1},
    [PLAN_CONFIG_acquire_timeout] = {4, 3, 4, 3, 1},
    [PLAN_CONFIG_mailbox] = {3, 4, 2, 2},
    [PLAN_CONFIG_stream_rows] = {4, 4, 3, 1},
};

/* Direct, pool, actors. */
static const uint8_t stacks[][3] = {
    [GENERATE_FOR_DATABASE] = {7, 2, 1},
    [GENERATE_FOR_POOL] = {0, 3, 2},
};

/* More clients than a pool has connections. */
static const uint8_t tasks_of_pool[CHOICES_MAX] = {1, 10, 16, 10, 4, 3, 2, 8};

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
        bool clients_of_pool = field == PLAN_CONFIG_tasks && has_pool;
        config.choice[field] =
            (uint8_t)draw_weighted(random, clients_of_pool ? tasks_of_pool : weights[field],
                                   plan_config_infos[field].value_count);
    }
    *ret_config = config;
}
