/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the runner asks of simulated POSIX (sim/posix.h): what the code under test holds, and
 * whether it used a lock or a thread in a way that POSIX does not define.
 */
#ifndef SIM_POSIX_STATE_H
#define SIM_POSIX_STATE_H

#include <stdint.h>

/* Before each plan, after world_reset: nothing is counted, nothing was misused. */
void posix_reset(void);

/* The first misuse since the reset, as a static text ("unlock of ..."); NULL: none. */
const char *posix_misuse(void);

/* Mutexes and read-write locks that are locked at this moment, the latter once for each reader. */
uint32_t posix_locks_held(void);

struct posix_usage {
    int64_t allocations;
    int64_t bytes;    /* as the allocator rounded them, which may differ from run to run */
    uint32_t threads; /* started, and neither joined nor ended detached */
};
struct posix_usage posix_usage(void);

#endif
