/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File locks of the simulated storage, as SQLite's unix VFS builds them from three byte ranges:
 * RESERVED and PENDING have one holder, SHARED many, EXCLUSIVE is the shared range for oneself.
 * Handles meet as processes do: nobody sees more of another than the ranges tell.
 *
 * Who goes from SHARED to EXCLUSIVE at once, to roll a hot journal back, never holds RESERVED, and
 * PENDING not either, as in the unix VFS of newer versions. (In 3.40.1's, one that fails there
 * keeps PENDING; with locking_mode=exclusive it may then take itself for the holder of RESERVED
 * beside the one who is.)
 */
#include "sim/storage_internal.h"

#include "base/assert.h"
#include "sim/lock_watch.h"

static bool is_anothers(const struct storage_handle *holder, const struct storage_handle *handle)
{
    return holder != NULL && holder != handle;
}

static void set_level(struct storage_handle *handle, enum storage_lock_level level)
{
    handle->level = (uint8_t)level;
    lock_watch_tell(handle);
}

static enum storage_result lock_shared(struct storage_handle *handle)
{
    struct storage_file *file = handle->file;
    if (is_anothers(file->pending, handle) || is_anothers(file->exclusive, handle))
        return STORAGE_BUSY;
    file->shared++;
    set_level(handle, STORAGE_LOCK_SHARED);
    return STORAGE_OK;
}

static enum storage_result lock_reserved(struct storage_handle *handle)
{
    struct storage_file *file = handle->file;
    if (is_anothers(file->reserved, handle))
        return STORAGE_BUSY;
    file->reserved = handle;
    set_level(handle, STORAGE_LOCK_RESERVED);
    return STORAGE_OK;
}

static enum storage_result lock_exclusive(struct storage_handle *handle)
{
    struct storage_file *file = handle->file;
    if (handle->level >= STORAGE_LOCK_RESERVED) {
        if (is_anothers(file->pending, handle))
            return STORAGE_BUSY;
        file->pending = handle;
        set_level(handle, STORAGE_LOCK_PENDING);
    }
    if (file->shared > 1)
        return STORAGE_BUSY;
    file->exclusive = handle;
    set_level(handle, STORAGE_LOCK_EXCLUSIVE);
    return STORAGE_OK;
}

enum storage_result storage_lock(struct storage_handle *handle, enum storage_lock_level level)
{
    if (storage_is_dead(handle))
        return STORAGE_DEAD;
    if (handle->level >= level)
        return STORAGE_OK;
    ASSERT(level == STORAGE_LOCK_SHARED || handle->level >= STORAGE_LOCK_SHARED);
    switch (level) {
    case STORAGE_LOCK_SHARED:
        return lock_shared(handle);
    case STORAGE_LOCK_RESERVED:
        return lock_reserved(handle);
    case STORAGE_LOCK_EXCLUSIVE:
        return lock_exclusive(handle);
    case STORAGE_LOCK_NONE:
    case STORAGE_LOCK_PENDING:
        break;
    }
    ASSERT(false);
    return STORAGE_BUSY;
}

void storage_unlock(struct storage_handle *handle, enum storage_lock_level level)
{
    ASSERT(level <= STORAGE_LOCK_SHARED);
    if (storage_is_dead(handle) || handle->level <= level)
        return;
    struct storage_file *file = handle->file;
    if (file->reserved == handle)
        file->reserved = NULL;
    if (file->pending == handle)
        file->pending = NULL;
    if (file->exclusive == handle)
        file->exclusive = NULL;
    if (level == STORAGE_LOCK_NONE) {
        ASSERT(file->shared > 0);
        file->shared--;
    }
    set_level(handle, level);
}

bool storage_is_reserved(const struct storage_handle *handle)
{
    return !storage_is_dead(handle) && handle->file->reserved != NULL;
}
