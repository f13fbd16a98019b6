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

size_t path_interactions_max(const struct steps *steps)
{
    return steps->plan.interaction_count + PREEMPTIONS_MAX + PLAN_TASKS_MAX;
}

struct writer {
    const struct steps *steps;
    struct plan *plan;
    uint32_t *step_of;
};

static struct interaction *put(struct writer *writer, size_t step)
{
    size_t place = writer->plan->interaction_count++;
    writer->step_of[place] = (uint32_t)step;
    writer->plan->interactions[place] = writer->steps->plan.interactions[step];
    return &writer->plan->interactions[place];
}

static struct interaction *put_resume(struct writer *writer, uint32_t task)
{
    size_t place = writer->plan->interaction_count++;
    writer->step_of[place] = PATH_NO_STEP;
    writer->plan->interactions[place] =
        (struct interaction){.task = (uint8_t)task, .action = ACTION_resume};
    return &writer->plan->interactions[place];
}

static void put_turns(struct writer *writer, enum plan_pause_class points, const struct path *path)
{
    struct walk walk = {.steps = writer->steps};
    for (uint32_t i = 0; i < path->count; i++) {
        const struct turn *turn = &path->turns[i];
        bool begins;
        uint32_t step = walk_on(&walk, turn, &begins);
        struct interaction *written = begins ? put(writer, step) : put_resume(writer, turn->task);
        if (turn->stop == 0)
            continue;
        written->pause_class = (uint8_t)points;
        written->pause_after = turn->stop;
    }
}

/* Checks look at what is there when all is done: whoever is held back or waits comes to its end. */
static void put_check(struct writer *writer)
{
    const struct steps *steps = writer->steps;
    size_t count = steps->plan.interaction_count;
    for (uint32_t task = 0; steps->check > 0 && task < plan_tasks(&steps->plan); task++)
        (void)put_resume(writer, task);
    for (size_t step = count - steps->check; step < count; step++)
        (void)put(writer, step);
}

static void put_fault(const struct writer *writer, const struct path_fault *fault)
{
    struct plan *plan = writer->plan;
    if (fault->kind == FAULT_NONE)
        return;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        if (writer->step_of[i] != fault->step)
            continue;
        plan->interactions[i].fault = fault->kind;
        plan->interactions[i].fault_at = fault->at;
    }
    if (fault_loses_power((enum fault_kind)fault->kind))
        plan->config.choice[PLAN_CONFIG_loss_seed] = fault->loss_seed;
}

void path_plan(const struct steps *steps, enum plan_pause_class points, const struct path *path,
               const struct path_fault *fault, struct plan *ret_plan, uint32_t *ret_steps)
{
    struct interaction *interactions = ret_plan->interactions;
    *ret_plan = steps->plan;
    ret_plan->interactions = interactions;
    ret_plan->interaction_count = 0;
    struct writer writer = {.steps = steps, .plan = ret_plan, .step_of = ret_steps};
    for (size_t step = 0; step < steps->setup; step++)
        (void)put(&writer, step);
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
        text_append_format(text, "%s%u", i == 0 ? "" : " ", step);
        if (turn->stop != 0)
            text_append_format(text, "/%u", turn->stop);
        else if (!begins)
            text_append(text, "/");
    }
}
