/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on leases: the pool's mutex is held at their beginning and their end, not in between. */
#include "pool/lease.h"

#include "pool/failure.h"
#include "pool/pool_internal.h"

/* --- calls ----------------------------------------------------------------------------------- */

enum outcome lease_enter(struct slot *slot, bool in_transaction, struct pool_error *error)
{
    (void)pthread_mutex_lock(slot->mutex);
    bool is_in_call = slot->is_in_call, has_txn = slot->has_txn;
    bool is_allowed =
        !is_in_call && has_txn == in_transaction && connection_enter(slot->connection);
    if (is_allowed) {
        slot->is_in_call = true;
        atomic_fetch_add(&slot->calls, 1);
        slot->state = POOL_SLOT_BUSY;
    }
    (void)pthread_mutex_unlock(slot->mutex);
    if (is_allowed)
        return OUTCOME_OK;
    if (is_in_call)
        return failure_set(error, OUTCOME_MISUSE, "another call is under way");
    return failure_set(error, OUTCOME_MISUSE,
                       has_txn ? "a transaction is open: statements go through it"
                               : "the transaction has ended");
}

enum outcome lease_leave(struct slot *slot, enum outcome outcome)
{
    struct connection *connection = slot->connection;
    enum pool_slot_state state = connection_is_broken(connection)        ? POOL_SLOT_BROKEN
                                 : connection_in_transaction(connection) ? POOL_SLOT_IN_TRANSACTION
                                                                         : POOL_SLOT_LEASED;
    connection_leave(connection);
    (void)pthread_mutex_lock(slot->mutex);
    if (slot->pool != NULL)
        pool_account(slot->pool, slot);
    slot->state = state;
    slot->is_in_call = false;
    bool is_dropped = slot->is_dropped;
    (void)pthread_mutex_unlock(slot->mutex);
    if (is_dropped)
        (void)pool_give_back(slot);
    return outcome;
}

enum outcome lease_run(struct slot *slot, const struct order *order, struct row_sink rows,
                       int64_t *ret_changes, struct pool_error *error)
{
    enum outcome outcome = lease_enter(slot, order->in_transaction, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connection_run(slot->connection, order, rows, ret_changes, error);
    return lease_leave(slot, outcome);
}

/* --- transactions ---------------------------------------------------------------------------- */

static void set_txn(struct slot *slot, bool has_txn, const void *owner)
{
    (void)pthread_mutex_lock(slot->mutex);
    slot->has_txn = has_txn;
    slot->owner = owner;
    (void)pthread_mutex_unlock(slot->mutex);
}

enum outcome lease_begin(struct slot *slot, const void *txn, struct pool_error *error)
{
    enum outcome outcome = lease_enter(slot, false, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connection_begin(slot->connection, error);
    if (outcome == OUTCOME_OK)
        set_txn(slot, true, txn);
    return lease_leave(slot, outcome);
}

enum outcome lease_commit(struct slot *slot, const void *owner, struct pool_error *error)
{
    enum outcome outcome = lease_enter(slot, true, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connection_commit(slot->connection, error);
    if (outcome != OUTCOME_BUSY)
        set_txn(slot, false, owner);
    return lease_leave(slot, outcome);
}

enum outcome lease_rollback(struct slot *slot, const void *owner, struct pool_error *error)
{
    enum outcome outcome = lease_enter(slot, true, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = connection_rollback(slot->connection, error);
    set_txn(slot, false, owner);
    return lease_leave(slot, outcome);
}

/* --- ends ------------------------------------------------------------------------------------ */

enum outcome lease_return(struct slot *slot)
{
    if (slot->pool == NULL)
        return OUTCOME_MISUSE;
    (void)pthread_mutex_lock(slot->mutex);
    bool is_in_call = slot->is_in_call;
    (void)pthread_mutex_unlock(slot->mutex);
    return is_in_call ? OUTCOME_MISUSE : pool_give_back(slot);
}

void lease_drop(struct slot *slot)
{
    if (slot->pool == NULL)
        return;
    (void)pthread_mutex_lock(slot->mutex);
    slot->is_dropped = slot->is_in_call;
    bool is_in_call = slot->is_in_call;
    if (is_in_call)
        connection_interrupt(slot->connection);
    (void)pthread_mutex_unlock(slot->mutex);
    if (!is_in_call)
        (void)pool_give_back(slot);
}

/* The number is read before anything that may wait: what begins meanwhile is not hit. */
void lease_cancel(struct slot *slot)
{
    unsigned call = atomic_load(&slot->calls);
    (void)pthread_mutex_lock(slot->mutex);
    if (slot->is_in_call && atomic_load(&slot->calls) == call)
        connection_interrupt(slot->connection);
    (void)pthread_mutex_unlock(slot->mutex);
}
