/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bounded channel of rows between the actor that runs a statement and whoever reads the stream.
 * The actor waits while it is full. The pool's mutex guards it.
 */
#ifndef POOL_STREAM_H
#define POOL_STREAM_H

#include "pool/actor_row.h"

#include <interplay/backend.h>

#include <pthread.h>

struct request;

struct stream {
    struct request *request; /* owns the stream */
    pthread_cond_t has_room;
    bool is_stopped;       /* nobody wants more rows */
    struct actor_row *row; /* that the reader has */
    uint32_t bound, first, count;
    struct actor_row *ring[];
};

/* NULL: no memory. */
struct stream *stream_new(struct request *request, uint32_t bound);

/* NULL is allowed. */
void stream_free(struct stream *stream);

/*
 * On the actor, without the mutex: waits for room and puts the row there. OUTCOME_INTERRUPTED: the
 * stream was stopped; OUTCOME_NO_MEMORY.
 */
enum outcome stream_put(struct stream *stream, const struct value *columns, uint32_t count);

/* With the mutex held: no more rows are wanted; the actor wakes up if it waits for room. */
void stream_stop(struct stream *stream);

#endif
