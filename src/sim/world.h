/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated world that the code under test lives in: tasks and threads on coroutines, virtual
 * time, pauses, faults. One OS thread. There may be several worlds, used in turns: the one that was
 * entered last is `world`, because the seams of the code under test (allocator, mutexes) carry no
 * context.
 *
 * The runner drives it: it gives a task work (world_start), runs it (world_run), and each time the
 * task stops it says why. The code under test calls the seams, and these call world_yield,
 * world_block, world_wait, world_sleep, world_spawn and world_fault_due. Outside of every task
 * (preparing images, checking results), yields do nothing, no fault is due, and sleeping only moves
 * the clock.
 *
 * The first WORLD_TASKS_MAX coroutines are the plan's tasks; the others are threads that the code
 * under test starts. A thread may act for a task: the task's fault strikes it, and what it does to
 * the storage is put down to the task.
 *
 * Deterministic: nothing here depends on addresses, real time or what ran before world_reset.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "base/fault.h"
#include "sim/coroutine.h"
#include "sim/posix_data.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    WORLD_TASKS_MAX = 8,
    WORLD_THREADS_MAX = 24,
    WORLD_COROUTINES_MAX = WORLD_TASKS_MAX + WORLD_THREADS_MAX,
    WORLD_NOBODY = WORLD_COROUTINES_MAX,  /* no task, or the harness itself */
    WORLD_LATENCY_NS = 100 * 1000 * 1000, /* what FAULT_latency adds to a call */
};
#define WORLD_NEVER       UINT64_MAX          /* as a deadline: none */
#define WORLD_BY_SOMEBODY (UINT64_C(1) << 63) /* who is blocked: not by another line */

enum yield_point {
#define POINT(name, classes, deed) YIELD_##name,
#include "sim/yield_points.def"
#undef POINT
    YIELD_POINT_COUNT
};
extern const char *const yield_point_names[YIELD_POINT_COUNT];
extern const char *const yield_point_deeds[YIELD_POINT_COUNT]; /* "takes a file lock" */

/* Bit sets of yield points by class; PAUSE_ANY's is WORLD_ALL_POINTS. */
#define WORLD_ALL_POINTS UINT64_MAX
extern const uint64_t yield_points_storage, yield_points_lock, yield_points_write;

enum task_state {
    TASK_IDLE,     /* has no work; a thread: has ended, or was never started */
    TASK_READY,    /* could go on: new work, a lock that became free, a timer that came due */
    TASK_PARKED,   /* held back by a pause */
    TASK_BLOCKED,  /* waits for `blocked_on`, at most until `wake_ns` */
    TASK_SLEEPING, /* waits for virtual time `wake_ns` */
    TASK_OUTSIDE,  /* waits for the answer of `line`, at most until `wake_ns` (sim/outside.h) */
};
enum { TASK_STATES = TASK_OUTSIDE + 1 };

struct world_fault {
    enum fault_kind kind;
    uint32_t opportunities_left; /* strikes when this reaches 0 */
    bool fired;
};

/* What of the storage a call is about to be about; nothing where nobody watches. */
struct world_touch {
    const struct storage_handle *handle; /* NULL: nothing */
    bool has_range;
    uint64_t offset, bytes;
};

struct world_task {
    struct world_touch touch; /* of the call that is at its yield point */
    uint32_t number;          /* its place in struct world.tasks */
    struct coroutine coroutine;
    enum task_state state;
    enum yield_point stopped_at; /* of TASK_PARKED: the yield point */
    const void *blocked_on;
    uint32_t blocked_by; /* of TASK_BLOCKED: who must go on first, or WORLD_NOBODY in particular */
    struct outside *line;
    uint64_t wake_ns;    /* of those that sleep or wait; WORLD_NEVER: no deadline */
    uint64_t order;      /* since when it waits or is ready, as a number that grows */
    bool timed_out;      /* its last wait ended at its deadline */
    bool detached;       /* of a thread: nobody will join it */
    uint32_t acting_for; /* the task whose work it does (a task: itself), or WORLD_NOBODY */
    void (*work)(void *argument);
    void *argument;
    struct world_fault fault;
    uint64_t footprint; /* what was done to the storage for it, see sim/footprint.h */
    struct posix_thread thread;
    bool dead; /* its process died: all I/O fails without effect until it is idle again */
};

struct net;
struct outside;
struct requests;
struct storage_handle;
struct storage_fate;

