/* SPDX-License-Identifier: Apache-2.0 */
/* The pool with actors as a whole: opening, closing, looking at it. */
#include "pool/actor_pool.h"

#include "pool/actor_send.h"
#include "pool/actor_txn.h"
#include "pool/deadline.h"
#include "pool/failure.h"

#include <stdlib.h>

/* --- its parts ------------------------------------------------------------------------------- */

static void init_role(struct actor_pool *pool, struct actor_role *role, uint32_t first,
                      uint32_t count)
{
    uint32_t mailbox = pool->copy.options.mailbox;
    role->mailbox.bound = mailbox > 0 ? mailbox : 1;
    role->actors = &pool->actors[first];
    role->count = count;
    for (uint32_t i = 0; i < count; i++) {
        role->actors[i].pool = pool;
        role->actors[i].role = role;
    }
}

static bool init_conditions(struct actor_pool *pool)
{
    for (uint32_t i = 0; i < pool->actor_count; i++) {
        if (deadline_condition_init(&pool->actors[i].wake))
            continue;
        while (i-- > 0)
            (void)pthread_cond_destroy(&pool->actors[i].wake);
        return false;
    }
    return true;
}

/* All of them or none. */
static bool init_locks(struct actor_pool *pool)
{
    if (!write_gate_init(&pool->gate))
        return false;
    if (pthread_mutex_init(&pool->mutex, NULL) == 0) {
        if (deadline_condition_init(&pool->changed)) {
            if (init_conditions(pool))
                return true;
            (void)pthread_cond_destroy(&pool->changed);
        }
        (void)pthread_mutex_destroy(&pool->mutex);
    }
    write_gate_clean_up(&pool->gate);
    return false;
}

/* Without threads. */
static enum outcome make(struct actor_pool **ret_pool, const struct pool_options *options,
                         struct pool_error *error)
{
    struct options_copy copy;
    enum outcome outcome = options_copy_init(&copy, options, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    uint32_t count = options->readers + options->writers;
    struct actor_pool *pool = calloc(1, sizeof *pool + count * sizeof pool->actors[0]);
    if (pool != NULL) {
        pool->copy = copy;
        pool->actor_count = count;
        init_role(pool, &pool->readers, 0, options->readers);
        init_role(pool, &pool->writers, options->readers, options->writers);
        pool->first = options->writers > 0 ? pool->writers.actors : pool->readers.actors;
    }
    if (pool == NULL || !init_locks(pool)) {
        options_copy_clean_up(&copy);
        free(pool);
        return failure_set(error, OUTCOME_NO_MEMORY, "no memory for the pool");
    }
    *ret_pool = pool;
    return OUTCOME_OK;
}

void interplay_actors_free(struct actor_pool *pool)
{
    if (pool == NULL)
        return;
    for (uint32_t i = 0; i < pool->actor_count; i++)
        (void)pthread_cond_destroy(&pool->actors[i].wake);
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->mutex);
    write_gate_clean_up(&pool->gate);
    options_copy_clean_up(&pool->copy);
    free(pool);
}

/* --- closing --------------------------------------------------------------------------------- */

static void interrupt(struct actor *actor, struct request_queue *given_up)
{
    struct request *current = actor->current;
    if (actor->txn != NULL)
        actor_txn_stop(actor->txn, OUTCOME_ROLLED_BACK, given_up);
    else if (current != NULL && current->kind == REQUEST_BEGIN)
        actor_txn_stop(current->txn, OUTCOME_ROLLED_BACK, given_up);
    else if (current != NULL)
        request_stop(current, given_up);
}

/* With the mutex held. */
static void stop(struct actor_pool *pool, enum pool_close_mode mode, struct request_queue *given_up)
{
    pool->is_closed = true;
    mailbox_refuse(&pool->readers.mailbox, OUTCOME_CLOSED);
    mailbox_refuse(&pool->writers.mailbox, OUTCOME_CLOSED);
    if (mode == POOL_CLOSE_INTERRUPT) {
        mailbox_give_up(&pool->readers.mailbox, OUTCOME_INTERRUPTED, given_up);
        mailbox_give_up(&pool->writers.mailbox, OUTCOME_INTERRUPTED, given_up);
    }
    for (uint32_t i = 0; i < pool->actor_count; i++) {
        if (mode == POOL_CLOSE_INTERRUPT)
            interrupt(&pool->actors[i], given_up);
        actor_wake(&pool->actors[i]);
    }
}

static void join(struct actor *actor)
{
    pthread_mutex_lock(&actor->pool->mutex);
    bool has_thread = actor->has_thread;
    actor->has_thread = false;
    pthread_mutex_unlock(&actor->pool->mutex);
    if (has_thread)
        (void)pthread_join(actor->thread, NULL);
}

