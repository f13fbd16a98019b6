/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated world that the code under test lives in: tasks on coroutines, virtual time, pauses,
 * faults. One OS thread, one world, in one global, because the seams of the code under test
 * (allocator, mutexes) carry no context.
 *
 * The runner drives it: it gives a task work (world_start), runs it (world_run), and each time the
 * task stops it says why. The code under test calls the seams, and these call world_yield,
 * world_block, world_sleep and world_fault_due. Outside of every task (preparing images, checking
 * results), yields do nothing, no fault is due, and sleeping only moves the clock.
 *
 * Deterministic: nothing here depends on addresses, real time or what ran before world_reset.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/fault.h"
#include "sim/coroutine.h"

#include <stdbool.h>
#include <stdint.h>

enum { WORLD_TASKS_MAX = 8 };

enum yield_point {
#define POINT(name, classes) YIELD_##name,
#include "sim/yield_points.def"
#undef POINT
    YIELD_POINT_COUNT
};
extern const char *const yield_point_names[YIELD_POINT_COUNT];

/* Bit sets of yield points by class; PAUSE_ANY's is all ones. */
extern const uint32_t yield_points_storage, yield_points_lock, yield_points_write;

enum task_state {
    TASK_IDLE,     /* has no work */
    TASK_READY,    /* could go on: new work, a lock that became free, a timer that came due */
    TASK_PARKED,   /* held back by a pause */
    TASK_BLOCKED,  /* waits for `blocked_on` */
    TASK_SLEEPING, /* waits for virtual time `wake_ns` */
};

struct world_fault {
    enum fault_kind kind;
    uint32_t opportunities_left; /* strikes when this reaches 0 */
    bool fired;
};

struct world_task {
    struct coroutine coroutine;
    enum task_state state;
    enum yield_point stopped_at; /* of TASK_PARKED: the yield point */
    const void *blocked_on;
    uint32_t blocked_by; /* of TASK_BLOCKED: the task that must go on first */
    uint64_t wake_ns;
    void (*work)(void *argument);
    void *argument;
    struct world_fault fault;
    uint64_t footprint; /* what the work did to the storage, see sim/footprint.h */
    bool dead;          /* its process died: all I/O fails without effect until it is idle again */
};

struct world {
    struct world_task *current; /* NULL: outside of every task */
    uint32_t pause_points;      /* yield points that the armed pause counts; 0: no pause is armed */
    uint32_t pause_left;
    uint64_t yields;       /* since world_reset */
    uint64_t yields_limit; /* whoever reaches it is parked for good: no progress */
    bool exhausted;        /* the limit was reached, by: */
    uint32_t exhausted_task;
    uint64_t now_ns; /* virtual time since world_reset */
    void (*on_fault)(void *context, uint32_t task, enum fault_kind kind); /* may be NULL */
    void *on_fault_context;
    struct world_task tasks[WORLD_TASKS_MAX];
};
extern struct world world;

/*
 * --- for the runner
 * --------------------------------------------------------------------------------
 */

/* Once a process: makes the coroutines. */
void world_open(void);
void world_close(void);

/* Before each plan: all tasks must be idle. Virtual time starts again at 0. */
void world_reset(uint64_t yields_limit);

/* Arms a pause: the `after`-th yield at one of `points` parks whichever task runs. 0 points: none. */
void world_arm_pause(uint32_t points, uint32_t after);

/* Gives an idle task work and makes it ready; `fault` is what strikes during it. */
void world_start(uint32_t task, void (*work)(void *argument), void *argument, enum fault_kind fault,
                 uint32_t fault_at);

/* Runs a ready or parked task until it stops again; what it became is in its state. */
void world_run(uint32_t task);

enum world_progress {
    WORLD_IDLE,      /* the task has finished its work */
    WORLD_STOPPED,   /* the armed pause struck: a task was parked */
    WORLD_DEADLOCK,  /* nothing can run, and no timer is pending */
    WORLD_EXHAUSTED, /* the limit of yields was reached */
};

/*
 * Drives until `task` is idle, running whoever it waits for and moving the clock when only timers
 * are left. With a pause armed, stops when it strikes.
 */
enum world_progress world_finish(uint32_t task);

/*
 * --- for the seams of the code under test
 * ----------------------------------------------------------
 */

void world_stop_at(enum yield_point point); /* slow paths of world_yield */
void world_exhaust(enum yield_point point);

static inline uint32_t world_current_task(void)
{
    return (uint32_t)(world.current - world.tasks);
}

/* A yield point: a counter, unless the armed pause strikes here. */
static inline void world_yield(enum yield_point point)
{
    if (__builtin_expect(++world.yields == world.yields_limit, 0))
        world_exhaust(point);
    if ((world.pause_points >> point) & 1u) {
        if (--world.pause_left == 0)
            world_stop_at(point);
    }
}

/*
 * One opportunity for a fault of this kind to strike the running task: true when it does, once. The
 * caller then makes the call fail. process_death and power_loss are asked at every I/O call.
 */
static inline bool world_fault_due(enum fault_kind kind)
{
    struct world_task *task = world.current;
    if (task == NULL || task->fault.kind != kind || --task->fault.opportunities_left != 0)
        return false;
    task->fault.kind = FAULT_NONE;
    task->fault.fired = true;
    if (world.on_fault != NULL)
        world.on_fault(world.on_fault_context, world_current_task(), kind);
    return true;
}

/* Waits until world_unblock(resource); `owner` is the task that holds it. */
void world_block(const void *resource, uint32_t owner);

/* Makes the tasks that wait for `resource` ready. */
void world_unblock(const void *resource);

/* Lets virtual time pass for the running task; outside of tasks, for everyone. */
void world_sleep(uint64_t duration_ns);

#endif
