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
    bool contended;       /* somebody else was active during the call */
    uint32_t faults;      /* bit set of the kinds that struck in this call */
    bool storage_suspect; /* an I/O fault struck since the connection was last idle and well */
    size_t interaction;
};

struct error_class_oracle {
    const struct plan *plan;
    bool is_blind;
    struct error_class_session sessions[PLAN_TASKS_MAX];
};

void error_class_begin(struct error_class_oracle *oracle, const struct plan *plan);
void error_class_give_up(struct error_class_oracle *oracle);
void error_class_invoke(struct error_class_oracle *oracle, uint32_t task, size_t interaction);
void error_class_fault(struct error_class_oracle *oracle, uint32_t task, enum fault_kind kind);
void error_class_return(struct error_class_oracle *oracle, uint32_t task,
                        const struct observation *seen, struct verdict *verdict);
void error_class_disconnect(struct error_class_oracle *oracle, uint32_t task);

#endif
