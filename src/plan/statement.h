/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statements that pools keep prepared: those of plan_sql with parameters in place of numbers.
 * There are few enough of them to be numbered, so that a text can be made once for each number, and
 * its address can stand for the statement.
 */
#ifndef PLAN_STATEMENT_H
#define PLAN_STATEMENT_H

#include "base/text.h"
#include "plan/plan.h"

enum {
    /* Numbers are below this: 312 selects, 8 inserts, 8 upserts, 48 updates, 48 that return rows,
     * 24 deletes. */
    PLAN_STATEMENT_COUNT = 448,
    PLAN_STATEMENT_BYTES = 192, /* room for the longest text, with its terminating zero */
    PLAN_PARAMETERS_MAX = 4,
};

/* What makes an upsert of an insert. */
#define PLAN_ON_CONFLICT " ON CONFLICT(k) DO UPDATE SET v=excluded.v,p=excluded.p"

struct plan_parameter {
    bool is_payload; /* the text of `number` in 8 digits, `units` times; else the number itself */
    int64_t number;
    uint32_t units;
};

/*
 * The number of the statement that an interaction runs; a stream_open has that of the select that
 * it is. False for what is not kept (transactions, schema changes, pragmas) or is no single
 * statement (batch: see plan_batch_item).
 */
bool plan_statement_number(const struct interaction *interaction, uint32_t *ret_number);

/* Appends the text of statement `number`, with placeholders ?1, ?2, ... */
void plan_statement_sql(uint32_t number, struct text *text);

/*
 * Writes what the placeholders of interaction number `step` stand for, in their order, and returns
 * how many there are. Only for interactions that have a statement number.
 */
uint32_t plan_statement_parameters(const struct interaction *interaction, int64_t step,
                                   struct plan_parameter ret_parameters[PLAN_PARAMETERS_MAX]);

/*
 * Appends the same statement with the numbers in it; only the text of a row stays a placeholder,
 * ?1, and the result is how many units it has, 0: there is none. Also only for interactions that
 * have a statement number.
 */
uint32_t plan_statement_literal(const struct interaction *interaction, int64_t step,
                                struct text *text);

/* True when it changes the database. */
bool plan_statement_is_write(uint32_t number);

/* How many columns its rows have: 3 (k, v, p), 1 (an aggregate) or 0 (it returns no rows). */
uint32_t plan_statement_columns(uint32_t number);

#endif
