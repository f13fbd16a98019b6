/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shrinker's tactics for AFL++'s trimming: afl-fuzz runs each candidate and says whether it takes the same edges. One
 * round, biggest tactics first, and no more candidates than AFL_TRIM_CANDIDATES_MAX: each is a run that finds nothing new.
 */
#ifndef FUZZ_AFL_TRIM_H
#define FUZZ_AFL_TRIM_H

#include "plan/compact.h"
#include "shrink/steps.h"

#include <stdbool.h>

enum { AFL_TRIM_CANDIDATES_MAX = 160 };

struct afl_trim {
    struct steps *steps; /* NULL: nothing is trimmed */
    bool is_asked;       /* `tried` waits for its answer */
    size_t size_max; /* of what is tried: the canonical form may be longer than what was given */
    size_t candidate_count;
    uint8_t tried[COMPACT_SIZE_MAX];
    size_t tried_size;
};

/* Starts as {0}. What was begun before is over. */
void afl_trim_begin(struct afl_trim *trim, const uint8_t *bytes, size_t size);

/* Makes the next plan to be tried; false: there is none. */
bool afl_trim_next(struct afl_trim *trim);

/* Whether the plan that was tried does the same. */
void afl_trim_answer(struct afl_trim *trim, bool is_same);

void afl_trim_end(struct afl_trim *trim);

#endif
