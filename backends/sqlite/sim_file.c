/* SPDX-License-Identifier: Apache-2.0 */
/* The methods of an open file; sim_vfs.h says what they have in common. */
#include "sqlite/sim_file.h"

#include "base/assert.h"
#include "sqlite/sim_vfs.h"

#include <string.h>

void sim_file_offer_faults(void)
{
    (void)world_fault_due(FAULT_process_death);
    (void)world_fault_due(FAULT_power_loss);
    (void)world_fault_due(FAULT_interrupt);
    if (world_fault_due(FAULT_latency))
        world_sleep(WORLD_LATENCY_NS);
}

static struct sim_file *file_of(sqlite3_file *base)
{
    return (struct sim_file *)base;
}

/* --- content --------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *base)
{
    struct sim_file *file = file_of(base);
    (void)sim_file_go_on(YIELD_close, file);
    storage_close(&file->handle);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *buffer, int length, sqlite3_int64 offset)
{
    struct sim_file *file = file_of(base);
    sim_file_touch(file, offset, length);
    if (!sim_file_go_on(YIELD_read, file) || world_fault_due(FAULT_io_read))
        return SQLITE_IOERR_READ;
    bool is_cut = world_fault_due(FAULT_short_read);
    size_t wanted = is_cut ? (size_t)length / 2 : (size_t)length;
    enum storage_result result = storage_read(&file->handle, buffer, wanted, (uint64_t)offset);
    if (is_cut)
        memset((unsigned char *)buffer + wanted, 0, (size_t)length - wanted);
    return result == STORAGE_OK && !is_cut ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static void note_write(const struct sim_file *file, sqlite3_int64 offset)
{
    uint64_t size_bytes;
    if (storage_size(&file->handle, &size_bytes) != STORAGE_OK)
        return;
    footprint_add(offset == 0                     ? FOOTPRINT_WRITE_START
                  : (uint64_t)offset < size_bytes ? FOOTPRINT_WRITE_OVER
                                                  : FOOTPRINT_WRITE_END,
                  file->kind);
}

static int file_write(sqlite3_file *base, const void *data, int length, sqlite3_int64 offset)
{
    struct sim_file *file = file_of(base);
    sim_file_touch(file, offset, length);
    if (!sim_file_go_on(YIELD_write, file) || world_fault_due(FAULT_io_write))
        return SQLITE_IOERR_WRITE;
    note_write(file, offset);
    bool is_full = world_fault_due(FAULT_disk_full);
    size_t written = is_full ? (size_t)length / 2 : (size_t)length;
    if (file->kind == SIM_FILE_LOG)
        file->vfs->log_bytes += written;
    enum storage_result result = storage_write(&file->handle, data, written, (uint64_t)offset);
    return result == STORAGE_OK && !is_full ? SQLITE_OK : SQLITE_FULL;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size_bytes)
{
    struct sim_file *file = file_of(base);
    sim_file_touch(file, size_bytes, 0);
    if (!sim_file_go_on(YIELD_truncate, file) || world_fault_due(FAULT_io_truncate))
        return SQLITE_IOERR_TRUNCATE;
    footprint_add(FOOTPRINT_TRUNCATE, file->kind);
    if (storage_truncate(&file->handle, (uint64_t)size_bytes) != STORAGE_OK)
        return SQLITE_IOERR_TRUNCATE;
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    struct sim_file *file = file_of(base);
    if (!sim_file_go_on(YIELD_sync, file) || world_fault_due(FAULT_io_sync) ||
        world_fault_due(FAULT_sync_power_loss))
        return SQLITE_IOERR_FSYNC;
    footprint_add(FOOTPRINT_SYNC, file->kind);
    if (storage_sync(&file->handle) != STORAGE_OK)
        return SQLITE_IOERR_FSYNC;
    if (file->syncs_directory)
        storage_sync_directory(file->handle.storage);
    file->syncs_directory = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret_size_bytes)
{
    struct sim_file *file = file_of(base);
    uint64_t size_bytes;
    if (!sim_file_go_on(YIELD_size, file) || storage_size(&file->handle, &size_bytes) != STORAGE_OK)
        return SQLITE_IOERR_FSTAT;
    *ret_size_bytes = (sqlite3_int64)size_bytes;
    return SQLITE_OK;
}

static int file_fetch(sqlite3_file *base, sqlite3_int64 offset, int length, void **ret_bytes)
{
    struct sim_file *file = file_of(base);
    *ret_bytes = NULL;
    sim_file_touch(file, offset, length);
    if (!sim_file_go_on(YIELD_fetch, file))
        return SQLITE_IOERR_MMAP;
    if (offset + length > file->mmap_limit_bytes)
        return SQLITE_OK;
    const void *bytes = storage_fetch(&file->handle, (size_t)length, (uint64_t)offset);
    *ret_bytes = (void *)(uintptr_t)bytes; /* SQLite only reads there */
    return SQLITE_OK;
}

