/* SPDX-License-Identifier: Apache-2.0 */
/* What the runner sees of simulated POSIX. */
#include "sim/posix_state.h"

#include "sim/posix_internal.h"

void posix_reset(void)
{
    world->posix = (struct posix_data){0};
    posix_reset_threads();
}

void posix_note_misuse(const char *what)
{
    if (world->posix.misuse == NULL)
        world->posix.misuse = what;
}

const char *posix_misuse(void)
{
    return world->posix.misuse;
}

uint32_t posix_locks_held(void)
{
    return world->posix.locks_held;
}

struct posix_usage posix_usage(void)
{
    struct posix_usage usage = {
        .allocations = world->posix.allocations,
        .bytes = world->posix.bytes,
        .threads = world_threads(),
    };
    return usage;
}
