/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Seeded random numbers: the same seed gives the same sequence on every machine. splitmix64
 * (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): one word of state,
 * good enough to draw plans and losses from, never for secrets.
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

static inline uint64_t random_mix(uint64_t word)
{
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ull;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebull;
    return word ^ (word >> 31);
}

static inline void random_seed(struct random *random, uint64_t seed)
{
    random->state = seed;
}

static inline uint64_t random_next(struct random *random)
{
    random->state += 0x9e3779b97f4a7c15ull;
    return random_mix(random->state);
}

/* Uniform in [0, bound); 0 for a bound of 0. */
static inline uint32_t random_below(struct random *random, uint32_t bound)
{
    return (uint32_t)(((random_next(random) >> 32) * bound) >> 32);
}

/* True once in `one_in` times on average. */
static inline bool random_chance(struct random *random, uint32_t one_in)
{
    return random_below(random, one_in) == 0;
}

#endif
