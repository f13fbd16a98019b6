/* SPDX-License-Identifier: Apache-2.0 */
/* Serving requests on an actor's connection. */
#include "pool/actor_serve.h"

#include "pool/actor_pool.h"
#include "pool/actor_txn.h"
#include "pool/failure.h"
#include "pool/request.h"

/* --- the connection -------------------------------------------------------------------------- */

/* Without the mutex. */
static enum outcome open_connection(struct actor *actor, struct pool_error *error)
{
    struct actor_pool *pool = actor->pool;
    bool is_writer = actor->role == &pool->writers;
    const struct connection_settings settings = {
        .options = &pool->copy.options,
        .is_writer = is_writer,
        .gate = is_writer && options_need_gate(&pool->copy.options) ? &pool->gate : NULL,
    };
    struct connection *connection = NULL;
    enum outcome outcome = connection_open(&connection, &settings, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    pthread_mutex_lock(&pool->mutex);
    actor->connection = connection;
    pthread_mutex_unlock(&pool->mutex);
    return OUTCOME_OK;
}

/* Nobody can reach the connection any more; it is still to be closed. */
static struct connection *take_connection(struct actor *actor)
{
    struct connection *connection = actor->connection;
    actor->connection = NULL;
    actor->pool->prepares_past += actor->prepares;
    actor->prepares = 0;
    actor->statements = 0;
    return connection;
}

void actor_close_connection(struct actor *actor)
{
    struct connection *connection = take_connection(actor);
    pthread_mutex_unlock(&actor->pool->mutex);
    connection_close(connection);
    pthread_mutex_lock(&actor->pool->mutex);
}

void actor_open_first(struct actor *actor)
{
    struct actor_pool *pool = actor->pool;
    struct pool_error error = {.outcome = OUTCOME_OK};
    pthread_mutex_unlock(&pool->mutex);
    error.outcome = open_connection(actor, &error);
    pthread_mutex_lock(&pool->mutex);
    pool->first = NULL;
    pool->first_failure = error;
    pthread_cond_broadcast(&pool->changed);
}

/* --- the work, without the mutex ------------------------------------------------------------- */

/*
 * The last moment at which a cancel is seen here; later ones reach the connection. Cleaning up is
 * never cancelled.
 */
static bool enter_unless_cancelled(struct actor *actor, const struct request *request)
{
    pthread_mutex_lock(&actor->pool->mutex);
    bool is_wanted = !request->is_cancelled || request->kind == REQUEST_ROLLBACK;
    bool is_entered = is_wanted && connection_enter(actor->connection);
    pthread_mutex_unlock(&actor->pool->mutex);
    return is_entered;
}

static enum outcome run(struct connection *connection, struct request *request)
{
    const struct row_sink sink = {
        .on_row = request_on_row,
        .context = request,
        .ret_columns = &request->columns,
        .on_names = request->options.keeps_names ? request_on_names : NULL,
    };
    switch (request->kind) {
    case REQUEST_STATEMENT:
        return connection_run(connection, &request->order, sink, &request->changes,
                              &request->error);
    case REQUEST_BATCH:
        return connection_run_batch(connection, request->items, request->item_count,
                                    &request->changes, &request->error);
    case REQUEST_BEGIN:
        return connection_begin(connection, &request->error);
    case REQUEST_COMMIT:
        return connection_commit(connection, &request->error);
    case REQUEST_ROLLBACK:
        return connection_rollback(connection, &request->error);
    case REQUEST_WORK:
        return actor_work_run(&request->work, connection, &request->pool->mutex, &request->error);
    }
    return OUTCOME_MISUSE;
}

/* A row that was not taken decides: the interrupt was only its consequence. */
static enum outcome with_refusal(struct request *request, enum outcome outcome)
{
    if (request->refusal == OUTCOME_OK || (outcome != OUTCOME_OK && outcome != OUTCOME_INTERRUPTED))
        return outcome;
    return failure_set(&request->error, request->refusal,
                       request->refusal == OUTCOME_NO_MEMORY ? "no memory for a row"
                                                             : "the stream was stopped");
}

static void work(struct actor *actor, struct request *request)
{
    struct pool_error *error = &request->error;
    enum outcome outcome = OUTCOME_OK;
    if (actor->connection == NULL)
        outcome = open_connection(actor, error);
    if (outcome == OUTCOME_OK && !enter_unless_cancelled(actor, request)) {
        outcome = failure_set(error, OUTCOME_INTERRUPTED, "cancelled before it began");
        if (request->kind == REQUEST_COMMIT) /* the transaction is over nevertheless */
            (void)connection_rollback(actor->connection, NULL);
    } else if (outcome == OUTCOME_OK) {
        outcome = with_refusal(request, run(actor->connection, request));
        connection_leave(actor->connection);
    }
    error->outcome = outcome;
    /* Somebody's own BEGIN, ad hoc: the next request is none of it. */
    if (request->txn == NULL && actor->connection != NULL &&
        !connection_is_broken(actor->connection) && connection_in_transaction(actor->connection))
        (void)connection_rollback(actor->connection, NULL);
}

/* --- afterwards ------------------------------------------------------------------------------ */

/* How the connection is. `broken` is to be closed without the mutex. */
struct condition {
    bool is_open;
    struct connection *broken;
};

/* Without the mutex, which is held when it returns. */
static struct condition look_at_connection(struct actor *actor)
{
    struct actor_pool *pool = actor->pool;
    struct condition condition = {0};
    struct connection *connection = actor->connection;
    bool is_broken = connection != NULL && connection_is_broken(connection);
    if (connection != NULL && !is_broken)
        condition.is_open = connection_in_transaction(connection);
    pthread_mutex_lock(&pool->mutex);
    actor->current = NULL;
    if (connection == NULL)
        return condition;
    actor->statements = connection_statements(connection);
    actor->prepares = connection_prepares(connection);
    if (is_broken) {
        condition.broken = take_connection(actor);
        pool->replaced++;
    }
    return condition;
}

void actor_serve(struct actor *actor, struct request *request)
{
    struct actor_pool *pool = actor->pool;
    const struct pool_observer *observer = &pool->copy.options.observer;
    actor->current = request;
    actor->stream = request->stream;
    request->actor = actor;
    pthread_mutex_unlock(&pool->mutex);
    if (observer->on_serve != NULL)
        observer->on_serve(observer->context, request->options.tag);
    work(actor, request);
    struct condition condition = look_at_connection(actor);
    struct request_queue given_up = {0};
    request->state = REQUEST_ENDED;
    if (request->txn != NULL)
        actor_txn_served(request, condition.is_open, condition.broken != NULL, &given_up);
    if (request->stream != NULL)
        actor_release(actor);
    pthread_mutex_unlock(&pool->mutex);
    connection_close(condition.broken);
    request_conclude(request);
    request_conclude_all(&given_up);
    pthread_mutex_lock(&pool->mutex);
}

void actor_end_txn(struct actor *actor)
{
    struct actor_pool *pool = actor->pool;
    const struct pool_observer *observer = &pool->copy.options.observer;
    void *tag = actor->txn->tag;
    pthread_mutex_unlock(&pool->mutex);
    if (observer->on_serve != NULL)
        observer->on_serve(observer->context, tag);
    struct pool_error error = {.outcome = OUTCOME_OK};
    error.outcome = connection_rollback(actor->connection, &error);
    struct condition condition = look_at_connection(actor);
    struct request_queue given_up = {0};
    actor_txn_over(actor->txn, OUTCOME_ROLLED_BACK, &given_up);
    pthread_mutex_unlock(&pool->mutex);
    connection_close(condition.broken);
    if (observer->on_served != NULL)
        observer->on_served(observer->context, tag, &error, 0);
    request_conclude_all(&given_up);
    pthread_mutex_lock(&pool->mutex);
}
