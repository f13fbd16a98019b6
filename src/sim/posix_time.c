/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated clocks and sleeping: all of it virtual time. */
#include "sim/posix_internal.h"

/* 2024-01-01 00:00 UTC, when virtual time is 0. */
static const time_t epoch_s = 1704067200;
static const uint64_t second_ns = 1000000000;

static bool is_realtime(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
}

static bool is_known(clockid_t clock)
{
    return is_realtime(clock) || clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_RAW ||
           clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME;
}

bool posix_is_valid_time(const struct timespec *time)
{
    return time->tv_nsec >= 0 && (uint64_t)time->tv_nsec < second_ns;
}

static uint64_t duration_ns(time_t seconds, long nanoseconds)
{
    if (seconds < 0)
        return 0;
    if ((uint64_t)seconds >= UINT64_MAX / second_ns)
        return WORLD_NEVER;
    return (uint64_t)seconds * second_ns + (uint64_t)nanoseconds;
}

uint64_t posix_deadline_ns(clockid_t clock, const struct timespec *deadline)
{
    time_t start_s = is_realtime(clock) ? epoch_s : 0;
    return deadline->tv_sec < start_s ? 0
                                      : duration_ns(deadline->tv_sec - start_s, deadline->tv_nsec);
}

/* --- asking ---------------------------------------------------------------------------------- */

int sim_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    if (!is_known(clock)) {
        errno = EINVAL;
        return -1;
    }
    ret_time->tv_sec = (time_t)(world->now_ns / second_ns) + (is_realtime(clock) ? epoch_s : 0);
    ret_time->tv_nsec = (long)(world->now_ns % second_ns);
    return 0;
}

time_t sim_time(time_t *ret_time)
{
    time_t now = epoch_s + (time_t)(world->now_ns / second_ns);
    if (ret_time != NULL)
        *ret_time = now;
    return now;
}

int sim_gettimeofday(struct timeval *ret_time, void *zone)
{
    (void)zone;
    ret_time->tv_sec = sim_time(NULL);
    ret_time->tv_usec = (suseconds_t)(world->now_ns % second_ns / 1000);
    return 0;
}

int sim_timespec_get(struct timespec *ret_time, int base)
{
    return base == TIME_UTC && sim_clock_gettime(CLOCK_REALTIME, ret_time) == 0 ? base : 0;
}

/* --- sleeping -------------------------------------------------------------------------------- */

static void sleep_for(uint64_t duration)
{
    world_yield(YIELD_sleep);
    world_sleep(duration);
}

int sim_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                        struct timespec *ret_rest)
{
    (void)ret_rest; /* nobody is interrupted */
    if (!is_known(clock) || !posix_is_valid_time(request) || request->tv_sec < 0)
        return EINVAL;
    if (!(flags & TIMER_ABSTIME)) {
        sleep_for(duration_ns(request->tv_sec, request->tv_nsec));
        return 0;
    }
    uint64_t deadline_ns = posix_deadline_ns(clock, request);
    sleep_for(deadline_ns > world->now_ns ? deadline_ns - world->now_ns : 0);
    return 0;
}

int sim_nanosleep(const struct timespec *request, struct timespec *ret_rest)
{
    int code = sim_clock_nanosleep(CLOCK_MONOTONIC, 0, request, ret_rest);
    if (code == 0)
        return 0;
    errno = code;
    return -1;
}

int sim_usleep(useconds_t duration_us)
{
    sleep_for((uint64_t)duration_us * 1000);
    return 0;
}

unsigned sim_sleep(unsigned duration_s)
{
    sleep_for((uint64_t)duration_s * second_ns);
    return 0;
}
