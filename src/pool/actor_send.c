/* SPDX-License-Identifier: Apache-2.0 */
/* Sending, cancelling and giving up requests. */
#include "pool/actor_send.h"

#include "pool/actor_pool.h"
#include "pool/actor_txn.h"
#include "pool/deadline.h"
#include "pool/failure.h"
#include "pool/stream.h"

/* Not what goes through a transaction, but its begin. */
static bool is_for_any_actor(const struct request *request)
{
    return request->txn == NULL || request->kind == REQUEST_BEGIN;
}

/* --- sending --------------------------------------------------------------------------------- */

static void accept(struct mailbox *mailbox, struct request *request)
{
    request->references++;
    request->state = REQUEST_ACCEPTED;
    mailbox_push(mailbox, request);
    if (is_for_any_actor(request))
        actor_wake_role(request->role);
    else if (request->txn->actor != NULL)
        actor_wake(request->txn->actor);
}

/* A pool that closes still lets transactions come to their end. */
static enum outcome may_be_sent(const struct request *request)
{
    if (!is_for_any_actor(request))
        return request->txn->over;
    return request->pool->is_closed ? OUTCOME_CLOSED : OUTCOME_OK;
}

static enum outcome wait_for_room(struct request *request, struct mailbox *mailbox)
{
    struct actor_pool *pool = request->pool;
    uint32_t timeout_ms = request->options.send_timeout_ms;
    if (timeout_ms == 0 || timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = pool->copy.options.acquire_timeout_ms;
    const struct deadline deadline = deadline_after(timeout_ms);
    request_queue_append(&mailbox->senders, request);
    while (request->state == REQUEST_NEW)
        if (!deadline_wait(&deadline, &request->changed, &pool->mutex))
            break;
    if (request->state == REQUEST_NEW) {
        request_queue_remove(&mailbox->senders, request);
        return OUTCOME_TIMEOUT;
    }
    return request->state == REQUEST_REFUSED ? request->error.outcome : OUTCOME_OK;
}

static const char *refusal(enum outcome outcome)
{
    if (outcome == OUTCOME_TIMEOUT)
        return "no room in the mailbox came free in time";
    return outcome == OUTCOME_CLOSED ? "the pool is closed" : "the transaction is over";
}

enum outcome request_send(struct request *request, struct mailbox *mailbox,
                          struct pool_error *error)
{
    struct actor_pool *pool = request->pool;
    pthread_mutex_lock(&pool->mutex);
    enum outcome outcome = may_be_sent(request);
    if (outcome == OUTCOME_OK) {
        if (mailbox->senders.first == NULL && mailbox_has_room(mailbox))
            accept(mailbox, request);
        else
            outcome = wait_for_room(request, mailbox);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (outcome != OUTCOME_OK)
        (void)failure_set(error, outcome, "%s", refusal(outcome));
    return outcome;
}

void mailbox_admit(struct mailbox *mailbox)
{
    while (mailbox->senders.first != NULL && mailbox_has_room(mailbox)) {
        struct request *request = request_queue_take(&mailbox->senders);
        accept(mailbox, request);
        pthread_cond_broadcast(&request->changed);
    }
}

/* --- giving up ------------------------------------------------------------------------------- */

/* It is in no queue any more. */
static void give_up(struct request *request, enum outcome outcome, struct request_queue *given_up)
{
    request->mailbox = NULL;
    (void)failure_set(&request->error, outcome,
                      outcome == OUTCOME_INTERRUPTED ? "given up before it was served"
                                                     : "the transaction is over");
    request->state = REQUEST_ENDED;
    request_queue_append(given_up, request);
    if (request->kind == REQUEST_BEGIN)
        actor_txn_over(request->txn, OUTCOME_ROLLED_BACK, given_up);
}

void mailbox_refuse(struct mailbox *mailbox, enum outcome outcome)
{
    struct request *request;
    while ((request = request_queue_take(&mailbox->senders)) != NULL) {
        request->error.outcome = outcome;
        request->state = REQUEST_REFUSED;
        pthread_cond_broadcast(&request->changed);
    }
}

void mailbox_give_up(struct mailbox *mailbox, enum outcome outcome, struct request_queue *given_up)
{
    struct request *request;
    while ((request = request_queue_take(&mailbox->waiting)) != NULL)
        give_up(request, outcome, given_up);
}

static bool ends_transaction(const struct request *request)
{
    return request->kind == REQUEST_COMMIT || request->kind == REQUEST_ROLLBACK;
}

/*
 * A commit that is given up ends its transaction all the same: nothing behind it can count on it.
 */
static void give_up_waiting(struct request *request, struct request_queue *given_up)
{
    struct mailbox *mailbox = request->mailbox;
    struct request_queue behind = {0};
    struct request *next;
    while (ends_transaction(request) && (next = request->next) != NULL) {
        request_queue_remove(&mailbox->waiting, next);
        request_queue_append(&behind, next);
    }
    request_queue_remove(&mailbox->waiting, request);
    give_up(request, OUTCOME_INTERRUPTED, given_up);
    while ((next = request_queue_take(&behind)) != NULL)
        give_up(next, OUTCOME_ROLLED_BACK, given_up);
    if (ends_transaction(request))
        actor_txn_finish(request->txn, OUTCOME_ROLLED_BACK, given_up);
    mailbox_admit(mailbox);
}

void request_stop(struct request *request, struct request_queue *given_up)
{
    if (request->mailbox != NULL) {
        give_up_waiting(request, given_up);
        return;
    }
    /* The actor looks at this before it begins to work: an interrupt would find nothing then. */
    request->is_cancelled = true;
    if (request->stream != NULL)
        stream_stop(request->stream);
    if (request->actor != NULL && request_is_running(request))
        actor_interrupt(request->actor);
}