struct world {
    struct world_task *current; /* NULL: outside of every task */
    uint64_t pause_points;      /* yield points that the armed pause counts; 0: no pause is armed */
    uint32_t pause_left;
    bool has_paused;       /* it struck, since a coroutine was last let go on */
    uint64_t yields;       /* since world_reset */
    uint64_t yields_limit; /* whoever reaches it is parked for good: no progress */
    /* Somebody watches: called at each yield point, before it is crossed; NULL: nobody does. */
    void (*on_yield)(void *context, enum yield_point point);
    void *on_yield_context;
    uint64_t watched_limit;         /* then this is the limit, and yields_limit the next yield */
    const char *limit;              /* of the harness, met first since world_reset; NULL: none */
    bool exhausted;                 /* the limit of yields was reached, by: */
    uint32_t exhausted_task;        /* or thread */
    uint64_t now_ns;                /* virtual time since world_reset */
    uint64_t orders;                /* the last number given out, see world_task.order */
    uint32_t in_state[TASK_STATES]; /* bit sets of coroutines */
    uint32_t threads;               /* bit set: started, and neither joined nor ended detached */
    uint32_t slept; /* bit set of tasks for whom somebody slept; who reads it clears it */
    /* `task` is the plan's, also where a thread acted for it */
    void (*on_fault)(void *context, uint32_t task, enum fault_kind kind); /* may be NULL */
    void *on_fault_context;
    void (*on_limit)(void *context, const char *what); /* `limit` was met; may be NULL */
    void *on_limit_context;
    /* a server has committed, for `task` or thread, see sim/net.h; may be NULL */
    void (*on_commit)(void *context, uint32_t task, bool wrote);
    void *on_commit_context;
    /*
     * A server outside has ended all its sessions, and has recovered: their clients, who are at
     * work, do not know yet. Outside of every task, without a network; may be NULL.
     */
    void (*on_server_end)(void *context);
    void *on_server_end_context;
    void (*on_misuse)(void *context, const char *what); /* of a handle; may be NULL */
    void *on_misuse_context;
    /* the locks of a storage handle have changed, see sim/lock_watch.h; NULL: nobody asked */
    void (*on_locks)(void *context, const struct storage_handle *handle);
    void *on_locks_context;
    /* of what a power loss leaves, see sim/storage.h; NULL: nobody asked */
    void (*on_fate)(void *context, const struct storage_fate *fate);
    void *on_fate_context;
    /* Lines to the outside, and who is in their way: see sim/outside.h. */
    struct outside *lines;
    uint32_t lines_owing;
    bool outside_changed; /* something was sent since the last look */
    bool is_silent;       /* the last look ended at the limit */
    uint32_t outside_limit_ms;
    /*
     * Which of the `count` other lines those are on who must do something before this one is
     * answered: a bit set, with WORLD_BY_SOMEBODY for anybody else. 0: nobody must, it is being
     * worked on. NULL: nothing is ever blocked.
     */
    uint64_t (*blockers)(void *context, const struct outside *line, struct outside *const *others,
                         uint32_t count);
    void *blockers_context;
    struct net *net;           /* see sim/net.h; NULL: there is none */
    struct requests *requests; /* that pools send through, see sim/requests.h; NULL: they do not */
    void *subject; /* what the database that lives here keeps: whoever put it here owns it */
    struct posix_data posix;
    struct world_task tasks[WORLD_COROUTINES_MAX];
};

/*
 * The world that was entered. Never NULL: outside of all there is an empty one, where nobody runs
 * and no fault is due.
 */
extern struct world *world;

/* --- for the runner ------------------------------------------------------------------------- */

/*
 * A world of its own, not entered yet: makes the tasks' coroutines; those of threads are made when
 * first needed. Aborts if the system refuses memory.
 */
struct world *world_open(void);
/* Works, too, when tasks or threads were abandoned in the middle of something. */
void world_close(struct world *closed);

/* From now on this is the world of all calls below and of all seams; nobody may be running. */
void world_enter(struct world *entered);

/*
 * Before each plan, in its world: all tasks must be idle, all threads ended. Virtual time starts
 * again at 0.
 */
void world_reset(uint64_t yields_limit);

/*
 * From now on, up to the next world_reset, `on_yield` is called at each yield point. Costs nothing
 * where nobody watches.
 */
void world_watch(void (*on_yield)(void *context, enum yield_point point), void *context);

/* Arms a pause: the `after`-th yield at one of `points` parks whoever runs. 0 points: none. */
void world_arm_pause(uint64_t points, uint32_t after);

/* Gives an idle task work and makes it ready; `fault` is what strikes during it. */
void world_start(uint32_t task, void (*work)(void *argument), void *argument, enum fault_kind fault,
                 uint32_t fault_at);

/* Runs a ready or parked task or thread until it stops again; what it became is in its state. */
void world_run(uint32_t task);

enum world_progress {
    WORLD_IDLE,      /* the task has finished its work; of world_settle: nobody is ready */
    WORLD_STOPPED,   /* the armed pause struck: a task was parked */
    WORLD_DEADLOCK,  /* nothing can run, and no timer is pending */
    WORLD_EXHAUSTED, /* the limit of yields was reached */
    /*
     * As WORLD_DEADLOCK, but the outside says that it is in the way of somebody who has no work, or
     * whom nobody here knows: it can go on once that one has done something.
     */
    WORLD_BLOCKED,
    WORLD_SILENT, /* the outside is broken (sim/outside.h): an error of the harness */
};

