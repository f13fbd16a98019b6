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
    ret_probe->made.plan = steps->plan;
    ret_probe->made.plan.interactions = ARENA_ARRAY(arena, struct interaction, room);
    ret_probe->made.step_of = ARENA_ARRAY(arena, uint32_t, room);
    ret_probe->made.turn_of = ARENA_ARRAY(arena, uint32_t, room);
}

/* Nothing was seen of it so far. */
static void begin(struct probe *probe)
{
    path_make_plan(probe->steps, probe->points, probe->path, probe->put_in, probe->fault,
                   &probe->made);
    memset(probe->turn_points, 0, probe->path->count * sizeof probe->turn_points[0]);
    memset(probe->opportunities, 0, sizeof probe->opportunities);
    results_begin(&probe->results, probe->steps);
    memset(probe->bond, BOND_ALL, probe->steps->plan.interaction_count);
    memset(probe->has_touched, 0, sizeof probe->has_touched);
    memset(probe->has_others, 0, sizeof probe->has_others);
    probe->begun = 0;
    probe->turn = PATH_NO_STEP;
    probe->has_stopped = probe->has_ended = false;
    for (size_t i = 0; i < probe->steps->plan.interaction_count; i++) {
        probe->has_waited[i] = probe->was_pressed[i] = false;
        probe->ended_in[i] = PATH_NO_STEP;
    }
}

