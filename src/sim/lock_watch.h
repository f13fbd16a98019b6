/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells whoever asked that the locks of a storage handle have changed: for pictures of a run.
 * Nobody asks while fuzzing; then it costs a branch.
 */
#ifndef SIM_LOCK_WATCH_H
#define SIM_LOCK_WATCH_H

#include "sim/storage.h"
#include "sim/world.h"

/* To be called after each change: the handle holds what its fields say. */
static inline void lock_watch_tell(const struct storage_handle *handle)
{
    if (__builtin_expect(world->on_locks != NULL, 0))
        world->on_locks(world->on_locks_context, handle);
}

#endif
