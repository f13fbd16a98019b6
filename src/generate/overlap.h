/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions side by side: two or three clients, each of which begins, reads and writes the same
 * few rows as the others do, and ends, their steps in turns that are drawn by lot. What databases
 * may get wrong about isolation needs such a moment, which interactions drawn one by one seldom
 * make.
 */
#ifndef GENERATE_OVERLAP_H
#define GENERATE_OVERLAP_H

#include "base/random.h"
#include "plan/plan.h"

/* Clients of one, steps of each; a pool's connection is taken and given back besides. */
enum { OVERLAP_CLIENTS_MAX = 3, OVERLAP_STEPS_MAX = 8 };
enum { OVERLAP_INTERACTIONS_MAX = OVERLAP_CLIENTS_MAX * OVERLAP_STEPS_MAX };

/*
 * Draws so many interactions at most, of clients that a plan with at least two `tasks` has; returns
 * how many.
 */
size_t overlap_draw(struct interaction ret_interactions[OVERLAP_INTERACTIONS_MAX],
                    struct random *random, uint32_t tasks, bool has_pool);

#endif
