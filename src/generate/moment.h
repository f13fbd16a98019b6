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
    bool is_streaming;
    bool is_held;       /* its last interaction has a pause */
    uint8_t savepoints; /* bit set */
    uint32_t held;      /* so many interactions go by before the task has another one */
};

/* When an action makes sense; now and then a plan does it anyway. */
enum moment {
    ALWAYS,
    OUTSIDE, /* no transaction is open, no stream */
    INSIDE,  /* a transaction is open */
    SAVED,   /* a savepoint is */
    HELD,    /* the task is held back in an interaction */
    /* These and those below only with a pool. */
    POOLED,
    POOLED_OUTSIDE,
    UNLEASED, /* nothing is checked out */
    LEASED,
    STREAMING,
};

/* True for what direct plans never do. */
bool moment_needs_pool(enum moment moment);

/* True when it is the moment for a task in this state. */
bool moment_fits(enum moment moment, const struct task_state *state);

/* What `interaction` makes of the states of all tasks. */
void moment_follow(struct task_state *states, uint32_t tasks,
                   const struct interaction *interaction);

#endif
