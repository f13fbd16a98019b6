/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States become coverage: each call sets one of 16384 counters that libFuzzer reads as extra
 * counters and AFL++ as part of its map. Also guides engines where they cannot see inside.
 */
#ifndef RUN_FEEDBACK_H
#define RUN_FEEDBACK_H

#include "base/hash.h"

#include <stdint.h>

enum { FEEDBACK_COUNTERS = 16384 };

/* In the section that libFuzzer looks for; it clears them before each input. */
extern uint8_t feedback_counters[FEEDBACK_COUNTERS];

enum feedback_domain {
    FEEDBACK_OUTCOME, /* action x outcome x transaction state */
    /* yield point and action where a task was parked x action and outcome that overtook it */
    FEEDBACK_OVERTAKEN,
    FEEDBACK_CONFLICT, /* the same x a fact of what the overtaking call did to the storage */
    FEEDBACK_FAULT,    /* fault kind x action x outcome */
};

static inline void feedback(enum feedback_domain domain, uint32_t a, uint32_t b)
{
    uint64_t hash = random_mix(((uint64_t)domain << 56) ^ ((uint64_t)a << 28) ^ b);
    feedback_counters[hash % FEEDBACK_COUNTERS] = 1; /* how often says nothing about a state */
}

#endif
