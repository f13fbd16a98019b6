/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks, pauses and virtual time: who runs, who waits, and for what. */
#include "sim/world.h"

#include "base/assert.h"

struct world world;

const char *const yield_point_names[YIELD_POINT_COUNT] = {
#define POINT(name, classes) #name,
#include "sim/yield_points.def"
#undef POINT
};

enum { STORAGE = 1, LOCK = 2, WRITE = 4 };
#define POINT(name, classes) | (((classes)&WANTED) ? 1u << YIELD_##name : 0u)
#define WANTED               STORAGE
const uint32_t yield_points_storage = 0u
#include "sim/yield_points.def"
    ;
#undef WANTED
#define WANTED LOCK
const uint32_t yield_points_lock = 0u
#include "sim/yield_points.def"
    ;
#undef WANTED
#define WANTED WRITE
const uint32_t yield_points_write = 0u
#include "sim/yield_points.def"
    ;
#undef WANTED
#undef POINT

_Static_assert(YIELD_POINT_COUNT <= 32, "yield points are bits of a 32-bit set");

static void task_body(void *argument)
{
    struct world_task *task = argument;
    for (;;) {
        task->work(task->argument);
        task->state = TASK_IDLE;
        coroutine_suspend(&task->coroutine);
    }
}

void world_open(void)
{
    world = (struct world){0};
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++)
        coroutine_init(&world.tasks[i].coroutine, task_body, &world.tasks[i]);
}

void world_close(void)
{
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++)
        coroutine_clean_up(&world.tasks[i].coroutine);
}

void world_reset(uint64_t yields_limit)
{
    ASSERT(world.current == NULL);
    world.pause_points = 0;
    world.pause_left = 0;
    world.yields = 0;
    world.yields_limit = yields_limit;
    world.exhausted = false;
    world.now_ns = 0;
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++) {
        ASSERT(world.tasks[i].state == TASK_IDLE);
        world.tasks[i].fault = (struct world_fault){0};
        world.tasks[i].dead = false;
    }
}

void world_arm_pause(uint32_t points, uint32_t after)
{
    world.pause_points = points;
    world.pause_left = after;
}

void world_start(uint32_t index, void (*work)(void *argument), void *argument,
                 enum fault_kind fault, uint32_t fault_at)
{
    struct world_task *task = &world.tasks[index];
    ASSERT(task->state == TASK_IDLE);
    task->work = work;
    task->argument = argument;
    task->fault = (struct world_fault){.kind = fault, .opportunities_left = fault_at};
    task->footprint = 0;
    task->state = TASK_READY;
}

void world_run(uint32_t index)
{
    struct world_task *task = &world.tasks[index];
    ASSERT(world.current == NULL && (task->state == TASK_READY || task->state == TASK_PARKED));
    world.current = task;
    coroutine_resume(&task->coroutine);
    world.current = NULL;
}

/* Makes the sleepers of the earliest timer ready; the lowest task first among equals. */
static bool wake_earliest(uint32_t *ret_task)
{
    struct world_task *earliest = NULL;
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++) {
        struct world_task *task = &world.tasks[i];
        if (task->state == TASK_SLEEPING && (earliest == NULL || task->wake_ns < earliest->wake_ns))
            earliest = task;
    }
    if (earliest == NULL)
        return false;
    if (earliest->wake_ns > world.now_ns)
        world.now_ns = earliest->wake_ns;
    earliest->state = TASK_READY;
    *ret_task = (uint32_t)(earliest - world.tasks);
    return true;
}

/* Follows who waits for whom from `task` to one that can go on; false in a circle of waiting tasks. */
static bool find_runnable(uint32_t task, uint32_t *ret_task)
{
    for (uint32_t hops = 0; hops <= WORLD_TASKS_MAX; hops++) {
        switch (world.tasks[task].state) {
        case TASK_READY:
        case TASK_PARKED:
            *ret_task = task;
            return true;
        case TASK_BLOCKED:
            task = world.tasks[task].blocked_by;
            break;
        case TASK_SLEEPING:
            return wake_earliest(ret_task);
        case TASK_IDLE:
            return false;
        }
    }
    return false;
}

enum world_progress world_finish(uint32_t task)
{
    bool pausing = world.pause_points != 0;
    while (world.tasks[task].state != TASK_IDLE) {
        uint32_t next;
        if (!find_runnable(task, &next))
            return WORLD_DEADLOCK;
        world_run(next);
        if (world.exhausted)
            return WORLD_EXHAUSTED;
        if (pausing && world.pause_points == 0)
            return WORLD_STOPPED;
    }
    return WORLD_IDLE;
}

static void stop(enum task_state state)
{
    struct world_task *task = world.current;
    task->state = state;
    coroutine_suspend(&task->coroutine);
}

void world_stop_at(enum yield_point point)
{
    world.pause_points = 0;
    if (world.current == NULL || world.current->dead)
        return;
    world.current->stopped_at = point;
    stop(TASK_PARKED);
}

void world_exhaust(enum yield_point point)
{
    if (world.current == NULL)
        return; /* the harness's own calls always come to an end */
    world.exhausted = true;
    world.exhausted_task = world_current_task();
    world.current->stopped_at = point;
    stop(TASK_PARKED);
}

void world_block(const void *resource, uint32_t owner)
{
    ASSERT(world.current != NULL);
    world.current->blocked_on = resource;
    world.current->blocked_by = owner;
    stop(TASK_BLOCKED);
}

void world_unblock(const void *resource)
{
    for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++) {
        struct world_task *task = &world.tasks[i];
        if (task->state == TASK_BLOCKED && task->blocked_on == resource)
            task->state = TASK_READY;
    }
}

void world_sleep(uint64_t duration_ns)
{
    if (world.current == NULL || world.current->dead) {
        world.now_ns += duration_ns;
        return;
    }
    world.current->wake_ns = world.now_ns + duration_ns;
    stop(TASK_SLEEPING);
}
