/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One attempt to simplify: a tactic takes a copy of the best plan so far, changes it, and asks
 * whether it still shows the finding.
 *
 *     struct plan *candidate = attempt_begin(shrinker);
 *     candidate->interactions[3].fault = FAULT_NONE;
 *     if (attempt(shrinker))
 *         ... it is shrinker->best now
 */
#ifndef SHRINK_ATTEMPT_H
#define SHRINK_ATTEMPT_H

#include "plan/plan.h"
#include "run/isolated.h"
#include "shrink/cost.h"
#include "shrink/shrink.h"
#include "shrink/tried.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

struct shrinker {
    struct run *run;
    const struct shrink_options *options;
    struct plan best;      /* shows the finding */
    struct plan candidate; /* as much room as `best` */
    bool *marked;          /* by interaction, for tactics that remove: see attempt_without_marked */
    struct cost best_cost;
    size_t noticed; /* where the finding of `best` was noticed; SIZE_MAX: at the end */
    struct tried tried;
    uint32_t round;
    bool is_over; /* stopped or failed: no attempt succeeds any more */
    enum error_code code;
    struct error error;
    struct shrink_result result;
};

/* A copy of the best plan, to be changed. */
struct plan *attempt_begin(struct shrinker *shrinker);

/*
 * True when the candidate shows the finding; it is the best plan then. False without a run when it
 * is not simpler, was tried before, or all is over.
 */
bool attempt(struct shrinker *shrinker);

/* The best plan without the interactions that are marked; marks are cleared by attempt_unmark. */
bool attempt_without_marked(struct shrinker *shrinker);
void attempt_unmark(struct shrinker *shrinker);

/* Runs `plan` in a process of its own, as all candidates are. */
enum error_code attempt_run(struct run *run, const struct plan *plan,
                            struct isolated_result *ret_result, struct error *error)
    __attribute__((warn_unused_result));

#endif
