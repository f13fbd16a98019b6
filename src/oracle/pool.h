/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pool oracle: a state model of every lease, compared with what the pool does and shows. No lease
 * with two owners; nothing handed out that is broken or inside a transaction; nobody waits while
 * something is free, or past a timeout; nothing held by nobody; what was asked for is not forgotten.
 *
 * Pure: events in, verdict out. Times are virtual nanoseconds.
 */
#ifndef ORACLE_POOL_H
#define ORACLE_POOL_H

#include "base/fault.h"
#include "oracle/verdict.h"
#include "plan/plan.h"

#include <interplay/stack.h>

#include <stdint.h>

struct pool_session {
    bool waits; /* in a checkout */
    enum stack_access access;
    uint64_t timeout_ns;             /* of the checkout */
    uint64_t deadline_ns;            /* counted from its call */
    uint64_t last_deadline_ns;       /* counted from when it was first seen waiting; 0: not yet */
    const struct stack_lease *lease; /* NULL: none */
    bool in_transaction;
    bool holds_slot; /* the lease holds one now: always, or in transactions only */
    bool may_hold_slot;
    bool in_stream;
    enum stack_access stream_access;
    bool fault_struck; /* since the lease was asked for: its connection may be broken by that */
};

struct pool_oracle {
    uint32_t tasks;       /* of the plan */
    uint32_t traits;      /* enum stack_trait */
    bool was_interrupted; /* a pool was closed so: transactions may end at any moment */
    uint32_t slots[2];    /* by enum stack_access; [STACK_READ] is 0 where there are no readers */
    struct pool_session sessions[PLAN_TASKS_MAX];
};

void pool_oracle_begin(struct pool_oracle *oracle, uint32_t tasks, uint32_t traits,
                       uint32_t readers, uint32_t writers);

/* A fault struck in a call of the task. */
void pool_oracle_fault(struct pool_oracle *oracle, uint32_t task);

/* The task asks for a lease. */
void pool_oracle_wait(struct pool_oracle *oracle, uint32_t task, enum stack_access access,
                      uint64_t now_ns, uint64_t timeout_ns);

/* It has one (NULL: it has none, and `outcome` says why); `in_transaction` as its connection says. */
void pool_oracle_got(struct pool_oracle *oracle, uint32_t task, const struct stack_lease *lease,
                     bool in_transaction, enum outcome outcome, uint64_t now_ns, size_t interaction,
                     struct verdict *verdict);

/* It gives the lease back, or drops it: whoever gets the slot from now on is right. */
void pool_oracle_returned(struct pool_oracle *oracle, uint32_t task);

/*
 * A call of the task's lease has ended: whether its connection is in a transaction now, and whether
 * the task has one that it has not ended (the database may have).
 */
void pool_oracle_called(struct pool_oracle *oracle, uint32_t task, enum outcome outcome,
                        bool in_transaction, bool has_transaction, size_t interaction,
                        struct verdict *verdict);

/* The task has opened a stream; it is over when the next call has ended. */
void pool_oracle_stream(struct pool_oracle *oracle, uint32_t task, enum stack_access access);

/* The pool ends whatever transactions are open, sooner or later. */
void pool_oracle_interrupted(struct pool_oracle *oracle);

/* What the tasks wait for at a moment when nobody can go on without a timer or another interaction. */
enum pool_waiting { WAITS_FOR_NOTHING, WAITS_FOR_LEASE, WAITS_FOR_CALL };

struct pool_look {
    uint64_t now_ns;
    uint8_t waiting[PLAN_TASKS_MAX];   /* enum pool_waiting */
    uint8_t access[PLAN_TASKS_MAX];    /* enum stack_access of what it waits for */
    uint64_t timer_ns[PLAN_TASKS_MAX]; /* when it goes on by itself; UINT64_MAX: never */
    const struct stack_view *view;     /* NULL: the stack cannot be inspected */
};

/* To be called at such a moment only. */
void pool_oracle_look(struct pool_oracle *oracle, const struct pool_look *look, size_t interaction,
                      struct verdict *verdict);

/* Nothing can go on any more. */
void pool_oracle_stuck(const struct pool_oracle *oracle, size_t interaction,
                       struct verdict *verdict);

/* The pool does not close although everything was given back. */
void pool_oracle_not_closed(enum outcome outcome, struct verdict *verdict);

/* Rows went on coming after a call was cancelled. */
void pool_oracle_cancel_ignored(uint32_t task, uint32_t rows, size_t interaction,
                                struct verdict *verdict);

#endif
