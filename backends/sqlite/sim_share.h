/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one instance of SQLite in the simulated world has of the library's memory and mutexes: the
 * world's `subject`, where the library's methods, which carry no context, find it. What the library
 * takes while no instance's world is entered is its own.
 */
#ifndef SQLITE_SIM_SHARE_H
#define SQLITE_SIM_SHARE_H

#include "sim/world.h"
#include "sqlite/sim_memory.h"
#include "sqlite/sim_mutex.h"

struct sim_share {
    struct sim_heap heap;
    struct sim_mutexes mutexes;
};

extern struct sim_share sim_librarys_share;

static inline struct sim_share *sim_share_at_hand(void)
{
    return world->subject != NULL ? world->subject : &sim_librarys_share;
}

#endif
