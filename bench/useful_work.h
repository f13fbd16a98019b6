/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How much of what plans ask is done, and how much refused: the plans of a profile are run, and
 * their traces read. Also for the test of the same name.
 */
#ifndef BENCH_USEFUL_WORK_H
#define BENCH_USEFUL_WORK_H

#include "generate/generate.h"
#include "run/run.h"

#include <interplay/backend.h>

#include <stdint.h>

struct useful_work {
    uint64_t plans, interactions;     /* interactions: those that were begun or passed over */
    uint64_t findings;                /* plans that come to one */
    uint64_t skipped;                 /* types or state forbid them */
    uint64_t outcomes[OUTCOME_COUNT]; /* of the others */
    uint64_t actions[OUTCOME_COUNT + 1][ACTION_COUNT]; /* by outcome; the last row: skipped */
};

/*
 * Runs plans 0 to `plans` - 1 of the seed; findings are said and counted. False when the harness
 * cannot go on.
 */
bool useful_work_measure(struct useful_work *ret_work, const struct subject *tested,
                         struct generate_subject drawn, uint64_t seed, uint64_t plans);

/* Of what was not done: refused, or failed by a fault, a cancel or a death. */
uint64_t useful_work_refused(const struct useful_work *work);
uint64_t useful_work_failed(const struct useful_work *work);

#endif
