/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a task of a plan is in the middle of, as far as the plan tells before it runs: it says which
 * actions make sense next. Whether it comes true depends on what fails on the way.
 */
#ifndef GENERATE_MOMENT_H
#define GENERATE_MOMENT_H

#include "plan/plan.h"

enum lease { LEASE_NONE, LEASE_WRITE, LEASE_READ };

struct task_state {
    enum lease lease; /* checked out by an interaction of its own */
    bool in_transaction;
    bool is_begun_by_savepoint; /* the transaction: it ends with its last savepoint */
    bool is_streaming;
    bool is_held;       /* its last interaction has a pause */
    uint8_t savepoints; /* bit set */
    uint32_t held;      /* so many interactions go by before the task has another one */
};

/* True for what direct plans never do. */
bool moment_needs_pool(enum plan_moment moment);

/* True when it is the moment for a task in this state. */
bool moment_fits(enum plan_moment moment, const struct task_state *state);

/* What `interaction` makes of the states of all tasks. */
void moment_follow(struct task_state *states, uint32_t tasks,
                   const struct interaction *interaction);

#endif
