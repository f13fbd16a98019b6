/* SPDX-License-Identifier: Apache-2.0 */
/* Driving the world: who runs until when, and what it means that nobody can. */
#include "run/state.h"
#include "sim/net.h"
#include "sim/outside.h"

static void tell_stop(struct run *run, uint32_t coroutine)
{
    const struct world_task *there = &world->tasks[coroutine];
    bool is_parked = there->state == TASK_PARKED;
    run->result.pauses += is_parked;
    struct event event = coroutine < PLAN_TASKS_MAX
                             ? run_event(&run->tasks[coroutine], EVENT_continue)
                             : run_event_here(run, EVENT_continue);
    event.task = (uint8_t)coroutine;
    if (is_parked) {
        event.kind = EVENT_park;
        event.detail = (uint16_t)there->stopped_at;
        event.value = (int64_t)world->yields;
    }
    run_emit(run, &event);
}

/* Tells who was stopped, and who goes on, since the last look. */
static void tell_stops(struct run *run)
{
    uint32_t changed = world->in_state[TASK_PARKED] ^ run->parked;
    run->parked = world->in_state[TASK_PARKED];
    for (; changed != 0; changed &= changed - 1)
        tell_stop(run, (uint32_t)__builtin_ctz(changed));
}

static void tell_wait(struct run *run, uint32_t task)
{
    const struct world_task *there = &world->tasks[task];
    bool waits = there->state == TASK_BLOCKED || there->state == TASK_OUTSIDE;
    if (!waits && there->state != TASK_SLEEPING)
        return;
    struct event event = run_event(&run->tasks[task], waits ? EVENT_wait : EVENT_sleep);
    event.value = waits ? (int64_t)world_waits_for(task) : (int64_t)there->wake_ns;
    run_emit(run, &event);
}

void run_tell_sleepers(struct run *run)
{
    for (uint32_t left = world->slept; left != 0; left &= left - 1)
        run_tell(&run->tasks[__builtin_ctz(left)], EVENT_slept, 0);
    world->slept = 0;
}

/* --- nobody can go on ------------------------------------------------------------------------ */

static const char *action_name(const struct run_task *task)
{
    return plan_action_infos[run_interaction(task)->action].name;
}

static void describe_waiting(const struct run_task *task, struct text *text)
{
    uint32_t awaited = world_waits_for(task->number);
    text_append_format(text, "%stask %u (%s) waits for ", text->length ? ", " : "", task->number,
                       action_name(task));
    if (awaited < PLAN_TASKS_MAX)
        text_append_format(text, "task %u", awaited);
    else if (awaited < WORLD_COROUTINES_MAX)
        text_append_format(text, "thread %u", awaited - PLAN_TASKS_MAX);
    else
        text_append(text, task->is_in_checkout ? "a connection" : "a signal");
}

static void tell_deadlock(struct run *run)
{
    char who[512];
    struct text text;
    text_init(&text, who, sizeof who);
    bool is_signal = false;
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        if (world->tasks[i].state != TASK_BLOCKED && world->tasks[i].state != TASK_OUTSIDE)
            continue;
        describe_waiting(&run->tasks[i], &text);
        is_signal |= world_waits_for(i) == WORLD_NOBODY;
    }
    if (run_is_pooled(run))
        run_check_pool(run);
    struct event event = run_event_here(run, EVENT_deadlock);
    event.detail = is_signal;
    event.text = who;
    run_emit(run, &event);
}

static bool runs_statement(const struct run *run)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        if (run->tasks[i].is_in_call || run->tasks[i].held.stream != NULL)
            return true;
    return !run_is_pooled(run);
}

/*
 * One interaction took more than any can need; else there was only much to do: the plan's own SQL
 * may be work of any size.
 */
static bool is_livelock(const struct run *run)
{
    return world->yields - run->begun_at > RUN_YIELDS_MAX / 2 &&
           !(run->has_raw_sql && runs_statement(run));
}

static void tell_exhausted(struct run *run)
{
    if (!is_livelock(run))
        world_meet_limit("yield points in a plan (5000000)");
    uint32_t who = world->exhausted_task;
    if (who >= PLAN_TASKS_MAX)
        who = world->tasks[who].acting_for < PLAN_TASKS_MAX ? world->tasks[who].acting_for : 0;
    struct run_task *task = &run->tasks[who];
    struct event event = run_event(task, EVENT_exhausted);
    event.detail = run_interaction(task)->action;
    event.text = yield_point_names[world->tasks[world->exhausted_task].stopped_at];
    run_emit(run, &event);
}

static void report_silence(struct run *run)
{
    verdict_harness_error(
        run_verdict(run), run->position,
        "what is outside has neither answered for %u s nor said who is in the way",
        world->outside_limit_ms / 1000);
}

/*
 * A look is the harness's own, and so never a party to a deadlock: it may wait for its own task's
 * transaction, or for somebody who waits for that.
 */
static bool give_up_a_look(struct run *run)
{
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++) {
        struct run_task *task = &run->tasks[i];
        if (plan_action_infos[run_interaction(task)->action].effect == EFFECT_LOOK &&
            net_give_up(i)) {
            task->gave_up_look = true;
            return true;
        }
    }
    return false;
}