/*
 * Drives until `task` is idle, running whoever it waits for. Who holds what it waits for goes on
 * first. Where nobody in particular holds it: everybody who is ready goes on, then the clock moves
 * to the next timer if the waiting one has a deadline, then parked ones go on, lowest number first,
 * and at last the clock moves in any case. Where the outside has named who is in the way: everybody
 * who is ready, they first; then the clock moves if the waiting one has a deadline, then those of
 * them who are parked go on, then the clock moves if one of them waits for that. With a pause
 * armed, stops when it strikes.
 */
enum world_progress world_finish(uint32_t task);

/* After a world_run: WORLD_IDLE, WORLD_STOPPED, WORLD_EXHAUSTED or WORLD_SILENT. */
enum world_progress world_last_stop(void);

/*
 * Runs everybody who is ready, first come, first served, until nobody is. Never runs parked ones,
 * never moves the clock. With a pause armed, stops when it strikes.
 */
enum world_progress world_settle(void);

/*
 * Of one that waits: the lowest of those whom it waits for, or WORLD_NOBODY if that is nobody in
 * particular, or if it does not wait.
 */
uint32_t world_waits_for(uint32_t task);

/* Threads that were started and not joined; a detached one counts until it ends. */
uint32_t world_threads(void);

/* --- for the seams of the code under test ---------------------------------------------------- */

void world_stop_at(enum yield_point point); /* slow paths of world_yield */
void world_exhaust(enum yield_point point);

static inline uint32_t world_current_task(void)
{
    return world->current->number;
}

/* A yield point: a counter, unless the armed pause strikes here. */
static inline void world_yield(enum yield_point point)
{
    if (__builtin_expect(++world->yields == world->yields_limit, 0))
        world_exhaust(point);
    if ((world->pause_points >> point) & 1u) {
        if (--world->pause_left == 0)
            world_stop_at(point);
    }
}

/* What is armed for the task that the running coroutine acts for; NULL: for nobody. */
static inline struct world_fault *world_current_fault(void)
{
    const struct world_task *current = world->current;
    if (current == NULL || current->acting_for == WORLD_NOBODY)
        return NULL;
    return &world->tasks[current->acting_for].fault;
}

/* As world_fault_due, of so many opportunities at once: which of them strikes, from 1; 0: none. */
static inline uint64_t world_fault_among(enum fault_kind kind, uint64_t opportunities)
{
    struct world_fault *fault = world_current_fault();
    if (fault == NULL || fault->kind != kind)
        return 0;
    uint64_t which = fault->opportunities_left;
    if (which > opportunities) {
        fault->opportunities_left -= (uint32_t)opportunities;
        return 0;
    }
    fault->kind = FAULT_NONE;
    fault->fired = true;
    if (world->on_fault != NULL)
        world->on_fault(world->on_fault_context, world->current->acting_for, kind);
    return which;
}

/*
 * One opportunity for a fault of this kind to strike the running task, or the thread that acts for
 * it: true when it does, once. The caller then makes the call fail. process_death and power_loss
 * are asked at every I/O call.
 */
static inline bool world_fault_due(enum fault_kind kind)
{
    return world_fault_among(kind, 1) != 0;
}

/*
 * The simulation cannot do what was asked of it, because of a limit of its own: what comes after
 * says nothing of the code under test. `what` names the limit as a person reads it, and is static.
 */
void world_meet_limit(const char *what);

/*
 * A handle of the database was used in a way that no library defines; `what` says how, in words
 * for a signature, and is static. The run is told at once (sim/handles.h).
 */
void world_note_misuse(const char *what);

/* The running thread works for `task` from now on, or for WORLD_NOBODY; on a task: no effect. */
void world_act_for(uint32_t task);

/* Waits until world_unblock(resource); `owner` is who holds it. */
void world_block(const void *resource, uint32_t owner);

/*
 * Waits until somebody wakes who waits for `resource`, which nobody in particular holds. False when
 * virtual time reached `deadline_ns` first.
 */
bool world_wait(const void *resource, uint64_t deadline_ns);

void world_make_ready(const void *resource); /* slow paths of the three below */
void world_make_one_ready(const void *resource);

/* Makes all who wait for `resource` ready. */
static inline void world_unblock(const void *resource)
{
    if (world->in_state[TASK_BLOCKED] != 0)
        world_make_ready(resource);
}

/* The same, said of a condition rather than a lock. */
static inline void world_wake_all(const void *resource)
{
    world_unblock(resource);
}

/* Makes the one ready that waits for `resource` longest. */
static inline void world_wake_one(const void *resource)
{
    if (world->in_state[TASK_BLOCKED] != 0)
        world_make_one_ready(resource);
}

bool world_is_awaited(const void *resource);

/* Lets virtual time pass for the running task; outside of tasks, for everyone. */
void world_sleep(uint64_t duration_ns);

/*
 * Starts a thread; it is ready, and acts for nobody. It ends when `body` returns. False: there are
 * too many, a limit that was met.
 */
bool world_spawn(uint32_t *ret_thread, void (*body)(void *argument), void *argument)
    __attribute__((warn_unused_result));

/* Waits until the thread has ended; then its number may be given out again. */
void world_join(uint32_t thread);

/* Instead of joining: its number is free when it ends. */
void world_detach(uint32_t thread);

#endif
