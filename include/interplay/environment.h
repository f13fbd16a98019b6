/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a database into the simulated world: what the runner asks beside the backend itself, to
 * start each plan from the same state, to let disasters happen, and to see what is left over. A
 * backend without state needs none (NULL); every function may be NULL but reset.
 *
 * One environment a process. Everything is called outside of all tasks, but process_died and
 * power_loss, which may be called in the middle of a call.
 */
#ifndef INTERPLAY_ENVIRONMENT_H
#define INTERPLAY_ENVIRONMENT_H

#include <interplay/backend.h>
#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

/* How the database of a plan starts. */
struct environment_options {
    uint32_t page_size;       /* bytes */
    bool wal;                 /* write-ahead log, else rollback journal */
    bool empty;               /* without the tables of a native plan: the two above do not matter */
    bool loses_power;         /* a power loss is in the plan */
    bool powersafe_overwrite; /* bytes beside a write survive a power loss in the same sector */
    uint64_t random_seed;     /* of the database's own random numbers */
};

/* What is held beyond what there was before the first connection; all 0 when nothing is left. */
struct environment_resources {
    int64_t memory_bytes;
    int64_t allocations;
    int64_t open_files;
    int64_t file_locks;
    int64_t shared_memory; /* attachments */
};

struct environment_ops {
    const char *target; /* what connections open */
    const char *driver; /* see struct backend_options */

    /* Once, before anything else; `setup_sql` makes the tables of a native plan. */
    enum error_code (*open)(const char *setup_sql, struct error *error);
    /* Works, too, when tasks were abandoned in the middle of a call. */
    void (*close)(void);

    /* Before each plan, all connections closed: as if nothing had ever run. */
    void (*reset)(const struct environment_options *options);

    /* The process that task (or thread) `task` belongs to is gone. */
    void (*process_died)(uint32_t task);
    /* All processes are gone, and of what was not synced only what `seed` draws is there. */
    void (*power_loss)(uint64_t seed);

    /* Keeps the stored state as it is now, and puts it back. */
    void (*save)(void);
    void (*restore)(void);

    void (*resources)(struct environment_resources *ret_resources);
};

extern const struct environment_ops interplay_environment_sqlite;
extern const struct environment_ops interplay_environment_memory;

#endif
