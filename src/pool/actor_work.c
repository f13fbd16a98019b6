/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The function gets a lease on the actor's own connection: a slot of the synchronous pool that
 * lives as long as it runs and belongs to no pool, so that it cannot be given back. A cancel of the
 * request interrupts the statement under way, and all that the function tries after it.
 */
#include "pool/actor_work.h"

#include "pool/actor_calls.h"
#include "pool/actor_pool.h"
#include "pool/failure.h"
#include "pool/slot.h"

static enum outcome end(struct connection *connection, enum outcome outcome,
                        struct pool_error *error)
{
    if (connection_is_broken(connection) || !connection_in_transaction(connection))
        return outcome;
    (void)connection_rollback(connection, NULL);
    return outcome != OUTCOME_OK
               ? outcome
               : failure_set(error, OUTCOME_ROLLED_BACK, "the function left a transaction open");
}

enum outcome actor_work_run(const struct actor_work *work, struct connection *connection,
                            pthread_mutex_t *mutex, struct pool_error *error)
{
    struct slot slot;
    slot_init(&slot, NULL, mutex, work->with_writer != NULL);
    slot.connection = connection;
    enum outcome outcome = work->with_writer != NULL
                               ? work->with_writer(work->context, &slot.writer, error)
                               : work->with_reader(work->context, &slot.reader, error);
    return end(connection, outcome, error);
}

/* --- public calls ---------------------------------------------------------------------------- */

static enum outcome send(struct actor_pool *pool, struct actor_role *role, struct actor_work work,
                         const struct request_options *options, struct request **ret_request,
                         struct pool_error *error)
{
    const struct destination to = {.pool = pool, .role = role, .options = options};
    struct request *request = destination_request(&to, REQUEST_WORK, error);
    if (request == NULL)
        return OUTCOME_NO_MEMORY;
    request->work = work;
    return destination_send(&to, request, ret_request, error);
}

enum outcome interplay_actors_with_reader(struct actor_pool *pool, interplay_reader_work_fn *work,
                                          void *context, const struct request_options *options,
                                          struct request **ret_request, struct pool_error *error)
{
    const struct actor_work asked = {.with_reader = work, .context = context};
    return send(pool, &pool->readers, asked, options, ret_request, error);
}

enum outcome interplay_actors_with_writer(struct actor_pool *pool, interplay_writer_work_fn *work,
                                          void *context, const struct request_options *options,
                                          struct request **ret_request, struct pool_error *error)
{
    const struct actor_work asked = {.with_writer = work, .context = context};
    return send(pool, &pool->writers, asked, options, ret_request, error);
}