static int file_unfetch(sqlite3_file *base, sqlite3_int64 offset, void *bytes)
{
    (void)offset;
    (void)bytes;
    (void)sim_file_go_on(YIELD_unfetch, file_of(base)); /* a call, even where nothing is mapped */
    return SQLITE_OK;
}

/* --- locks ----------------------------------------------------------------------------------- */

_Static_assert((int)SQLITE_LOCK_EXCLUSIVE == (int)STORAGE_LOCK_EXCLUSIVE &&
                   (int)SQLITE_LOCK_SHARED == (int)STORAGE_LOCK_SHARED,
               "lock levels are numbered as SQLite's");

static int file_lock(sqlite3_file *base, int level)
{
    struct sim_file *file = file_of(base);
    if (!sim_file_go_on(YIELD_lock, file) || world_fault_due(FAULT_io_lock))
        return SQLITE_IOERR_LOCK;
    if (world_fault_due(FAULT_busy))
        return SQLITE_BUSY;
    enum storage_result result = storage_lock(&file->handle, (enum storage_lock_level)level);
    if (result == STORAGE_DEAD)
        return SQLITE_IOERR_LOCK;
    if (result != STORAGE_OK)
        footprint_add(FOOTPRINT_FILE_REFUSED, 0);
    else
        footprint_add(FOOTPRINT_FILE_LOCK, (uint32_t)level - 1);
    return result == STORAGE_OK ? SQLITE_OK : SQLITE_BUSY;
}

static int file_unlock(sqlite3_file *base, int level)
{
    struct sim_file *file = file_of(base);
    if (!sim_file_go_on(YIELD_unlock, file))
        return SQLITE_IOERR_UNLOCK;
    storage_unlock(&file->handle, (enum storage_lock_level)level);
    return SQLITE_OK;
}

static int file_check_reserved_lock(sqlite3_file *base, int *ret_reserved)
{
    struct sim_file *file = file_of(base);
    if (!sim_file_go_on(YIELD_check_reserved_lock, file) || world_fault_due(FAULT_io_lock))
        return SQLITE_IOERR_CHECKRESERVEDLOCK;
    *ret_reserved = storage_is_reserved(&file->handle);
    return SQLITE_OK;
}

/* --- shared memory --------------------------------------------------------------------------- */

static int file_shm_map(sqlite3_file *base, int region, int region_bytes, int extend,
                        void volatile **ret_region)
{
    struct sim_file *file = file_of(base);
    *ret_region = NULL;
    ASSERT(region_bytes == STORAGE_SHM_REGION_BYTES);
    if (!sim_file_go_on(YIELD_shm_map, file) || world_fault_due(FAULT_io_shm))
        return SQLITE_IOERR_SHMMAP;
    if (storage_shm_map(&file->handle, (uint32_t)region, extend != 0, ret_region) != STORAGE_OK)
        return SQLITE_IOERR_SHMMAP;
    return SQLITE_OK;
}

