/* A connection pool: a fixed number of connections, last in, first out. */
#ifndef MINI_POOL_H
#define MINI_POOL_H

#include <interplay/backend.h>

#include <stdbool.h>
#include <stdint.h>

enum { MINI_POOL_MAX = 16 };

struct mini_pool;

/* OUTCOME_NO_MEMORY, or OUTCOME_OK; connections are made when they are needed. */
enum outcome mini_pool_open(struct mini_pool **ret_pool, const struct backend_ops *database,
                            const struct backend_options *options, uint32_t size);

/* The number of a connection, 0 to size - 1. OUTCOME_TIMEOUT, OUTCOME_CLOSED, or what connecting came to. */
enum outcome mini_pool_get(struct mini_pool *pool, uint32_t timeout_ms, uint32_t *ret_number);
struct backend_connection *mini_pool_link(struct mini_pool *pool, uint32_t number);
void mini_pool_put(struct mini_pool *pool, uint32_t number);

/* OUTCOME_TIMEOUT: some are still out; it can be called again. */
enum outcome mini_pool_close(struct mini_pool *pool, uint32_t timeout_ms);
void mini_pool_free(struct mini_pool *pool);

#endif
