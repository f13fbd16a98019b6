/* SPDX-License-Identifier: Apache-2.0 */
/* What simulated POSIX keeps in a world; nobody but sim/posix*.c looks inside. */
#ifndef SIM_POSIX_DATA_H
#define SIM_POSIX_DATA_H

#include <stdbool.h>
#include <stdint.h>

struct posix_data {
    const char *misuse; /* the first one; NULL: none */
    uint32_t locks_held;
    int64_t allocations, bytes;
};

/* Of each coroutine: the thread that it carries. */
struct posix_thread {
    void *(*routine)(void *argument);
    void *argument;
    void *result;
    uint32_t generation; /* counts the threads that were here */
    bool is_used;        /* started, and neither joined nor detached */
};

#endif
