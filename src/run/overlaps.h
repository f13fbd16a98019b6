/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions that are open side by side, and what each knows of rows that another one has
 * touched: how near a plan comes to a dependency between two of them in each direction, which is
 * what isolation levels forbid. For the feedback: a guess from what was asked for and what came of
 * it, no claim. That of plans without transactions side by side costs a look at a bit set.
 */
#ifndef RUN_OVERLAPS_H
#define RUN_OVERLAPS_H

#include "history/event.h"

/* Of a call, in the order of time: what it has to do with transactions beside its own. */
enum overlap_fact {
    OVERLAP_READ_AGAIN = 1 << 0,     /* it is about rows that its transaction has read */
    OVERLAP_OWN = 1 << 1,            /* and about rows that it has written */
    OVERLAP_REPLACED = 1 << 2,       /* rows that were replaced since its transaction began */
    OVERLAP_OUT = 1 << 3,            /* its transaction has read what was then replaced */
    OVERLAP_OUT_ELSEWHERE = 1 << 4,  /* in another table */
    OVERLAP_IN = 1 << 5,             /* it has written what who committed meanwhile had read */
    OVERLAP_READ_BY_OTHERS = 1 << 6, /* rows that somebody has read who is not at the end */
    OVERLAP_WRITTEN_BY_OTHERS = 1 << 7,
    OVERLAP_WRITER = 1 << 8, /* its transaction has written anything */
};

struct overlap_rows {
    uint32_t keys[PLAN_TABLES]; /* bit sets */
};

/* Begins as zeros. */
struct overlaps {
    uint32_t open; /* tasks whose transaction has read or written: a bit set */
    struct overlap_task {
        struct overlap_rows read, written; /* by its transaction */
        /* Since it began, by others who have committed. */
        struct overlap_rows replaced, read_meanwhile;
    } tasks[PLAN_TASKS_MAX];
};

/* A call of the task has come to an end; the facts of it, 0 where nobody is in a transaction. */
uint32_t overlaps_read(struct overlaps *overlaps, uint32_t task,
                       const struct interaction *interaction, const struct observation *seen);

/* Its transaction is over, and nobody knows how. */
void overlaps_forget(struct overlaps *overlaps, uint32_t task);

#endif
