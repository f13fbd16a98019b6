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

#include "sim/storage.h"
#include "sim/world.h"

/* The process of handles that are opened outside of every task. */
enum { SIM_VFS_HARNESS_PROCESS = WORLD_NOBODY };

/*
 * Registers the default VFS `name` over `storage`, which must outlive it. Returns an SQLite code.
 */
int sim_vfs_register(const char *name, struct storage *storage);
void sim_vfs_unregister(void);

/* Before each plan: what the device promises, and the seed of xRandomness. */
void sim_vfs_reset(bool powersafe_overwrite, uint64_t random_seed);

#endif