static enum world_progress finish(struct run *run, uint32_t task)
{
    enum world_progress progress = world_finish(task);
    while (progress == WORLD_DEADLOCK && give_up_a_look(run))
        progress = world_finish(task);
    return progress;
}

static void handle_progress(struct run *run, enum world_progress progress)
{
    if (world->in_state[TASK_PARKED] != run->parked)
        tell_stops(run);
    switch (progress) {
    case WORLD_IDLE:
    case WORLD_STOPPED:
    case WORLD_BLOCKED: /* until the plan gives others work */
        return;
    case WORLD_DEADLOCK:
        tell_deadlock(run);
        run->is_stuck = true;
        return;
    case WORLD_EXHAUSTED:
        run->is_stuck = true;
        tell_exhausted(run);
        return;
    case WORLD_SILENT:
        run->is_stuck = true;
        report_silence(run);
        return;
    }
}

/*
 * Who was woken goes on: in a pool a wake-up, and outside an answer, is not a reason to hold
 * somebody back.
 */
static void settle(struct run *run)
{
    bool goes_on = run_is_pooled(run) || world->lines != NULL;
    if (goes_on && !run->is_stuck && world->in_state[TASK_READY] != 0)
        handle_progress(run, world_settle());
}

/* --- what the runner does with a task -------------------------------------------------------- */

static void disarm_pause(struct run *run)
{
    run->can_pause = false;
    world_arm_pause(0, 0);
}

static void arm_pause(struct run *run, const struct interaction *interaction)
{
    run->can_pause = true;
    if (interaction->pause_after == 0) {
        world_arm_pause(0, 0);
        return;
    }
    const uint64_t points[PAUSE_CLASS_COUNT] = {
        [PAUSE_STORAGE] = yield_points_storage,
        [PAUSE_LOCK] = yield_points_lock,
        [PAUSE_WRITE] = yield_points_write,
        [PAUSE_ANY] = WORLD_ALL_POINTS,
    };
    world_arm_pause(points[interaction->pause_class], interaction->pause_after);
}

void run_start(struct run *run, uint32_t task, const struct interaction *interaction)
{
    run->tasks[task].interaction = run->position;
    arm_pause(run, interaction);
    world_start(task, run_call, &run->tasks[task], (enum fault_kind)interaction->fault,
                interaction->fault_at);
    world_run(task);
    handle_progress(run, world_last_stop());
    settle(run);
    tell_wait(run, task);
}

void run_finish(struct run *run, uint32_t task)
{
    if (world->tasks[task].state == TASK_IDLE || run->is_stuck)
        return;
    disarm_pause(run);
    handle_progress(run, finish(run, task));
    settle(run);
}

static void finish_threads(struct run *run)
{
    while (world->in_state[TASK_PARKED] != 0 && !run->is_stuck) {
        world_run((uint32_t)__builtin_ctz(world->in_state[TASK_PARKED]));
        handle_progress(run, world_settle());
    }
}

static void give_back(void *task)
{
    (void)run_give_back(task);
}

/* What was prepared is in somebody's way, and nobody is left who would end it. */
static bool end_prepared(const struct run *run)
{
    const struct subject_world_ops *there = run->subject.world;
    if (there == NULL || there->end_prepared == NULL || !there->end_prepared(run->instance, false))
        return false;
    outside_tell();
    return true;
}

/*
 * Those who have no work give back what they hold, since somebody waits outside for that. False
 * when nobody waits any more; nobody who could help is a deadlock.
 */
static bool let_go(struct run *run)
{
    uint32_t tasks = (1u << plan_tasks(run->plan)) - 1;
    if (run->is_stuck || (tasks & ~world->in_state[TASK_IDLE]) == 0)
        return false;
    bool have_held = false;
    for (uint32_t i = 0; i < plan_tasks(run->plan) && !run->is_stuck; i++) {
        if (world->tasks[i].state != TASK_IDLE || run->tasks[i].held.lease == NULL)
            continue;
        have_held = true;
        world_start(i, give_back, &run->tasks[i], FAULT_NONE, 0);
        run_finish(run, i);
    }
    if (!have_held && (end_prepared(run) || give_up_a_look(run)))
        return true;
    if (!have_held)
        handle_progress(run, WORLD_DEADLOCK);
    return have_held;
}

void run_finish_all(struct run *run)
{
    do {
        for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
            run_finish(run, i);
        disarm_pause(run);
        finish_threads(run);
    } while (let_go(run));
}

void run_resume(struct run *run, uint32_t task, const struct interaction *interaction)
{
    if (world->tasks[task].state == TASK_IDLE)
        return;
    arm_pause(run, interaction);
    handle_progress(run, finish(run, task));
    settle(run);
}

void run_aside(struct run *run, void (*work)(void *run))
{
    if (run->is_stuck)
        return;
    disarm_pause(run);
    world_start(0, work, run, FAULT_NONE, 0);
    handle_progress(run, world_finish(0));
}
