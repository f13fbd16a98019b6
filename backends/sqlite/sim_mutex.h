/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite's mutexes in the simulated world: entering and leaving are yield points, and a task that
 * meets a mutex of another task waits cooperatively. Outside of every task nothing may be
 * contended: that is an error of the harness.
 */
#ifndef SQLITE_SIM_MUTEX_H
#define SQLITE_SIM_MUTEX_H

#include <stdint.h>

struct sqlite3_mutex_methods;

enum { SIM_MUTEXES_MAX = 256 };

struct sqlite3_mutex {
    uint32_t owner; /* task or thread, or WORLD_NOBODY for the harness; with depth 0: nobody's */
    uint32_t depth;
    int type;
    struct sqlite3_mutex *next_free;
};

/* The dynamic mutexes of an instance; all zero: none. Only sim_mutex.c looks inside. */
struct sim_mutexes {
    struct sqlite3_mutex all[SIM_MUTEXES_MAX];
    struct sqlite3_mutex *free;
    uint32_t used; /* of `all`, ever */
    int64_t count; /* allocated now */
};

/* For sqlite3_config(SQLITE_CONFIG_MUTEX, ...). */
extern const struct sqlite3_mutex_methods sim_mutex_methods;

/*
 * Nobody holds any of the library's own mutexes any more: for one that is shut down under abandoned
 * tasks.
 */
void sim_mutexes_abandon_statics(void);

#endif
