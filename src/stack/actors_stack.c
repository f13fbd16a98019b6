/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's asynchronous pool as a stack. A lease holds no slot but in transactions and streams.
 */
#include "stack/actors_stack.h"

#include "stack/column_names.h"
#include "stack/known_statements.h"
#include "stack/pool_options.h"

#include <stdlib.h>

enum { CALL_TIMEOUT_MS = 10000 };

/* --- the pool -------------------------------------------------------------------------------- */

static void on_serve(void *context, void *tag)
{
    const struct stack *stack = context;
    if (tag != NULL && stack->listener.on_serve != NULL)
        stack->listener.on_serve(stack->listener.context, tag);
}

static void on_served(void *context, void *tag, const struct pool_error *error, int64_t changes)
{
    const struct stack *stack = context;
    if (tag == NULL || stack->listener.on_served == NULL)
        return;
    struct stack_reply reply;
    stack_pool_reply(&reply, error->outcome, error);
    reply.changes = changes;
    stack->listener.on_served(stack->listener.context, tag, &reply);
}

static void init_leases(struct stack *stack)
{
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < ACTORS_LEASES_MAX; i++) {
        struct stack_lease *lease = &stack->leases[i];
        (void)pthread_mutex_init(&lease->mutex, NULL);
        (void)pthread_cond_init(&lease->changed, &monotonic);
        for (uint32_t cell = 0; cell < ACTORS_CELLS; cell++)
            lease->cells[cell].lease = lease;
    }
    (void)pthread_condattr_destroy(&monotonic);
}

static void clean_up_leases(struct stack *stack)
{
    for (uint32_t i = 0; i < ACTORS_LEASES_MAX; i++) {
        (void)pthread_cond_destroy(&stack->leases[i].changed);
        (void)pthread_mutex_destroy(&stack->leases[i].mutex);
    }
}

static enum outcome actors_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    init_leases(stack);
    stack->listener = options->listener;
    stack->call_timeout_ms = options->acquire_timeout_ms + CALL_TIMEOUT_MS;
    struct pool_options pool_options = stack_pool_options(options);
    pool_options.observer = (struct pool_observer){on_serve, on_served, stack};
    enum outcome outcome = interplay_actors_open(&stack->pool, &pool_options, NULL);
    if (outcome == OUTCOME_OK) {
        *ret_stack = stack;
        return OUTCOME_OK;
    }
    clean_up_leases(stack);
    free(stack);
    return outcome;
}

static enum outcome actors_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    return interplay_actors_close(stack->pool, interrupt ? POOL_CLOSE_INTERRUPT : POOL_CLOSE_WAIT,
                                  timeout_ms);
}

static void actors_destroy(struct stack *stack)
{
    interplay_actors_free(stack->pool);
    clean_up_leases(stack);
    free(stack);
}

static const struct stack_lease *lease_of(const struct stack *stack, const void *owner)
{
    for (uint32_t i = 0; i < ACTORS_LEASES_MAX; i++) {
        const struct stack_lease *lease = &stack->leases[i];
        if (lease->is_out && (lease->read_txn == owner || lease->write_txn == owner ||
                              (lease->stream != NULL && lease->stream->stream == owner)))
            return lease;
    }
    return NULL;
}

static void actors_inspect(struct stack *stack, struct stack_view *ret_view)
{
    struct pool_view view;
    interplay_actors_inspect(stack->pool, &view);
    stack_pool_view(ret_view, &view, lease_of, stack);
}

/* --- leases: an intention, until there is a transaction or a stream -------------------------- */

static enum outcome actors_checkout(struct stack *stack, enum stack_access access,
                                    uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)timeout_ms;
    struct stack_lease *lease = stack->leases;
    while (lease->is_out)
        if (++lease == stack->leases + ACTORS_LEASES_MAX)
            return OUTCOME_TIMEOUT;
    lease->stack = stack;
    lease->access = access;
    lease->is_out = true;
    *ret_lease = lease;
    return OUTCOME_OK;
}