static int file_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    struct sim_file *file = file_of(base);
    bool unlocks = (flags & SQLITE_SHM_UNLOCK) != 0;
    if (!sim_file_go_on(unlocks ? YIELD_shm_unlock : YIELD_shm_lock, file) ||
        file->handle.shm == NULL)
        return SQLITE_IOERR_SHMLOCK;
    if (unlocks) {
        storage_shm_unlock(&file->handle, (uint32_t)first, (uint32_t)count);
        return SQLITE_OK;
    }
    if (world_fault_due(FAULT_io_shm))
        return SQLITE_IOERR_SHMLOCK;
    if (world_fault_due(FAULT_busy))
        return SQLITE_BUSY;
    bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    enum storage_result result =
        storage_shm_lock(&file->handle, (uint32_t)first, (uint32_t)count, is_exclusive);
    if (result == STORAGE_DEAD)
        return SQLITE_IOERR_SHMLOCK;
    footprint_add(result != STORAGE_OK ? FOOTPRINT_SHM_REFUSED
                  : is_exclusive       ? FOOTPRINT_SHM_EXCLUSIVE
                                       : FOOTPRINT_SHM_SHARED,
                  (uint32_t)first);
    return result == STORAGE_OK ? SQLITE_OK : SQLITE_BUSY;
}

static void file_shm_barrier(sqlite3_file *base)
{
    (void)sim_file_go_on(YIELD_shm_barrier, file_of(base));
}

static int file_shm_unmap(sqlite3_file *base, int delete_content)
{
    /* The content goes with the last one who is attached: the next one would empty it anyway. */
    (void)delete_content;
    struct sim_file *file = file_of(base);
    if (sim_file_go_on(YIELD_shm_unmap, file))
        storage_shm_unmap(&file->handle);
    return SQLITE_OK;
}

/* --- the rest -------------------------------------------------------------------------------- */

static int set_mmap_limit(struct sim_file *file, sqlite3_int64 *limit_bytes)
{
    sqlite3_int64 asked = *limit_bytes;
    *limit_bytes = file->mmap_limit_bytes;
    if (asked >= 0)
        file->mmap_limit_bytes =
            asked < STORAGE_MAPPED_BYTES_MAX ? asked : STORAGE_MAPPED_BYTES_MAX;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
    struct sim_file *file = file_of(base);
    if (!sim_file_go_on(YIELD_file_control, file))
        return SQLITE_IOERR;
    switch (operation) {
    case SQLITE_FCNTL_LOCKSTATE:
        *(int *)argument = file->handle.level;
        return SQLITE_OK;
    case SQLITE_FCNTL_SIZE_HINT:
    case SQLITE_FCNTL_CHUNK_SIZE:
        return SQLITE_OK;
    case SQLITE_FCNTL_POWERSAFE_OVERWRITE:
        *(int *)argument = file->vfs->is_powersafe_overwrite;
        return SQLITE_OK;
    case SQLITE_FCNTL_MMAP_SIZE:
        return set_mmap_limit(file, argument);
    case SQLITE_FCNTL_HAS_MOVED:
        *(int *)argument = !storage_is_named(&file->handle);
        return SQLITE_OK;
    case SQLITE_FCNTL_VFSNAME:
        *(char **)argument = sqlite3_mprintf("%s", file->vfs->vfs.zName);
        return SQLITE_OK;
    default:
        return SQLITE_NOTFOUND;
    }
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return STORAGE_BLOCK_BYTES;
}

static int file_device_characteristics(sqlite3_file *base)
{
    return file_of(base)->vfs->is_powersafe_overwrite ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

const sqlite3_io_methods sim_file_methods = {
    .iVersion = 3,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
    .xFetch = file_fetch,
    .xUnfetch = file_unfetch,
};
