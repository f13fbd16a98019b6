/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing from tables of weights. */
#include "generate/draw.h"

uint32_t draw_weighted(struct random *random, const uint32_t *weights, uint32_t count)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += weights[i];
    uint32_t left = random_below(random, total);
    uint32_t choice = 0;
    while (left >= weights[choice])
        left -= weights[choice++];
    return choice;
}

uint32_t draw_between(struct random *random, uint32_t from, uint32_t to)
{
    return from + random_below(random, to - from + 1);
}

uint32_t draw_range(struct random *random, const struct weighted_range *ranges, size_t count)
{
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += ranges[i].weight;
    uint32_t left = random_below(random, total);
    const struct weighted_range *range = ranges;
    while (left >= range->weight) {
        left -= range->weight;
        range++;
    }
    return draw_between(random, range->from, range->to);
}