static void drop_transaction(struct stack_lease *lease)
{
    struct actor_read_txn *read_txn = lease->read_txn;
    struct actor_write_txn *write_txn = lease->write_txn;
    lease->read_txn = NULL;
    lease->write_txn = NULL;
    if (read_txn != NULL)
        interplay_actor_read_txn_drop(read_txn);
    if (write_txn != NULL)
        interplay_actor_write_txn_drop(write_txn);
}

static void actors_drop(struct stack_lease *lease)
{
    drop_transaction(lease);
    lease->is_out = false;
}

static enum outcome actors_give_back(struct stack_lease *lease)
{
    actors_drop(lease);
    return OUTCOME_OK;
}

static bool actors_in_transaction(struct stack_lease *lease)
{
    if (lease->read_txn != NULL)
        return interplay_actor_read_txn_is_open(lease->read_txn);
    return lease->write_txn != NULL && interplay_actor_write_txn_is_open(lease->write_txn);
}

/* --- transactions ---------------------------------------------------------------------------- */

static void actors_begin(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    struct request *request = NULL;
    struct request_options options = actors_next_call(lease, tag);
    enum outcome sent = lease->access == STACK_READ
                            ? interplay_actors_begin_read(lease->stack->pool, &options,
                                                          &lease->read_txn, &request, &error)
                            : interplay_actors_begin_write(lease->stack->pool, &options,
                                                           &lease->write_txn, &request, &error);
    actors_finish_call(lease, sent, request, NULL, &error, ret_reply);
    if (ret_reply->outcome != OUTCOME_OK)
        drop_transaction(lease);
}

static void end_transaction(struct stack_lease *lease, void *tag, bool commits,
                            struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    struct request *request = NULL;
    bool is_open = actors_in_transaction(lease);
    *ret_reply = (struct stack_reply){.outcome = is_open ? OUTCOME_OK : OUTCOME_ROLLED_BACK};
    if (lease->write_txn != NULL) {
        struct request_options options = actors_next_call(lease, tag);
        enum outcome sent =
            commits
                ? interplay_actor_write_txn_commit(lease->write_txn, &options, &request, &error)
                : interplay_actor_write_txn_rollback(lease->write_txn, &options, &request, &error);
        actors_finish_call(lease, sent, request, NULL, &error, ret_reply);
    }
    if (!commits || ret_reply->outcome != OUTCOME_BUSY)
        drop_transaction(lease);
}

static void actors_commit(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    end_transaction(lease, tag, true, ret_reply);
}

static void actors_rollback(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    end_transaction(lease, tag, false, ret_reply);
}

/* --- from other tasks ------------------------------------------------------------------------ */

/* While there are cancellers, neither request nor stream is dropped. */
static void actors_cancel(struct stack_lease *lease, const void *tag)
{
    (void)pthread_mutex_lock(&lease->mutex);
    struct request *request = lease->tag == tag ? lease->request : NULL;
    struct stack_stream *stream =
        lease->stream != NULL && lease->stream->tag == tag ? lease->stream : NULL;
    lease->cancellers++;
    (void)pthread_mutex_unlock(&lease->mutex);
    if (request != NULL)
        interplay_request_cancel(request);
    else if (stream != NULL)
        interplay_stream_cancel(stream->stream);
    (void)pthread_mutex_lock(&lease->mutex);
    lease->cancellers--;
    (void)pthread_cond_broadcast(&lease->changed);
    (void)pthread_mutex_unlock(&lease->mutex);
}

static bool actors_abandon(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->mutex);
    bool is_there = lease->request != NULL && !lease->cells[lease->cell].is_done;
    if (is_there) {
        lease->is_abandoned = true;
        (void)pthread_cond_broadcast(&lease->changed);
    }
    (void)pthread_mutex_unlock(&lease->mutex);
    return is_there;
}

/* --- streams --------------------------------------------------------------------------------- */

