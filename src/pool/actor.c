/* SPDX-License-Identifier: Apache-2.0 */
/* The threads of the pool: waiting for work, taking it, ending. */
#include "pool/actor.h"

#include "pool/actor_pool.h"
#include "pool/actor_send.h"
#include "pool/actor_serve.h"
#include "pool/actor_txn.h"

/* --- telling actors -------------------------------------------------------------------------- */

static struct actor *free_actor(const struct actor_role *role)
{
    struct actor *found = NULL;
    for (uint32_t i = 0; i < role->count; i++) {
        struct actor *actor = &role->actors[i];
        if (!actor->is_idle)
            continue;
        if (actor->connection != NULL)
            return actor;
        if (found == NULL)
            found = actor;
    }
    return found;
}

void actor_wake_role(struct actor_role *role)
{
    struct actor *actor = free_actor(role);
    if (actor != NULL)
        actor_wake(actor);
}

void actor_wake(struct actor *actor)
{
    /* Whoever comes next tells another one: this one will take only one request. */
    actor->is_idle = false;
    pthread_cond_signal(&actor->wake);
}

void actor_interrupt(const struct actor *actor)
{
    if (actor->connection != NULL)
        connection_interrupt(actor->connection);
}

void actor_release(struct actor *actor)
{
    struct actor_txn *txn = actor->txn;
    actor->txn = NULL;
    actor->stream = NULL;
    if (txn != NULL)
        actor_txn_release(txn);
}

/* --- the thread ------------------------------------------------------------------------------ */

static bool is_held(const struct actor *actor)
{
    return actor->txn != NULL || actor->stream != NULL;
}

static bool has_work(const struct actor *actor)
{
    if (actor->stream != NULL)
        return false;
    return actor->txn != NULL ? actor_txn_has_work(actor->txn)
                              : actor->role->mailbox.waiting.first != NULL;
}

/* False: there will be no more work. */
static bool wait_for_work(struct actor *actor)
{
    struct actor_pool *pool = actor->pool;
    while (!has_work(actor)) {
        if (pool->is_closed && !is_held(actor))
            return false;
        actor->is_idle = !is_held(actor);
        pthread_cond_wait(&actor->wake, &pool->mutex);
        actor->is_idle = false;
    }
    return true;
}

static void do_next(struct actor *actor)
{
    struct mailbox *mailbox = actor->txn != NULL ? &actor->txn->lane : &actor->role->mailbox;
    struct request *request = request_queue_take(&mailbox->waiting);
    if (request == NULL) {
        actor_end_txn(actor);
        return;
    }
    request->mailbox = NULL;
    mailbox_admit(mailbox);
    actor_serve(actor, request);
}

void *actor_main(void *argument)
{
    struct actor *actor = argument;
    struct actor_pool *pool = actor->pool;
    pthread_mutex_lock(&pool->mutex);
    if (pool->first == actor)
        actor_open_first(actor);
    while (wait_for_work(actor))
        do_next(actor);
    actor_close_connection(actor);
    pool->running--;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}
