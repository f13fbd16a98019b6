/* SPDX-License-Identifier: Apache-2.0 */
/* Where the steps of a property go. */
#include "generate/properties/weave.h"

#include "base/assert.h"
#include "base/hash.h"
#include "generate/configuration.h"
#include "generate/draw.h"
#include "generate/properties/property.h"

#include <string.h>

enum {
    WOVEN_ONE_IN = 8,     /* of plans that ask for nothing, so many have a property */
    GAP_ONE_IN = 3,       /* between two steps of a property, others come so often */
    GAP_MAX = 4,          /* and so many at most */
    SHAPES_ALONE_MAX = 3, /* in a plan of nothing else */
    PAUSED_ONE_IN = 4,    /* of those, so many have a pause */
    FAULTY_ONE_IN = 8,
    CONFIGURATIONS_MAX = 16 /* tries to find a stack that a property fits */
};

_Static_assert(SHAPES_ALONE_MAX *SHAPE_STEPS_MAX <= (int)GENERATE_INTERACTIONS_MAX,
               "a plan of properties is no longer than others");

static bool plan_has_pool(const struct plan *plan)
{
    return plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
}

/* --- among others ----------------------------------------------------------------------------- */

static void insert(struct plan *plan, size_t at, const struct interaction *step)
{
    memmove(&plan->interactions[at + 1], &plan->interactions[at],
            (plan->interaction_count - at) * sizeof *step);
    plan->interactions[at] = *step;
    plan->interaction_count++;
}

void weave_into(struct plan *plan, const struct random *random)
{
    struct random seen = *random, own;
    random_seed(&own, hash_word(0, random_next(&seen)));
    if (!random_chance(&own, WOVEN_ONE_IN))
        return;
    bool has_pool = plan_has_pool(plan);
    struct shape shape;
    property_draw(&shape, property_pick(&own, 0, has_pool), &own, plan_tasks(plan), has_pool);
    size_t at = random_below(&own, (uint32_t)plan->interaction_count + 1);
    for (uint32_t i = 0; i < shape.count; i++) {
        insert(plan, at++, &shape.steps[i]);
        if (random_chance(&own, GAP_ONE_IN))
            at += random_below(&own, GAP_MAX + 1);
        if (at > plan->interaction_count)
            at = plan->interaction_count;
    }
}

/* --- alone ------------------------------------------------------------------------------------ */

/* What a database cannot show of a property is drawn all the same, and comes to nothing. */
static enum plan_property pick(struct random *random, uint32_t set, bool has_pool)
{
    enum plan_property fitting = property_pick(random, set, has_pool);
    return fitting != PROPERTY_none ? fitting : property_pick(random, set, !has_pool);
}

static void draw_fitting_configuration(struct plan *plan, struct random *random,
                                       struct generate_subject subject)
{
    if (property_pick(random, subject.properties, false) == PROPERTY_none)
        subject.search = GENERATE_FOR_POOL;
    uint32_t tries = 0;
    do
        draw_configuration(&plan->config, random, subject);
    while (++tries < CONFIGURATIONS_MAX &&
           property_pick(random, subject.properties, plan_has_pool(plan)) == PROPERTY_none);
}

static struct interaction *any_step(struct plan *plan, struct random *random)
{
    return &plan->interactions[random_below(random, (uint32_t)plan->interaction_count)];
}

void weave_alone(struct plan *plan, struct arena *arena, struct random *random,
                 struct generate_subject subject)
{
    *plan = (struct plan){.kind = PLAN_NATIVE, .database = subject.database};
    draw_fitting_configuration(plan, random, subject);
    bool has_pool = plan_has_pool(plan);
    uint32_t shapes = draw_between(random, 1, SHAPES_ALONE_MAX);
    plan->interactions = ARENA_ARRAY(arena, struct interaction, shapes * SHAPE_STEPS_MAX);
    for (uint32_t i = 0; i < shapes; i++) {
        struct shape shape;
        property_draw(&shape, pick(random, subject.properties, has_pool), random, plan_tasks(plan),
                      has_pool);
        ASSERT(shape.count > 0);
        memcpy(&plan->interactions[plan->interaction_count], shape.steps,
               shape.count * sizeof shape.steps[0]);
        plan->interaction_count += shape.count;
    }
    if (random_chance(random, PAUSED_ONE_IN))
        generate_pause(any_step(plan, random), random);
    if (random_chance(random, FAULTY_ONE_IN))
        (void)generate_fault(any_step(plan, random), random, subject.profile);
}
