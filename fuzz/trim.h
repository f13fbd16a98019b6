/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shrinker's tactics for an engine that runs each candidate on its own terms: bytes in, bytes
 * out, none longer than the engine takes. AFL++'s trimming (afl_mutator.c) and libFuzzer's
 * -minimize_crash (minimize.c).
 */
#ifndef FUZZ_TRIM_H
#define FUZZ_TRIM_H

#include "plan/compact.h"
#include "shrink/steps.h"

#include <stdbool.h>
#include <stdint.h>

struct trim {
    struct steps *steps; /* NULL: nothing is trimmed */
    bool is_asked;       /* `tried` waits for its answer */
    size_t candidates_left;
    uint8_t tried[COMPACT_SIZE_MAX];
    size_t tried_size;
};

/*
 * What was begun before is over; starts as {0}. The bytes are a plan for `database`. At most
 * `rounds_max` rounds of all tactics (0: no bound) and so many candidates, with those that are too
 * long.
 */
void trim_begin(struct trim *trim, const uint8_t *bytes, size_t size, enum plan_database database,
                uint32_t rounds_max, size_t candidates_max);

/* Makes the next plan to be tried, of at most `size_max` bytes; false: there is none. */
bool trim_next(struct trim *trim, size_t size_max);

/* Whether the plan that was tried is kept. */
void trim_answer(struct trim *trim, bool is_kept);

void trim_end(struct trim *trim);

#endif
