/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slot of the synchronous pool: the place of one connection, and the lease on it. The handles
 * that callers get are parts of their slot, so that checking out allocates nothing. Actors make one
 * for whoever uses their connection by the same calls (actor_work.c). The pool's mutex guards
 * everything here but `connection`'s insides, which belong to whoever has the lease.
 */
#ifndef POOL_SLOT_H
#define POOL_SLOT_H

#include "pool/connection.h"
#include "pool/wait_queue.h"

#include <stdatomic.h>

struct slot;

struct reader {
    struct slot *slot;
};

struct writer {
    struct slot *slot;
};

struct read_txn {
    struct slot *slot;
};

struct write_txn {
    struct slot *slot;
};

struct slot {
    struct pool *pool;      /* NULL: an actor's, lent for as long as a function runs on it */
    pthread_mutex_t *mutex; /* guards it */
    bool is_writer;
    enum pool_slot_state state;
    struct connection *connection; /* NULL: not opened yet */
    const void *owner;             /* the handle that is out, or NULL */
    bool has_txn;                  /* a transaction handle is out */
    bool is_in_call;               /* the lease is being used at this moment */
    atomic_uint calls;             /* that ever began: a cancel looks which one it is meant for */
    bool is_dropped;               /* whoever ends that call gives the slot back */
    uint32_t statements;           /* of the connection, after its last call */
    uint64_t prepares;
    struct reader reader;
    struct writer writer;
    struct read_txn read_txn;
    struct write_txn write_txn;
};

/* Not in use by anybody, with the handles that are its own. */
void slot_init(struct slot *slot, struct pool *pool, pthread_mutex_t *mutex, bool is_writer);

/* Marks a free slot as taken; false: it is not free. */
bool slot_claim(struct slot *slot);

/* Hands a slot that became free to the first who waits; false: nobody does, the slot is free. */
bool slot_wake_waiter(struct slot *slot, struct wait_queue *waiting);

#endif
