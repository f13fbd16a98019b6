/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements that a connection keeps prepared: those used last, found by the address of their
 * declaration. Everything is allocated when the cache is set up; looking up, keeping and evicting
 * allocate nothing.
 */
#ifndef POOL_STATEMENT_CACHE_H
#define POOL_STATEMENT_CACHE_H

#include <interplay/pool.h>

struct cached_statement;

struct statement_cache {
    const struct backend_ops *backend;
    struct cached_statement *entries; /* `capacity` of them, those from `count` on unused */
    struct cached_statement **buckets;
    uint32_t capacity, bucket_count;
    uint32_t count;
    struct cached_statement *newest, *oldest; /* by their last use */
};

/* OUTCOME_NO_MEMORY: nothing is to be cleaned up. */
enum outcome statement_cache_init(struct statement_cache *cache, const struct backend_ops *backend,
                                  uint32_t capacity) INTERPLAY_RESULT;
/* Finalizes all. */
void statement_cache_clean_up(struct statement_cache *cache);

/* NULL: not kept. */
struct backend_statement *statement_cache_find(struct statement_cache *cache,
                                               const struct statement *key);

/*
 * Takes `prepared` over, instead of the one that was not used for the longest time where there is
 * no room. False: this cache keeps nothing.
 */
bool statement_cache_keep(struct statement_cache *cache, const struct statement *key,
                          struct backend_statement *prepared);

/* Drops one that the database calls stale. Nothing when it is not kept. */
void statement_cache_evict(struct statement_cache *cache, const struct statement *key);

#endif
