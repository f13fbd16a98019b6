/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What readers, writers and transactions have in common: a call on a lease. It is visible to
 * inspection, can be interrupted, and ends the lease if that was dropped meanwhile.
 */
#ifndef POOL_LEASE_H
#define POOL_LEASE_H

#include "pool/slot.h"

/* OUTCOME_MISUSE: a call is under way, or the transaction handle is over. */
enum outcome lease_enter(struct slot *slot, bool in_transaction,
                         struct pool_error *error) INTERPLAY_RESULT;
/* Returns `outcome`. The slot may belong to somebody else afterwards. */
enum outcome lease_leave(struct slot *slot, enum outcome outcome);

/* A whole call: one statement. */
enum outcome lease_run(struct slot *slot, const struct order *order, struct row_sink rows,
                       int64_t *ret_changes, struct pool_error *error) INTERPLAY_RESULT;

/* Whole calls: transactions; `txn` is the handle that holds the slot until it ends. */
enum outcome lease_begin(struct slot *slot, const void *txn,
                         struct pool_error *error) INTERPLAY_RESULT;
enum outcome lease_commit(struct slot *slot, const void *owner,
                          struct pool_error *error) INTERPLAY_RESULT;
enum outcome lease_rollback(struct slot *slot, const void *owner, struct pool_error *error);

/*
 * The ends of a lease; OUTCOME_MISUSE: a call is under way, or the slot is lent; the lease goes on.
 */
enum outcome lease_return(struct slot *slot);
void lease_drop(struct slot *slot);

void lease_cancel(struct slot *slot);

#endif
