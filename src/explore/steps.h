/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a scenario: what is explored is the order of those in the middle, of which each
 * task's own keep theirs. Those before (set-up) and behind them (checks) stay where they are.
 */
#ifndef EXPLORE_STEPS_H
#define EXPLORE_STEPS_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STEPS_MAX = 1024 }; /* interactions of a scenario */

/* What somebody has said of a plan's interactions; each is by interaction. */
struct steps_names {
    const char *const *names; /* NULL: it has none */
    const uint32_t *step_of;  /* neighbours of the same number are one step */
    uint32_t ticker;          /* a task that has nothing else to do */
};

struct steps {
    struct plan plan;
    size_t setup, check; /* so many interactions are before, and behind */
    uint32_t count[PLAN_TASKS_MAX];
    uint32_t of[PLAN_TASKS_MAX][STEPS_MAX]; /* of each task: the step's first interaction, ... */
    uint32_t length[STEPS_MAX]; /* ... by which: and how many, which follow each other, it has */
    const struct steps_names *names; /* NULL: nobody says more than the plan */
    uint32_t pauses_left_out;
};

/*
 * Of `plan`, whose texts live as long, as `names` does. `preempts`: tasks will be held back, so the
 * plan's own pauses are left out, and each interaction is a step of its own. Fails with
 * ERROR_INPUT when it has too many steps, or fewer than are set-up and check.
 */
enum error_code steps_take(struct steps *ret_steps, struct arena *arena, const struct plan *plan,
                           size_t setup, size_t check, const struct steps_names *names,
                           bool preempts, struct error *error) __attribute__((warn_unused_result));

#endif
