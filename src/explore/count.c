/* SPDX-License-Identifier: Apache-2.0 */
/* Multinomial coefficients. */
#include "explore/count.h"

__extension__ typedef unsigned __int128 wide;

uint64_t count_add(uint64_t left, uint64_t right)
{
    uint64_t sum = left + right;
    return sum < left ? COUNT_MANY : sum;
}

uint64_t count_multiply(uint64_t left, uint64_t right)
{
    wide product = (wide)left * right;
    return product > COUNT_MANY ? COUNT_MANY : (uint64_t)product;
}

/*
 * (top choose below). Each step's product is divisible, and no step is larger than the last one:
 * what is too large on the way is too large in the end.
 */
static uint64_t choose(uint32_t top, uint32_t below)
{
    wide ways = 1;
    if (below > top - below)
        below = top - below;
    for (uint32_t i = 1; i <= below; i++) {
        ways = ways * (top - below + i) / i;
        if (ways >= COUNT_MANY)
            return COUNT_MANY;
    }
    return (uint64_t)ways;
}

uint64_t count_orders(const uint32_t *lengths, size_t count)
{
    uint64_t orders = 1;
    uint32_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += lengths[i];
        orders = count_multiply(orders, choose(total, lengths[i]));
    }
    return orders;
}

size_t count_find(const uint64_t *first, size_t size, size_t count, uint64_t number)
{
    size_t low = 0, high = count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        const void *there = (const char *)first + middle * size;
        if (*(const uint64_t *)there <= number)
            low = middle;
        else
            high = middle;
    }
    return low;
}
