/*
 * A VFS above the system's own that passes everything on, and counts: at the call that finding.c
 * names, the client is held back while others run, or the call fails. Sleeping takes no time, so
 * that who retries for ten seconds has done so at once. Random bytes are always the same ones.
 */
#ifndef VFS_H
#define VFS_H

#include "clients.h"

struct file {
    sqlite3_file base;
    sqlite3_file *real;
    struct client *owner; /* who opened it, in which life */
    int life;
#ifdef POWER_H
    struct tracked *tracked;
#endif
};

static sqlite3_vfs *system_vfs;
static int powersafe = 1;
static unsigned long long random_state;

#ifdef POWER_H
static void lose_power(const struct fate *fates);
#endif

static int is_dead(const struct file *file)
{
    return file != NULL && (file->life != current_life || (me != NULL && me->is_dead));
}

/* Its locks go with a process that dies. */
static void let_go(struct file *file)
{
    if (file == NULL || file->real->pMethods == NULL)
        return;
    if (file->real->pMethods->iVersion > 1)
        file->real->pMethods->xShmUnmap(file->real, 0);
    file->real->pMethods->xUnlock(file->real, SQLITE_LOCK_NONE);
}

enum strike { GO_ON = -1, GO_HALF = -2 };

/* Counts a call; GO_ON, GO_HALF, or the code that it fails with. */
static int strike(struct file *file, enum method method, int code_if_dead, int *ret_code)
{
    int result = GO_ON;
    int nth = me == NULL ? 0 : ++me->counts[method];
    for (int i = 0; me != NULL && i < me->event_count; i++) {
        struct event *event = &me->events[i];
        if (event->method != (int)method || event->nth != nth || event->has_struck)
            continue;
        event->has_struck = 1;
        if (event->kind == HOLD) {
            printf("    [client %d is held before %s]\n", me->number, method_names[method]);
            turn(event->value);
            printf("    [client %d goes on]\n", me->number);
        } else if (event->kind == INTERRUPT) {
            interrupt();
        } else if (event->kind == DIE) {
            printf("    [the process of client %d dies before %s]\n", me->number,
                   method_names[method]);
            let_go(file);
            me->is_dead = 1;
#ifdef POWER_H
        } else if (event->kind == LOSE_POWER) {
            printf("    [the power fails before %s]\n", method_names[method]);
            lose_power(event->loss);
#endif
        } else {
            printf("    [%s fails: %s]\n", method_names[method], sqlite3_errstr(event->value));
            *ret_code = event->value;
            result = event->kind == HALF ? GO_HALF : event->value;
        }
    }
    if (is_dead(file))
        return code_if_dead;
    return result;
}

#define FILE_OF(base) ((struct file *)(base))
#define REAL(base)    (FILE_OF(base)->real->pMethods)
#define PASS(method, dead, call)                                                                   \
    do {                                                                                           \
        int code = SQLITE_OK, struck = strike(FILE_OF(base), method, dead, &code);                 \
        return struck == GO_ON ? (call) : struck;                                                  \
    } while (0)

/* --- files ------------------------------------------------------------------------------------ */

static int file_close(sqlite3_file *base)
{
    int code;
    strike(FILE_OF(base), xClose, SQLITE_OK, &code);
    return REAL(base)->xClose(FILE_OF(base)->real);
}

static int file_read(sqlite3_file *base, void *buffer, int length, sqlite3_int64 offset)
{
    int code = SQLITE_OK, struck = strike(FILE_OF(base), xRead, SQLITE_IOERR_READ, &code);
    if (struck != GO_ON && struck != GO_HALF)
        return struck;
    int wanted = struck == GO_HALF ? length / 2 : length;
    int result = REAL(base)->xRead(FILE_OF(base)->real, buffer, wanted, offset);
    if (struck == GO_HALF)
        memset((char *)buffer + wanted, 0, (size_t)(length - wanted));
    return struck == GO_HALF ? code : result;
}

static int file_write(sqlite3_file *base, const void *data, int length, sqlite3_int64 offset)
{
    int code = SQLITE_OK, struck = strike(FILE_OF(base), xWrite, SQLITE_IOERR_WRITE, &code);
    if (struck != GO_ON && struck != GO_HALF)
        return struck;
    int written = struck == GO_HALF ? length / 2 : length;
    int result = REAL(base)->xWrite(FILE_OF(base)->real, data, written, offset);
#ifdef POWER_H
    track_write(FILE_OF(base)->tracked, data, (size_t)written, offset);
#endif
    return struck == GO_HALF ? code : result;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    int code, struck = strike(FILE_OF(base), xTruncate, SQLITE_IOERR_TRUNCATE, &code);
    if (struck != GO_ON)
        return struck;
#ifdef POWER_H
    track_write(FILE_OF(base)->tracked, NULL, 0, size);
#endif
    return REAL(base)->xTruncate(FILE_OF(base)->real, size);
}

static int file_sync(sqlite3_file *base, int flags)
{
    int code, struck = strike(FILE_OF(base), xSync, SQLITE_IOERR_FSYNC, &code);
    if (struck != GO_ON)
        return struck;
#ifdef POWER_H
    track_sync(FILE_OF(base)->tracked);
#endif
    return REAL(base)->xSync(FILE_OF(base)->real, flags);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    PASS(xFileSize, SQLITE_IOERR_FSTAT, REAL(base)->xFileSize(FILE_OF(base)->real, size));
}

