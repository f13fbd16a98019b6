/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simplest pool there is: a fixed number of connections, opened when first needed, handed out
 * lowest number first, never waited for. It is the stack of plans of sql-middleware's simulator,
 * whose interactions come one after the other, so that nobody could ever give one back while
 * somebody waits.
 */
#ifndef STACK_FIXED_POOL_H
#define STACK_FIXED_POOL_H

#include <interplay/backend.h>

enum { FIXED_POOL_MAX = 64 };

struct fixed_pool {
    const struct backend_ops *backend;
    struct backend_options options;
    uint32_t size;
    struct backend_connection *connections[FIXED_POOL_MAX]; /* NULL: not opened yet */
    bool is_leased[FIXED_POOL_MAX];
};

/* `size` is 1 to FIXED_POOL_MAX; the options' texts must outlive the pool. */
void fixed_pool_init(struct fixed_pool *pool, const struct backend_ops *backend,
                     const struct backend_options *options, uint32_t size);

/* OUTCOME_BUSY when all are out; the connect's outcome when it fails. */
enum outcome fixed_pool_checkout(struct fixed_pool *pool,
                                 struct backend_connection **ret_connection);

/* The connection must be one that is out. */
void fixed_pool_return(struct fixed_pool *pool, struct backend_connection *connection);

/* Closes all, those that are out too. Returns how many refused. */
uint32_t fixed_pool_clean_up(struct fixed_pool *pool);

#endif
