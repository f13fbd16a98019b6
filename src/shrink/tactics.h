/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ways to simplify a plan; shrink.c has their order. Each makes all of its attempts on the best
 * plan so far and goes on with what succeeded.
 */
#ifndef SHRINK_TACTICS_H
#define SHRINK_TACTICS_H

#include "shrink/attempt.h"

typedef void tactic_fn(struct shrinker *shrinker);

/* tactics_remove.c: interactions */
tactic_fn tactic_cut_tail;      /* what comes after the finding was noticed */
tactic_fn tactic_drop_blocks;   /* halves, quarters, ..., two */
tactic_fn tactic_drop_tasks;    /* all that one task does */
tactic_fn tactic_drop_actions;  /* all of one action */
tactic_fn tactic_drop_sections; /* what opens and what closes, with and without what is between */
tactic_fn tactic_drop_single;   /* one by one, the actions that explain least first */

/* tactics_lower.c: what an interaction carries */
tactic_fn tactic_strip;   /* faults, pauses, expectations: all, then one by one */
tactic_fn tactic_unify;   /* one value of an argument, wherever it stands, to 0 */
tactic_fn tactic_zero;    /* all arguments of an interaction to 0 */
tactic_fn tactic_numbers; /* one number: its smallest, half of it, one less */

/* tactics_replace.c: what an interaction does */
tactic_fn tactic_replace; /* simpler ones, and others that make marks or settings needless */

/* tactics_frame.c: the configuration, the tasks, the order */
tactic_fn tactic_config;   /* fields to their first value, the stack first */
tactic_fn tactic_tasks;    /* fewer of them, then numbered in the order in which they begin */
tactic_fn tactic_sequence; /* an interaction next to its neighbour of the same task */

#endif
