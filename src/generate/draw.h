/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing from tables of weights. */
#ifndef GENERATE_DRAW_H
#define GENERATE_DRAW_H

#include "base/random.h"

#include <stddef.h>
#include <stdint.h>

/* A number from `from` to `to`, as often as `weight` says against the other ranges of a table. */
struct weighted_range {
    uint8_t weight, from, to;
};

/* An index below `count`, as often as its weight says; not all weights are 0. */
uint32_t draw_weighted(struct random *random, const uint32_t *weights, uint32_t count);

/* Evenly, both ends included. */
uint32_t draw_between(struct random *random, uint32_t from, uint32_t to);

uint32_t draw_range(struct random *random, const struct weighted_range *ranges, size_t count);

#define DRAW_RANGE(random, table) draw_range((random), (table), sizeof(table) / sizeof((table)[0]))

#endif
