/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VFS that writes each call on the tape and passes it on to the simulated one: where the programs
 * made of the tape have theirs, above the real one.
 */
#include "sqlite/sqlite_tape.h"

#include "base/assert.h"
#include "base/fault.h"
#include "sim/world.h"

#include <sqlite3.h>
#include <string.h>

struct taped_file {
    sqlite3_file base; /* first: SQLite knows no more */
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;

/* --- around a call ---------------------------------------------------------------------------- */

/* The kind of the fault that may still strike; FAULT_NONE: none. */
static enum fault_kind armed(void)
{
    const struct world_fault *fault = world_current_fault();
    return fault == NULL ? FAULT_NONE : fault->kind;
}

static enum fault_kind began(enum tape_method method)
{
    uint16_t connection = tape_connection();
    if (connection != 0)
        tape_put((struct tape_entry){.kind = TAPE_VFS, .connection = connection, .number = method},
                 NULL, 0);
    return armed();
}

/* A fault that struck in between belongs to this call. */
static int ended(enum tape_method method, enum fault_kind was_armed, int result)
{
    uint16_t connection = tape_connection();
    if (connection != 0)
        tape_put((struct tape_entry){.kind = TAPE_VFS_END,
                                     .connection = connection,
                                     .number = method,
                                     .other = armed() == was_armed ? FAULT_NONE : was_armed,
                                     .from = (uint64_t)result},
                 NULL, 0);
    return result;
}

#define CALL(method, call)                                                                         \
    do {                                                                                           \
        enum fault_kind was = began(TAPE_##method);                                                \
        int result = (call);                                                                       \
        return ended(TAPE_##method, was, result);                                                  \
    } while (0)

/* --- files ------------------------------------------------------------------------------------ */

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct taped_file *)file)->real;
}

static int taped_close(sqlite3_file *file)
{
    CALL(xClose, real_of(file)->pMethods->xClose(real_of(file)));
}

static int taped_read(sqlite3_file *file, void *buffer, int length, sqlite3_int64 offset)
{
    CALL(xRead, real_of(file)->pMethods->xRead(real_of(file), buffer, length, offset));
}

static int taped_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    CALL(xWrite, real_of(file)->pMethods->xWrite(real_of(file), data, length, offset));
}

static int taped_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    CALL(xTruncate, real_of(file)->pMethods->xTruncate(real_of(file), size));
}

static int taped_sync(sqlite3_file *file, int flags)
{
    CALL(xSync, real_of(file)->pMethods->xSync(real_of(file), flags));
}

static int taped_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    CALL(xFileSize, real_of(file)->pMethods->xFileSize(real_of(file), ret_size));
}

static int taped_lock(sqlite3_file *file, int level)
{
    CALL(xLock, real_of(file)->pMethods->xLock(real_of(file), level));
}

static int taped_unlock(sqlite3_file *file, int level)
{
    CALL(xUnlock, real_of(file)->pMethods->xUnlock(real_of(file), level));
}

static int taped_check_reserved_lock(sqlite3_file *file, int *ret_reserved)
{
    CALL(xCheckReservedLock,
         real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved));
}

static int taped_control(sqlite3_file *file, int operation, void *argument)
{
    CALL(xFileControl, real_of(file)->pMethods->xFileControl(real_of(file), operation, argument));
}

static int taped_sector_size(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int taped_characteristics(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int taped_shm_map(sqlite3_file *file, int region, int bytes, int extend,
                         void volatile **ret_region)
{
    CALL(xShmMap,
         real_of(file)->pMethods->xShmMap(real_of(file), region, bytes, extend, ret_region));
}

static int taped_shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    enum tape_method method = flags & SQLITE_SHM_UNLOCK ? TAPE_xShmUnlock : TAPE_xShmLock;
    enum fault_kind was = began(method);
    return ended(method, was,
                 real_of(file)->pMethods->xShmLock(real_of(file), first, count, flags));
}

static void taped_shm_barrier(sqlite3_file *file)
{
    enum fault_kind was = began(TAPE_xShmBarrier);
    real_of(file)->pMethods->xShmBarrier(real_of(file));
    (void)ended(TAPE_xShmBarrier, was, SQLITE_OK);
}

static int taped_shm_unmap(sqlite3_file *file, int delete_content)
{
    CALL(xShmUnmap, real_of(file)->pMethods->xShmUnmap(real_of(file), delete_content));
}

static int taped_fetch(sqlite3_file *file, sqlite3_int64 offset, int length, void **ret_bytes)
{
    CALL(xFetch, real_of(file)->pMethods->xFetch(real_of(file), offset, length, ret_bytes));
}

static int taped_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *bytes)
{
    CALL(xUnfetch, real_of(file)->pMethods->xUnfetch(real_of(file), offset, bytes));
}

static const sqlite3_io_methods taped_methods = {
    .iVersion = 3,
    .xClose = taped_close,
    .xRead = taped_read,
    .xWrite = taped_write,
    .xTruncate = taped_truncate,
    .xSync = taped_sync,
    .xFileSize = taped_size,
    .xLock = taped_lock,
    .xUnlock = taped_unlock,
    .xCheckReservedLock = taped_check_reserved_lock,
    .xFileControl = taped_control,
    .xSectorSize = taped_sector_size,
    .xDeviceCharacteristics = taped_characteristics,
    .xShmMap = taped_shm_map,
    .xShmLock = taped_shm_lock,
    .xShmBarrier = taped_shm_barrier,
    .xShmUnmap = taped_shm_unmap,
    .xFetch = taped_fetch,
    .xUnfetch = taped_unfetch,
};

/* --- the VFS ---------------------------------------------------------------------------------- */

static int taped_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                      int *ret_flags)
{
    (void)vfs;
    struct taped_file *file = (struct taped_file *)base;
    file->base.pMethods = NULL;
    file->real = (sqlite3_file *)(file + 1);
    enum fault_kind was = began(TAPE_xOpen);
    int code = real_vfs->xOpen(real_vfs, name, file->real, flags, ret_flags);
    if (file->real->pMethods != NULL)
        file->base.pMethods = &taped_methods;
    return ended(TAPE_xOpen, was, code);
}

static int taped_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    (void)vfs;
    CALL(xDelete, real_vfs->xDelete(real_vfs, name, sync_directory));
}

static int taped_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_result)
{
    (void)vfs;
    CALL(xAccess, real_vfs->xAccess(real_vfs, name, flags, ret_result));
}

static int taped_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    CALL(xSleep, real_vfs->xSleep(real_vfs, microseconds));
}

const char *tape_vfs(const char *driver)
{
    static const char name[] = "interplay-tape";
    static sqlite3_vfs taped;
    if (taped.zName != NULL)
        (void)sqlite3_vfs_unregister(&taped);
    real_vfs = sqlite3_vfs_find(driver);
    ASSERT(real_vfs != NULL);
    taped = *real_vfs;
    taped.zName = name;
    taped.szOsFile = (int)sizeof(struct taped_file) + real_vfs->szOsFile;
    taped.xOpen = taped_open;
    taped.xDelete = taped_delete;
    taped.xAccess = taped_access;
    taped.xSleep = taped_sleep;
    ASSERT(sqlite3_vfs_register(&taped, 0) == SQLITE_OK);
    return name;
}
