/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SQL text of an interaction in SQLite's dialect: one statement, every number in it, so that it
 * reads like what a person would type. Only the text of an inserted row is a parameter, because it
 * can be long.
 */
#ifndef PLAN_SQL_H
#define PLAN_SQL_H

#include "base/text.h"
#include "plan/plan.h"

/* Room for the longest statement that plan_sql makes. */
enum { PLAN_SQL_BYTES = 1024 };

/*
 * Appends the statement that interaction number `step` runs. Returns how many units of
 * plan_value(step, key) the parameter ?1 is to hold; 0: there is no parameter. Actions that run no
 * SQL append nothing.
 */
uint32_t plan_sql(const struct interaction *interaction, int64_t step, struct text *text);

/* The statements that make the prepared database of a native plan. */
extern const char plan_setup_sql[];

#endif
