/* SPDX-License-Identifier: Apache-2.0 */
/* An open file of the simulated VFS; only sim_vfs.c and sim_file.c see it. */
#ifndef SQLITE_SIM_FILE_H
#define SQLITE_SIM_FILE_H

#include "sim/footprint.h"
#include "sim/storage.h"
#include "sim/world.h"

#include <sqlite3.h>

struct sim_vfs;

/* The numbers are those of footprints. */
enum sim_file_kind {
    SIM_FILE_DATABASE,
    SIM_FILE_JOURNAL, /* of rollbacks */
    SIM_FILE_LOG,
    SIM_FILE_OTHER,
};

struct sim_file {
    sqlite3_file base;   /* first: SQLite knows no more */
    struct sim_vfs *vfs; /* that opened it */
    struct storage_handle handle;
    sqlite3_int64 mmap_limit_bytes; /* 0: xFetch hands out nothing */
    bool syncs_directory;           /* at its next sync */
    uint8_t kind;                   /* enum sim_file_kind */
};

extern const sqlite3_io_methods sim_file_methods;

/* Lets the faults strike that can strike at every I/O call. */
void sim_file_offer_faults(void);

/* For whoever watches: the next call of this coroutine is about these bytes of the file. */
static inline void sim_file_touch(const struct sim_file *file, sqlite3_int64 offset,
                                  sqlite3_int64 bytes)
{
    if (__builtin_expect(world->on_yield != NULL, 0) && world->current != NULL)
        world->current->touch =
            (struct world_touch){&file->handle, true, (uint64_t)offset, (uint64_t)bytes};
}

/* As far as that was not said: which file. */
static inline void sim_file_touch_whole(const struct sim_file *file)
{
    struct world_touch *touch = world->current == NULL ? NULL : &world->current->touch;
    if (touch != NULL && file != NULL && touch->handle != &file->handle)
        *touch = (struct world_touch){.handle = &file->handle};
}

/*
 * Every method starts with this: yields, lets the faults of every I/O call strike, and says whether
 * the method may go on. `file` may be NULL. False: the process is dead.
 */
static inline bool sim_file_go_on(enum yield_point point, const struct sim_file *file)
{
    bool is_watched = __builtin_expect(world->on_yield != NULL, 0);
    if (is_watched)
        sim_file_touch_whole(file);
    world_yield(point);
    if (world->current != NULL) {
        if (is_watched)
            world->current->touch.handle = NULL;
        const struct world_fault *fault = world_current_fault();
        if (__builtin_expect(fault != NULL && fault->kind != FAULT_NONE, 0))
            sim_file_offer_faults();
        if (world->current->dead)
            return false;
    }
    return file == NULL || !storage_is_dead(&file->handle);
}

#endif
