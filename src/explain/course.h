/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The course of a run: which interaction crossed which yield point, one after the other, and what
 * was on the stack there. It lies in memory that the process of the plan shares with whoever asks
 * for it (run/isolated.h).
 */
#ifndef EXPLAIN_COURSE_H
#define EXPLAIN_COURSE_H

#include "plan/plan.h"
#include "run/isolated.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    COURSE_CROSSINGS_MAX = 1 << 15,
    COURSE_FAULTS_MAX = 16,
    COURSE_FRAMES_MAX = 24,
};

/* Code addresses in the process of the plan and, as it was forked, in ours: innermost first. */
struct course_stack {
    uint32_t count;
    uintptr_t frames[COURSE_FRAMES_MAX];
};

/* The stack of who calls; also in the process of the plan. */
void course_take_stack(struct course_stack *ret_stack);

/* Yield points that an interaction has crossed, with this one, as pauses count them. */
struct course_counts {
    uint32_t of[PAUSE_CLASS_COUNT]; /* by class */
};

void course_count(struct course_counts *counts, enum yield_point at);

struct course_crossing {
    uint32_t interaction;
    enum yield_point point;
    struct course_counts counts;
    struct course_stack stack;
};

struct course_fault {
    uint32_t interaction;
    enum fault_kind kind;
    struct course_stack stack;
};

enum course_points {
    COURSE_SHARED_POINTS, /* where others may notice: those of storage and locks */
    COURSE_ALL_POINTS,    /* allocations and mutexes, too */
};

struct course {
    size_t size_bytes;
    enum course_points points;
    bool has_stacks;
    uint64_t count; /* more than are kept, perhaps */
    uint32_t fault_count;
    struct course_fault faults[COURSE_FAULTS_MAX];
    struct course_crossing crossings[COURSE_CROSSINGS_MAX];
    size_t interaction_count;
    struct course_counts counts[]; /* by interaction: all, also of points that are not kept */
};

/* An empty one for runs of plans of so many interactions. The caller frees it. */
enum error_code course_new(struct course **ret_course, size_t interactions, struct error *error)
    __attribute__((warn_unused_result));
void course_free(struct course *course);

/* False: it was longer than what is kept. */
static inline bool course_is_whole(const struct course *course)
{
    return course->count <= COURSE_CROSSINGS_MAX;
}

/* Runs `plan` in a process of its own, and writes its course down in `course`. */
enum error_code course_run(struct course *course, struct run *run, const struct plan *plan,
                           enum course_points points, bool has_stacks,
                           struct isolated_result *ret_result, struct error *error)
    __attribute__((warn_unused_result));

#endif
