/* SPDX-License-Identifier: Apache-2.0 */
/* All tactics, biggest first, over and over until a whole round of them changes nothing. */
#ifndef SHRINK_ROUNDS_H
#define SHRINK_ROUNDS_H

#include "plan/plan.h"
#include "shrink/attempt.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Starts from a copy of `plan`, which the judge is taken to keep. False: no memory. `shrinker` has
 * judge and context already; it is cleaned up by the caller in either case.
 */
bool rounds_begin(struct shrinker *shrinker, const struct plan *plan);
void rounds_clean_up(struct shrinker *shrinker);

/*
 * True when the last round changed nothing: the best plan is 1-minimal. False when all is over
 * before, or after `rounds_max` rounds (0: no bound).
 */
bool rounds_run(struct shrinker *shrinker, uint32_t rounds_max);

#endif
