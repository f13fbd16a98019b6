/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks, threads, pauses and virtual time: who runs, who waits, and for what. */
#include "sim/world.h"

#include "base/assert.h"
#include "sim/world_internal.h"

#include <errno.h>
#include <stdlib.h>

static struct world nowhere; /* process-wide: all its fields but a few counters stay 0 */

struct world *world = &nowhere;

static const uint32_t outside_limit_default_ms = 60 * 1000;

const char *const yield_point_names[YIELD_POINT_COUNT] = {
#define POINT(name, classes, deed) #name,
#include "sim/yield_points.def"
#undef POINT
};

const char *const yield_point_deeds[YIELD_POINT_COUNT] = {
#define POINT(name, classes, deed) deed,
#include "sim/yield_points.def"
#undef POINT
};

enum { STORAGE = 1, LOCK = 2, WRITE = 4 };
#define POINT(name, classes, deed) | (((classes)&WANTED) ? UINT64_C(1) << YIELD_##name : 0)
#define WANTED                     STORAGE
const uint64_t yield_points_storage = 0
#include "sim/yield_points.def"
    ;
#undef WANTED
#define WANTED LOCK
const uint64_t yield_points_lock = 0
#include "sim/yield_points.def"
    ;
#undef WANTED
#define WANTED WRITE
const uint64_t yield_points_write = 0
#include "sim/yield_points.def"
    ;
#undef WANTED
#undef POINT

_Static_assert(YIELD_POINT_COUNT <= 64, "yield points are bits of a 64-bit set");

_Static_assert(WORLD_COROUTINES_MAX <= 32, "coroutines are bits of a 32-bit set");

/* --- states ---------------------------------------------------------------------------------- */

static void set_state(struct world_task *task, enum task_state state)
{
    uint32_t bit = 1u << task->number;
    world->in_state[task->state] &= ~bit;
    world->in_state[state] |= bit;
    task->state = state;
    task->order = ++world->orders;
}

/* Of those in the set, the one that came to its state first; the set is not empty. */
static struct world_task *first_come(uint32_t set)
{
    struct world_task *first = &world->tasks[__builtin_ctz(set)];
    for (set &= set - 1; set != 0; set &= set - 1) {
        struct world_task *task = &world->tasks[__builtin_ctz(set)];
        if (task->order < first->order)
            first = task;
    }
    return first;
}

static void release_thread(uint32_t thread)
{
    world->threads &= ~(1u << thread);
}

static void task_body(void *argument)
{
    struct world_task *task = argument;
    for (;;) {
        task->work(task->argument);
        set_state(task, TASK_IDLE);
        world_unblock(task); /* who joins it */
        if (task->detached)
            release_thread(task->number);
        coroutine_suspend(&task->coroutine);
    }
}

/* --- life ------------------------------------------------------------------------------------ */

struct world *world_open(void)
{
    struct world *opened = calloc(1, sizeof *opened);
    ASSERT(opened != NULL);
    opened->in_state[TASK_IDLE] = UINT32_MAX;
    opened->outside_limit_ms = outside_limit_default_ms;
    for (uint32_t i = 0; i < WORLD_COROUTINES_MAX; i++) {
        opened->tasks[i].number = i;
        opened->tasks[i].acting_for = i < WORLD_TASKS_MAX ? i : (uint32_t)WORLD_NOBODY;
    }
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++)
        coroutine_init(&opened->tasks[i].coroutine, task_body, &opened->tasks[i]);
    return opened;
}

void world_close(struct world *closed)
{
    ASSERT(closed->current == NULL);
    for (uint32_t i = 0; i < WORLD_COROUTINES_MAX; i++)
        coroutine_clean_up(&closed->tasks[i].coroutine);
    if (world == closed)
        world = &nowhere;
    free(closed);
}

void world_enter(struct world *entered)
{
    ASSERT(world->current == NULL);
    world = entered;
}

