/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The canaries that break the storage: a VFS in front of the simulated one, which gives each opened
 * file the same methods but one.
 */
#include "decorator.h"

#include "base/assert.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define CANARY_VFS "canary"

static struct {
    sqlite3_vfs vfs;
    sqlite3_vfs *base;
    char base_name[32];
    sqlite3_io_methods methods;
    const sqlite3_io_methods *base_methods;
    int opened_as; /* files opened with one of these flags are broken */
    void (*break_methods)(sqlite3_io_methods *methods);
} shim;

static int shim_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file, int flags,
                     int *ret_flags)
{
    (void)vfs;
    int code = shim.base->xOpen(shim.base, name, file, flags, ret_flags);
    if (code != SQLITE_OK || !(flags & shim.opened_as))
        return code;
    if (shim.base_methods == NULL) {
        shim.base_methods = file->pMethods;
        shim.methods = *file->pMethods;
        shim.break_methods(&shim.methods);
    }
    ASSERT(file->pMethods == shim.base_methods);
    file->pMethods = &shim.methods;
    return code;
}

/* In front of the VFS of this name, which changes when the runner is opened anew. */
static void stand_before(const char *driver)
{
    if (shim.base != NULL && strcmp(shim.base_name, driver) == 0)
        return;
    if (shim.base != NULL)
        (void)sqlite3_vfs_unregister(&shim.vfs);
    shim.base = sqlite3_vfs_find(driver);
    ASSERT(shim.base != NULL && strlen(driver) < sizeof shim.base_name);
    memcpy(shim.base_name, driver, strlen(driver) + 1);
    shim.vfs = *shim.base;
    shim.vfs.zName = CANARY_VFS;
    shim.vfs.pNext = NULL;
    shim.vfs.xOpen = shim_open;
    ASSERT(sqlite3_vfs_register(&shim.vfs, 0) == SQLITE_OK);
}

/* Registered at the first connection: before the runner is open, SQLite must not be touched. */
static enum outcome shim_connect(struct backend_connection **ret_connection,
                                 const struct backend_options *options)
{
    if (!canary_in_task())
        return honest->connect(ret_connection, options);
    stand_before(options->driver);
    struct backend_options diverted = *options;
    diverted.driver = CANARY_VFS;
    return honest->connect(ret_connection, &diverted);
}

static void install(struct fuzz_setup *setup, int opened_as,
                    void (*break_methods)(sqlite3_io_methods *methods))
{
    shim.opened_as = opened_as;
    shim.break_methods = break_methods;
    canary_decorate(setup)->connect = shim_connect;
}

/* --- the log is never synced ------------------------------------------------------------------ */

static int skipped_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_OK;
}

static void break_sync(sqlite3_io_methods *methods)
{
    methods->xSync = skipped_sync;
}

void canary_install_skipped_sync(struct fuzz_setup *setup)
{
    install(setup, SQLITE_OPEN_WAL, break_sync);
}

/* --- a page is not written -------------------------------------------------------------------- */

static int lost_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    if (canary_in_task() && canary_every(7))
        return SQLITE_OK;
    return shim.base_methods->xWrite(file, data, length, offset);
}

static void lose_writes(sqlite3_io_methods *methods)
{
    methods->xWrite = lost_write;
}

void canary_install_lost_page(struct fuzz_setup *setup)
{
    install(setup, SQLITE_OPEN_MAIN_DB, lose_writes);
}

/* --- the header counts a free page too few ---------------------------------------------------- */

enum { HEADER_BYTES = 100, FREE_PAGES_AT = 36 }; /* https://www.sqlite.org/fileformat2.html, 1.3 */

static int miscounting_write(sqlite3_file *file, const void *data, int length, sqlite3_int64 offset)
{
    unsigned char *copy = offset == 0 && length >= HEADER_BYTES ? malloc((size_t)length) : NULL;
    if (copy == NULL)
        return shim.base_methods->xWrite(file, data, length, offset);
    memcpy(copy, data, (size_t)length);
    unsigned char *count = copy + FREE_PAGES_AT;
    if (count[3] > 0)
        count[3]--;
    int code = shim.base_methods->xWrite(file, copy, length, offset);
    free(copy);
    return code;
}

static void miscount(sqlite3_io_methods *methods)
{
    methods->xWrite = miscounting_write;
}

void canary_install_freelist_count(struct fuzz_setup *setup)
{
    install(setup, SQLITE_OPEN_MAIN_DB, miscount);
}
