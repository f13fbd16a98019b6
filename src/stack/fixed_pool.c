/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed number of connections, lowest number first. */
#include "stack/fixed_pool.h"

void fixed_pool_init(struct fixed_pool *pool, const struct backend_ops *backend,
                     const struct backend_options *options, uint32_t size)
{
    *pool = (struct fixed_pool){.backend = backend, .options = *options, .size = size};
}

enum outcome fixed_pool_checkout(struct fixed_pool *pool,
                                 struct backend_connection **ret_connection)
{
    for (uint32_t i = 0; i < pool->size; i++) {
        if (pool->is_leased[i])
            continue;
        if (pool->connections[i] == NULL) {
            enum outcome outcome = pool->backend->connect(&pool->connections[i], &pool->options);
            if (outcome != OUTCOME_OK)
                return outcome;
        }
        pool->is_leased[i] = true;
        *ret_connection = pool->connections[i];
        return OUTCOME_OK;
    }
    return OUTCOME_BUSY;
}

void fixed_pool_return(struct fixed_pool *pool, struct backend_connection *connection)
{
    for (uint32_t i = 0; i < pool->size; i++)
        if (pool->connections[i] == connection)
            pool->is_leased[i] = false;
}

uint32_t fixed_pool_clean_up(struct fixed_pool *pool)
{
    uint32_t refused = 0;
    for (uint32_t i = 0; i < pool->size; i++)
        if (pool->connections[i] != NULL)
            refused += pool->backend->disconnect(pool->connections[i]) != OUTCOME_OK;
    *pool = (struct fixed_pool){0};
    return refused;
}
