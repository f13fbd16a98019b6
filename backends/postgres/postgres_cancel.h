/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cancelling what runs on a connection, from another thread, so that it hits that and nothing else.
 *
 * PostgreSQL's cancel request names a session and not a statement. So nothing is sent while one is
 * under way, and who has the answer waits until it has arrived: a server that is idle when it
 * arrives forgets it (ProcessInterrupts() in its postgres.c). It forgets it, too, before it has
 * read the request that it was meant for; so it is repeated a few times while no answer comes.
 */
#ifndef POSTGRES_POSTGRES_CANCEL_H
#define POSTGRES_POSTGRES_CANCEL_H

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/*
 * Without a cancel nobody takes the lock: both sides say what they are about to do, and only then
 * look at what the other one does.
 */
struct postgres_cancel {
    PGcancel *request;
    atomic_bool is_asked;    /* of the call under way */
    atomic_bool is_sent;     /* something whose answer has not ended */
    atomic_bool is_answered; /* its answer has begun */
    atomic_uint under_way;   /* callers of postgres_cancel_ask */
    pthread_mutex_t mutex;   /* for waiting */
    pthread_cond_t changed;
};

/* False: no memory. */
bool postgres_cancel_init(struct postgres_cancel *cancel, PGconn *pg);
void postgres_cancel_clean_up(struct postgres_cancel *cancel);

/* From any thread. */
void postgres_cancel_ask(struct postgres_cancel *cancel);

/* What was asked so far was meant for another call. */
void postgres_cancel_forget(struct postgres_cancel *cancel);

/* Around everything that is sent. False: it must not be, it is cancelled. */
bool postgres_cancel_begin(struct postgres_cancel *cancel);
void postgres_cancel_answered(struct postgres_cancel *cancel);
void postgres_cancel_end(struct postgres_cancel *cancel);

#endif
