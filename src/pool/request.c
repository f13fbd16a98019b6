/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: making and releasing them, their end, and what users ask of them. */
#include "pool/request.h"

#include "pool/actor_pool.h"
#include "pool/actor_send.h"
#include "pool/actor_txn.h"
#include "pool/deadline.h"
#include "pool/failure.h"
#include "pool/stream.h"

#include <stdlib.h>
#include <string.h>

struct request *request_new(struct actor_pool *pool, struct actor_role *role,
                            enum request_kind kind, const struct request_options *options)
{
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL)
        return NULL;
    if (!deadline_condition_init(&request->changed)) {
        free(request);
        return NULL;
    }
    request->pool = pool;
    request->role = role;
    request->kind = kind;
    request->references = 1;
    if (options != NULL)
        request->options = *options;
    return request;
}

void request_release(struct request *request)
{
    if (--request->references > 0)
        return;
    stream_free(request->stream);
    if (request->txn != NULL)
        actor_txn_release(request->txn);
    actor_rows_clean_up(&request->rows);
    free(request->names);
    pthread_cond_destroy(&request->changed);
    free(request->block);
    free(request);
}

bool request_is_running(const struct request *request)
{
    return request->actor->current == request;
}

/* --- the end --------------------------------------------------------------------------------- */

bool request_on_row(void *context, const struct value *columns, uint32_t count)
{
    struct request *request = context;
    if (request->refusal != OUTCOME_OK)
        return false;
    if (request->stream != NULL)
        request->refusal = stream_put(request->stream, columns, count);
    else if (!actor_rows_append(&request->rows, columns, count))
        request->refusal = OUTCOME_NO_MEMORY;
    /*
     * A statement that is only left alone here would count as done. Interrupted, it fails at its
     * next step; false is for databases that cannot be interrupted.
     */
    if (request->refusal != OUTCOME_OK)
        connection_interrupt(request->actor->connection);
    return true;
}

void request_on_names(void *context, const char *const *names, uint32_t count)
{
    struct request *request = context;
    struct value values[POOL_COLUMNS_MAX];
    for (uint32_t i = 0; i < count; i++)
        values[i] = value_text(names[i], strlen(names[i]) + 1);
    request->names = actor_row_copy(values, count);
}

void request_conclude(struct request *request)
{
    struct actor_pool *pool = request->pool;
    const struct pool_observer *observer = &pool->copy.options.observer;
    const struct request_options *options = &request->options;
    if (observer->on_served != NULL)
        observer->on_served(observer->context, options->tag, &request->error, request->changes);
    if (options->on_done != NULL)
        options->on_done(options->context, request);
    pthread_mutex_lock(&pool->mutex);
    request->state = REQUEST_DONE;
    pthread_cond_broadcast(&request->changed);
    request_release(request);
    pthread_mutex_unlock(&pool->mutex);
}

void request_conclude_all(struct request_queue *given_up)
{
    struct request *request;
    while ((request = request_queue_take(given_up)) != NULL)
        request_conclude(request);
}

/* --- what users ask -------------------------------------------------------------------------- */

/* Who does not wait may look at it in on_done already, which runs before it is done. */
static bool has_result(const struct request *request, uint32_t timeout_ms)
{
    return request->state == REQUEST_DONE || (timeout_ms == 0 && request->state == REQUEST_ENDED);
}

enum outcome interplay_request_wait(struct request *request, uint32_t timeout_ms,
                                    struct pool_error *error)
{
    struct actor_pool *pool = request->pool;
    if (timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = pool->copy.options.acquire_timeout_ms;
    const struct deadline deadline = deadline_after(timeout_ms);
    pthread_mutex_lock(&pool->mutex);
    bool is_in_time = timeout_ms > 0;
    while (!has_result(request, timeout_ms) && is_in_time)
        is_in_time = deadline_wait(&deadline, &request->changed, &pool->mutex);
    bool is_ended = has_result(request, timeout_ms);
    pthread_mutex_unlock(&pool->mutex);
    if (!is_ended)
        return failure_set(error, OUTCOME_TIMEOUT, "the request has not ended in time");
    if (request->error.outcome != OUTCOME_OK && error != NULL)
        *error = request->error;
    return request->error.outcome;
}

bool interplay_request_is_done(struct request *request)
{
    pthread_mutex_lock(&request->pool->mutex);
    bool is_done = request->state == REQUEST_DONE;
    pthread_mutex_unlock(&request->pool->mutex);
    return is_done;
}

void interplay_request_cancel(struct request *request)
{
    struct request_queue given_up = {0};
    pthread_mutex_lock(&request->pool->mutex);
    request_stop(request, &given_up);
    pthread_mutex_unlock(&request->pool->mutex);
    request_conclude_all(&given_up);
}

void interplay_request_drop(struct request *request)
{
    struct actor_pool *pool = request->pool;
    struct request_queue given_up = {0};
    pthread_mutex_lock(&pool->mutex);
    request_stop(request, &given_up);
    request_release(request);
    pthread_mutex_unlock(&pool->mutex);
    request_conclude_all(&given_up);
}

int64_t interplay_request_changes(struct request *request)
{
    return request->changes;
}

uint64_t interplay_request_row_count(struct request *request)
{
    return request->rows.count;
}

uint32_t interplay_request_column_count(struct request *request)
{
    return request->columns;
}

const char *interplay_request_column_name(struct request *request, uint32_t column)
{
    const struct actor_row *names = request->names;
    return names != NULL && column < names->count ? names->columns[column].text.bytes : NULL;
}

const struct value *interplay_request_row(struct request *request, uint64_t index,
                                          uint32_t *ret_columns)
{
    if (index >= request->rows.count)
        return NULL;
    const struct actor_row *row = request->rows.rows[index];
    if (ret_columns != NULL)
        *ret_columns = row->count;
    return row->columns;
}
