/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection pool as many people write it: a mutex, a condition, an array. It has three
 * well-known mistakes, which the fuzzer finds; each can be fixed by itself.
 */
#ifndef NAIVE_POOL_H
#define NAIVE_POOL_H

#include <interplay/backend.h>

#include <stdbool.h>
#include <stdint.h>

enum naive_mistake {
    NAIVE_RETURN = 1, /* a connection goes back with its transaction still open */
    NAIVE_BROKEN = 2, /* a dead connection is handed out again */
    NAIVE_WAKEUP = 4, /* somebody waits although a connection is free */
};

/* A bit set of the mistakes that are fixed. */
extern uint32_t naive_pool_fixed;

struct naive_pool;

struct naive_connection {
    struct backend_connection *link; /* NULL: not connected */
    uint32_t number;                 /* from 0; as long as it is out, nobody else has it */
    bool is_out;
};

enum outcome naive_pool_open(struct naive_pool **ret_pool, const struct backend_ops *backend,
                             const struct backend_options *options, uint32_t size);
/* No new checkouts; OUTCOME_TIMEOUT: some are still out, it can be called again. */
enum outcome naive_pool_close(struct naive_pool *pool, uint32_t timeout_ms);
/* After a close that came to OUTCOME_OK. */
void naive_pool_free(struct naive_pool *pool);

/* OUTCOME_TIMEOUT, OUTCOME_CLOSED, or what connecting came to. */
enum outcome naive_pool_checkout(struct naive_pool *pool, uint32_t timeout_ms,
                                 struct naive_connection **ret_connection);
void naive_pool_return(struct naive_pool *pool, struct naive_connection *connection);

#endif
