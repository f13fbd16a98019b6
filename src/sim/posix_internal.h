/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of simulated POSIX share; nobody else includes it. */
#ifndef SIM_POSIX_INTERNAL_H
#define SIM_POSIX_INTERNAL_H

#include "sim/posix_calls.h"
#include "sim/world.h"

/*
 * In the first bytes of a lock, condition or semaphore: 0 after any kind of initialisation. Other
 * values than these two: nobody initialised it.
 */
enum posix_life { POSIX_ALIVE = 0, POSIX_DESTROYED = 0x0dead10c };

/* Keeps the first one. */
void posix_note_misuse(const char *what);

/* Forgets the threads of the last plan. */
void posix_reset_threads(void);

/* Who runs: a task, a thread, or WORLD_NOBODY for the harness. */
static inline uint32_t posix_self(void)
{
    return world->current == NULL ? (uint32_t)WORLD_NOBODY : world_current_task();
}

/* Virtual time at which `clock` shows `deadline`; what was before the start is 0. */
uint64_t posix_deadline_ns(clockid_t clock, const struct timespec *deadline);

bool posix_is_valid_time(const struct timespec *time);

/* A mutex as a condition sees it: given up and taken again with all that is held of it. */
bool posix_mutex_is_mine(pthread_mutex_t *mutex);
uint32_t posix_mutex_give_up(pthread_mutex_t *mutex);
void posix_mutex_take_again(pthread_mutex_t *mutex, uint32_t depth);

#endif