void world_reset(uint64_t yields_limit)
{
    ASSERT(world->current == NULL && world->in_state[TASK_IDLE] == UINT32_MAX);
    ASSERT(world->lines_owing == 0);
    world->outside_changed = world->is_silent = false;
    world->pause_points = 0;
    world->pause_left = 0;
    world->yields = 0;
    world->yields_limit = yields_limit;
    world->on_yield = NULL;
    world->limit = NULL;
    world->exhausted = false;
    world->now_ns = 0;
    world->slept = 0;
    world->threads = 0;
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++) {
        world->tasks[i].fault = (struct world_fault){0};
        world->tasks[i].dead = false;
    }
}

void world_watch(void (*on_yield)(void *context, enum yield_point point), void *context)
{
    world->watched_limit = world->yields_limit;
    world->on_yield = on_yield;
    world->on_yield_context = context;
    world->yields_limit = world->yields + 1;
}

void world_arm_pause(uint64_t points, uint32_t after)
{
    world->pause_points = points;
    world->pause_left = after;
}

static void give_work(struct world_task *task, void (*work)(void *argument), void *argument)
{
    task->work = work;
    task->argument = argument;
    set_state(task, TASK_READY);
}

void world_start(uint32_t index, void (*work)(void *argument), void *argument,
                 enum fault_kind fault, uint32_t fault_at)
{
    struct world_task *task = &world->tasks[index];
    ASSERT(index < WORLD_TASKS_MAX && task->state == TASK_IDLE);
    task->fault = (struct world_fault){.kind = fault, .opportunities_left = fault_at};
    task->footprint = 0;
    give_work(task, work, argument);
}

/* --- driving --------------------------------------------------------------------------------- */

static void look_if_changed(void)
{
    if (world->outside_changed)
        outside_look();
}

void world_run(uint32_t index)
{
    struct world_task *task = &world->tasks[index];
    ASSERT(world->current == NULL && (task->state == TASK_READY || task->state == TASK_PARKED));
    world->has_paused = false;
    world->current = task;
    coroutine_resume(&task->coroutine);
    world->current = NULL;
    look_if_changed();
}

/* Makes ready whose timer is the earliest; the lowest number first among equals. */
static bool wake_earliest(uint32_t *ret_task)
{
    struct world_task *earliest = NULL;
    uint32_t set = world->in_state[TASK_SLEEPING] | world->in_state[TASK_BLOCKED] |
                   world->in_state[TASK_OUTSIDE];
    for (; set != 0; set &= set - 1) {
        struct world_task *task = &world->tasks[__builtin_ctz(set)];
        if (task->wake_ns != WORLD_NEVER && (earliest == NULL || task->wake_ns < earliest->wake_ns))
            earliest = task;
    }
    if (earliest == NULL)
        return false;
    if (earliest->wake_ns > world->now_ns)
        world->now_ns = earliest->wake_ns;
    earliest->timed_out = earliest->state != TASK_SLEEPING;
    set_state(earliest, TASK_READY);
    *ret_task = earliest->number;
    return true;
}

/* Who can go on while `task` waits for nobody in particular. */
static bool find_anybody(const struct world_task *task, uint32_t *ret_task)
{
    uint32_t ready = world->in_state[TASK_READY], parked = world->in_state[TASK_PARKED];
    /* A task that sleeps overtakes other tasks, but time waits for threads. */
    if (task->state == TASK_SLEEPING)
        ready &= UINT32_MAX << WORLD_TASKS_MAX;
    if (ready != 0) {
        *ret_task = first_come(ready)->number;
        return true;
    }
    if (task->wake_ns == WORLD_NEVER && parked != 0) {
        *ret_task = (uint32_t)__builtin_ctz(parked);
        return true;
    }
    return wake_earliest(ret_task);
}

