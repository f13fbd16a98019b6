/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells whoever asked that the locks of a storage handle have changed: for pictures of a run. Nobody
 * asks while fuzzing; then it costs a branch.
 */
#ifndef SIM_LOCK_WATCH_H
#define SIM_LOCK_WATCH_H

#include "sim/storage.h"

struct lock_watch {
    /* called after each change; the handle holds what its fields say. NULL: nobody asked */
    void (*changed)(void *context, const struct storage_handle *handle);
    void *context;
};
extern struct lock_watch lock_watch;

static inline void lock_watch_tell(const struct storage_handle *handle)
{
    if (__builtin_expect(lock_watch.changed != NULL, 0))
        lock_watch.changed(lock_watch.context, handle);
}

#endif
