/* SPDX-License-Identifier: Apache-2.0 */
/* The table of shapes, and what they share. */
#include "generate/properties/property.h"

#include "base/assert.h"

static property_draw_fn *const draws[PROPERTY_COUNT] = {
#define PROPERTY(name, ...) [PROPERTY_##name] = property_##name##_draw,
    PLAN_PROPERTIES(PROPERTY)
#undef PROPERTY
};

_Static_assert(PROPERTY_COUNT <= 32, "a set of properties is a word");

void property_draw(struct shape *ret_shape, enum plan_property property, struct random *random,
                   uint32_t tasks, bool has_pool)
{
    uint32_t one = random_below(random, tasks);
    ret_shape->random = random;
    ret_shape->property = property;
    ret_shape->has_pool = has_pool;
    ret_shape->one = one;
    ret_shape->other = tasks < 2 ? one : (one + 1 + random_below(random, tasks - 1)) % tasks;
    ret_shape->table = random_below(random, PLAN_SEED_TABLES);
    ret_shape->key = random_below(random, PLAN_KEYS);
    ret_shape->count = 0;
    draws[property](ret_shape);
}

enum plan_property property_pick(struct random *random, uint32_t set, bool has_pool)
{
    uint32_t count = 0;
    enum plan_property fitting[PROPERTY_COUNT];
    for (int property = PROPERTY_none + 1; property < PROPERTY_COUNT; property++)
        if ((set == 0 || (set >> property & 1u)) &&
            property_fits((enum plan_property)property, has_pool))
            fitting[count++] = (enum plan_property)property;
    return count == 0 ? PROPERTY_none : fitting[random_below(random, count)];
}

struct interaction *shape_add(struct shape *shape, uint32_t task, enum plan_action action)
{
    ASSERT(shape->count < SHAPE_STEPS_MAX);
    struct interaction *step = &shape->steps[shape->count++];
    *step = (struct interaction){.task = (uint8_t)task, .action = (uint8_t)action};
    if (plan_action_has(action, FIELD_table))
        step->arguments[FIELD_table] = (uint8_t)shape->table;
    if (plan_action_has(action, FIELD_key))
        step->arguments[FIELD_key] = (uint8_t)shape->key;
    return step;
}

struct interaction *shape_judge(struct shape *shape, uint32_t task, enum plan_action action)
{
    struct interaction *step = shape_add(shape, task, action);
    step->arguments[FIELD_property] = (uint8_t)shape->property;
    return step;
}

struct interaction *shape_select(struct shape *shape, uint32_t task, enum plan_filter filter)
{
    struct interaction *step = shape_judge(shape, task, ACTION_select);
    step->arguments[FIELD_filter] = (uint8_t)filter;
    if (filter == FILTER_ALL)
        step->arguments[FIELD_key] = 0;
    return step;
}

void shape_begin(struct shape *shape, uint32_t task)
{
    struct interaction *step = shape_add(shape, task, ACTION_begin);
    step->arguments[FIELD_begin_mode] =
        random_chance(shape->random, 2) ? BEGIN_IMMEDIATE : BEGIN_DEFERRED;
}

void shape_write(struct shape *shape, uint32_t task)
{
    struct interaction *step = shape_add(shape, task, ACTION_upsert);
    step->arguments[FIELD_size] = (uint8_t)random_below(shape->random, 4);
}