static enum outcome send_stream(struct actor_pool *pool, const struct stack_call *call,
                                struct stream **ret_stream)
{
    const struct request_options options = {.tag = call->tag, .keeps_names = call->wants_names};
    const struct read_statement *read = known_read_statement(call);
    const struct write_statement *write = known_write_statement(call);
    bool reads = call->access == STACK_READ;
    if (read == NULL || write == NULL) {
        uint32_t count = call->parameter_count;
        return reads ? interplay_actors_stream_sql(pool, call->sql, call->parameters, count,
                                                   &options, ret_stream, NULL)
                     : interplay_actors_mutate_stream_sql(pool, call->sql, call->parameters, count,
                                                          &options, ret_stream, NULL);
    }
    return reads ? interplay_actors_stream(pool, read, call->parameters, &options, ret_stream, NULL)
                 : interplay_actors_mutate_stream(pool, write, call->parameters, &options,
                                                  ret_stream, NULL);
}

static enum outcome actors_stream_open(struct stack_lease *lease, const struct stack_call *call,
                                       struct stack_stream **ret_stream)
{
    struct stack_stream *stream = &lease->stack->streams[lease - lease->stack->leases];
    enum outcome outcome = send_stream(lease->stack->pool, call, &stream->stream);
    if (outcome != OUTCOME_OK)
        return outcome;
    stream->lease = lease;
    stream->on_row = call->on_row;
    stream->context = call->context;
    stream->tag = call->tag;
    stream->wants_names = call->wants_names;
    lease->stream = stream;
    *ret_stream = stream;
    return OUTCOME_OK;
}

static void take_names(struct stream *stream, uint32_t count, struct stack_reply *reply)
{
    const char *names[POOL_COLUMNS_MAX];
    for (uint32_t i = 0; i < count; i++)
        names[i] = interplay_stream_column_name(stream, i);
    stack_join_names(names, count, reply->column_names);
}

static void actors_stream_next(struct stack_stream *stream, struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    const struct value *row = NULL;
    uint32_t columns = 0;
    enum outcome outcome = interplay_stream_next(
        stream->stream, stream->lease->stack->call_timeout_ms, &row, &columns, &error);
    stack_pool_reply(ret_reply, outcome, &error);
    ret_reply->column_count = (int)columns;
    if (outcome == OUTCOME_OK && stream->wants_names)
        take_names(stream->stream, columns, ret_reply);
    if (outcome == OUTCOME_ROW && stream->on_row != NULL)
        stream->on_row(stream->context, row, columns);
}

static void actors_stream_close(struct stack_stream *stream)
{
    struct stack_lease *lease = stream->lease;
    (void)pthread_mutex_lock(&lease->mutex);
    lease->stream = NULL;
    while (lease->cancellers > 0)
        (void)pthread_cond_wait(&lease->changed, &lease->mutex);
    (void)pthread_mutex_unlock(&lease->mutex);
    interplay_stream_drop(stream->stream);
}

const struct stack_ops interplay_stack_actors = {
    .name = "actors",
    .traits = STACK_NEVER_BUSY | STACK_HAS_READERS | STACK_CANCELS_ONE_CALL,
    .begins = {[STACK_READ] = STACK_BEGIN_DEFERRED, [STACK_WRITE] = STACK_BEGIN_IMMEDIATE},
    .open = actors_open,
    .close = actors_close,
    .destroy = actors_destroy,
    .checkout = actors_checkout,
    .give_back = actors_give_back,
    .execute = actors_execute,
    .in_transaction = actors_in_transaction,
    .begin = actors_begin,
    .commit = actors_commit,
    .rollback = actors_rollback,
    .batch = actors_batch,
    .drop = actors_drop,
    .cancel = actors_cancel,
    .abandon = actors_abandon,
    .stream_open = actors_stream_open,
    .stream_next = actors_stream_next,
    .stream_close = actors_stream_close,
    .inspect = actors_inspect,
};
