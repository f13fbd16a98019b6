/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner sees of simulated POSIX. */
#include "sim/posix_state.h"

#include "sim/posix_internal.h"

struct posix_state posix_state;

void posix_reset(void)
{
    posix_state = (struct posix_state){0};
    posix_reset_threads();
}

void posix_note_misuse(const char *what)
{
    if (posix_state.misuse == NULL)
        posix_state.misuse = what;
}

const char *posix_misuse(void)
{
    return posix_state.misuse;
}

uint32_t posix_locks_held(void)
{
    return posix_state.locks_held;
}

struct posix_usage posix_usage(void)
{
    struct posix_usage usage = {
        .allocations = posix_state.allocations,
        .bytes = posix_state.bytes,
        .threads = world_threads(),
    };
    return usage;
}