static uint64_t awaited_by(const struct world_task *task)
{
    switch (task->state) {
    case TASK_OUTSIDE:
        return task->line->blocked_by;
    case TASK_BLOCKED:
        return UINT64_C(1) << task->blocked_by;
    case TASK_IDLE:
    case TASK_READY:
    case TASK_PARKED:
    case TASK_SLEEPING:
        break;
    }
    return 0;
}

/* All whom it waits for, one by way of another, itself included; a bit set. */
static uint32_t all_awaited(uint32_t index)
{
    uint64_t known = UINT64_C(1) << index, left = known;
    while (left != 0) {
        uint32_t next = (uint32_t)__builtin_ctzll(left);
        left &= left - 1;
        uint64_t found = next == WORLD_NOBODY ? 0 : awaited_by(&world->tasks[next]);
        left |= found & ~known;
        known |= found;
    }
    return (uint32_t)known;
}

/* Of those in the set: one that waits for nobody in particular, or for time. */
static const struct world_task *find_open_wait(uint32_t set)
{
    for (; set != 0; set &= set - 1) {
        const struct world_task *task = &world->tasks[__builtin_ctz(set)];
        if (task->state == TASK_SLEEPING ||
            (task->state == TASK_BLOCKED && task->blocked_by == WORLD_NOBODY) ||
            (task->state == TASK_OUTSIDE && task->wake_ns != WORLD_NEVER))
            return task;
    }
    return NULL;
}

/* Who can go on while `task` waits for those whom the outside has named. */
static bool find_for_outside(const struct world_task *task, uint32_t *ret_task)
{
    uint32_t awaited = all_awaited(task->number);
    uint32_t ready = world->in_state[TASK_READY];
    if (ready != 0) {
        *ret_task = first_come(ready & awaited ? ready & awaited : ready)->number;
        return true;
    }
    uint32_t parked = world->in_state[TASK_PARKED] & awaited;
    if (parked != 0 && task->wake_ns == WORLD_NEVER) {
        *ret_task = (uint32_t)__builtin_ctz(parked);
        return true;
    }
    const struct world_task *open = find_open_wait(awaited);
    return open != NULL && find_anybody(open, ret_task);
}

/* Nobody can go on: the outside waits for somebody who has no work. */
static bool waits_for_work(uint32_t index)
{
    uint64_t idle = world->in_state[TASK_IDLE] | UINT64_C(1) << WORLD_NOBODY;
    uint32_t awaited = all_awaited(index), waiting = world->in_state[TASK_OUTSIDE];
    if (find_open_wait(awaited) == NULL) /* else anybody may be whom it waits for */
        waiting &= awaited;
    for (; waiting != 0; waiting &= waiting - 1)
        if (world->tasks[__builtin_ctz(waiting)].line->blocked_by & idle)
            return true;
    return false;
}

/* Follows who waits for whom to one that can go on; false in a circle of waiting ones. */
static bool find_runnable(uint32_t index, uint32_t *ret_task)
{
    for (uint32_t hops = 0; hops <= WORLD_COROUTINES_MAX; hops++) {
        const struct world_task *task = &world->tasks[index];
        switch (task->state) {
        case TASK_READY:
        case TASK_PARKED:
            *ret_task = index;
            return true;
        case TASK_BLOCKED:
            if (task->blocked_by == WORLD_NOBODY)
                return find_anybody(task, ret_task);
            index = task->blocked_by;
            break;
        case TASK_SLEEPING:
            return find_anybody(task, ret_task);
        case TASK_OUTSIDE:
            return find_for_outside(task, ret_task);
        case TASK_IDLE:
            return false;
        }
    }
    return false;
}

enum world_progress world_last_stop(void)
{
    if (world->exhausted)
        return WORLD_EXHAUSTED;
    if (world->is_silent)
        return WORLD_SILENT;
    return world->has_paused ? WORLD_STOPPED : WORLD_IDLE;
}

