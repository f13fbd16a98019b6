/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drawing the shape of a property: a file each, named as in the table (plan/properties.h), which
 * defines property_NAME_draw. A shape is a list of interactions that belong together, in this
 * order; others may come in between. What its last interactions must come to, the oracle says,
 * where it can be said.
 */
#ifndef GENERATE_PROPERTIES_PROPERTY_H
#define GENERATE_PROPERTIES_PROPERTY_H

#include "base/random.h"
#include "generate/generate.h"
#include "plan/plan.h"

enum { SHAPE_STEPS_MAX = GENERATE_WOVEN_MAX };

struct shape {
    struct random *random;
    enum plan_property property;
    bool has_pool;
    uint32_t one, other; /* tasks; the same where there is one only */
    uint32_t table, key;
    uint32_t count;
    struct interaction steps[SHAPE_STEPS_MAX];
};

typedef void property_draw_fn(struct shape *shape);
#define PROPERTY(name, ...) property_draw_fn property_##name##_draw;
PLAN_PROPERTIES(PROPERTY)
#undef PROPERTY

/* Draws who does it, and where, then the shape. The plan has `tasks` tasks. */
void property_draw(struct shape *ret_shape, enum plan_property property, struct random *random,
                   uint32_t tasks, bool has_pool);

/* The set as bits; true when such plans can show the property. */
static inline bool property_fits(enum plan_property property, bool has_pool)
{
    enum property_where where = plan_property_infos[property].where;
    return where == PROPERTY_ANYWHERE || (where == PROPERTY_POOLED) == has_pool;
}

/* One of the set (bits; 0: all) that fits; PROPERTY_none: none does. */
enum plan_property property_pick(struct random *random, uint32_t set, bool has_pool);

/* --- for those who draw ----------------------------------------------------------------------- */

/* One more step of this task. It is about the shape's table and key, if about any. */
struct interaction *shape_add(struct shape *shape, uint32_t task, enum plan_action action);

/* The same, but its result is held against the property. */
struct interaction *shape_judge(struct shape *shape, uint32_t task, enum plan_action action);

/* A judged select of the rows of a filter. */
struct interaction *shape_select(struct shape *shape, uint32_t task, enum plan_filter filter);

/* BEGIN, in a mode that is drawn. */
void shape_begin(struct shape *shape, uint32_t task);

/* A write of the key, that cannot fail because of what is there. */
void shape_write(struct shape *shape, uint32_t task);

#endif
