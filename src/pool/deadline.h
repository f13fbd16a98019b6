/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting with a limit: deadlines on the monotonic clock, condition variables that wait by it, and
 * short sleeps.
 */
#ifndef POOL_DEADLINE_H
#define POOL_DEADLINE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct deadline {
    bool is_never;
    struct timespec at;
};

/* POOL_NO_TIMEOUT: never. */
struct deadline deadline_after(uint32_t timeout_ms);

/* A condition variable for deadline_wait; false when there is no memory for it. */
bool deadline_condition_init(pthread_cond_t *condition);

/* Waits for `condition` with `mutex` held; false when the deadline has passed. May wake early. */
bool deadline_wait(const struct deadline *deadline, pthread_cond_t *condition,
                   pthread_mutex_t *mutex);

void deadline_sleep(uint32_t duration_ms);

#endif
