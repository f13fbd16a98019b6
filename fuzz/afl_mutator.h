/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AFL++'s custom mutator API (AFL++: docs/custom_mutators.md), as far as libinterplay_mutator.so
 * has it. afl-fuzz loads that library from AFL_CUSTOM_MUTATOR_LIBRARY; without it plans are mutated
 * as plain bytes. With AFL_CUSTOM_MUTATOR_ONLY=1 its own stages do not keep the library waiting.
 *
 * INTERPLAY_SUBJECT in the environment says what fresh plans are drawn for: "database" (the
 * default), or "pool" for targets without a database or with a pool of their own; and
 * INTERPLAY_DATABASE which database all plans are for, "sqlite" without it. INTERPLAY_PROFILE is
 * the profile that they are drawn and changed by, a name or a file, or "families", of which several
 * take turns (generate/families.h); without it there is none.
 * INTERPLAY_PROPERTY names the properties that fresh plans are drawn of, with commas in between.
 *
 * Buffers that come back belong to the mutator and last until its next call. The same seed and the
 * same calls give the same plans.
 */
#ifndef FUZZ_AFL_MUTATOR_H
#define FUZZ_AFL_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

struct afl_mutator;

/*
 * `afl` is afl-fuzz's state; it is not used. A wrong value of any of these variables ends the
 * process with exit status 2.
 */
struct afl_mutator *afl_custom_init(void *afl, unsigned int seed);
void afl_custom_deinit(struct afl_mutator *mutator);

/* Mutation of `bytes`, or crossover with the other input of the queue, `added`. Never returns 0. */
size_t afl_custom_fuzz(struct afl_mutator *mutator, uint8_t *bytes, size_t size,
                       uint8_t **ret_bytes, uint8_t *added, size_t added_size, size_t max_size);

/*
 * How many mutations of an input in a row, before the next one of the queue has its turn. AFL++
 * itself stays with one for thousands while it finds something new, which each plan does at first.
 */
uint32_t afl_custom_fuzz_count(struct afl_mutator *mutator, const uint8_t *bytes, size_t size);

/* The last one was kept: its family has brought something. */
uint8_t afl_custom_queue_new_entry(struct afl_mutator *mutator, const uint8_t *added,
                                   const uint8_t *origin);

/* What the last one was, for the names of files. */
const char *afl_custom_describe(struct afl_mutator *mutator, size_t max_length);

/*
 * The canonical form of any bytes: the same plan, without what decoding ignores, so that nothing
 * longer than a plan can be is run or kept.
 */
size_t afl_custom_post_process(struct afl_mutator *mutator, uint8_t *bytes, size_t size,
                               uint8_t **ret_bytes);

/*
 * Trimming by interactions. 1 from init_trim: there are steps; from post_trim: there is none left.
 */
int32_t afl_custom_init_trim(struct afl_mutator *mutator, uint8_t *bytes, size_t size);
size_t afl_custom_trim(struct afl_mutator *mutator, uint8_t **ret_bytes);
int32_t afl_custom_post_trim(struct afl_mutator *mutator, uint8_t is_same);

#endif