static int file_lock(sqlite3_file *base, int level)
{
    PASS(xLock, SQLITE_IOERR_LOCK, REAL(base)->xLock(FILE_OF(base)->real, level));
}

static int file_unlock(sqlite3_file *base, int level)
{
    PASS(xUnlock, SQLITE_IOERR_UNLOCK, REAL(base)->xUnlock(FILE_OF(base)->real, level));
}

static int file_check_reserved(sqlite3_file *base, int *result)
{
    PASS(xCheckReservedLock, SQLITE_IOERR_CHECKRESERVEDLOCK,
         REAL(base)->xCheckReservedLock(FILE_OF(base)->real, result));
}

static int file_control(sqlite3_file *base, int operation, void *argument)
{
    PASS(xFileControl, SQLITE_IOERR,
         REAL(base)->xFileControl(FILE_OF(base)->real, operation, argument));
}

static int file_sector(sqlite3_file *base)
{
    (void)base;
    return 4096;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

static int file_shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **to)
{
    PASS(xShmMap, SQLITE_IOERR_SHMMAP,
         REAL(base)->xShmMap(FILE_OF(base)->real, region, bytes, extend, to));
}

static int file_shm_lock(sqlite3_file *base, int first, int count, int flags)
{
    PASS(flags & SQLITE_SHM_UNLOCK ? xShmUnlock : xShmLock, SQLITE_IOERR_SHMLOCK,
         REAL(base)->xShmLock(FILE_OF(base)->real, first, count, flags));
}

static void file_shm_barrier(sqlite3_file *base)
{
    int code;
    strike(FILE_OF(base), xShmBarrier, 0, &code);
    REAL(base)->xShmBarrier(FILE_OF(base)->real);
}

static int file_shm_unmap(sqlite3_file *base, int remove)
{
    PASS(xShmUnmap, SQLITE_OK, REAL(base)->xShmUnmap(FILE_OF(base)->real, remove));
}

static int file_fetch(sqlite3_file *base, sqlite3_int64 offset, int length, void **bytes)
{
    *bytes = NULL;
    PASS(xFetch, SQLITE_IOERR_MMAP, REAL(base)->xFetch(FILE_OF(base)->real, offset, length, bytes));
}

static int file_unfetch(sqlite3_file *base, sqlite3_int64 offset, void *bytes)
{
    PASS(xUnfetch, SQLITE_OK, REAL(base)->xUnfetch(FILE_OF(base)->real, offset, bytes));
}

static const sqlite3_io_methods methods = {3,
                                           file_close,
                                           file_read,
                                           file_write,
                                           file_truncate,
                                           file_sync,
                                           file_size,
                                           file_lock,
                                           file_unlock,
                                           file_check_reserved,
                                           file_control,
                                           file_sector,
                                           file_characteristics,
                                           file_shm_map,
                                           file_shm_lock,
                                           file_shm_barrier,
                                           file_shm_unmap,
                                           file_fetch,
                                           file_unfetch};

/* --- the VFS ---------------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
    struct file *file = FILE_OF(base);
    int code, struck = strike(NULL, xOpen, 0, &code);
    (void)vfs;
    memset(file, 0, sizeof *file);
    if (struck != GO_ON)
        return struck;
    file->real = (sqlite3_file *)(file + 1);
    file->life = me == NULL ? current_life : me->life;
#ifdef POWER_H
    file->tracked = track_open(name, flags);
#endif
    code = system_vfs->xOpen(system_vfs, name, file->real, flags, out);
    if (file->real->pMethods != NULL)
        file->base.pMethods = &methods;
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    int code, struck = strike(NULL, xDelete, 0, &code);
    (void)vfs;
    if (struck != GO_ON)
        return struck;
    if (me != NULL && (me->life != current_life || me->is_dead))
        return SQLITE_IOERR_DELETE;
#ifdef POWER_H
    track_delete(name, sync);
#endif
    return system_vfs->xDelete(system_vfs, name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    int code, struck = strike(NULL, xAccess, 0, &code);
    (void)vfs;
    return struck == GO_ON ? system_vfs->xAccess(system_vfs, name, flags, result) : struck;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds)
{
    int code;
    (void)vfs;
    strike(NULL, xSleep, 0, &code);
    return microseconds;
}

static int vfs_randomness(sqlite3_vfs *vfs, int length, char *bytes)
{
    (void)vfs;
    for (int i = 0; i < length; i++) {
        unsigned long long word = random_state += 0x9e3779b97f4a7c15ull;
        word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9ull;
        word = (word ^ (word >> 27)) * 0x94d049bb133111ebull;
        bytes[i] = (char)((word ^ (word >> 31)) >> 32);
    }
    return length;
}

static void use_own_vfs(unsigned long long seed, int has_powersafe_overwrite)
{
    static sqlite3_vfs own;
    system_vfs = sqlite3_vfs_find("unix");
    own = *system_vfs;
    own.zName = vfs_name = "finding";
    own.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
    own.xOpen = vfs_open;
    own.xDelete = vfs_delete;
    own.xAccess = vfs_access;
    own.xSleep = vfs_sleep;
    own.xRandomness = vfs_randomness;
    powersafe = has_powersafe_overwrite;
#ifdef POWER_H
    is_powersafe = powersafe;
#endif
    random_state = seed;
    sqlite3_vfs_register(&own, 1);
    sqlite3_randomness(0, NULL); /* SQLite's own generator begins anew, from these bytes */
}

#endif
