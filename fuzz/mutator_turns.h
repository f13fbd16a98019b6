/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whose turn it is, of several that mutations may be drawn by: half of the turns go round evenly,
 * the other half to those that have brought something new more often than others of late. A bandit:
 * nobody is ever left out, for what brings nothing now may do so later.
 */
#ifndef FUZZ_MUTATOR_TURNS_H
#define FUZZ_MUTATOR_TURNS_H

#include "generate/families.h"

struct random;

enum { TURNS_MAX = GENERATE_FAMILIES_MAX };

struct turns {
    uint32_t count;
    uint32_t last; /* whose turn it was, plus 1; 0: nobody's yet, or it has been told of */
    struct {
        uint32_t taken, brought;
    } of[TURNS_MAX];
};

/* `count` of 1 to TURNS_MAX take turns. */
void turns_begin(struct turns *ret_turns, uint32_t count);

/* Whose turn it is: below `count`. */
uint32_t turns_take(struct turns *turns, struct random *random);

/* What came of the last turn was new. */
void turns_brought(struct turns *turns);

#endif
