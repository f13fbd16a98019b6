/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An actor: a thread that owns one connection and serves requests on it, one after the other, from
 * the mailbox of its role. While a transaction holds it, it serves only what comes through that
 * transaction; while a stream holds it, nothing else.
 */
#ifndef POOL_ACTOR_H
#define POOL_ACTOR_H

#include "pool/mailbox.h"

#include <interplay/pool.h>

#include <pthread.h>

struct actor_pool;
struct actor_role;
struct actor_txn;
struct connection;

struct actor {
    struct actor_pool *pool;
    struct actor_role *role;
    pthread_t thread;
    bool has_thread;               /* that was not joined yet */
    pthread_cond_t wake;           /* there is work, or the end */
    bool is_idle;                  /* waits for work, and nobody has told it of any */
    struct connection *connection; /* only its own thread opens and closes it */
    struct request *current;       /* runs at this moment */
    struct actor_txn *txn;         /* that holds it; counts as a reference */
    const struct stream *stream;   /* that holds it; only to be compared */
    uint32_t statements;           /* of the connection, after the last request */
    uint64_t prepares;
};

/* The thread, as pthread_create wants it: `argument` is the actor. */
void *actor_main(void *argument);

/* The rest is called with the pool's mutex held. */

/* One more request waits for the role: tells a free actor, if possible one with a connection. */
void actor_wake_role(struct actor_role *role);

/* Something that concerns this actor has changed. */
void actor_wake(struct actor *actor);

/* Interrupts what runs on the actor's connection. */
void actor_interrupt(const struct actor *actor);

/* Nothing holds the actor any more: it goes back to the mailbox of its role. */
void actor_release(struct actor *actor);

#endif
