/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many orders there are, exactly; numbers that 64 bits cannot hold are COUNT_MANY, and stay so.
 */
#ifndef EXPLORE_COUNT_H
#define EXPLORE_COUNT_H

#include <stddef.h>
#include <stdint.h>

#define COUNT_MANY UINT64_MAX /* that, or more */

uint64_t count_add(uint64_t left, uint64_t right);
uint64_t count_multiply(uint64_t left, uint64_t right);

/* In how many ways sequences of these lengths can be merged, the order of each being kept. */
uint64_t count_orders(const uint32_t *lengths, size_t count);

/*
 * Of things that stand one after the other, each beginning at a number: the one that `number` lies
 * in. `first` is where the first one keeps its number, `size` how far the next one lies from it.
 */
size_t count_find(const uint64_t *first, size_t size, size_t count, uint64_t number);

#endif
