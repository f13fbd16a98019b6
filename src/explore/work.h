/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The paths of one stage, run by a crew. What they came to is counted; what later stages follow
 * from is noted: how many yield points turns cross, how many opportunities steps give to faults.
 */
#ifndef EXPLORE_WORK_H
#define EXPLORE_WORK_H

#include "explore/commute.h"
#include "explore/crew.h"
#include "explore/explore.h"
#include "explore/faults.h"
#include "explore/probe.h"
#include "explore/stage.h"

/* Of path `number`: its turn `where` crosses, or its step `where` gives a kind, `count`. */
struct note {
    uint64_t number;
    uint32_t where;
    uint16_t kind; /* enum fault_kind; FAULT_NONE: of a turn */
    uint16_t count;
};

struct notes {
    size_t count;
    struct note *notes; /* on the heap, in the order of paths */
    bool are_all;
    uint64_t left_out;        /* paths that were not run, as they are like one that was */
    uint8_t bonds[STEPS_MAX]; /* by step: what it had in common with others, at most */
};

struct work {
    const struct run_options *backend;
    struct run *run; /* that is forked from where one process at a time runs a path */
    const struct explore_options *options;
    const struct stage *stage;
    const struct faults *faults;       /* NULL: paths without */
    const struct commute *commute;     /* which paths are left out */
    uint32_t place;                    /* of the stage, for the tally */
    bool counts_points;                /* for one preemption more */
    uint64_t total;                    /* the first ones: these are run, or left out */
    struct probe *probe;               /* in shared memory, for paths that end their process */
    uint64_t run_before, total_before; /* of the stages before, for who watches */
};

/*
 * Runs them, adds to `tally`, and makes `ret_notes`, which the caller frees. `ret_done`: how many;
 * fewer than `total` if on_progress wants no more.
 */
enum error_code work_run(const struct work *work, struct tally *tally, struct notes *ret_notes,
                         uint64_t *ret_done, struct error *error)
    __attribute__((warn_unused_result));

/*
 * The path is like one before it that is run, and nothing that it says of points is needed where it
 * would be left out, too.
 */
bool work_leaves_out(const struct work *work, const struct cursor *cursor);

/* Puts the cursor at the path of number `number`, and says which fault strikes there. */
void work_seek(const struct work *work, struct cursor *cursor, uint64_t number,
               struct path_fault *ret_fault);

#endif
