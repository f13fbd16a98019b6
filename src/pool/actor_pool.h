/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the pool with actors is made of. One mutex guards everything in it that changes; it is never
 * held while a backend works, an observer listens or a callback runs.
 */
#ifndef POOL_ACTOR_POOL_H
#define POOL_ACTOR_POOL_H

#include "pool/actor.h"
#include "pool/connection.h"
#include "pool/mailbox.h"
#include "pool/options.h"
#include "pool/write_gate.h"

#include <pthread.h>

/* All readers, or all writers. */
struct actor_role {
    struct mailbox mailbox; /* for whichever of them is free */
    struct actor *actors;
    uint32_t count;
};

struct actor_pool {
    struct options_copy copy; /* unchanged after opening */
    pthread_mutex_t mutex;
    pthread_cond_t changed; /* the first connection was tried, or an actor has ended */
    struct actor_role readers, writers;
    struct write_gate gate;          /* for more than one writer */
    struct actor *first;             /* opens its connection at once; NULL: it was tried */
    struct pool_error first_failure; /* how that went */
    bool is_closed;                  /* nothing new is accepted; actors without work end */
    uint32_t running;                /* actors whose threads have not ended */
    uint64_t prepares_past;          /* by connections that are gone */
    uint64_t replaced;
    uint32_t actor_count; /* readers first */
    struct actor actors[];
};

#endif
