/* SPDX-License-Identifier: Apache-2.0 */
/* Streams: the channel, and what users ask of it. */
#include "pool/stream.h"

#include "pool/actor_pool.h"
#include "pool/deadline.h"
#include "pool/failure.h"
#include "pool/request.h"

#include <stdlib.h>

struct stream *stream_new(struct request *request, uint32_t bound)
{
    struct stream *stream = calloc(1, sizeof *stream + bound * sizeof stream->ring[0]);
    if (stream == NULL)
        return NULL;
    if (!deadline_condition_init(&stream->has_room)) {
        free(stream);
        return NULL;
    }
    stream->request = request;
    stream->bound = bound;
    return stream;
}

static struct actor_row *take(struct stream *stream)
{
    struct actor_row *row = stream->ring[stream->first];
    stream->first = (stream->first + 1) % stream->bound;
    stream->count--;
    return row;
}

void stream_free(struct stream *stream)
{
    if (stream == NULL)
        return;
    while (stream->count > 0)
        free(take(stream));
    free(stream->row);
    pthread_cond_destroy(&stream->has_room);
    free(stream);
}

/* --- the actor's side ------------------------------------------------------------------------ */

enum outcome stream_put(struct stream *stream, const struct value *columns, uint32_t count)
{
    struct actor_row *row = actor_row_copy(columns, count);
    if (row == NULL)
        return OUTCOME_NO_MEMORY;
    pthread_mutex_t *mutex = &stream->request->pool->mutex;
    pthread_mutex_lock(mutex);
    while (stream->count == stream->bound && !stream->is_stopped)
        pthread_cond_wait(&stream->has_room, mutex);
    bool is_stopped = stream->is_stopped;
    if (!is_stopped) {
        stream->ring[(stream->first + stream->count) % stream->bound] = row;
        stream->count++;
        pthread_cond_broadcast(&stream->request->changed);
    }
    pthread_mutex_unlock(mutex);
    if (is_stopped)
        free(row);
    return is_stopped ? OUTCOME_INTERRUPTED : OUTCOME_OK;
}

void stream_stop(struct stream *stream)
{
    stream->is_stopped = true;
    pthread_cond_signal(&stream->has_room);
}

/* --- the reader's side ----------------------------------------------------------------------- */

enum outcome interplay_stream_next(struct stream *stream, uint32_t timeout_ms,
                                   const struct value **ret_row, uint32_t *ret_columns,
                                   struct pool_error *error)
{
    struct request *request = stream->request;
    struct actor_pool *pool = request->pool;
    if (timeout_ms == POOL_DEFAULT_TIMEOUT)
        timeout_ms = pool->copy.options.acquire_timeout_ms;
    const struct deadline deadline = deadline_after(timeout_ms);
    free(stream->row);
    stream->row = NULL;
    pthread_mutex_lock(&pool->mutex);
    bool is_in_time = timeout_ms > 0;
    while (stream->count == 0 && request->state != REQUEST_DONE && is_in_time)
        is_in_time = deadline_wait(&deadline, &request->changed, &pool->mutex);
    bool is_done = request->state == REQUEST_DONE;
    if (stream->count > 0) {
        stream->row = take(stream);
        pthread_cond_signal(&stream->has_room);
    }
    pthread_mutex_unlock(&pool->mutex);
    if (stream->row != NULL) {
        *ret_row = stream->row->columns;
        *ret_columns = stream->row->count;
        return OUTCOME_ROW;
    }
    if (!is_done)
        return failure_set(error, OUTCOME_TIMEOUT, "no row came in time");
    if (request->error.outcome == OUTCOME_OK)
        *ret_columns = request->columns;
    else if (error != NULL)
        *error = request->error;
    return request->error.outcome;
}

const char *interplay_stream_column_name(struct stream *stream, uint32_t column)
{
    return interplay_request_column_name(stream->request, column);
}

void interplay_stream_cancel(struct stream *stream)
{
    interplay_request_cancel(stream->request);
}

void interplay_stream_drop(struct stream *stream)
{
    interplay_request_drop(stream->request);
}
