/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VFS itself: names, time, randomness, and opening files. What one can do with an open file is
 * in sim_file.c.
 */
#include "sqlite/sim_vfs.h"

#include "sqlite/sim_file.h"

#include <string.h>

/* The Julian day of 2020-01-01 00:00 UTC, in milliseconds: when virtual time is 0. */
static const sqlite3_int64 epoch_ms = 212444596800000;

static struct sim_vfs *sim_of(sqlite3_vfs *vfs)
{
    return vfs->pAppData;
}

static int open_code(enum storage_result result)
{
    switch (result) {
    case STORAGE_OK:
        return SQLITE_OK;
    case STORAGE_DEAD:
        return SQLITE_IOERR;
    case STORAGE_BUSY:
    case STORAGE_SHORT:
    case STORAGE_FULL:
    case STORAGE_NOT_FOUND:
    case STORAGE_EXISTS:
        break;
    }
    return SQLITE_CANTOPEN;
}

static int sim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *sqlite_file, int flags,
                    int *ret_flags)
{
    struct sim_vfs *sim = sim_of(vfs);
    struct sim_file *file = (struct sim_file *)sqlite_file;
    file->base.pMethods = NULL;
    file->vfs = sim;
    if (!sim_file_go_on(YIELD_open, NULL))
        return SQLITE_IOERR;
    if (world_fault_due(FAULT_io_open))
        return SQLITE_CANTOPEN;
    unsigned open_flags = 0;
    open_flags |= (flags & SQLITE_OPEN_CREATE) ? STORAGE_OPEN_CREATE : 0u;
    open_flags |= (flags & SQLITE_OPEN_EXCLUSIVE) ? STORAGE_OPEN_EXCLUSIVE : 0u;
    open_flags |= (flags & SQLITE_OPEN_DELETEONCLOSE) ? STORAGE_OPEN_DELETE : 0u;
    uint32_t process = world->current == NULL ? SIM_VFS_HARNESS_PROCESS : world_current_task();
    int code = open_code(storage_open(sim->storage, &file->handle, name, process, open_flags));
    if (code != SQLITE_OK)
        return code;
    /* As in the unix VFS: the first sync of a new journal syncs the directory, too. */
    const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    file->syncs_directory = (flags & SQLITE_OPEN_CREATE) && (flags & journals);
    file->kind = flags & SQLITE_OPEN_MAIN_DB        ? SIM_FILE_DATABASE
                 : flags & SQLITE_OPEN_MAIN_JOURNAL ? SIM_FILE_JOURNAL
                 : flags & SQLITE_OPEN_WAL          ? SIM_FILE_LOG
                                                    : SIM_FILE_OTHER;
    file->mmap_limit_bytes = 0;
    file->base.pMethods = &sim_file_methods;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int sim_delete(sqlite3_vfs *vfs, const char *name, int sync_directory)
{
    struct sim_vfs *sim = sim_of(vfs);
    if (!sim_file_go_on(YIELD_delete, NULL))
        return SQLITE_IOERR_DELETE;
    footprint_add(FOOTPRINT_DELETE, 0);
    if (world_fault_due(FAULT_io_delete))
        return SQLITE_IOERR_DELETE;
    if (storage_delete(sim->storage, name) != STORAGE_OK)
        return SQLITE_IOERR_DELETE_NOENT;
    if (!sync_directory)
        return SQLITE_OK;
    if (world_fault_due(FAULT_io_sync))
        return SQLITE_IOERR_DIR_FSYNC;
    storage_sync_directory(sim->storage);
    return SQLITE_OK;
}

/*
 * As in the unix VFS, an empty file does not count as existing. Only a directory is ever asked for
 * whether it can be written to (PRAGMA temp_store_directory), and there are none: one that was
 * taken would outlive the plan.
 */
static int sim_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_result)
{
    if (!sim_file_go_on(YIELD_access, NULL))
        return SQLITE_IOERR_ACCESS;
    uint64_t size_bytes = 0;
    bool exists = storage_exists(sim_of(vfs)->storage, name, &size_bytes);
    *ret_result = exists && flags != SQLITE_ACCESS_READWRITE &&
                  (flags != SQLITE_ACCESS_EXISTS || size_bytes > 0);
    return SQLITE_OK;
}

