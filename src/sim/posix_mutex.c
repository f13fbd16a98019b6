/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated mutexes. */
#include "base/assert.h"
#include "sim/posix_internal.h"

/* Lies over the bytes of a pthread_mutex_t; `type` where glibc's recursive initialiser has it. */
struct __attribute__((may_alias)) mutex {
    uint32_t life;
    uint32_t depth; /* 0: free */
    uint32_t owner;
    uint32_t is_awaited; /* somebody has waited for it since it was last released */
    int32_t type;
};
_Static_assert(sizeof(struct mutex) <= sizeof(pthread_mutex_t), "the state fits");

static struct mutex *mutex_of(pthread_mutex_t *real)
{
    struct mutex *mutex = (struct mutex *)real;
    if (mutex->life != POSIX_ALIVE) {
        posix_note_misuse(mutex->life == POSIX_DESTROYED ? "use of a destroyed mutex"
                                                         : "use of an uninitialised mutex");
        *mutex = (struct mutex){0};
    }
    return mutex;
}

static bool is_mine(const struct mutex *mutex)
{
    return mutex->depth > 0 && mutex->owner == posix_self();
}

static void take(struct mutex *mutex, uint32_t depth)
{
    ASSERT(mutex->depth == 0);
    mutex->owner = posix_self();
    mutex->depth = depth;
    world->posix.locks_held++;
}

static void release(struct mutex *mutex)
{
    mutex->depth = 0;
    world->posix.locks_held--;
    if (!mutex->is_awaited)
        return; /* most often, and threads that wait for work need not be looked at */
    mutex->is_awaited = 0;
    world_unblock(mutex);
}

static void wait_for(struct mutex *mutex)
{
    mutex->is_awaited = 1;
    world_block(mutex, mutex->owner);
}

/* --- life ------------------------------------------------------------------------------------ */

int sim_pthread_mutex_init(pthread_mutex_t *real, const pthread_mutexattr_t *attributes)
{
    int type = PTHREAD_MUTEX_DEFAULT;
    if (attributes != NULL && pthread_mutexattr_gettype(attributes, &type) != 0)
        return EINVAL;
    *(struct mutex *)real = (struct mutex){.type = type};
    return 0;
}

int sim_pthread_mutex_destroy(pthread_mutex_t *real)
{
    struct mutex *mutex = mutex_of(real);
    if (mutex->depth > 0) {
        posix_note_misuse("destroy of a locked mutex");
        return EBUSY;
    }
    mutex->life = POSIX_DESTROYED;
    return 0;
}

/* --- locking --------------------------------------------------------------------------------- */

/* Locks one that is the caller's own already. */
static int lock_again(struct mutex *mutex)
{
    if (mutex->type == PTHREAD_MUTEX_RECURSIVE) {
        mutex->depth++;
        return 0;
    }
    if (mutex->type == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    posix_note_misuse("lock of a mutex that the thread holds already");
    for (;;)
        wait_for(mutex);
}

static int lock_until(pthread_mutex_t *real, uint64_t deadline_ns)
{
    world_yield(YIELD_thread_lock);
    struct mutex *mutex = mutex_of(real);
    if (is_mine(mutex))
        return lock_again(mutex);
    for (; mutex->depth > 0; mutex = mutex_of(real)) { /* may be destroyed meanwhile */
        mutex->is_awaited = 1;
        if (deadline_ns == WORLD_NEVER)
            world_block(mutex, mutex->owner);
        else if (!world_wait(mutex, deadline_ns))
            return ETIMEDOUT;
    }
    take(mutex, 1);
    return 0;
}

int sim_pthread_mutex_lock(pthread_mutex_t *mutex)
{
    return lock_until(mutex, WORLD_NEVER);
}

int sim_pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock,
                                const struct timespec *deadline)
{
    if (!posix_is_valid_time(deadline))
        return EINVAL;
    return lock_until(mutex, posix_deadline_ns(clock, deadline));
}

int sim_pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *deadline)
{
    return sim_pthread_mutex_clocklock(mutex, CLOCK_REALTIME, deadline);
}

int sim_pthread_mutex_trylock(pthread_mutex_t *real)
{
    world_yield(YIELD_thread_lock);
    struct mutex *mutex = mutex_of(real);
    if (is_mine(mutex) && mutex->type == PTHREAD_MUTEX_RECURSIVE)
        return lock_again(mutex);
    if (mutex->depth > 0)
        return EBUSY;
    take(mutex, 1);
    return 0;
}

int sim_pthread_mutex_unlock(pthread_mutex_t *real)
{
    world_yield(YIELD_thread_unlock);
    struct mutex *mutex = mutex_of(real);
    if (!is_mine(mutex)) {
        if (mutex->type != PTHREAD_MUTEX_RECURSIVE && mutex->type != PTHREAD_MUTEX_ERRORCHECK)
            posix_note_misuse(mutex->depth > 0 ? "unlock of a mutex that another thread holds"
                                               : "unlock of a mutex that is not locked");
        return EPERM;
    }
    if (mutex->depth > 1)
        mutex->depth--;
    else
        release(mutex);
    return 0;
}

/* --- for conditions -------------------------------------------------------------------------- */

bool posix_mutex_is_mine(pthread_mutex_t *mutex)
{
    return is_mine(mutex_of(mutex));
}

uint32_t posix_mutex_give_up(pthread_mutex_t *real)
{
    struct mutex *mutex = (struct mutex *)real;
    uint32_t depth = mutex->depth;
    release(mutex);
    return depth;
}

void posix_mutex_take_again(pthread_mutex_t *real, uint32_t depth)
{
    world_yield(YIELD_thread_lock);
    struct mutex *mutex = mutex_of(real);
    while (mutex_of(real)->depth > 0)
        wait_for(mutex);
    take(mutex, depth);
}