/* False: some threads have not ended in time. */
static bool end(struct actor_pool *pool, enum pool_close_mode mode, uint32_t timeout_ms)
{
    const struct deadline deadline = deadline_after(timeout_ms);
    struct request_queue given_up = {0};
    pthread_mutex_lock(&pool->mutex);
    stop(pool, mode, &given_up);
    pthread_mutex_unlock(&pool->mutex);
    request_conclude_all(&given_up);
    pthread_mutex_lock(&pool->mutex);
    bool is_in_time = true;
    while (pool->running > 0 && is_in_time)
        is_in_time = deadline_wait(&deadline, &pool->changed, &pool->mutex);
    bool has_ended = pool->running == 0;
    pthread_mutex_unlock(&pool->mutex);
    for (uint32_t i = 0; i < pool->actor_count && has_ended; i++)
        join(&pool->actors[i]);
    return has_ended;
}

enum outcome interplay_actors_close(struct actor_pool *pool, enum pool_close_mode mode,
                                    uint32_t timeout_ms)
{
    if (timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = pool->copy.options.acquire_timeout_ms;
    return end(pool, mode, timeout_ms) ? OUTCOME_OK : OUTCOME_TIMEOUT;
}

/* --- opening --------------------------------------------------------------------------------- */

static enum outcome start(struct actor *actor, struct pool_error *error)
{
    struct actor_pool *pool = actor->pool;
    pthread_mutex_lock(&pool->mutex);
    actor->has_thread = pthread_create(&actor->thread, NULL, actor_main, actor) == 0;
    bool is_started = actor->has_thread;
    pool->running += is_started;
    pthread_mutex_unlock(&pool->mutex);
    return is_started ? OUTCOME_OK
                      : failure_set(error, OUTCOME_NO_MEMORY, "a thread could not be started");
}

/* The first actor alone, so that a wrong target costs no more than one thread. */
static enum outcome start_first(struct actor_pool *pool, struct actor *first,
                                struct pool_error *error)
{
    enum outcome outcome = start(first, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    pthread_mutex_lock(&pool->mutex);
    while (pool->first != NULL)
        pthread_cond_wait(&pool->changed, &pool->mutex);
    outcome = pool->first_failure.outcome;
    pthread_mutex_unlock(&pool->mutex);
    if (outcome != OUTCOME_OK && error != NULL)
        *error = pool->first_failure;
    return outcome;
}

enum outcome interplay_actors_open(struct actor_pool **ret_pool, const struct pool_options *options,
                                   struct pool_error *error)
{
    struct actor_pool *pool = NULL;
    enum outcome outcome = make(&pool, options, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct actor *first = pool->first;
    outcome = start_first(pool, first, error);
    for (uint32_t i = 0; i < pool->actor_count && outcome == OUTCOME_OK; i++)
        if (&pool->actors[i] != first)
            outcome = start(&pool->actors[i], error);
    if (outcome != OUTCOME_OK) {
        (void)end(pool, POOL_CLOSE_WAIT, POOL_NO_TIMEOUT);
        interplay_actors_free(pool);
        return outcome;
    }
    *ret_pool = pool;
    return OUTCOME_OK;
}

/* --- looking at it --------------------------------------------------------------------------- */

static enum pool_slot_state state_of(const struct actor *actor)
{
    if (actor->current != NULL)
        return POOL_SLOT_BUSY;
    if (actor->txn != NULL)
        return actor->txn->is_open ? POOL_SLOT_IN_TRANSACTION : POOL_SLOT_LEASED;
    if (actor->stream != NULL)
        return POOL_SLOT_LEASED;
    return actor->connection != NULL ? POOL_SLOT_IDLE : POOL_SLOT_EMPTY;
}

static const void *owner_of(const struct actor *actor)
{
    if (actor->txn != NULL)
        return actor->txn;
    if (actor->stream != NULL)
        return actor->stream;
    return actor->current;
}

static uint32_t waiting(const struct actor_role *role)
{
    return role->mailbox.waiting.count + role->mailbox.senders.count;
}

void interplay_actors_inspect(struct actor_pool *pool, struct pool_view *ret_view)
{
    pthread_mutex_lock(&pool->mutex);
    *ret_view = (struct pool_view){
        .slot_count = pool->actor_count,
        .waiting_readers = waiting(&pool->readers),
        .waiting_writers = waiting(&pool->writers),
        .prepares = pool->prepares_past,
        .replaced = pool->replaced,
        .is_closed = pool->is_closed,
    };
    for (uint32_t i = 0; i < pool->actor_count; i++) {
        const struct actor *actor = &pool->actors[i];
        ret_view->slots[i] = (struct pool_slot_view){
            .is_writer = actor->role == &pool->writers,
            .state = state_of(actor),
            .owner = owner_of(actor),
            .statements = actor->statements,
        };
        ret_view->prepares += actor->prepares;
    }
    pthread_mutex_unlock(&pool->mutex);
}
