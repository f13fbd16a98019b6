/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated conditions, semaphores and pthread_once: what threads wait for without an owner. */
#include "base/assert.h"
#include "sim/posix_internal.h"

#include <limits.h>

/* --- conditions ------------------------------------------------------------------------------ */

/* Lies over the bytes of a pthread_cond_t. Who waits for it is the world's to know. */
struct __attribute__((may_alias)) condition {
    uint32_t life;
    clockid_t clock; /* 0 is CLOCK_REALTIME, the default */
};
_Static_assert(sizeof(struct condition) <= sizeof(pthread_cond_t) && CLOCK_REALTIME == 0,
               "the state fits, and the static initialiser is right");

static struct condition *condition_of(pthread_cond_t *real)
{
    struct condition *condition = (struct condition *)real;
    if (condition->life != POSIX_ALIVE) {
        posix_note_misuse(condition->life == POSIX_DESTROYED ? "use of a destroyed condition"
                                                             : "use of an uninitialised condition");
        *condition = (struct condition){0};
    }
    return condition;
}

int sim_pthread_cond_init(pthread_cond_t *real, const pthread_condattr_t *attributes)
{
    clockid_t clock = CLOCK_REALTIME;
    if (attributes != NULL && pthread_condattr_getclock(attributes, &clock) != 0)
        return EINVAL;
    *(struct condition *)real = (struct condition){.clock = clock};
    return 0;
}

int sim_pthread_cond_destroy(pthread_cond_t *real)
{
    struct condition *condition = condition_of(real);
    if (world_is_awaited(condition)) {
        posix_note_misuse("destroy of a condition that a thread waits for");
        return EBUSY;
    }
    condition->life = POSIX_DESTROYED;
    return 0;
}

static int wait_until(pthread_cond_t *real, pthread_mutex_t *mutex, uint64_t deadline_ns)
{
    ASSERT(world->current != NULL); /* the harness's own calls cannot wait */
    world_yield(YIELD_thread_wait);
    struct condition *condition = condition_of(real);
    if (!posix_mutex_is_mine(mutex)) {
        posix_note_misuse("wait for a condition with a mutex that the thread does not hold");
        return EPERM;
    }
    uint32_t depth = posix_mutex_give_up(mutex);
    bool woken = world_wait(condition, deadline_ns);
    /* From here on the condition may be gone: whoever woke us may destroy it. */
    posix_mutex_take_again(mutex, depth);
    return woken ? 0 : ETIMEDOUT;
}

int sim_pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    return wait_until(condition, mutex, WORLD_NEVER);
}

int sim_pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                               const struct timespec *deadline)
{
    if (!posix_is_valid_time(deadline))
        return EINVAL;
    return wait_until(condition, mutex, posix_deadline_ns(clock, deadline));
}

int sim_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                               const struct timespec *deadline)
{
    return sim_pthread_cond_clockwait(condition, mutex, condition_of(condition)->clock, deadline);
}

int sim_pthread_cond_signal(pthread_cond_t *real)
{
    world_yield(YIELD_thread_wake);
    struct condition *condition = condition_of(real);
    world_wake_one(condition);
    return 0;
}

int sim_pthread_cond_broadcast(pthread_cond_t *real)
{
    world_yield(YIELD_thread_wake);
    struct condition *condition = condition_of(real);
    world_wake_all(condition);
    return 0;
}

/* --- semaphores ------------------------------------------------------------------------------ */

/* Lies over the bytes of a sem_t. */
struct __attribute__((may_alias)) semaphore {
    uint32_t life;
    uint32_t value;
};
_Static_assert(sizeof(struct semaphore) <= sizeof(sem_t), "the state fits");

static struct semaphore *semaphore_of(sem_t *real)
{
    struct semaphore *semaphore = (struct semaphore *)real;
    if (semaphore->life != POSIX_ALIVE) {
        posix_note_misuse(semaphore->life == POSIX_DESTROYED ? "use of a destroyed semaphore"
                                                             : "use of an uninitialised semaphore");
        *semaphore = (struct semaphore){0};
    }
    return semaphore;
}

static int fail(int code)
{
    errno = code;
    return -1;
}

int sim_sem_init(sem_t *real, int is_shared, unsigned value)
{
    if (is_shared)
        return fail(ENOSYS);
    if (value > SEM_VALUE_MAX)
        return fail(EINVAL);
    *(struct semaphore *)real = (struct semaphore){.value = value};
    return 0;
}

int sim_sem_destroy(sem_t *real)
{
    struct semaphore *semaphore = semaphore_of(real);
    if (world_is_awaited(semaphore))
        posix_note_misuse("destroy of a semaphore that a thread waits for");
    semaphore->life = POSIX_DESTROYED;
    return 0;
}

static int semaphore_wait_until(sem_t *real, uint64_t deadline_ns)
{
    world_yield(YIELD_thread_wait);
    struct semaphore *semaphore = semaphore_of(real);
    while (semaphore_of(real)->value == 0)
        if (!world_wait(semaphore, deadline_ns))
            return fail(ETIMEDOUT);
    semaphore->value--;
    return 0;
}

int sim_sem_wait(sem_t *semaphore)
{
    return semaphore_wait_until(semaphore, WORLD_NEVER);
}

int sim_sem_timedwait(sem_t *semaphore, const struct timespec *deadline)
{
    if (!posix_is_valid_time(deadline))
        return fail(EINVAL);
    return semaphore_wait_until(semaphore, posix_deadline_ns(CLOCK_REALTIME, deadline));
}

int sim_sem_trywait(sem_t *real)
{
    world_yield(YIELD_thread_wait);
    struct semaphore *semaphore = semaphore_of(real);
    if (semaphore->value == 0)
        return fail(EAGAIN);
    semaphore->value--;
    return 0;
}

int sim_sem_post(sem_t *real)
{
    world_yield(YIELD_thread_wake);
    struct semaphore *semaphore = semaphore_of(real);
    if (semaphore->value == SEM_VALUE_MAX)
        return fail(EOVERFLOW);
    semaphore->value++;
    world_wake_one(semaphore);
    return 0;
}

int sim_sem_getvalue(sem_t *semaphore, int *ret_value)
{
    *ret_value = (int)semaphore_of(semaphore)->value;
    return 0;
}

/* --- once ------------------------------------------------------------------------------------ */

/* The number that is a pthread_once_t. */
enum { ONCE_NEW = PTHREAD_ONCE_INIT, ONCE_DONE = 1, ONCE_UNDER_WAY = 2 /* + who does it */ };

int sim_pthread_once(pthread_once_t *once, void (*routine)(void))
{
    world_yield(YIELD_thread_lock);
    while (*once >= ONCE_UNDER_WAY)
        world_block(once, (uint32_t)(*once - ONCE_UNDER_WAY));
    if (*once == ONCE_DONE)
        return 0;
    *once = ONCE_UNDER_WAY + (int)posix_self();
    routine();
    *once = ONCE_DONE;
    world_unblock(once);
    return 0;
}
