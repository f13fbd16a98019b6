/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same tactics for who asks the questions himself: a fuzzing engine runs each candidate on its
 * own terms (the same coverage, still a crash) and says whether it is kept.
 *
 *     struct steps *steps = steps_begin(&plan, 1);
 *     const struct plan *candidate;
 *     while ((candidate = steps_next(steps)) != NULL)
 *         steps_answer(steps, engine_keeps(candidate));
 *     ... steps_best(steps) ...
 *     steps_end(steps);
 *
 * Deterministic: the same plan and the same answers give the same candidates.
 */
#ifndef SHRINK_STEPS_H
#define SHRINK_STEPS_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

struct steps;

/*
 * Starts from a copy of `plan`, which needs at most `rounds_max` rounds of all tactics (0: until
 * one changes nothing). NULL: no memory.
 */
struct steps *steps_begin(const struct plan *plan, uint32_t rounds_max);

/* The next candidate, valid until it is answered; NULL: there is no more. */
const struct plan *steps_next(struct steps *steps);

/* Whether the candidate of the last steps_next is kept. */
void steps_answer(struct steps *steps, bool is_kept);

/* The simplest plan that was kept, valid until the next call. */
const struct plan *steps_best(const struct steps *steps);

/* At any time; NULL is nothing. */
void steps_end(struct steps *steps);

#endif
