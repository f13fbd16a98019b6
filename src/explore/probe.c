/* SPDX-License-Identifier: Apache-2.0 */
/* Watching the run of a path. */
#include "explore/probe.h"

#include "base/assert.h"
#include "sim/world.h"

#include <string.h>

void probe_init(struct probe *ret_probe, struct arena *arena, const struct steps *steps,
                enum plan_pause_class points)
{
    size_t room = path_interactions_max(steps);
    ret_probe->steps = steps;
    ret_probe->points = points;
    ret_probe->plan = steps->plan;
    ret_probe->plan.interactions = ARENA_ARRAY(arena, struct interaction, room);
    ret_probe->step_of = ARENA_ARRAY(arena, uint32_t, room);
}

void probe_take(struct probe *probe, const struct path *path, const struct path_fault *fault)
{
    path_plan(probe->steps, probe->points, path, fault, &probe->plan, probe->step_of);
    memset(probe->turn_points, 0, path->count * sizeof probe->turn_points[0]);
    memset(probe->opportunities, 0, sizeof probe->opportunities);
    results_begin(&probe->results, probe->steps);
}

static uint64_t points_of(enum plan_pause_class class)
{
    switch (class) {
    case PAUSE_STORAGE:
        return yield_points_storage;
    case PAUSE_LOCK:
        return yield_points_lock;
    case PAUSE_WRITE:
        return yield_points_write;
    case PAUSE_ANY:
    case PAUSE_CLASS_COUNT:
        break;
    }
    return UINT64_MAX;
}

/* --- what happens ---------------------------------------------------------------------------- */

static void on_event(void *context, const struct event *event)
{
    struct probe *probe = context;
    results_read(&probe->results, probe->steps, probe->step_of, probe->plan.interaction_count,
                 event);
}

static void on_crossing(void *context, const struct run_crossing *crossing)
{
    struct probe *probe = context;
    size_t setup = probe->steps->setup;
    if (!crossing->can_pause || crossing->position < setup ||
        crossing->position - setup >= TURNS_MAX ||
        (points_of(probe->points) >> crossing->point & 1u) == 0)
        return;
    uint16_t *points = &probe->turn_points[crossing->position - setup];
    *points = (uint16_t)(*points + (*points < UINT16_MAX));
}

const struct run_result *probe_run(struct probe *probe, struct run *run, bool counts_points)
{
    const struct run_watcher watcher = {
        .on_crossing = counts_points ? on_crossing : NULL, .on_event = on_event, .context = probe};
    run_watch(run, &watcher);
    const struct run_result *result = run_plan(run, &probe->plan);
    run_watch(run, NULL);
    return result;
}

enum error_code probe_run_isolated(struct probe *probe, struct run *run, bool counts_points,
                                   struct isolated_result *ret_result, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    const struct run_watcher watcher = {
        .on_crossing = counts_points ? on_crossing : NULL, .on_event = on_event, .context = probe};
    run_watch(run, &watcher);
    enum error_code code = isolated_run(run, &probe->plan, &quiet, ret_result, error);
    run_watch(run, NULL);
    return code;
}

/* --- faults that do not strike --------------------------------------------------------------- */

static void on_return(void *context, const struct event *event)
{
    struct probe *probe = context;
    if (event->kind != EVENT_return)
        return;
    uint32_t step = probe->step_of[event->interaction];
    const struct world_fault *fault = &world->tasks[event->task].fault;
    if (step != PATH_NO_STEP && fault->kind != FAULT_NONE && !fault->fired)
        probe->opportunities[step] = (uint16_t)(UINT16_MAX - fault->opportunities_left);
}

/* Steps of the set-up and checks are spared, and those with a fault of the scenario's own. */
static bool may_strike(const struct steps *steps, uint32_t step)
{
    return step != PATH_NO_STEP && step >= steps->setup &&
           step < steps->plan.interaction_count - steps->check &&
           steps->plan.interactions[step].fault == FAULT_NONE;
}

const struct run_result *probe_count_opportunities(struct probe *probe, struct run *run,
                                                   const struct path *path, enum fault_kind kind)
{
    static const struct path_fault none;
    const struct run_watcher watcher = {.on_event = on_return, .context = probe};
    probe_take(probe, path, &none);
    for (size_t i = 0; i < probe->plan.interaction_count; i++) {
        if (!may_strike(probe->steps, probe->step_of[i]))
            continue;
        probe->plan.interactions[i].fault = (uint8_t)kind;
        probe->plan.interactions[i].fault_at = UINT16_MAX;
    }
    run_watch(run, &watcher);
    const struct run_result *result = run_plan(run, &probe->plan);
    run_watch(run, NULL);
    for (uint32_t step = 0; step < probe->steps->plan.interaction_count; step++)
        if (!may_strike(probe->steps, step))
            probe->opportunities[step] = 0;
    return result;
}
