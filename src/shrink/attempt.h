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
#include "shrink/cost.h"
#include "shrink/tried.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shrinker;

/*
 * Whether `candidate` keeps what the best plan shows, and then where that was noticed (SIZE_MAX: at
 * the end). May set shrinker->is_over: no attempt succeeds any more.
 */
typedef bool shrink_judge_fn(struct shrinker *shrinker, const struct plan *candidate,
                             size_t *ret_noticed);

struct shrinker {
    shrink_judge_fn *judge;
    void *context;         /* the judge's */
    struct plan best;      /* shows the finding */
    struct plan candidate; /* as much room as `best` */
    bool *marked;          /* by interaction, for tactics that remove: see attempt_without_marked */
    struct cost best_cost;
    size_t noticed; /* where the finding of `best` was noticed; SIZE_MAX: at the end */
    struct tried tried;
    uint32_t round;
    bool draws_losses;     /* removals are tried with every loss_seed where the power is lost */
    bool replaces_actions; /* by simpler ones */
    bool is_over;
};

/* A copy of the best plan, to be changed. */
struct plan *attempt_begin(struct shrinker *shrinker);

/*
 * True when the judge keeps the candidate; it is the best plan then. False without asking when it
 * is not simpler, was tried before, or all is over.
 */
bool attempt(struct shrinker *shrinker);

/* The best plan without the interactions that are marked; marks are cleared by attempt_unmark. */
bool attempt_without_marked(struct shrinker *shrinker);
void attempt_unmark(struct shrinker *shrinker);

#endif
