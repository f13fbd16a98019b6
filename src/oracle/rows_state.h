/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What rows hold, as far as anybody can tell, and which statement wrote each of them last; and what
 * a transaction has done to some. Of two writes to a row that both stay, the one whose statement
 * had ended before the other's began is the older one, as who writes a row keeps others from it.
 * Where neither had, the row is unknown until it is written anew.
 */
#ifndef ORACLE_ROWS_STATE_H
#define ORACLE_ROWS_STATE_H

#include "model/database.h"

struct rows_state {
    struct model_database database;
    uint32_t unknown[PLAN_TABLES];           /* rows of which nobody can tell: bit sets */
    uint16_t writer[PLAN_TABLES][PLAN_KEYS]; /* the step that wrote it last plus 1; 0: at first */
    /* The same of the one that inserted it, or may have: a row that was deleted is another one. */
    uint16_t maker[PLAN_TABLES][PLAN_KEYS];
};

/* Of `state` the rows in `keys` count. */
struct rows_work {
    uint32_t keys[PLAN_TABLES];
    struct rows_state state;
};

/* Moments at which the statement of a step began and ended, by step plus 1; 0: it has not. */
struct rows_times {
    uint32_t *called, *returned;
};

void rows_state_init(struct rows_state *state);

/* One row of `from`. */
void rows_take(struct rows_state *state, const struct rows_state *from, uint32_t table,
               uint32_t key);

/* `writer` is newer than `other` for certain. */
bool rows_is_newer(const struct rows_times *times, uint16_t writer, uint16_t other);

/* What a transaction itself sees of its own work. */
void rows_see_own(struct rows_state *state, const struct rows_work *work);

/* What is seen once the transaction has committed. */
void rows_see_commit(struct rows_state *state, const struct rows_work *work,
                     const struct rows_times *times);

/* Writes of `step` to these rows; nobody can tell what came of them. */
void rows_write_unknown(struct rows_work *work, uint32_t table, uint32_t keys, size_t step);

/* One of both has happened: where they differ, the row is unknown. */
void rows_merge(struct rows_work *work, const struct rows_work *other);

#endif
