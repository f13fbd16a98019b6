/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All paths with one number of preemptions, in one order, each with its number. They are those of
 * the stage before with one preemption more, behind all others: a branch is what is common to paths
 * up to there, and how many yield points its last turn crosses. Behind it, the turns that are left
 * come in every order. So no path occurs twice, and how many there are is known before any is run
 * (Musuvathi, Qadeer: Iterative Context Bounding for Systematic Testing of Multithreaded Programs,
 * 2007).
 */
#ifndef EXPLORE_STAGE_H
#define EXPLORE_STAGE_H

#include "explore/path.h"

struct branch {
    uint64_t first;       /* path of the stage */
    uint64_t completions; /* orders of what is left, behind each point */
    uint32_t points;      /* that the last turn may be held back before */
    uint32_t turn_count;  /* 0: of the stage without preemptions, which has `points` 1 */
    const struct turn *turns;
};

struct stage {
    const struct steps *steps;
    uint64_t total; /* paths; COUNT_MANY: too many to be counted */
    size_t branch_count, branch_capacity;
    struct branch *branches; /* on the heap */
};

/* The orders of the steps. Freed by stage_clean_up. */
void stage_init(struct stage *ret_stage, const struct steps *steps);

/* No path yet. */
void stage_init_empty(struct stage *ret_stage, const struct steps *steps);
void stage_clean_up(struct stage *stage);

/* Paths that go as `path` does up to its turn number `turn`, which crosses so many points. */
void stage_add(struct stage *stage, const struct path *path, uint32_t turn, uint32_t points);

/* A path of the stage. */
struct cursor {
    const struct stage *stage;
    uint64_t number;
    size_t branch;
    struct path path;
    uint32_t fixed; /* turns that the branch says */
};

/* To path `number`, below the stage's total. */
void cursor_seek(struct cursor *cursor, const struct stage *stage, uint64_t number);

/* To the next one; false: that was the last. */
bool cursor_next(struct cursor *cursor);

/*
 * The first turn, at or behind `fixed`, of which this path is the one that says how many points it
 * crosses: all those up to the last one. Other paths that begin the same way do not.
 */
uint32_t cursor_owned(const struct cursor *cursor);

#endif
