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

enum { STEPS_MAX = 256 }; /* of a scenario */

struct steps {
    struct plan plan;
    size_t setup, check; /* so many interactions are before, and behind */
    uint32_t count[PLAN_TASKS_MAX];
    uint32_t of[PLAN_TASKS_MAX][STEPS_MAX]; /* interactions of each task */
    uint32_t pauses_left_out;
};

/*
 * Of `plan`, whose texts live as long. `drops_pauses`: as if it held nobody back and had nobody go
 * on. Fails with ERROR_INPUT when it has too many steps, or fewer than are set-up and check.
 */
enum error_code steps_take(struct steps *ret_steps, struct arena *arena, const struct plan *plan,
                           size_t setup, size_t check, bool drops_pauses, struct error *error)
    __attribute__((warn_unused_result));

#endif
