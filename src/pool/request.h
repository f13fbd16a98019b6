/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request to the actors: what was asked for, where it stands, what came of it.
 *
 * Its life: new (its sender may wait for room), accepted (waits in a mailbox, then runs), ended
 * (the outcome stands, observer and callback are being told), done. Everything but the results is
 * guarded by the pool's mutex; the results belong to whoever serves the request until it has ended
 * and do not change afterwards.
 *
 * Ownership: references, one for the handle that the user holds and one from being accepted until
 * done. A stream belongs to its request and goes with it.
 */
#ifndef POOL_REQUEST_H
#define POOL_REQUEST_H

#include "pool/actor_row.h"
#include "pool/actor_work.h"
#include "pool/connection.h"
#include "pool/mailbox.h"

#include <pthread.h>

struct actor;
struct actor_pool;
struct actor_role;
struct actor_txn;

enum request_kind {
    REQUEST_STATEMENT,
    REQUEST_BATCH,
    REQUEST_BEGIN,
    REQUEST_COMMIT,
    REQUEST_ROLLBACK,
    REQUEST_WORK, /* somebody's function, on the connection */
};

enum request_state {
    REQUEST_NEW,
    REQUEST_ACCEPTED,
    REQUEST_REFUSED, /* its sender waited for room in vain */
    REQUEST_ENDED,
    REQUEST_DONE,
};

struct request {
    struct actor_pool *pool;
    struct actor_role *role;
    enum request_kind kind;
    struct request_options options;
    uint32_t references;
    pthread_cond_t changed; /* accepted, refused or done; streams: a row is there */

    /* What is asked for; `block` holds what it points to. */
    struct order order;
    struct batch_item *items;
    size_t item_count;
    void *block;
    struct actor_work work;

    /* Where it stands. */
    enum request_state state;
    bool is_cancelled;
    struct mailbox *mailbox; /* that it waits in */
    struct request *next, *previous;
    struct actor *actor;   /* that serves or served it */
    struct actor_txn *txn; /* that it belongs to; counts as a reference to it */
    struct stream *stream; /* that gets its rows */

    /* What came of it. */
    struct pool_error error;
    int64_t changes;
    struct actor_rows rows;
    uint32_t columns;        /* that they have */
    struct actor_row *names; /* of those, each ended by a zero byte; NULL: nobody knows */
    enum outcome refusal;    /* why a row was not taken; OUTCOME_OK: all were */
};

/*
 * What all requests have, for a statement, batch, begin ... to be filled in. The reference is the
 * handle's. NULL: no memory.
 */
struct request *request_new(struct actor_pool *pool, struct actor_role *role,
                            enum request_kind kind, const struct request_options *options);

/* One reference less, the last one frees it. With the pool's mutex held. */
void request_release(struct request *request);

/* True while an actor works on exactly this request: only then it may be interrupted. */
bool request_is_running(const struct request *request);

/* The request's row sink: keeps each row, or puts it into the stream. */
bool request_on_row(void *context, const struct value *columns, uint32_t count);

/* Keeps them, if there is memory: not to have them changes nothing of what was done. */
void request_on_names(void *context, const char *const *names, uint32_t count);

/*
 * Tells the observer, calls the callback, wakes who waits; then the request is done and no longer
 * the pool's. Without the mutex: it has ended, and is in no queue.
 */
void request_conclude(struct request *request);
void request_conclude_all(struct request_queue *given_up);

#endif