static int sim_full_pathname(sqlite3_vfs *vfs, const char *name, int capacity, char *ret_name)
{
    (void)vfs;
    /* Room for "-journal" and the like. */
    const size_t suffix_bytes = 24;
    size_t length = strlen(name);
    if (length + suffix_bytes >= STORAGE_NAME_BYTES || length >= (size_t)capacity) {
        world_meet_limit("bytes of a file's name in the simulated storage (487)");
        return SQLITE_CANTOPEN;
    }
    memcpy(ret_name, name, length + 1);
    return SQLITE_OK;
}

/* Extensions are files of the real world, whoever enables them: there are none. */
static void *sim_dl_open(sqlite3_vfs *vfs, const char *name)
{
    (void)vfs;
    (void)name;
    return NULL;
}

static void sim_dl_error(sqlite3_vfs *vfs, int capacity, char *ret_text)
{
    (void)vfs;
    (void)sqlite3_snprintf(capacity, ret_text, "the simulated world has no extensions");
}

static void (*sim_dl_symbol(sqlite3_vfs *vfs, void *library, const char *name))(void)
{
    (void)vfs;
    (void)library;
    (void)name;
    return NULL;
}

static void sim_dl_close(sqlite3_vfs *vfs, void *library)
{
    (void)vfs;
    (void)library;
}

static int sim_randomness(sqlite3_vfs *vfs, int length, char *ret_bytes)
{
    struct random *random = &sim_of(vfs)->random;
    for (int i = 0; i < length; i++)
        ret_bytes[i] = (char)(random_next(random) >> 32);
    return length;
}

static int sim_sleep(sqlite3_vfs *vfs, int microseconds)
{
    (void)vfs;
    if (sim_file_go_on(YIELD_sleep, NULL))
        world_sleep((uint64_t)microseconds * 1000);
    return microseconds;
}

static int sim_current_time_ms(sqlite3_vfs *vfs, sqlite3_int64 *ret_ms)
{
    (void)vfs;
    *ret_ms = epoch_ms + (sqlite3_int64)(world->now_ns / 1000000);
    return SQLITE_OK;
}

static int sim_current_time(sqlite3_vfs *vfs, double *ret_days)
{
    sqlite3_int64 now_ms;
    int code = sim_current_time_ms(vfs, &now_ms);
    *ret_days = (double)now_ms / 86400000.0;
    return code;
}

static int sim_get_last_error(sqlite3_vfs *vfs, int capacity, char *ret_text)
{
    (void)vfs;
    (void)capacity;
    (void)ret_text;
    return 0;
}

int sim_vfs_register(struct sim_vfs *vfs, const char *name, struct storage *storage)
{
    *vfs = (struct sim_vfs){.storage = storage, .is_powersafe_overwrite = true};
    vfs->vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = sizeof(struct sim_file),
        .mxPathname = STORAGE_NAME_BYTES,
        .zName = name,
        .pAppData = vfs,
        .xOpen = sim_open,
        .xDelete = sim_delete,
        .xAccess = sim_access,
        .xFullPathname = sim_full_pathname,
        .xDlOpen = sim_dl_open,
        .xDlError = sim_dl_error,
        .xDlSym = sim_dl_symbol,
        .xDlClose = sim_dl_close,
        .xRandomness = sim_randomness,
        .xSleep = sim_sleep,
        .xCurrentTime = sim_current_time,
        .xGetLastError = sim_get_last_error,
        .xCurrentTimeInt64 = sim_current_time_ms,
    };
    return sqlite3_vfs_register(&vfs->vfs, 1);
}

void sim_vfs_unregister(struct sim_vfs *vfs)
{
    (void)sqlite3_vfs_unregister(&vfs->vfs);
}

void sim_vfs_reset(struct sim_vfs *vfs, bool powersafe_overwrite, uint64_t seed)
{
    vfs->is_powersafe_overwrite = powersafe_overwrite;
    random_seed(&vfs->random, seed);
    vfs->log_bytes = 0;
    if (sqlite3_vfs_find(NULL) != &vfs->vfs)
        (void)sqlite3_vfs_register(&vfs->vfs, 1);
}
