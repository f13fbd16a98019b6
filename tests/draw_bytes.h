/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes for tests of the forms of a plan. */
#ifndef TESTS_DRAW_BYTES_H
#define TESTS_DRAW_BYTES_H

#include "base/random.h"
#include "plan/compact.h"

enum { DRAW_BYTES_MAX = COMPACT_SIZE_MAX + 100 };

/*
 * Short and long ones, any bytes, mostly zeros, mostly ones: gates open rarely, sometimes, always.
 */
static inline size_t draw_bytes(struct random *random, uint8_t bytes[DRAW_BYTES_MAX])
{
    uint32_t longest = random_chance(random, 20) ? DRAW_BYTES_MAX : 160;
    size_t size = random_below(random, longest + 1);
    uint32_t mode = random_below(random, 3);
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)random_next(random);
        if (mode == 1 && !random_chance(random, 6))
            bytes[i] = 0;
        if (mode == 2 && random_chance(random, 2))
            bytes[i] = 0xff;
    }
    return size;
}

#endif
