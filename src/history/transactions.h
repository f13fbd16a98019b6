/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transactions of a recorded run: what each read and wrote, when it began and ended. After a
 * power loss only what came later: which of the commits before it survived is for the oracle to
 * say. Where the answer to a call is made up, only what came before. Of plans with more than 1024
 * interactions, nothing.
 */
#ifndef HISTORY_TRANSACTIONS_H
#define HISTORY_TRANSACTIONS_H

#include "base/arena.h"
#include "history/recording.h"
#include "isolation/history.h"

enum { TRANSACTION_LOOK = PLAN_TASKS_MAX }; /* as a task: the harness's look at the end */

struct transaction {
    uint32_t task;
    size_t first_step, last_step;
    bool is_doubtful; /* its commit failed half-way */
};

/* Keys are numbered through all tables. The order of versions is that of the commits. */
struct transactions {
    struct isolation_history history;
    const struct transaction *transactions; /* who they are, as many as in the history */
};

static inline uint32_t transaction_key(uint32_t table, uint32_t key)
{
    return table * PLAN_KEYS + key;
}

/*
 * The transaction in whose interaction number `violated` something was found to be wrong counts
 * although it has not ended; SIZE_MAX: nothing was. Everything lives in `arena`.
 */
void transactions_find(const struct plan *plan, const struct recording *recording, size_t violated,
                       struct arena *arena, struct transactions *ret_transactions);

#endif
