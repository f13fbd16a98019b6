/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An interaction in a few words for people: in tables, verdicts and logs. Plain ASCII on one line;
 * nothing parses it again.
 */
#ifndef PLAN_DESCRIBE_H
#define PLAN_DESCRIBE_H

#include "base/text.h"
#include "plan/plan.h"

/*
 * Text of somebody's on one line: a space for each control character, a question mark for each
 * character beyond ASCII.
 */
void plan_describe_text(const char *piece, struct text *text);

/* "insert t0 k=3 size=2", "select t1 k=4..9 count", "query SELECT 1". */
void plan_describe_action(const struct interaction *interaction, struct text *text);

/* "|| after 12 lock", or nothing. */
void plan_describe_pause(const struct interaction *interaction, struct text *text);

/* "!! io_write #2", or nothing. */
void plan_describe_fault(const struct interaction *interaction, struct text *text);

/* "=> 3 rows, 2 columns", "=> error \"locked\"", or nothing. */
void plan_describe_expectation(const struct interaction *interaction, struct text *text);

/* All of these, with a space between. The task is left to the caller. */
void plan_describe(const struct interaction *interaction, struct text *text);

#endif