void probe_take(struct probe *probe, const struct path *path, const struct path_fault *fault)
{
    probe->path = path;
    probe->fault = fault;
    for (size_t i = 0; i < probe->steps->plan.interaction_count; i++)
        probe->put_in[i] = PATH_NO_STEP;
    begin(probe);
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

/* Others have begun something since: it did not come to its end in its turn. */
static void note_end(struct probe *probe, uint32_t interaction)
{
    uint32_t step = probe->made.step_of[interaction];
    if (step == PATH_NO_STEP)
        return;
    bool is_alone = probe->begun == interaction;
    bool is_tick = probe->made.step_of[probe->begun] == PATH_NO_STEP;
    probe->was_pressed[step] |= is_alone ? probe->has_stopped : is_tick && probe->has_ended;
    probe->has_waited[step] = probe->begun > interaction;
    probe->ended_in[step] = probe->turn;
    if (probe->has_waited[step] && probe->steps->names != NULL)
        results_note_wait(&probe->results, step);
}

/* Nothing of it could be done, as its task still waited outside in the one before it, perhaps. */
static void note_skip(struct probe *probe, uint32_t interaction)
{
    uint32_t step = probe->made.step_of[interaction];
    if (step != PATH_NO_STEP && step > 0)
        probe->was_pressed[step - 1] = true;
}

/* --- what steps have in common ---------------------------------------------------------------- */

/* It came to its end in its turn, and no time has passed. */
static void note_bond(struct probe *probe, const struct event *event)
{
    uint32_t step = probe->made.step_of[event->interaction];
    uint32_t turn = probe->made.turn_of[event->interaction];
    if (step == PATH_NO_STEP || turn == PATH_NO_STEP || turn != probe->turn ||
        event->now_ns != probe->begun_ns)
        return;
    uint64_t footprint = event->result->footprint;
    if (footprint == 0 && !probe->has_touched[turn])
        probe->bond[step] = BOND_NOTHING;
    else if ((footprint & ~probe->of_readers) == 0)
        probe->bond[step] = BOND_READ;
}

static void note_touch(struct probe *probe, const struct run_crossing *crossing)
{
    uint32_t turn = probe->made.turn_of[crossing->position];
    if (turn == PATH_NO_STEP)
        return;
    probe->has_touched[turn] |= (yield_points_storage >> crossing->point & 1u) != 0;
    probe->has_others[turn] |=
        crossing->task != probe->made.plan.interactions[crossing->position].task;
}

/* Who has waited may see what happens meanwhile, whenever that is. */
static bool has_waiters(const struct probe *probe)
{
    for (size_t i = 0; i < probe->steps->plan.interaction_count; i++)
        if (probe->has_waited[i])
            return true;
    return false;
}

static uint32_t turn_of_step(const struct probe *probe, uint32_t step)
{
    for (size_t i = 0; i < probe->made.plan.interaction_count; i++)
        if (probe->made.step_of[i] == step)
            return probe->made.turn_of[i];
    return PATH_NO_STEP;
}

enum commute_bond probe_bond(const struct probe *probe, uint32_t step)
{
    uint8_t bond = BOND_NOTHING;
    uint32_t turn = turn_of_step(probe, step);
    for (uint32_t i = step; i < step + probe->steps->length[step]; i++)
        bond = probe->bond[i] > bond ? probe->bond[i] : bond;
    bool is_alone = turn != PATH_NO_STEP && !probe->has_others[turn] && !has_waiters(probe);
    return is_alone ? (enum commute_bond)bond : BOND_ALL;
}

/* --- watching --------------------------------------------------------------------------------- */

static void on_event(void *context, const struct event *event)
{
    struct probe *probe = context;
    const struct path_plan *made = &probe->made;
    if (event->kind == EVENT_invoke) {
        probe->begun = event->interaction;
        if (made->turn_of[event->interaction] != PATH_NO_STEP)
            probe->turn = made->turn_of[event->interaction];
        probe->begun_ns = event->now_ns;
        probe->has_stopped = probe->has_ended = false;
    }
    if (event->kind == EVENT_wait || event->kind == EVENT_sleep)
        probe->has_stopped |= event->interaction == probe->begun;
    if (event->kind == EVENT_skip)
        note_skip(probe, event->interaction);
    if (event->kind == EVENT_result)
        note_bond(probe, event);
    results_read(&probe->results, probe->steps, made, event);
    if (event->kind != EVENT_return)
        return;
    note_end(probe, event->interaction);
    probe->has_ended |= event->interaction == probe->begun;
}

static void on_crossing(void *context, const struct run_crossing *crossing)
{
    struct probe *probe = context;
    if (probe->of_readers != 0)
        note_touch(probe, crossing);
    if (!crossing->can_pause || (points_of(probe->points) >> crossing->point & 1u) == 0)
        return;
    uint32_t turn = probe->made.turn_of[crossing->position];
    if (turn == PATH_NO_STEP)
        return;
    uint16_t *points = &probe->turn_points[turn];
    *points = (uint16_t)(*points + (*points < UINT16_MAX));
}

static struct run_watcher watcher_of(struct probe *probe, bool counts_points)
{
    return (struct run_watcher){
        .on_crossing = counts_points || probe->of_readers != 0 ? on_crossing : NULL,
        .on_event = on_event,
        .context = probe,
    };
}

/* --- what comes behind a statement that waits ------------------------------------------------- */

/* The first turn behind `turn` of the same task; how many there are if there is none. */
static uint32_t next_turn_of_task(const struct path *path, uint32_t turn)
{
    uint32_t next = turn + 1;
    while (next < path->count && path->turns[next].task != path->turns[turn].task)
        next++;
    return next;
}

/* From `interaction` on to the end of its step; false: its task has its next turn there. */
static bool put_later(struct probe *probe, uint32_t interaction, uint32_t end, uint32_t own_turn)
{
    uint32_t before = probe->put_in[interaction];
    uint32_t turn = before == PATH_NO_STEP ? own_turn : before + 1;
    if (own_turn == PATH_NO_STEP || turn >= next_turn_of_task(probe->path, own_turn))
        return false;
    probe->put_in[interaction] = turn;
    for (uint32_t i = interaction + 1; i < end; i++)
        probe->put_in[i] = PATH_NO_STEP;
    return true;
}

/* The first of those that were due too early; false: there is none, or it cannot wait longer. */
static bool postpone(struct probe *probe)
{
    const struct steps *steps = probe->steps;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
        for (uint32_t n = 0; n < steps->count[task]; n++) {
            uint32_t first = steps->of[task][n], end = first + steps->length[first];
            for (uint32_t i = first; i + 1 < end; i++)
                if (probe->was_pressed[i] &&
                    put_later(probe, i + 1, end, turn_of_step(probe, first)))
                    return true;
        }
    return false;
}

/* --- running it ------------------------------------------------------------------------------- */

/* It has to be run once more. */
static bool is_again(struct probe *probe, enum verdict_kind kind)
{
    if (kind != VERDICT_OK || !postpone(probe))
        return false;
    begin(probe);
    return true;
}

const struct run_result *probe_run(struct probe *probe, struct run *run, bool counts_points)
{
    const struct run_watcher watcher = watcher_of(probe, counts_points);
    const struct run_result *result;
    run_watch(run, &watcher);
    do
        result = run_plan(run, &probe->made.plan);
    while (is_again(probe, result->verdict.kind));
    run_watch(run, NULL);
    return result;
}

enum error_code probe_run_isolated(struct probe *probe, struct run *run, bool counts_points,
                                   struct isolated_result *ret_result, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    const struct run_watcher watcher = watcher_of(probe, counts_points);
    enum error_code code;
    run_watch(run, &watcher);
    do
        code = isolated_run(run, &probe->made.plan, &quiet, ret_result, error);
    while (code == ERROR_NONE && is_again(probe, ret_result->verdict.kind));
    run_watch(run, NULL);
    return code;
}

static bool has_long_steps(const struct steps *steps)
{
    for (size_t i = steps->setup; i < steps->plan.interaction_count - steps->check; i++)
        if (steps->length[i] > 1)
            return true;
    return false;
}

void probe_place(struct probe *probe, struct run *run)
{
    struct isolated_result result;
    struct error error;
    if (has_long_steps(probe->steps) &&
        probe_run_isolated(probe, run, false, &result, &error) != ERROR_NONE)
        return; /* as well as it is known */
}

/* --- faults that do not strike --------------------------------------------------------------- */

static void on_return(void *context, const struct event *event)
{
    struct probe *probe = context;
    if (event->kind != EVENT_return)
        return;
    uint32_t step = probe->made.step_of[event->interaction];
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
    if (has_long_steps(probe->steps))
        (void)probe_run(probe, run, false); /* each is where it comes at last */
    for (size_t i = 0; i < probe->made.plan.interaction_count; i++) {
        if (!may_strike(probe->steps, probe->made.step_of[i]))
            continue;
        probe->made.plan.interactions[i].fault = (uint8_t)kind;
        probe->made.plan.interactions[i].fault_at = UINT16_MAX;
    }
    run_watch(run, &watcher);
    const struct run_result *result = run_plan(run, &probe->made.plan);
    run_watch(run, NULL);
    for (uint32_t step = 0; step < probe->steps->plan.interaction_count; step++)
        if (!may_strike(probe->steps, step))
            probe->opportunities[step] = 0;
    return result;
}
