/* SPDX-License-Identifier: Apache-2.0 */
/* From turns to a plan, and to a line for people. */
#include "explore/path.h"

/* Who walks along a path: the next step of each task, and whether it is in the midst of one. */
struct walk {
    const struct steps *steps;
    uint32_t next[PLAN_TASKS_MAX];
    bool is_held[PLAN_TASKS_MAX];
};

/* The step of the next turn; `ret_begins`: it begins there. */
static uint32_t walk_on(struct walk *walk, const struct turn *turn, bool *ret_begins)
{
    uint32_t task = turn->task;
    *ret_begins = !walk->is_held[task];
    uint32_t step = walk->steps->of[task][walk->next[task]];
    walk->is_held[task] = turn->stop != 0;
    walk->next[task] += turn->stop == 0;
    return step;
}

enum { TICK_MS = 150, A_TURN = 3 }; /* interactions: what it does, and a tick */

size_t path_interactions_max(const struct steps *steps)
{
    return A_TURN * (steps->plan.interaction_count + PREEMPTIONS_MAX) + PLAN_TASKS_MAX;
}

/* What is left of a step: from `next` on. */
struct rest {
    uint32_t next, end;
};

struct writer {
    const struct steps *steps;
    const uint32_t *put_in;
    struct path_plan *made;
    struct rest rests[PLAN_TASKS_MAX];
};

static struct interaction *put(struct writer *writer, const struct interaction *interaction,
                               uint32_t step, uint32_t turn)
{
    struct path_plan *made = writer->made;
    size_t place = made->plan.interaction_count++;
    made->step_of[place] = step;
    made->turn_of[place] = turn;
    made->plan.interactions[place] = *interaction;
    return &made->plan.interactions[place];
}

static struct interaction *put_step(struct writer *writer, size_t step, uint32_t turn)
{
    return put(writer, &writer->steps->plan.interactions[step], (uint32_t)step, turn);
}

static struct interaction *put_resume(struct writer *writer, uint32_t task, uint32_t turn)
{
    const struct interaction resume = {.task = (uint8_t)task, .action = ACTION_resume};
    return put(writer, &resume, PATH_NO_STEP, turn);
}

/* More than anybody sleeps who waits for a lock. */
static void put_tick(struct writer *writer)
{
    const struct steps_names *names = writer->steps->names;
    if (names == NULL || names->ticker >= PLAN_TASKS_MAX)
        return;
    struct interaction sleep = {.task = (uint8_t)names->ticker, .action = ACTION_sleep};
    plan_set_sleep(&sleep, TICK_MS);
    (void)put(writer, &sleep, PATH_NO_STEP, PATH_NO_STEP);
    (void)put_resume(writer, names->ticker, PATH_NO_STEP);
}

/* The next of what is left, and those right behind it. */
static struct interaction *put_some(struct writer *writer, struct rest *rest, uint32_t turn)
{
    struct interaction *written = put_step(writer, rest->next++, turn);
    while (rest->next < rest->end && writer->put_in[rest->next] == PATH_NO_STEP)
        written = put_step(writer, rest->next++, turn);
    return written;
}

static void put_rest(struct writer *writer, uint32_t task, uint32_t turn)
{
    struct rest *rest = &writer->rests[task];
    while (rest->next < rest->end)
        (void)put_some(writer, rest, turn);
}

static struct interaction *put_turn(struct writer *writer, uint32_t first, uint32_t turn)
{
    uint32_t task = writer->steps->plan.interactions[first].task;
    put_rest(writer, task, turn);
    writer->rests[task] = (struct rest){first, first + writer->steps->length[first]};
    return put_some(writer, &writer->rests[task], turn);
}

/* What is due at the end of the turn, each with time to pass. */
static void put_due(struct writer *writer, uint32_t turn)
{
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        struct rest *rest = &writer->rests[task];
        while (rest->next < rest->end && writer->put_in[rest->next] <= turn) {
            (void)put_some(writer, rest, turn);
            put_tick(writer);
        }
    }
}

static void put_turns(struct writer *writer, enum plan_pause_class points, const struct path *path)
{
    struct walk walk = {.steps = writer->steps};
    for (uint32_t i = 0; i < path->count; i++) {
        const struct turn *turn = &path->turns[i];
        bool begins;
        uint32_t step = walk_on(&walk, turn, &begins);
        struct interaction *written =
            begins ? put_turn(writer, step, i) : put_resume(writer, turn->task, i);
        if (turn->stop != 0) {
            written->pause_class = (uint8_t)points;
            written->pause_after = turn->stop;
        }
        put_tick(writer);
        put_due(writer, i);
    }
    for (uint32_t task = 0; path->count > 0 && task < PLAN_TASKS_MAX; task++)
        put_rest(writer, task, path->count - 1);
}

/* Checks look at what is there when all is done: whoever is held back or waits comes to its end. */
static void put_check(struct writer *writer)
{
    const struct steps *steps = writer->steps;
    size_t count = steps->plan.interaction_count;
    for (uint32_t task = 0; steps->check > 0 && task < plan_tasks(&steps->plan); task++)
        (void)put_resume(writer, task, PATH_NO_STEP);
    for (size_t step = count - steps->check; step < count; step++)
        (void)put_step(writer, step, PATH_NO_STEP);
}

/* What the scenario expects of a step is meant for one that no fault strikes. */
static void put_fault(const struct writer *writer, const struct path_fault *fault)
{
    struct plan *plan = &writer->made->plan;
    if (fault->kind == FAULT_NONE)
        return;
    bool strikes_all = fault_loses_power((enum fault_kind)fault->kind);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &plan->interactions[i];
        if (writer->made->step_of[i] == fault->step) {
            interaction->fault = fault->kind;
            interaction->fault_at = fault->at;
            interaction->expectation = NULL;
        }
        if (strikes_all && writer->made->turn_of[i] != PATH_NO_STEP)
            interaction->expectation = NULL;
    }
    if (strikes_all)
        plan->config.choice[PLAN_CONFIG_loss_seed] = fault->loss_seed;
}

void path_make_plan(const struct steps *steps, enum plan_pause_class points,
                    const struct path *path, const uint32_t *put_in, const struct path_fault *fault,
                    struct path_plan *ret_plan)
{
    struct interaction *interactions = ret_plan->plan.interactions;
    ret_plan->plan = steps->plan;
    ret_plan->plan.interactions = interactions;
    ret_plan->plan.interaction_count = 0;
    struct writer writer = {.steps = steps, .put_in = put_in, .made = ret_plan};
    for (size_t step = 0; step < steps->setup; step++)
        (void)put_step(&writer, step, PATH_NO_STEP);
    put_turns(&writer, points, path);
    put_check(&writer);
    put_fault(&writer, fault);
}

void path_describe(const struct steps *steps, const struct path *path, struct text *text)
{
    struct walk walk = {.steps = steps};
    for (uint32_t i = 0; i < path->count; i++) {
        const struct turn *turn = &path->turns[i];
        bool begins;
        uint32_t step = walk_on(&walk, turn, &begins);
        text_append(text, i == 0 ? "" : " ");
        if (steps->names != NULL && steps->names->names[step] != NULL)
            text_append(text, steps->names->names[step]);
        else
            text_append_format(text, "%u", step);
        if (turn->stop != 0)
            text_append_format(text, "/%u", turn->stop);
        else if (!begins)
            text_append(text, "/");
    }
}
