/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated read-write locks: readers are counted, not known, and nobody is preferred. Unlocking a
 * lock that others read is not seen as misuse.
 */
#include "base/assert.h"
#include "sim/posix_internal.h"

/* Lies over the bytes of a pthread_rwlock_t. */
struct __attribute__((may_alias)) rwlock {
    uint32_t life;
    uint32_t readers;
    uint32_t is_written;
    uint32_t writer;
};
_Static_assert(sizeof(struct rwlock) <= sizeof(pthread_rwlock_t), "the state fits");

static struct rwlock *rwlock_of(pthread_rwlock_t *real)
{
    struct rwlock *lock = (struct rwlock *)real;
    if (lock->life != POSIX_ALIVE) {
        posix_note_misuse(lock->life == POSIX_DESTROYED
                              ? "use of a destroyed read-write lock"
                              : "use of an uninitialised read-write lock");
        *lock = (struct rwlock){0};
    }
    return lock;
}

int sim_pthread_rwlock_init(pthread_rwlock_t *real, const pthread_rwlockattr_t *attributes)
{
    (void)attributes; /* only sharing between processes and glibc's preferences */
    *(struct rwlock *)real = (struct rwlock){0};
    return 0;
}

int sim_pthread_rwlock_destroy(pthread_rwlock_t *real)
{
    struct rwlock *lock = rwlock_of(real);
    if (lock->readers > 0 || lock->is_written) {
        posix_note_misuse("destroy of a locked read-write lock");
        return EBUSY;
    }
    lock->life = POSIX_DESTROYED;
    return 0;
}

static void wait_for_writer(struct rwlock *lock)
{
    if (lock->writer == posix_self())
        posix_note_misuse("lock of a read-write lock that the thread writes under already");
    world_block(lock, lock->writer);
}

int sim_pthread_rwlock_rdlock(pthread_rwlock_t *real)
{
    world_yield(YIELD_thread_lock);
    struct rwlock *lock = rwlock_of(real);
    while (rwlock_of(real)->is_written)
        wait_for_writer(lock);
    lock->readers++;
    world->posix.locks_held++;
    return 0;
}

int sim_pthread_rwlock_tryrdlock(pthread_rwlock_t *real)
{
    world_yield(YIELD_thread_lock);
    struct rwlock *lock = rwlock_of(real);
    if (lock->is_written)
        return EBUSY;
    lock->readers++;
    world->posix.locks_held++;
    return 0;
}

static void write_under(struct rwlock *lock)
{
    lock->is_written = true;
    lock->writer = posix_self();
    world->posix.locks_held++;
}

int sim_pthread_rwlock_wrlock(pthread_rwlock_t *real)
{
    world_yield(YIELD_thread_lock);
    struct rwlock *lock = rwlock_of(real);
    while (rwlock_of(real)->is_written || lock->readers > 0) {
        if (lock->is_written)
            wait_for_writer(lock);
        else
            (void)world_wait(lock, WORLD_NEVER);
    }
    write_under(lock);
    return 0;
}

int sim_pthread_rwlock_trywrlock(pthread_rwlock_t *real)
{
    world_yield(YIELD_thread_lock);
    struct rwlock *lock = rwlock_of(real);
    if (lock->is_written || lock->readers > 0)
        return EBUSY;
    write_under(lock);
    return 0;
}

int sim_pthread_rwlock_unlock(pthread_rwlock_t *real)
{
    world_yield(YIELD_thread_unlock);
    struct rwlock *lock = rwlock_of(real);
    bool is_mine = lock->is_written && lock->writer == posix_self();
    if (!is_mine && lock->readers == 0) {
        posix_note_misuse(lock->is_written ? "unlock of a read-write lock that another thread holds"
                                           : "unlock of a read-write lock that is not locked");
        return EPERM;
    }
    if (is_mine)
        lock->is_written = false;
    else
        lock->readers--;
    world->posix.locks_held--;
    world_unblock(lock);
    return 0;
}
