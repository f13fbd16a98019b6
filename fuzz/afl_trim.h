/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a plan smaller, a step at a time, while somebody else says after each step whether it still does the
 * same: blocks of interactions go, the biggest first, then pauses, then faults.
 */
#ifndef FUZZ_AFL_TRIM_H
#define FUZZ_AFL_TRIM_H

#include "plan/compact.h"

#include <stdbool.h>

enum afl_trim_phase { AFL_TRIM_BLOCKS, AFL_TRIM_PAUSES, AFL_TRIM_FAULTS, AFL_TRIM_DONE };

/* The smallest plan so far, and the one that is being tried. */
struct afl_trim {
    uint8_t best[COMPACT_SIZE_MAX], tried[COMPACT_SIZE_MAX];
    size_t best_size, tried_size;
    size_t size_max; /* of what is tried: the canonical form may be longer than what was given */
    enum afl_trim_phase phase;
    size_t block; /* how many interactions to remove */
    size_t at;    /* those before this one are still to be looked at in this phase */
};

void afl_trim_begin(struct afl_trim *trim, const uint8_t *bytes, size_t size);

/* Makes the next plan to be tried; false: there is none. */
bool afl_trim_next(struct afl_trim *trim);

/* The plan that was tried is as good as the best one, and replaces it. */
void afl_trim_accept(struct afl_trim *trim);

#endif
