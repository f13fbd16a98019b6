/* SPDX-License-Identifier: Apache-2.0 */
/* A hash table from two numbers to one, in an arena; it does not grow. */
#ifndef ISOLATION_LOOKUP_H
#define ISOLATION_LOOKUP_H

#include "base/arena.h"
#include "base/hash.h"

#include <stdint.h>

#define LOOKUP_NONE UINT32_MAX

struct lookup_slot {
    int64_t second;
    uint32_t first, number;
    uint8_t is_used;
};

struct lookup {
    struct lookup_slot *slots;
    size_t mask;
};

/* Room for `entries`. */
static inline void lookup_init(struct lookup *lookup, size_t entries, struct arena *arena)
{
    size_t slots = 16;
    while (slots < 2 * entries)
        slots *= 2;
    *lookup = (struct lookup){ARENA_ARRAY(arena, struct lookup_slot, slots), slots - 1};
}

static inline struct lookup_slot *lookup_slot(const struct lookup *lookup, uint32_t first,
                                              int64_t second)
{
    size_t at = hash_word(first, (uint64_t)second) & lookup->mask;
    while (lookup->slots[at].is_used &&
           (lookup->slots[at].first != first || lookup->slots[at].second != second))
        at = (at + 1) & lookup->mask;
    return &lookup->slots[at];
}

static inline uint32_t lookup_get(const struct lookup *lookup, uint32_t first, int64_t second)
{
    const struct lookup_slot *slot = lookup_slot(lookup, first, second);
    return slot->is_used ? slot->number : LOOKUP_NONE;
}

static inline void lookup_set(struct lookup *lookup, uint32_t first, int64_t second,
                              uint32_t number)
{
    *lookup_slot(lookup, first, second) = (struct lookup_slot){second, first, number, 1};
}

#endif
