/* SPDX-License-Identifier: Apache-2.0 */
/* Properties in plans: one among other interactions, or some alone. */
#ifndef GENERATE_PROPERTIES_WEAVE_H
#define GENERATE_PROPERTIES_WEAVE_H

#include "base/arena.h"
#include "base/random.h"
#include "generate/generate.h"
#include "generate/moment.h"
#include "generate/properties/property.h"

/* Draws a plan of nothing but properties of the subject's set. */
void weave_alone(struct plan *plan, struct arena *arena, struct random *random,
                 struct generate_subject subject);

/* Draws a configuration in which a property of the subject's set can be shown, if it has any. */
void weave_draw_configuration(struct plan *plan, struct random *random,
                              struct generate_subject subject);

/*
 * Properties of the subject's set in a plan that its profile draws, one interaction after the
 * other: a property's steps stand among those of the profile.
 */
struct weave {
    const struct generate_subject *subject; /* its profile is not that of a swarm's plan */
    struct random *random;
    uint32_t tasks;
    bool has_pool;
    uint32_t shapes;    /* begun so far */
    struct shape shape; /* the one that comes next, or in whose middle the plan is */
    bool is_begun;
    uint32_t done; /* steps of it that stand in the plan */
    uint32_t gap;  /* so many of others come before the next one */
    struct interaction step;
};

void weave_begin(struct weave *ret_weave, const struct plan *plan, struct random *random,
                 const struct generate_subject *subject);

/* The plan has at least so many interactions. */
static inline uint32_t weave_length(const struct weave *weave)
{
    return weave->shape.count;
}

/* What the plan has next, if it is a property's; `left`: for so many interactions it has room. */
const struct interaction *weave_next(struct weave *weave, const struct task_state *states,
                                     uint32_t left);

/*
 * Puts a property between the plan's interactions, in a part of all plans. There is room for
 * SHAPE_STEPS_MAX more interactions. `random` is only looked at, so that the others stay what they
 * are.
 */
void weave_into(struct plan *plan, const struct random *random);

#endif
