/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checking slots out and giving them back. First come, first served: a slot that becomes free goes
 * directly to whoever waits longest. Opening, closing and rolling back take place outside of the
 * pool's mutex.
 */
#include "pool/failure.h"
#include "pool/pool_internal.h"

static struct wait_queue *queue_of(struct pool *pool, bool is_writer)
{
    return is_writer ? &pool->waiting_writers : &pool->waiting_readers;
}

/* --- checking out ---------------------------------------------------------------------------- */

static struct slot *claim_one(struct pool *pool, bool is_writer, enum pool_slot_state state)
{
    for (uint32_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->is_writer == is_writer && slot->state == state && slot_claim(slot)) {
            pool->leased++;
            return slot;
        }
    }
    return NULL;
}

static void start_lease(struct slot *slot)
{
    slot->owner = slot->is_writer ? (const void *)&slot->writer : (const void *)&slot->reader;
    slot->has_txn = false;
    slot->is_in_call = false;
    slot->is_dropped = false;
}

/* With the mutex held. Slots with a connection first: opening another one takes time and memory. */
static enum outcome obtain_slot(struct pool *pool, bool is_writer, uint32_t timeout_ms,
                                struct slot **ret_slot)
{
    if (pool->is_closed)
        return OUTCOME_CLOSED;
    struct slot *slot = claim_one(pool, is_writer, POOL_SLOT_IDLE);
    if (slot == NULL)
        slot = claim_one(pool, is_writer, POOL_SLOT_EMPTY);
    if (slot == NULL) {
        void *granted;
        struct wait_queue *queue = queue_of(pool, is_writer);
        enum outcome outcome = wait_queue_wait(queue, &pool->mutex, timeout_ms, &granted);
        if (outcome != OUTCOME_OK)
            return outcome;
        slot = granted;
    }
    start_lease(slot);
    *ret_slot = slot;
    return OUTCOME_OK;
}

/* With the mutex held: nobody has the slot any more. */
static void pass_on(struct pool *pool, struct slot *slot)
{
    slot->owner = NULL;
    slot->state = POOL_SLOT_LEASED;
    if (slot_wake_waiter(slot, queue_of(pool, slot->is_writer)))
        return;
    slot->state = slot->connection != NULL ? POOL_SLOT_IDLE : POOL_SLOT_EMPTY;
    if (--pool->leased == 0)
        (void)pthread_cond_broadcast(&pool->all_back);
}

static enum outcome open_connection(struct pool *pool, struct slot *slot, struct pool_error *error)
{
    struct connection *connection;
    const struct connection_settings settings = pool_settings(pool, slot);
    enum outcome outcome = connection_open(&connection, &settings, error);
    (void)pthread_mutex_lock(&pool->mutex);
    if (outcome == OUTCOME_OK)
        slot->connection = connection;
    else
        pass_on(pool, slot);
    (void)pthread_mutex_unlock(&pool->mutex);
    return outcome;
}

static enum outcome refuse(struct pool_error *error, enum outcome outcome, bool is_writer)
{
    const char *role = is_writer ? "writer" : "reader";
    if (outcome == OUTCOME_TIMEOUT)
        return failure_set(error, outcome, "no %s came free in time", role);
    if (outcome == OUTCOME_CLOSED)
        return failure_set(error, outcome, "the pool is closed");
    return failure_set(error, outcome, "no memory to wait for a %s", role);
}

enum outcome pool_check_out(struct pool *pool, bool is_writer, uint32_t timeout_ms,
                            struct slot **ret_slot, struct pool_error *error)
{
    const struct pool_options *options = &pool->copy.options;
    if ((is_writer ? options->writers : options->readers) == 0)
        return failure_set(error, OUTCOME_MISUSE, "the pool has no %s",
                           is_writer ? "writers" : "readers");
    if (timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = options->acquire_timeout_ms;
    struct slot *slot;
    (void)pthread_mutex_lock(&pool->mutex);
    enum outcome outcome = obtain_slot(pool, is_writer, timeout_ms, &slot);
    (void)pthread_mutex_unlock(&pool->mutex);
    if (outcome != OUTCOME_OK)
        return refuse(error, outcome, is_writer);
    /* Nobody else changes it while the slot is ours. */
    if (slot->connection == NULL)
        outcome = open_connection(pool, slot, error);
    if (outcome == OUTCOME_OK)
        *ret_slot = slot;
    return outcome;
}

/* --- giving back ----------------------------------------------------------------------------- */

void pool_account(struct pool *pool, struct slot *slot)
{
    uint64_t prepares = connection_prepares(slot->connection);
    pool->prepares += prepares - slot->prepares;
    slot->prepares = prepares;
    slot->statements = connection_statements(slot->connection);
}

static void remove_connection(struct pool *pool, struct slot *slot)
{
    (void)pthread_mutex_lock(&pool->mutex);
    struct connection *connection = slot->connection;
    slot->connection = NULL; /* from here on nobody can interrupt it */
    slot->statements = 0;
    slot->prepares = 0;
    slot->state = POOL_SLOT_BROKEN;
    pool->replaced++;
    (void)pthread_mutex_unlock(&pool->mutex);
    connection_close(connection);
}

enum outcome pool_give_back(struct slot *slot)
{
    struct pool *pool = slot->pool;
    enum outcome outcome = connection_rollback(slot->connection, NULL);
    bool is_broken = connection_is_broken(slot->connection);
    (void)pthread_mutex_lock(&pool->mutex);
    pool_account(pool, slot);
    slot->has_txn = false;
    if (is_broken) {
        (void)pthread_mutex_unlock(&pool->mutex);
        remove_connection(pool, slot);
        (void)pthread_mutex_lock(&pool->mutex);
    }
    pass_on(pool, slot);
    (void)pthread_mutex_unlock(&pool->mutex);
    return outcome;
}
