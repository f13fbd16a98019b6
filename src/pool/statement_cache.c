/* SPDX-License-Identifier: Apache-2.0 */
/* Chained hash table over the entries, which are also in a list in the order of their last use. */
#include "pool/statement_cache.h"

#include <stdlib.h>

struct cached_statement {
    const struct statement *key;
    struct backend_statement *prepared;
    struct cached_statement *next_in_bucket;
    struct cached_statement *newer, *older;
};

static struct cached_statement **bucket_of(struct statement_cache *cache,
                                           const struct statement *key)
{
    /* Multiplicative hashing: declarations lie at even distances in memory. */
    uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
    return &cache->buckets[(hash >> 32) & (cache->bucket_count - 1)];
}

enum outcome statement_cache_init(struct statement_cache *cache, const struct backend_ops *backend,
                                  uint32_t capacity)
{
    struct statement_cache made = {.backend = backend, .capacity = capacity, .bucket_count = 1};
    while (made.bucket_count < capacity && made.bucket_count < UINT32_C(1) << 31)
        made.bucket_count *= 2;
    if (capacity > 0) {
        made.entries = malloc(capacity * sizeof *made.entries); /* written before read */
        made.buckets = calloc(made.bucket_count, sizeof *made.buckets);
        if (made.entries == NULL || made.buckets == NULL) {
            free(made.entries);
            free(made.buckets);
            return OUTCOME_NO_MEMORY;
        }
    }
    *cache = made;
    return OUTCOME_OK;
}

void statement_cache_clean_up(struct statement_cache *cache)
{
    for (uint32_t i = 0; i < cache->count; i++)
        cache->backend->finalize(cache->entries[i].prepared);
    free(cache->entries);
    free(cache->buckets);
    *cache = (struct statement_cache){.capacity = 0};
}

/* --- order of use ---------------------------------------------------------------------------- */

static void unlink_used(struct statement_cache *cache, struct cached_statement *entry)
{
    if (entry->newer != NULL)
        entry->newer->older = entry->older;
    else
        cache->newest = entry->older;
    if (entry->older != NULL)
        entry->older->newer = entry->newer;
    else
        cache->oldest = entry->newer;
}

static void link_newest(struct statement_cache *cache, struct cached_statement *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    if (cache->newest != NULL)
        cache->newest->newer = entry;
    else
        cache->oldest = entry;
    cache->newest = entry;
}

/* --- entries --------------------------------------------------------------------------------- */

static struct cached_statement *find_entry(struct statement_cache *cache,
                                           const struct statement *key)
{
    if (cache->capacity == 0)
        return NULL;
    struct cached_statement *entry = *bucket_of(cache, key);
    while (entry != NULL && entry->key != key)
        entry = entry->next_in_bucket;
    return entry;
}

static void link_into_bucket(struct statement_cache *cache, struct cached_statement *entry)
{
    struct cached_statement **bucket = bucket_of(cache, entry->key);
    entry->next_in_bucket = *bucket;
    *bucket = entry;
}

static void unlink_entry(struct statement_cache *cache, struct cached_statement *entry)
{
    struct cached_statement **link = bucket_of(cache, entry->key);
    while (*link != entry)
        link = &(*link)->next_in_bucket;
    *link = entry->next_in_bucket;
    unlink_used(cache, entry);
}

/* The used entries stay together at the front: the last one moves into the hole. */
static void fill_hole(struct statement_cache *cache, struct cached_statement *hole)
{
    struct cached_statement *last = &cache->entries[--cache->count];
    if (hole == last)
        return;
    struct cached_statement **link = bucket_of(cache, last->key);
    while (*link != last)
        link = &(*link)->next_in_bucket;
    *link = hole;
    *hole = *last;
    if (hole->newer != NULL)
        hole->newer->older = hole;
    else
        cache->newest = hole;
    if (hole->older != NULL)
        hole->older->newer = hole;
    else
        cache->oldest = hole;
}

static void drop_entry(struct statement_cache *cache, struct cached_statement *entry)
{
    cache->backend->finalize(entry->prepared);
    unlink_entry(cache, entry);
    fill_hole(cache, entry);
}

struct backend_statement *statement_cache_find(struct statement_cache *cache,
                                               const struct statement *key)
{
    struct cached_statement *entry = find_entry(cache, key);
    if (entry == NULL)
        return NULL;
    unlink_used(cache, entry);
    link_newest(cache, entry);
    return entry->prepared;
}

bool statement_cache_keep(struct statement_cache *cache, const struct statement *key,
                          struct backend_statement *prepared)
{
    if (cache->capacity == 0)
        return false;
    if (cache->count == cache->capacity)
        drop_entry(cache, cache->oldest);
    struct cached_statement *entry = &cache->entries[cache->count++];
    *entry = (struct cached_statement){.key = key, .prepared = prepared};
    link_into_bucket(cache, entry);
    link_newest(cache, entry);
    return true;
}

void statement_cache_evict(struct statement_cache *cache, const struct statement *key)
{
    struct cached_statement *entry = find_entry(cache, key);
    if (entry != NULL)
        drop_entry(cache, entry);
}
