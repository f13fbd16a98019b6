/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines: POSIX threads' timed waits with the monotonic clock. */
#include "pool/deadline.h"

#include <interplay/pool.h>

static struct timespec of_ms(uint32_t ms)
{
    return (struct timespec){.tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000L};
}

struct deadline deadline_after(uint32_t timeout_ms)
{
    struct deadline deadline = {.is_never = timeout_ms == POOL_NO_TIMEOUT};
    if (deadline.is_never)
        return deadline;
    struct timespec from_now = of_ms(timeout_ms);
    (void)clock_gettime(CLOCK_MONOTONIC, &deadline.at);
    deadline.at.tv_sec += from_now.tv_sec;
    deadline.at.tv_nsec += from_now.tv_nsec;
    if (deadline.at.tv_nsec >= 1000000000L) {
        deadline.at.tv_sec++;
        deadline.at.tv_nsec -= 1000000000L;
    }
    return deadline;
}

bool deadline_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0)
        return false;
    bool is_done = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0 &&
                   pthread_cond_init(condition, &attributes) == 0;
    (void)pthread_condattr_destroy(&attributes);
    return is_done;
}

bool deadline_wait(const struct deadline *deadline, pthread_cond_t *condition,
                   pthread_mutex_t *mutex)
{
    if (!deadline->is_never)
        return pthread_cond_timedwait(condition, mutex, &deadline->at) == 0;
    (void)pthread_cond_wait(condition, mutex);
    return true;
}

void deadline_sleep(uint32_t duration_ms)
{
    /* Woken by a signal it is a little shorter: nobody counts on its length. */
    struct timespec duration = of_ms(duration_ms);
    (void)nanosleep(&duration, NULL);
}
