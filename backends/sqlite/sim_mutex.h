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

/* For sqlite3_config(SQLITE_CONFIG_MUTEX, ...). */
extern const struct sqlite3_mutex_methods sim_mutex_methods;

/* Dynamic mutexes that are allocated now. */
int64_t sim_mutex_count(void);

/* Nobody holds any mutex any more: for a library that is shut down under abandoned tasks. */
void sim_mutex_abandon_all(void);

#endif
