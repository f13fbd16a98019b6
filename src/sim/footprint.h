/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a call did to the shared storage, as a set of small facts: locks taken or refused, files
 * written, cut, synced. It feeds coverage: which held-back call was overtaken by somebody who did
 * what.
 */
#ifndef SIM_FOOTPRINT_H
#define SIM_FOOTPRINT_H

#include "sim/world.h"

/* Which file; the meaning is the backend's. */
enum { FOOTPRINT_FILE_KINDS = 4 };

/*
 * Each fact is one bit of the footprint; those with a number take as many bits as there are
 * numbers.
 */
enum footprint_fact {
    FOOTPRINT_WRITE_START = 0,    /* + file kind: wrote at offset 0 */
    FOOTPRINT_WRITE_OVER = 4,     /* + file kind: wrote over content */
    FOOTPRINT_WRITE_END = 8,      /* + file kind: made it longer */
    FOOTPRINT_TRUNCATE = 12,      /* + file kind */
    FOOTPRINT_SYNC = 16,          /* + file kind */
    FOOTPRINT_FILE_LOCK = 20,     /* + level, 0 to 3 */
    FOOTPRINT_SHM_SHARED = 24,    /* + slot, 0 to 7 */
    FOOTPRINT_SHM_EXCLUSIVE = 32, /* + first slot */
    FOOTPRINT_SHM_REFUSED = 40,   /* + first slot */
    FOOTPRINT_FILE_REFUSED = 48,
    FOOTPRINT_DELETE = 49,
    FOOTPRINT_FACTS = 50,
};

/* Adds a fact to what was done for the task that the running coroutine acts for. */
static inline void footprint_add(enum footprint_fact fact, uint32_t number)
{
    if (world->current != NULL && world->current->acting_for != WORLD_NOBODY)
        world->tasks[world->current->acting_for].footprint |= 1ull << ((uint32_t)fact + number);
}

#endif
