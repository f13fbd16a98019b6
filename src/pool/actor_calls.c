/* SPDX-License-Identifier: Apache-2.0 */
/* Public calls outside of transactions: statements, batches, streams for any actor that is free. */
#include "pool/actor_calls.h"

#include "pool/actor_order.h"
#include "pool/actor_pool.h"
#include "pool/actor_send.h"
#include "pool/failure.h"
#include "pool/stream.h"

/* --- making and sending ---------------------------------------------------------------------- */

struct request *destination_request(const struct destination *to, enum request_kind kind,
                                    struct pool_error *error)
{
    struct request *request = request_new(to->pool, to->role, kind, to->options);
    if (request == NULL) {
        (void)failure_set(error, OUTCOME_NO_MEMORY, "no memory for a request");
        return NULL;
    }
    if (to->txn != NULL) {
        pthread_mutex_lock(&to->pool->mutex);
        to->txn->references++;
        pthread_mutex_unlock(&to->pool->mutex);
        request->txn = to->txn;
    }
    return request;
}

static void release(struct request *request)
{
    struct actor_pool *pool = request->pool;
    pthread_mutex_lock(&pool->mutex);
    request_release(request);
    pthread_mutex_unlock(&pool->mutex);
}

enum outcome destination_send(const struct destination *to, struct request *request,
                              struct request **ret_request, struct pool_error *error)
{
    bool is_in_lane = to->txn != NULL && request->kind != REQUEST_BEGIN;
    struct mailbox *mailbox = is_in_lane ? &to->txn->lane : &to->role->mailbox;
    enum outcome outcome = OUTCOME_OK;
    if (to->role->count == 0)
        outcome = failure_set(error, OUTCOME_MISUSE, "the pool has no connection of this kind");
    else
        outcome = request_send(request, mailbox, error);
    if (outcome == OUTCOME_OK)
        *ret_request = request;
    else
        release(request);
    return outcome;
}

enum outcome destination_send_order(const struct destination *to, struct order order,
                                    struct request **ret_request, struct pool_error *error)
{
    struct request *request = destination_request(to, REQUEST_STATEMENT, error);
    if (request == NULL)
        return OUTCOME_NO_MEMORY;
    if (!actor_order_copy(&request->order, &order, &request->block)) {
        release(request);
        return failure_set(error, OUTCOME_NO_MEMORY, "no memory for the parameters");
    }
    return destination_send(to, request, ret_request, error);
}

/* --- statements ------------------------------------------------------------------------------ */

enum outcome interplay_actors_query(struct actor_pool *pool, const struct read_statement *statement,
                                    const struct value *parameters,
                                    const struct request_options *options,
                                    struct request **ret_request, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->readers, .options = options};
    return destination_send_order(
        &to, order_of_statement(&statement->statement, parameters, false, false), ret_request,
        error);
}

enum outcome interplay_actors_execute(struct actor_pool *pool,
                                      const struct write_statement *statement,
                                      const struct value *parameters,
                                      const struct request_options *options,
                                      struct request **ret_request, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->writers, .options = options};
    return destination_send_order(
        &to, order_of_statement(&statement->statement, parameters, true, false), ret_request,
        error);
}

enum outcome interplay_actors_query_sql(struct actor_pool *pool, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        const struct request_options *options,
                                        struct request **ret_request, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->readers, .options = options};
    return destination_send_order(&to, order_of_text(sql, parameters, count, false, false),
                                  ret_request, error);
}

enum outcome interplay_actors_execute_sql(struct actor_pool *pool, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          const struct request_options *options,
                                          struct request **ret_request, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->writers, .options = options};
    return destination_send_order(&to, order_of_text(sql, parameters, count, true, false),
                                  ret_request, error);
}

enum outcome interplay_actors_execute_batch(struct actor_pool *pool, const struct batch_item *items,
                                            size_t count, const struct request_options *options,
                                            struct request **ret_request, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->writers, .options = options};
    struct request *request = destination_request(&to, REQUEST_BATCH, error);
    if (request == NULL)
        return OUTCOME_NO_MEMORY;
    if (count > 0 && !actor_batch_copy(&request->items, items, count, &request->block)) {
        release(request);
        return failure_set(error, OUTCOME_NO_MEMORY, "no memory for the parameters");
    }
    request->item_count = count;
    return destination_send(&to, request, ret_request, error);
}

/* --- streams --------------------------------------------------------------------------------- */

static enum outcome send_stream(const struct destination *to, const struct order *order,
                                struct stream **ret_stream, struct pool_error *error)
{
    const struct pool_options *options = &to->pool->copy.options;
    uint32_t rows = order->may_write ? options->mutate_stream_rows : options->stream_rows;
    struct request *request = destination_request(to, REQUEST_STATEMENT, error);
    if (request == NULL)
        return OUTCOME_NO_MEMORY;
    request->stream = stream_new(request, rows > 0 ? rows : 1);
    if (request->stream == NULL || !actor_order_copy(&request->order, order, &request->block)) {
        release(request);
        return failure_set(error, OUTCOME_NO_MEMORY, "no memory for a stream");
    }
    enum outcome outcome = destination_send(to, request, &request, error);
    if (outcome == OUTCOME_OK)
        *ret_stream = request->stream;
    return outcome;
}

enum outcome interplay_actors_stream(struct actor_pool *pool,
                                     const struct read_statement *statement,
                                     const struct value *parameters,
                                     const struct request_options *options,
                                     struct stream **ret_stream, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->readers, .options = options};
    const struct order order = order_of_statement(&statement->statement, parameters, false, false);
    return send_stream(&to, &order, ret_stream, error);
}

enum outcome interplay_actors_mutate_stream(struct actor_pool *pool,
                                            const struct write_statement *statement,
                                            const struct value *parameters,
                                            const struct request_options *options,
                                            struct stream **ret_stream, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->writers, .options = options};
    const struct order order = order_of_statement(&statement->statement, parameters, true, false);
    return send_stream(&to, &order, ret_stream, error);
}

enum outcome interplay_actors_stream_sql(struct actor_pool *pool, const char *sql,
                                         const struct value *parameters, uint32_t count,
                                         const struct request_options *options,
                                         struct stream **ret_stream, struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->readers, .options = options};
    const struct order order = order_of_text(sql, parameters, count, false, false);
    return send_stream(&to, &order, ret_stream, error);
}

enum outcome interplay_actors_mutate_stream_sql(struct actor_pool *pool, const char *sql,
                                                const struct value *parameters, uint32_t count,
                                                const struct request_options *options,
                                                struct stream **ret_stream,
                                                struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = &pool->writers, .options = options};
    const struct order order = order_of_text(sql, parameters, count, true, false);
    return send_stream(&to, &order, ret_stream, error);
}
