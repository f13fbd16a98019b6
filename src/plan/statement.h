/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statements that pools keep prepared, by number. A number stands for a shape: what is left of
 * an interaction when its numbers are taken away. There are few enough of them that a text can be
 * made once for each, and its address can stand for the statement.
 */
#ifndef PLAN_STATEMENT_H
#define PLAN_STATEMENT_H

#include "plan/plan.h"

enum {
    /* Numbers are below this: 312 selects, 8 inserts, 8 upserts, 48 updates, 48 that return rows,
     * 24 deletes, 4 appends. */
    PLAN_STATEMENT_COUNT = 452,
    PLAN_STATEMENT_BYTES = 192, /* room for the longest text, with its terminating zero */
};

/*
 * The number of the statement that an interaction runs; a stream_open has that of the select that
 * it is. Interactions have the same number if and only if their trees (plan/statement_tree.h) are
 * the same but for what the parameters stand for. False for what is not kept (transactions, schema
 * changes, reads of all columns there are, words of a database's own) or is no single statement
 * (batch: see plan_batch_item).
 */
bool plan_statement_number(const struct interaction *interaction, uint32_t *ret_number);

#endif
