/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How simple a plan is. Only a candidate that is simpler than the best plan so far is tried, so
 * that shrinking ends whatever the tactics do, and no two of them undo each other for ever.
 */
#ifndef SHRINK_COST_H
#define SHRINK_COST_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

enum cost_part {
    COST_INTERACTIONS,
    COST_MARKS,      /* pauses, faults, expectations */
    COST_CONFIG,     /* fields that differ from their first value, but `tasks` */
    COST_TASKS,      /* as the configuration says */
    COST_ACTIONS,    /* how simple they are: their places in the table */
    COST_ARGUMENTS,  /* that are not 0 */
    COST_NUMBERS,    /* how large all numbers are */
    COST_SWITCHES,   /* from one task to another */
    COST_MISNUMBERS, /* tasks that are not numbered in the order of their first interactions */
    COST_PARTS
};

/* The first part that differs decides. */
struct cost {
    uint64_t parts[COST_PARTS];
};

struct cost cost_of(const struct plan *plan);
bool cost_is_less(const struct cost *left, const struct cost *right);

#endif
