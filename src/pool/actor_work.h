/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the user's that run on an actor's thread, with the calls of the synchronous pool. */
#ifndef POOL_ACTOR_WORK_H
#define POOL_ACTOR_WORK_H

#include "pool/connection.h"

#include <pthread.h>

/* One of the two functions. */
struct actor_work {
    interplay_reader_work_fn *with_reader;
    interplay_writer_work_fn *with_writer;
    void *context;
};

/*
 * On the actor, between connection_enter and connection_leave, without `mutex`, which is the
 * pool's. What the function says; OUTCOME_ROLLED_BACK if it left a transaction open, which is then
 * rolled back.
 */
enum outcome actor_work_run(const struct actor_work *work, struct connection *connection,
                            pthread_mutex_t *mutex, struct pool_error *error) INTERPLAY_RESULT;

#endif
