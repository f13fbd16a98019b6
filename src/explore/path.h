/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A path: one interleaving of a scenario's steps, turn by turn. In a turn one task does its next
 * step, or goes on with the one in which it was held back: to its end (or until it waits for
 * somebody), or up to a yield point before which it is held back, and another task's turn comes.
 */
#ifndef EXPLORE_PATH_H
#define EXPLORE_PATH_H

#include "base/text.h"
#include "explore/steps.h"

enum {
    PREEMPTIONS_MAX = 16,
    TURNS_MAX = STEPS_MAX + PREEMPTIONS_MAX,
};

#define PATH_NO_STEP UINT32_MAX

struct turn {
    uint8_t task;
    uint16_t stop; /* before this yield point of the turn, from 1; 0: it is not held back */
};

struct path {
    uint32_t count;
    struct turn turns[TURNS_MAX];
};

/* A fault that strikes on the way. */
struct path_fault {
    uint8_t kind;      /* enum fault_kind; 0: none */
    uint8_t loss_seed; /* if it is one that loses power */
    uint16_t at;
    uint32_t step;
};

/* Room for the plan of any path. */
size_t path_interactions_max(const struct steps *steps);

/* Where a turn is in the plan of its path. */
static inline size_t path_place(const struct steps *steps, size_t turn)
{
    return steps->setup + turn;
}

/*
 * The plan that takes this path; yield points count as `points` says. `ret_plan->interactions` has
 * room. `ret_steps`, which has as much, says which interaction of the scenario each one is, or
 * PATH_NO_STEP.
 */
void path_plan(const struct steps *steps, enum plan_pause_class points, const struct path *path,
               const struct path_fault *fault, struct plan *ret_plan, uint32_t *ret_steps);

/* Appends the steps by their numbers: "0 2/4 1 2/": step 2 is held back before its 4th point. */
void path_describe(const struct steps *steps, const struct path *path, struct text *text);

#endif
