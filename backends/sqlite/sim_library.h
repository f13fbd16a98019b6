/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite is one library in the process, however many instances of it are simulated: its
 * configuration, its static mutexes and its random numbers are common to all, who use it in turns.
 * It is configured when the first instance opens, and starts anew whenever one has closed, since
 * tasks may have been abandoned in the middle of it.
 */
#ifndef SQLITE_SIM_LIBRARY_H
#define SQLITE_SIM_LIBRARY_H

#include "sqlite/sim_share.h"

/*
 * Gives the world that is entered a share of the library, as its subject, until it is closed.
 * Returns an SQLite code; on failure nothing is open.
 */
int sim_library_open(struct sim_share *share);

/* In the world where it was opened; frees all memory and mutexes that are left in the share. */
void sim_library_close(struct sim_share *share);

/* The same, but for what is left, which the library still knows of: it stays for good. */
void sim_library_leave(struct sim_share *share);

#endif