enum world_progress world_finish(uint32_t task)
{
    look_if_changed();
    enum world_progress progress = WORLD_IDLE;
    while (world->tasks[task].state != TASK_IDLE && progress == WORLD_IDLE) {
        uint32_t next;
        if (!find_runnable(task, &next))
            return waits_for_work(task) ? WORLD_BLOCKED : WORLD_DEADLOCK;
        world_run(next);
        progress = world_last_stop();
    }
    return progress;
}

enum world_progress world_settle(void)
{
    look_if_changed();
    enum world_progress progress = WORLD_IDLE;
    while (world->in_state[TASK_READY] != 0 && progress == WORLD_IDLE) {
        world_run(first_come(world->in_state[TASK_READY])->number);
        progress = world_last_stop();
    }
    return progress;
}

uint32_t world_waits_for(uint32_t task)
{
    uint64_t awaited = awaited_by(&world->tasks[task]);
    return awaited == 0 ? (uint32_t)WORLD_NOBODY : (uint32_t)__builtin_ctzll(awaited);
}

/* --- stopping and going on ------------------------------------------------------------------- */

static void stop(enum task_state state)
{
    struct world_task *task = world->current;
    int own_errno = errno; /* each thread has its own */
    set_state(task, state);
    coroutine_suspend(&task->coroutine);
    errno = own_errno;
}

static void tell_watcher(enum yield_point point)
{
    if (world->on_yield != NULL)
        world->on_yield(world->on_yield_context, point);
}

void world_stop_at(enum yield_point point)
{
    world->pause_points = 0;
    world->has_paused = true;
    if (world->current != NULL && !world->current->dead) {
        world->current->stopped_at = point;
        stop(TASK_PARKED);
    }
    tell_watcher(point);
}

/* The armed pause strikes at this yield point, which is crossed when the task goes on. */
static bool is_pause_due(enum yield_point point)
{
    return (world->pause_points >> point & 1u) && world->pause_left == 1;
}

/* False: the true limit is reached. */
static bool world_is_watched(enum yield_point point)
{
    if (world->on_yield == NULL || world->yields == world->watched_limit)
        return false;
    world->yields_limit = world->yields + 1;
    if (!is_pause_due(point))
        tell_watcher(point);
    return true;
}

void world_exhaust(enum yield_point point)
{
    if (world_is_watched(point))
        return;
    if (world->current == NULL)
        return; /* the harness's own calls always come to an end */
    world->exhausted = true;
    world->exhausted_task = world_current_task();
    world->current->stopped_at = point;
    stop(TASK_PARKED);
}

void world_meet_limit(const char *what)
{
    if (world->limit != NULL)
        return;
    world->limit = what;
    if (world->on_limit != NULL)
        world->on_limit(world->on_limit_context, what);
}

void world_note_misuse(const char *what)
{
    if (world->on_misuse != NULL)
        world->on_misuse(world->on_misuse_context, what);
}

static void wait_for(const void *resource, uint32_t owner, uint64_t deadline_ns)
{
    ASSERT(world->current != NULL);
    world->current->blocked_on = resource;
    world->current->blocked_by = owner;
    world->current->wake_ns = deadline_ns;
    world->current->timed_out = false;
    stop(TASK_BLOCKED);
}

void world_block(const void *resource, uint32_t owner)
{
    wait_for(resource, owner, WORLD_NEVER);
}

bool world_wait(const void *resource, uint64_t deadline_ns)
{
    ASSERT(world->current != NULL);
    world->current->timed_out = deadline_ns <= world->now_ns;
    if (!world->current->timed_out)
        wait_for(resource, WORLD_NOBODY, deadline_ns);
    return !world->current->timed_out;
}

void world_stop_outside(struct outside *line, uint64_t deadline_ns)
{
    struct world_task *task = world->current;
    task->line = line;
    task->wake_ns = deadline_ns < line->wake_ns ? deadline_ns : line->wake_ns;
    task->timed_out = deadline_ns <= world->now_ns && !world->outside_changed;
    if (!task->timed_out)
        stop(TASK_OUTSIDE);
}

