/* SPDX-License-Identifier: Apache-2.0 */
/* The synchronous pool as a whole: opening, closing, looking at it. */
#include "pool/deadline.h"
#include "pool/failure.h"
#include "pool/pool_internal.h"

#include <stdlib.h>

/* --- opening --------------------------------------------------------------------------------- */

struct connection_settings pool_settings(struct pool *pool, const struct slot *slot)
{
    return (struct connection_settings){
        .options = &pool->copy.options,
        .is_writer = slot->is_writer,
        .gate = slot->is_writer && options_need_gate(&pool->copy.options) ? &pool->gate : NULL,
    };
}

static void init_slots(struct pool *pool)
{
    const struct pool_options *options = &pool->copy.options;
    pool->slot_count = options->readers + options->writers;
    for (uint32_t i = 0; i < pool->slot_count; i++)
        slot_init(&pool->slots[i], pool, &pool->mutex, i >= options->readers);
}

/* All of them or none. */
static bool init_locks(struct pool *pool)
{
    if (!write_gate_init(&pool->gate))
        return false;
    if (pthread_mutex_init(&pool->mutex, NULL) == 0) {
        if (deadline_condition_init(&pool->all_back))
            return true;
        (void)pthread_mutex_destroy(&pool->mutex);
    }
    write_gate_clean_up(&pool->gate);
    return false;
}

static void clean_up_locks(struct pool *pool)
{
    (void)pthread_cond_destroy(&pool->all_back);
    (void)pthread_mutex_destroy(&pool->mutex);
    write_gate_clean_up(&pool->gate);
}

/* A writer if there are any: they come last. */
static enum outcome open_first(struct pool *pool, struct pool_error *error)
{
    struct slot *slot = &pool->slots[pool->slot_count - 1];
    const struct connection_settings settings = pool_settings(pool, slot);
    enum outcome outcome = connection_open(&slot->connection, &settings, error);
    if (outcome == OUTCOME_OK)
        slot->state = POOL_SLOT_IDLE;
    return outcome;
}

static enum outcome init_pool(struct pool *pool, const struct pool_options *options,
                              struct pool_error *error)
{
    enum outcome outcome = options_copy_init(&pool->copy, options, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    init_slots(pool);
    if (!init_locks(pool)) {
        outcome = failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    } else {
        outcome = open_first(pool, error);
        if (outcome != OUTCOME_OK)
            clean_up_locks(pool);
    }
    if (outcome != OUTCOME_OK)
        options_copy_clean_up(&pool->copy);
    return outcome;
}

enum outcome interplay_pool_open(struct pool **ret_pool, const struct pool_options *options,
                                 struct pool_error *error)
{
    struct pool *pool = calloc(1, sizeof *pool);
    if (pool == NULL)
        return failure_set(error, OUTCOME_NO_MEMORY, "out of memory");
    enum outcome outcome = init_pool(pool, options, error);
    if (outcome != OUTCOME_OK) {
        free(pool);
        return outcome;
    }
    *ret_pool = pool;
    return OUTCOME_OK;
}

/* --- closing --------------------------------------------------------------------------------- */

/* With the mutex held: a slot's connection stays there as long as that is. */
static void interrupt_all(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->connection != NULL)
            connection_interrupt(slot->connection);
    }
}

/* With the mutex held. OUTCOME_CLOSED: somebody else closed the connections meanwhile. */
static enum outcome wait_for_all(struct pool *pool, uint32_t timeout_ms)
{
    struct deadline deadline = deadline_after(timeout_ms);
    bool is_in_time = true;
    while (pool->leased > 0 && is_in_time)
        is_in_time = deadline_wait(&deadline, &pool->all_back, &pool->mutex);
    if (pool->leased > 0)
        return OUTCOME_TIMEOUT;
    return pool->is_ended ? OUTCOME_CLOSED : OUTCOME_OK;
}

static void close_connections(struct pool *pool)
{
    for (uint32_t i = 0; i < pool->slot_count; i++) {
        struct slot *slot = &pool->slots[i];
        (void)pthread_mutex_lock(&pool->mutex);
        struct connection *connection = slot->connection;
        slot->connection = NULL;
        slot->statements = 0;
        slot->state = POOL_SLOT_EMPTY;
        (void)pthread_mutex_unlock(&pool->mutex);
        connection_close(connection);
    }
}

enum outcome interplay_pool_close(struct pool *pool, enum pool_close_mode mode, uint32_t timeout_ms)
{
    if (timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = pool->copy.options.acquire_timeout_ms;
    (void)pthread_mutex_lock(&pool->mutex);
    pool->is_closed = true;
    wait_queue_refuse_all(&pool->waiting_readers);
    wait_queue_refuse_all(&pool->waiting_writers);
    if (mode == POOL_CLOSE_INTERRUPT)
        interrupt_all(pool);
    enum outcome outcome = wait_for_all(pool, timeout_ms);
    if (outcome == OUTCOME_OK)
        pool->is_ended = true;
    (void)pthread_mutex_unlock(&pool->mutex);
    if (outcome == OUTCOME_OK)
        close_connections(pool);
    return outcome;
}

void interplay_pool_free(struct pool *pool)
{
    if (pool == NULL)
        return;
    clean_up_locks(pool);
    options_copy_clean_up(&pool->copy);
    free(pool);
}

/* --- looking --------------------------------------------------------------------------------- */

void interplay_pool_inspect(struct pool *pool, struct pool_view *ret_view)
{
    (void)pthread_mutex_lock(&pool->mutex);
    *ret_view = (struct pool_view){
        .slot_count = pool->slot_count,
        .waiting_readers = pool->waiting_readers.count,
        .waiting_writers = pool->waiting_writers.count,
        .prepares = pool->prepares,
        .replaced = pool->replaced,
        .is_closed = pool->is_closed,
    };
    for (uint32_t i = 0; i < pool->slot_count; i++) {
        const struct slot *slot = &pool->slots[i];
        ret_view->slots[i] = (struct pool_slot_view){
            .is_writer = slot->is_writer,
            .state = slot->state,
            .owner = slot->owner,
            .statements = slot->statements,
        };
    }
    (void)pthread_mutex_unlock(&pool->mutex);
}
