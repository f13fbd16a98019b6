/* SPDX-License-Identifier: Apache-2.0 */
/* Where the steps of a property go. */
#include "generate/properties/weave.h"

#include "base/assert.h"
#include "base/hash.h"
#include "generate/configuration.h"
#include "generate/draw.h"
#include "generate/keep.h"

#include <string.h>

enum {
    WOVEN_ONE_IN = 8,     /* of plans that ask for nothing, so many have a property */
    GAP_ONE_IN = 3,       /* between two steps of a property, others come so often */
    GAP_MAX = 4,          /* and so many at most */
    SHAPES_ALONE_MAX = 3, /* in a plan of nothing else */
    PAUSED_ONE_IN = 4,    /* of those, so many have a pause */
    FAULTY_ONE_IN = 8,
    BEGUN_ONE_IN = 3,        /* in a plan of a profile, once somebody is free for it */
    CONFIGURATIONS_MAX = 16, /* tries to find a stack that a property fits */
    SHAPES_TRIED = 64        /* tries to find a shape that a profile permits */
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

void weave_draw_configuration(struct plan *plan, struct random *random,
                              struct generate_subject subject)
{
    if (subject.properties == 0) {
        draw_configuration(&plan->config, random, subject);
        return;
    }
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
    weave_draw_configuration(plan, random, subject);
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
        (void)generate_fault(any_step(plan, random), random, subject.database, subject.profile);
}

/* --- in a profile's plan ---------------------------------------------------------------------- */

/* The first step of the shape that the profile excludes; NULL: it permits all of them. */
static const struct interaction *excluded_step(const struct generate_profile *profile,
                                               const struct shape *shape)
{
    for (uint32_t i = 0; i < shape->count; i++) {
        const struct interaction *step = &shape->steps[i];
        if (!generate_profile_may_do(profile, (enum plan_action)step->action) ||
            (step->fault != FAULT_NONE &&
             !generate_profile_may_fail(profile, (enum fault_kind)step->fault)))
            return step;
    }
    return NULL;
}

/* The shape that comes next is no longer than `left`; count 0: none was found. */
static void draw_ahead(struct weave *weave, uint32_t left)
{
    const struct generate_subject *subject = weave->subject;
    weave->is_begun = false;
    for (uint32_t i = 0; i < SHAPES_TRIED; i++) {
        enum plan_property property =
            property_pick(weave->random, subject->properties, weave->has_pool);
        if (property == PROPERTY_none)
            break;
        property_draw(&weave->shape, property, weave->random, weave->tasks, weave->has_pool);
        if (weave->shape.count <= left && excluded_step(subject->profile, &weave->shape) == NULL)
            return;
    }
    weave->shape.count = 0;
}

void weave_begin(struct weave *ret_weave, const struct plan *plan, struct random *random,
                 const struct generate_subject *subject)
{
    *ret_weave = (struct weave){.subject = subject,
                                .random = random,
                                .tasks = plan_tasks(plan),
                                .has_pool = plan_has_pool(plan)};
    if (subject->properties != 0)
        draw_ahead(ret_weave, subject->profile->steps > 0 ? subject->profile->steps
                                                          : (uint32_t)SHAPE_STEPS_MAX);
}

static bool is_free(const struct task_state *state)
{
    return !state->in_transaction && !state->is_streaming && state->lease == LEASE_NONE &&
           state->held == 0;
}

/* The first one comes in time, even if those who do it are in the middle of something. */
static bool begins(struct weave *weave, const struct task_state *states, uint32_t left)
{
    const struct shape *shape = &weave->shape;
    if (weave->shapes == 0 && shape->count == left)
        return true;
    return random_chance(weave->random, BEGUN_ONE_IN) && is_free(&states[shape->one]) &&
           is_free(&states[shape->other]);
}

/* How many others come before the step that is next. */
static uint32_t draw_gap(struct random *random)
{
    return random_chance(random, GAP_ONE_IN) ? random_below(random, GAP_MAX + 1) : 0;
}

/* Others come before the step: they were drawn, or have a transaction open that is in its way. */
static bool has_to_wait(struct weave *weave, const struct task_state *states, bool can_wait)
{
    bool waits = weave->gap > 0 && can_wait;
    weave->gap -= weave->gap > 0;
    return waits || generate_is_too_much(weave->subject->profile, states, weave->tasks,
                                         &weave->shape.steps[weave->done]);
}

static const struct interaction *take(struct weave *weave, uint32_t left)
{
    const struct interaction *step = &weave->shape.steps[weave->done++];
    weave->step = *step;
    weave->gap = draw_gap(weave->random);
    if (weave->done == weave->shape.count)
        draw_ahead(weave, left - 1);
    return &weave->step;
}

const struct interaction *weave_next(struct weave *weave, const struct task_state *states,
                                     uint32_t left)
{
    if (weave->shape.count > left + (weave->is_begun ? weave->done : 0))
        draw_ahead(weave, left); /* others were in its way for too long */
    if (weave->shape.count == 0)
        return NULL;
    if (!weave->is_begun) {
        if (!begins(weave, states, left))
            return NULL;
        weave->is_begun = true;
        weave->done = weave->gap = 0;
        weave->shapes++;
    }
    bool can_wait = weave->shape.count - weave->done < left;
    return has_to_wait(weave, states, can_wait) ? NULL : take(weave, left);
}

/* --- whether they go together ----------------------------------------------------------------- */

static const char *name_of_excluded(const struct generate_profile *profile,
                                    const struct shape *shape)
{
    const struct interaction *step = excluded_step(profile, shape);
    if (step == NULL)
        return NULL;
    return generate_profile_may_do(profile, (enum plan_action)step->action)
               ? fault_infos[step->fault].name
               : plan_action_infos[step->action].name;
}

/* Its shapes are drawn until one is permitted. */
static enum error_code check_property(const struct generate_subject *subject, bool has_pool,
                                      enum plan_property property, struct error *error)
{
    struct random random;
    random_seed(&random, 0);
    const struct generate_profile *profile = subject->profile;
    const char *excluded = NULL;
    uint32_t shortest = SHAPE_STEPS_MAX;
    for (uint32_t i = 0; i < SHAPES_TRIED; i++) {
        struct shape shape;
        property_draw(&shape, property, &random, PLAN_TASKS_MAX, has_pool);
        excluded = name_of_excluded(profile, &shape);
        if (shape.count < shortest)
            shortest = shape.count;
        if (excluded == NULL && (profile->steps == 0 || shape.count <= profile->steps))
            return ERROR_NONE;
    }
    const char *title = plan_property_infos[property].title;
    if (excluded != NULL)
        return interplay_error(error, ERROR_USAGE,
                               "property %s needs %s, which plans of the profile never have", title,
                               excluded);
    return interplay_error(error, ERROR_USAGE,
                           "property %s needs %u interactions, and plans of the profile have %u",
                           title, shortest, profile->steps);
}

static enum error_code check_one(const struct generate_subject *subject,
                                 enum plan_property property, struct error *error)
{
    const struct generate_profile *profile = subject->profile;
    bool has_pool =
        !property_fits(property, false) || !generate_profile_may_have_stack(profile, false);
    if (property_fits(property, has_pool) && generate_profile_may_have_stack(profile, has_pool))
        return check_property(subject, has_pool, property, error);
    return interplay_error(error, ERROR_USAGE,
                           "property %s is one of plans %s a pool, and plans of the profile are "
                           "others",
                           plan_property_infos[property].title,
                           property_fits(property, false) ? "without" : "with");
}

static enum error_code check_profile(const struct generate_subject *subject, struct error *error)
{
    if (subject->profile == NULL)
        return ERROR_NONE;
    enum error_code code = ERROR_NONE;
    for (int i = PROPERTY_none + 1; code == ERROR_NONE && i < PROPERTY_COUNT; i++)
        if ((subject->properties >> i & 1u) != 0)
            code = check_one(subject, (enum plan_property)i, error);
    return code;
}

enum error_code generate_check(const struct generate_subject *subject, struct error *error)
{
    if (subject->families == NULL)
        return check_profile(subject, error);
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; code == ERROR_NONE && i < subject->families->count; i++) {
        struct generate_subject one = *subject;
        one.profile = &subject->families->profiles[i];
        code = check_profile(&one, error);
    }
    return code;
}