void world_make_answered_ready(void)
{
    uint32_t who = 0;
    for (uint32_t set = world->in_state[TASK_OUTSIDE]; set != 0; set &= set - 1) {
        uint32_t index = (uint32_t)__builtin_ctz(set);
        struct world_task *task = &world->tasks[index];
        bool is_answered = task->line->state == OUTSIDE_ANSWERED;
        if (task->line->wake_ns < task->wake_ns) /* so that the other end can go on */
            task->wake_ns = task->line->wake_ns;
        task->timed_out = !is_answered && task->wake_ns <= world->now_ns;
        if (is_answered || task->timed_out)
            who |= 1u << index;
    }
    while (who != 0) {
        struct world_task *task = first_come(who);
        who &= ~(1u << task->number);
        set_state(task, TASK_READY);
    }
}

static uint32_t who_awaits(const void *resource)
{
    uint32_t who = 0;
    for (uint32_t set = world->in_state[TASK_BLOCKED]; set != 0; set &= set - 1) {
        uint32_t index = (uint32_t)__builtin_ctz(set);
        if (world->tasks[index].blocked_on == resource)
            who |= 1u << index;
    }
    return who;
}

bool world_is_awaited(const void *resource)
{
    return who_awaits(resource) != 0;
}

void world_make_one_ready(const void *resource)
{
    uint32_t who = who_awaits(resource);
    if (who != 0)
        set_state(first_come(who), TASK_READY);
}

void world_make_ready(const void *resource)
{
    for (uint32_t who = who_awaits(resource); who != 0; who = who_awaits(resource))
        set_state(first_come(who), TASK_READY);
}

void world_sleep(uint64_t duration_ns)
{
    if (world->current == NULL || world->current->dead) {
        world->now_ns += duration_ns;
        return;
    }
    world->current->wake_ns = world->now_ns + duration_ns;
    if (world->current->acting_for != WORLD_NOBODY)
        world->slept |= 1u << world->current->acting_for;
    stop(TASK_SLEEPING);
}

/* --- threads --------------------------------------------------------------------------------- */

bool world_spawn(uint32_t *ret_thread, void (*body)(void *argument), void *argument)
{
    uint32_t free = ~world->threads & UINT32_MAX << WORLD_TASKS_MAX;
    if (free == 0) {
        world_meet_limit("threads that run at the same time (24)");
        return false;
    }
    uint32_t thread = (uint32_t)__builtin_ctz(free);
    struct world_task *task = &world->tasks[thread];
    ASSERT(task->state == TASK_IDLE);
    if (task->coroutine.stack == NULL)
        coroutine_init(&task->coroutine, task_body, task);
    world->threads |= 1u << thread;
    task->acting_for = WORLD_NOBODY;
    task->detached = false;
    task->dead = false;
    give_work(task, body, argument);
    *ret_thread = thread;
    return true;
}

void world_join(uint32_t thread)
{
    struct world_task *task = &world->tasks[thread];
    ASSERT(world->threads >> thread & 1u && !task->detached);
    while (task->state != TASK_IDLE)
        world_block(task, thread);
    release_thread(thread);
}

void world_detach(uint32_t thread)
{
    struct world_task *task = &world->tasks[thread];
    ASSERT(world->threads >> thread & 1u && !task->detached);
    task->detached = true;
    if (task->state == TASK_IDLE)
        release_thread(thread);
}

uint32_t world_threads(void)
{
    return (uint32_t)__builtin_popcount(world->threads);
}

void world_act_for(uint32_t task)
{
    ASSERT(task < WORLD_TASKS_MAX || task == WORLD_NOBODY);
    if (world->current != NULL && world_current_task() >= WORLD_TASKS_MAX)
        world->current->acting_for = task;
}
