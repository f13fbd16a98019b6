/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A schedule: the interactions of a plan in parts, in the order in which they run. It is what a
 * plan says by its order, its pauses and by who waits for whom, said outright; and any other order
 * of the parts can be made a plan again.
 */
#ifndef EXPLAIN_SCHEDULE_H
#define EXPLAIN_SCHEDULE_H

#include "base/arena.h"
#include "explain/course.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Crossings number `from` to `to` - 1 of the interaction, counted from 0; none where it is held
 * back before the first one, or has none.
 */
struct schedule_part {
    uint32_t interaction;
    bool begins; /* the first part of its interaction */
    uint32_t from, to;
};

/* An interaction as the course knows it. */
struct schedule_call {
    uint32_t crossing_count;
    const struct course_crossing **crossings;
};

struct schedule {
    const struct plan *plan;
    struct schedule_call *calls; /* by interaction */
    struct schedule_part *parts;
    size_t part_count;
};

/* Of a course of `plan` that is whole. Lives in the arena; points into the course. */
void schedule_make(struct schedule *ret_schedule, struct arena *arena, const struct plan *plan,
                   const struct course *course);

/* The task whose part it is. */
static inline uint32_t schedule_task(const struct schedule *schedule,
                                     const struct schedule_part *part)
{
    return schedule->plan->interactions[part->interaction].task;
}

/* Room for the plan of any order of parts, however they are cut. */
size_t schedule_interactions_max(const struct schedule *schedule);

/*
 * The plan in which the parts, which are all of the schedule's in some order, run one after the
 * other. Neighbours of the same interaction are made one part in `parts`. `ret_places` has where
 * each interaction is in it. `ret_plan->interactions` has room for schedule_interactions_max.
 */
void schedule_plan(const struct schedule *schedule, struct schedule_part *parts, size_t part_count,
                   struct plan *ret_plan, uint32_t *ret_places);

#endif
