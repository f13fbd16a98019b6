/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite in the simulated world: what plugs the library into simulated storage, memory, mutexes,
 * clock and randomness, starts each plan from a prepared database, and lets disasters happen. What
 * a runner uses is the subject made of it (sqlite_world.c).
 *
 * Open one before anything else of SQLite in this process: the library is taken over by the
 * instances that are open (sim_library.h). An instance belongs to the world that is entered when it
 * is opened, as its `subject`, and is used and closed there. Then, for each plan: reset, connect
 * with SQLITE_SIM_DATABASE and the instance's VFS, run, disconnect everything, look at the
 * resources. Connections must be closed before the next reset, of this instance or another; a
 * connection that was opened before it fails every I/O call.
 *
 * A handle that is opened inside a task or thread belongs to that one's process, outside of all of
 * them to the harness's own. Only these functions and closing connections are allowed while no task
 * holds a mutex.
 *
 * Deterministic: after a reset nothing of earlier plans can be observed but addresses.
 */
#ifndef SQLITE_SQLITE_SIM_H
#define SQLITE_SQLITE_SIM_H

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

#define SQLITE_SIM_DATABASE "interplay.db"

struct sqlite_sim;

/* How the database of a plan starts. */
struct sqlite_sim_options {
    uint32_t page_size;       /* bytes: 512, 1024, 4096 or 65536 */
    bool wal;                 /* write-ahead log, else rollback journal */
    bool empty;               /* without a database: the two above do not matter */
    bool loses_power;         /* a power loss is to come */
    bool shares_caches;       /* connections have one cache */
    bool powersafe_overwrite; /* bytes beside a write survive a power loss in the same sector */
    uint64_t random_seed;     /* of SQLite's own random numbers */
};

/*
 * The first one configures and initializes SQLite. Registers a VFS, and prepares one database for
 * each page size in WAL and in rollback mode by running `setup_sql` on it. On failure everything is
 * released.
 */
enum error_code sqlite_sim_open(struct sqlite_sim **ret_sim, const char *setup_sql,
                                struct error *error) __attribute__((warn_unused_result));

/*
 * Works, too, when tasks were abandoned in the middle of a call. Their memory is freed, unless they
 * shared a cache, which the library goes on to compare new connections with.
 */
void sqlite_sim_close(struct sqlite_sim *sim);

/* The name of its VFS. */
const char *sqlite_sim_vfs(const struct sqlite_sim *sim);

/*
 * A plan without `loses_power` loses nothing in a power loss: to keep track of what is not synced
 * costs a copy of each write.
 */
void sqlite_sim_reset(struct sqlite_sim *sim, const struct sqlite_sim_options *options);

/*
 * To be called from world->on_fault (or from outside of every task). The runner marks the tasks
 * dead itself.
 */
void sqlite_sim_process_died(struct sqlite_sim *sim, uint32_t task);
void sqlite_sim_power_loss(struct sqlite_sim *sim, uint64_t seed);

/*
 * Keeps all files as they are now (one copy; a later save replaces it), and puts them back.
 * Restoring kills open handles.
 */
void sqlite_sim_save(struct sqlite_sim *sim);
void sqlite_sim_restore(struct sqlite_sim *sim);

/* The length of the write-ahead log; and all bytes written to such since the reset. */
uint64_t sqlite_sim_log_bytes(const struct sqlite_sim *sim);
uint64_t sqlite_sim_log_written_bytes(const struct sqlite_sim *sim);

/*
 * What is held beyond what the library itself held after the last sqlite_sim_open. All zero after
 * the last disconnect.
 */
struct sqlite_sim_resources {
    int64_t memory_bytes;
    int64_t allocations;
    int64_t mutexes;
    uint32_t handles; /* open files, those of dead processes included */
    uint32_t locks;   /* file locks and shared-memory locks */
    uint32_t shm;     /* attachments to shared memory */
};
void sqlite_sim_resources(const struct sqlite_sim *sim, struct sqlite_sim_resources *ret_resources);

#endif
