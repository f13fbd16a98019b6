/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's VFS over simulated storage: io_methods version 3, every method a yield point of the
 * simulated world and an opportunity for its faults. sqlite_sim.h is what a runner uses; this is
 * one of the parts it puts together.
 *
 * Each method yields before it has any effect, then lets process death, power loss, interruption
 * and latency strike, then the faults of its own kind. On a dead handle, and in a dead task, every
 * method fails without effect, but xClose always releases. xUnlock and xShmUnlock never fail on
 * live handles.
 */
#ifndef SQLITE_SIM_VFS_H
#define SQLITE_SIM_VFS_H

#include "base/random.h"
#include "sim/storage.h"
#include "sim/world.h"

#include <sqlite3.h>

/* The process of handles that are opened outside of every task. */
enum { SIM_VFS_HARNESS_PROCESS = WORLD_NOBODY };

/* One VFS, over a storage of its own. */
struct sim_vfs {
    sqlite3_vfs vfs;
    struct storage *storage;
    struct random random;
    bool is_powersafe_overwrite;
    uint64_t log_bytes; /* written to write-ahead logs since the reset */
};

/*
 * Registers the VFS as `name` over `storage`; name and storage must outlive it. Returns an SQLite
 * code.
 */
int sim_vfs_register(struct sim_vfs *vfs, const char *name, struct storage *storage);
void sim_vfs_unregister(struct sim_vfs *vfs);

/*
 * Before each plan: what the device promises, and the seed of xRandomness. From now on it is the
 * default VFS, which SQLite's random numbers come from.
 */
void sim_vfs_reset(struct sim_vfs *vfs, bool powersafe_overwrite, uint64_t random_seed);

#endif
