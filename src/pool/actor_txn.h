/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transaction on an actor: from its begin, which waits for any actor of the role, over the time
 * in which it holds one, to its end. Its lane takes requests from the start, so that nobody has to
 * wait for the begin; they are served once it has succeeded.
 *
 * Dropping it must always work: what ends it is a flag here that the actor sees, not a request.
 * Everything is guarded by the pool's mutex, and called with it held where nothing else is said.
 */
#ifndef POOL_ACTOR_TXN_H
#define POOL_ACTOR_TXN_H

#include "pool/mailbox.h"
#include "pool/request.h"

struct actor_txn {
    struct actor_pool *pool;
    struct actor_role *role;
    uint32_t references; /* the handle, each of its requests, the actor that it holds */
    struct mailbox lane;
    struct request *begin; /* until that has ended */
    struct actor *actor;   /* that it holds */
    bool is_open;          /* what the database said after the last request */
    bool is_ending;        /* the actor rolls it back as soon as the lane is empty */
    enum outcome over;     /* what later requests get; OUTCOME_OK: they are accepted */
    void *tag;             /* the begin's */
};

/* One reference less, the last one frees it. */
void actor_txn_release(struct actor_txn *txn);

/*
 * Nothing more is served in it: what waits in its lane ends with `outcome`, as do later requests;
 * its actor is free again.
 */
void actor_txn_over(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up);

/*
 * A request of the transaction has been served: draws the conclusions. `is_open`: the connection is
 * well and has a transaction open; `is_broken`: it is lost.
 */
void actor_txn_served(struct request *request, bool is_open, bool is_broken,
                      struct request_queue *given_up);

/*
 * Ends the transaction from outside, wherever it stands: what runs in it is interrupted, what waits
 * is given up, later requests get `outcome`, and if it is open it is rolled back.
 */
void actor_txn_stop(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up);

/*
 * Ends the transaction in turn: what waits in it is served before, later requests get `outcome`. A
 * begin that nothing waits behind is given up.
 */
void actor_txn_finish(struct actor_txn *txn, enum outcome outcome, struct request_queue *given_up);

/* The next thing that its actor can do for it: serve its lane, or end it. */
bool actor_txn_has_work(const struct actor_txn *txn);

#endif
