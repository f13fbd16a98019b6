/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which steps of different tasks commute: have nothing in common, so that it makes no difference
 * which of two neighbours comes first. Of all orders that differ in nothing else one is run, the
 * first of them, and the others are left out (partial order reduction; the normal form is that of
 * Anisimov and Knuth: Inhomogeneous sorting, 1979).
 *
 * What a step has in common with others is supposed before anything runs, and held against what it
 * does in each run (probe.h): a step that does more than was supposed is supposed to, and all is
 * run again. Both must hold: that it touches nothing of the storage, or only reads it, and that it
 * is none whose order matters to an oracle: a read that forgets to look at the storage still does
 * not commute with a write.
 */
#ifndef EXPLORE_COMMUTE_H
#define EXPLORE_COMMUTE_H

#include "explore/path.h"

#include <interplay/subject.h>

/* What a step has in common with others; a later one more. */
enum commute_bond {
    BOND_NOTHING, /* it begins a transaction that touches nothing yet */
    BOND_READ,    /* it reads, as others may at the same time */
    BOND_ALL,     /* it may not change places with anybody */
};

struct commute {
    uint64_t of_readers; /* the footprint of who only reads; 0: all are run */
    uint8_t bond[STEPS_MAX];
};

/*
 * Supposes what can be supposed of these steps. Nothing is left out where more is
 * shared than storage, where somebody is held back or struck by the scenario itself, where rows are
 * chosen by the numbers that steps have in a plan, and where time passes between steps.
 */
void commute_init(struct commute *ret_commute, const struct steps *steps,
                  const struct subject *subject, bool has_stack);

/*
 * Turns that begin or end in the midst of a step stay where they are. The first turn of the path
 * that could as well come before one of a task of a larger number; the path's count: none could,
 * and the path is the one that is run of those that are alike.
 */
uint32_t commute_first_late(const struct commute *commute, const struct steps *steps,
                            const struct path *path);

/* The step has that in common with others, or more than was supposed. True: it was not known. */
bool commute_raise(struct commute *commute, uint32_t step, uint8_t bond);

#endif
