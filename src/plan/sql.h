/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQL text of an interaction: one statement, every number in it, so that it reads like what a
 * person would type. Only the text of an inserted row is a parameter, because it can be long.
 */
#ifndef PLAN_SQL_H
#define PLAN_SQL_H

#include "base/text.h"
#include "plan/plan.h"

#include <interplay/backend.h>

enum {
    PLAN_SQL_BYTES = 1024,       /* room for the longest statement that plan_sql makes */
    PLAN_SETUP_SQL_BYTES = 1024, /* and for all that plan_setup_sql makes */
};

/*
 * Appends the statement that interaction number `step` runs. Returns how many units of
 * plan_value(step, key) its only parameter is to hold; 0: there is no parameter. Actions that run
 * no SQL append nothing.
 */
uint32_t plan_sql(const struct interaction *interaction, int64_t step, enum dialect dialect,
                  struct text *text);

/*
 * Whether the dialect has words for the action, whatever its arguments are; true of those that run
 * no SQL. Only for such actions there is a statement.
 */
bool plan_sql_can_say(enum plan_action action, enum dialect dialect);

/* A savepoint outside of a transaction begins one; otherwise it is an error there. */
bool plan_savepoint_begins(enum dialect dialect);

/*
 * Appends the statements that make the prepared database of a native plan, each with a semicolon.
 */
void plan_setup_sql(enum dialect dialect, struct text *text);

#endif
