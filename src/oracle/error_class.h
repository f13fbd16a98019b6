/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error-class oracle: an error that the situation cannot produce is a finding. Busy needs somebody
 * else who is active, an I/O error needs an I/O fault, an interrupt needs one, and damage is never
 * right.
 *
 * Faults that make the storage lie (a short read in the middle of a file) end its claims for the
 * run.
 */
#ifndef ORACLE_ERROR_CLASS_H
#define ORACLE_ERROR_CLASS_H

#include "model/observation.h"
#include "oracle/verdict.h"

struct error_class_session {
    bool is_connected, in_transaction, in_call;
    bool contended;        /* somebody else was active during the call */
    bool peers;            /* somebody else had a connection when it began */
    uint32_t faults;       /* bit set of the kinds that struck in this call */
    bool storage_suspect;  /* an I/O fault struck since the connection was last idle and well */
    bool cancelled;        /* somebody cancelled the call */
    bool saw_drop;         /* one was under way when the call began */
    uint32_t drops_ended;  /* until then */
    bool lost_transaction; /* the database ended the transaction by itself, or the pool did */
    size_t interaction;
};

/* What kind of situation it is. */
struct error_class_rules {
    bool has_model;      /* somebody else judges whether an error of the statement is right */
    bool is_pooled;      /* connections are taken from a pool: waiting may time out */
    bool never_busy;     /* the pool keeps its connections out of each other's way */
    bool calls_time_out; /* clients give up calls that take too long, whatever the reason */
};

struct error_class_oracle {
    const struct plan *plan;
    struct error_class_rules rules;
    bool is_blind;
    uint32_t drops_under_way, drops_ended; /* of leases, by other tasks */
    bool was_closed;                       /* a pool was closed */
    bool was_interrupted;                  /* and that ended calls and transactions */
    struct error_class_session sessions[PLAN_TASKS_MAX];
};

void error_class_begin(struct error_class_oracle *oracle, const struct plan *plan,
                       const struct error_class_rules *rules);
void error_class_give_up(struct error_class_oracle *oracle);
void error_class_invoke(struct error_class_oracle *oracle, uint32_t task, size_t interaction);
void error_class_fault(struct error_class_oracle *oracle, uint32_t task, enum fault_kind kind);

/* A task drops the lease of another one: meanwhile nobody has it. */
void error_class_drop_begins(struct error_class_oracle *oracle);
void error_class_drop_ends(struct error_class_oracle *oracle);

/* Somebody cancels the call of `task` that is under way, if one is. */
void error_class_cancel(struct error_class_oracle *oracle, uint32_t task);
/* The pool is being closed; with `interrupts` all calls and transactions are given up. */
void error_class_close(struct error_class_oracle *oracle, bool interrupts);

void error_class_return(struct error_class_oracle *oracle, uint32_t task,
                        const struct observation *seen, struct verdict *verdict);
void error_class_disconnect(struct error_class_oracle *oracle, uint32_t task);

#endif
