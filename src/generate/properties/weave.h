/* SPDX-License-Identifier: Apache-2.0 */
/* Properties in plans: one among other interactions, or some alone. */
#ifndef GENERATE_PROPERTIES_WEAVE_H
#define GENERATE_PROPERTIES_WEAVE_H

#include "base/arena.h"
#include "base/random.h"
#include "generate/generate.h"

/* Draws a plan of nothing but properties of the subject's set. */
void weave_alone(struct plan *plan, struct arena *arena, struct random *random,
                 struct generate_subject subject);

/*
 * Puts a property between the plan's interactions, in a part of all plans. There is room for
 * SHAPE_STEPS_MAX more interactions. `random` is only looked at, so that the others stay what they
 * are.
 */
void weave_into(struct plan *plan, const struct random *random);

#endif
