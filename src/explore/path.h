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

/*
 * The plan of a path. All three arrays are by interaction, and have room (path_interactions_max);
 * step_of is the scenario's interaction, turn_of the path's turn, each of them or PATH_NO_STEP.
 */
struct path_plan {
    struct plan plan;
    uint32_t *step_of, *turn_of;
};

/*
 * The plan that takes this path; yield points count as `points` says. Where the scenario has a
 * ticker, time passes after each turn, so that who waits for a lock looks whether it is free.
 * `put_in`: by interaction of the scenario, at the end of which turn it is put; PATH_NO_STEP: right
 * behind the one before, or in its step's own turn if it is the first. What is left of a step is
 * put before its task's next turn at the latest.
 */
void path_make_plan(const struct steps *steps, enum plan_pause_class points,
                    const struct path *path, const uint32_t *put_in, const struct path_fault *fault,
                    struct path_plan *ret_plan);

/*
 * Appends the steps by their names or numbers: "0 2/4 1 2/": step 2 is held back before its 4th
 * point.
 */
void path_describe(const struct steps *steps, const struct path *path, struct text *text);

#endif
