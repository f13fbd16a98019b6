/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutation and crossover of compact plans, interaction by interaction: insert, delete, move, hand
 * to another task, place and nudge pauses and faults, change configuration and arguments; now and
 * then a fresh well-shaped plan, now and then plain bytes. Knows no engine: each engine's entry
 * points call it with their random numbers.
 *
 * Takes any bytes. What comes out is a canonical plan unless plain bytes were mutated, is never
 * empty and never larger than `max_size`, even where the input was.
 */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include "base/random.h"
#include "generate/generate.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The engine's own mutation: changes `bytes` in place, returns the new size, at most `max_size`. */
typedef size_t mutator_bytes_fn(uint8_t *bytes, size_t size, size_t max_size);

/*
 * Changes the plan in `bytes` and returns its new size. The buffer has room for the larger of
 * `size` and `max_size`; `max_size` is at least 1. Without an engine `mutate_bytes` is NULL.
 * The plan is one for `subject`; so are fresh plans, and parts of them.
 */
size_t mutator_mutate(uint8_t *bytes, size_t size, size_t max_size, struct random *random,
                      struct generate_subject subject, mutator_bytes_fn *mutate_bytes);

/* Makes a plan out of two and returns its size, at most `max_size`; 0 when that is too small for
 * any. */
size_t mutator_cross(const uint8_t *left, size_t left_size, const uint8_t *right, size_t right_size,
                     uint8_t *ret_bytes, size_t max_size, struct random *random,
                     struct generate_subject subject);

/* For tests and measurements: the tactics by name, and one of them alone; false when it changed
 * nothing. */
size_t mutator_tactic_count(void);
const char *mutator_tactic_name(size_t tactic);
bool mutator_apply(size_t tactic, uint8_t *bytes, size_t *size, size_t max_size,
                   struct random *random, struct generate_subject subject);

#endif
