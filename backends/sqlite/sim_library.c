/* SPDX-License-Identifier: Apache-2.0 */
/* Starting and stopping the library under those who use it. */
#include "sqlite/sim_library.h"

#include "base/assert.h"

#include <sqlite3.h>
#include <string.h>

struct sim_share sim_librarys_share;

static uint32_t shares_open; /* process-wide, as the library is */

static int configure(void)
{
    int code = sqlite3_config(SQLITE_CONFIG_MALLOC, &sim_memory_methods);
    if (code == SQLITE_OK)
        code = sqlite3_config(SQLITE_CONFIG_MUTEX, &sim_mutex_methods);
    if (code == SQLITE_OK)
        code = sqlite3_config(SQLITE_CONFIG_LOG, NULL, NULL);
    /* Every allocation is seen: by the faults, by the yield points, by AddressSanitizer. */
    if (code == SQLITE_OK)
        code = sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0);
    /* Counting is done below SQLite; its own would cost two mutex calls an allocation. */
    if (code == SQLITE_OK)
        code = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    return code;
}

/*
 * What SQLite brings for the real world: SQL of a plan (a connection may take URIs: vfs=unix) would
 * reach the file system of whoever replays it.
 */
static void unregister_real_vfs(void)
{
    static const char prefix[] = "unix";
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    while (vfs != NULL) {
        sqlite3_vfs *next = vfs->pNext;
        if (strncmp(vfs->zName, prefix, sizeof prefix - 1) == 0)
            (void)sqlite3_vfs_unregister(vfs);
        vfs = next;
    }
}

static int start(void)
{
    int code = configure();
    if (code == SQLITE_OK)
        code = sqlite3_initialize();
    if (code == SQLITE_OK)
        unregister_real_vfs();
    return code;
}

static void stop(void)
{
    sim_mutexes_abandon_statics();
    (void)sqlite3_shutdown();
}

int sim_library_open(struct sim_share *share)
{
    ASSERT(world->subject == NULL);
    int code = shares_open == 0 ? start() : SQLITE_OK;
    if (code == SQLITE_OK && !sim_heap_open(&share->heap))
        code = SQLITE_NOMEM;
    if (code != SQLITE_OK) {
        if (shares_open == 0)
            stop();
        return code;
    }
    memset(&share->mutexes, 0, sizeof share->mutexes);
    shares_open++;
    world->subject = share;
    return SQLITE_OK;
}

void sim_library_close(struct sim_share *share)
{
    sim_library_leave(share);
    sim_heap_close(&share->heap);
}

void sim_library_leave(struct sim_share *share)
{
    ASSERT(world->subject == share);
    world->subject = NULL;
    stop();
    if (--shares_open > 0)
        ASSERT(start() == SQLITE_OK);
}
