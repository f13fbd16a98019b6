/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan as a table for people: one column a task, one row an interaction, so that one sees who
 * does what while another is held back. Plain ASCII.
 */
#ifndef REPORT_PLAN_TABLE_H
#define REPORT_PLAN_TABLE_H

#include "plan/plan.h"

#include <stddef.h>
#include <stdio.h>

enum { PLAN_TABLE_WIDTH_DEFAULT = 120 };

/*
 * Prints configuration (what differs from the default) and interactions to `out`, in lines of at
 * most `width` characters; 0: as wide as it takes. Cells that are too long continue below. A column
 * never becomes narrower than 18 characters: many tasks make lines longer than `width`. Errors are
 * left in `out`.
 */
void plan_table_print(const struct plan *plan, size_t width, FILE *out);

#endif
