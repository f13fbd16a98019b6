/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite in the simulated world: what a runner calls to plug the library into simulated storage,
 * memory, mutexes, clock and randomness, to start each plan from a prepared database, and to let
 * disasters happen.
 *
 * Call sqlite_sim_open once before anything else of SQLite in this process; it owns the library's
 * global configuration until sqlite_sim_close. Then, for each plan: sqlite_sim_reset, connect with
 * SQLITE_SIM_DATABASE and SQLITE_SIM_VFS, run, disconnect everything, look at sqlite_sim_resources.
 * The same as a table that knows no SQLite: interplay_environment_sqlite (interplay/environment.h).
 * Connections must be closed before the next reset; a connection that was opened before it fails
 * every I/O call.
 *
 * A handle that is opened inside a task or thread belongs to that one's process, outside of all of
 * them to the harness's own. Only these functions and closing connections are allowed while no task
 * holds a mutex.
 *
 * Deterministic: after a reset nothing of earlier plans can be observed but addresses.
 */
#ifndef SQLITE_SQLITE_SIM_H
#define SQLITE_SQLITE_SIM_H

#include <interplay/environment.h>
#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

#define SQLITE_SIM_DATABASE "interplay.db"
#define SQLITE_SIM_VFS      "interplay"

/*
 * Configures and initializes SQLite, registers the VFS as the default one, and prepares one
 * database for each page size (512, 1024, 4096, 65536) in WAL and in rollback mode by running
 * `setup_sql` on it. On failure everything is released.
 */
enum error_code sqlite_sim_open(const char *setup_sql, struct error *error)
    __attribute__((warn_unused_result));

/* Works, too, when tasks were abandoned in the middle of a call; their memory is lost then. */
void sqlite_sim_close(void);

/*
 * Page sizes are 512, 1024, 4096 or 65536. A plan without `loses_power` loses nothing in a power
 * loss: to keep track of what is not synced costs a copy of each write.
 */
void sqlite_sim_reset(const struct environment_options *options);

/*
 * To be called from world->on_fault (or from outside of every task). The runner marks the tasks dead
 * itself.
 */
void sqlite_sim_process_died(uint32_t task);
void sqlite_sim_power_loss(uint64_t seed);

/*
 * Keeps all files as they are now (one copy; a later save replaces it), and puts them back.
 * Restoring kills open handles.
 */
void sqlite_sim_save(void);
void sqlite_sim_restore(void);

/*
 * What is held beyond what the library itself held after sqlite_sim_open. All zero after the last
 * disconnect.
 */
struct sqlite_sim_resources {
    int64_t memory_bytes;
    int64_t allocations;
    int64_t mutexes;
    uint32_t handles; /* open files, those of dead processes included */
    uint32_t locks;   /* file locks and shared-memory locks */
    uint32_t shm;     /* attachments to shared memory */
};
void sqlite_sim_resources(struct sqlite_sim_resources *ret_resources);

#endif
