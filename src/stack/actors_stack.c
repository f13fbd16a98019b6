/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's asynchronous pool as a stack: a call is sent and waited for, on the lease's own
 * condition, so that it can be dropped from outside. A lease holds no slot but in transactions and
 * streams.
 */
#include "stack/known_statements.h"
#include "stack/pool_options.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

/* Late callbacks of dropped calls find the cell that they were sent with, not the next call's. */
enum { LEASES_MAX = 16, CELLS = 8, CALL_TIMEOUT_MS = 10000 };

struct call_cell {
    struct stack_lease *lease;
    bool is_done;
};

struct stack_lease {
    struct stack *stack;
    bool is_out;
    enum stack_access access;
    struct actor_read_txn *read_txn;
    struct actor_write_txn *write_txn;

    pthread_mutex_t mutex; /* of what follows */
    pthread_cond_t changed;
    struct stack_stream *stream;
    struct request *request; /* of the call under way, or NULL */
    bool is_abandoned;
    bool is_timed_out;
    uint32_t cancellers; /* threads that are about to cancel request or stream */
    uint32_t cell;
    struct call_cell cells[CELLS];
};

struct stack_stream {
    struct stack_lease *lease;
    struct stream *stream;
    void (*on_row)(void *context, const struct value *columns, uint32_t count);
    void *context;
};

struct stack {
    struct actor_pool *pool;
    struct stack_listener listener;
    uint32_t call_timeout_ms;
    struct stack_lease leases[LEASES_MAX];
    struct stack_stream streams[LEASES_MAX]; /* one for each lease */
};

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
    for (uint32_t i = 0; i < LEASES_MAX; i++) {
        struct stack_lease *lease = &stack->leases[i];
        (void)pthread_mutex_init(&lease->mutex, NULL);
        (void)pthread_cond_init(&lease->changed, &monotonic);
        for (uint32_t cell = 0; cell < CELLS; cell++)
            lease->cells[cell].lease = lease;
    }
    (void)pthread_condattr_destroy(&monotonic);
}

static void clean_up_leases(struct stack *stack)
{
    for (uint32_t i = 0; i < LEASES_MAX; i++) {
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
    for (uint32_t i = 0; i < LEASES_MAX; i++) {
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
        if (++lease == stack->leases + LEASES_MAX)
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

/* --- a call ---------------------------------------------------------------------------------- */

static void on_done(void *context, struct request *request)
{
    (void)request;
    struct call_cell *cell = context;
    (void)pthread_mutex_lock(&cell->lease->mutex);
    cell->is_done = true;
    (void)pthread_cond_broadcast(&cell->lease->changed);
    (void)pthread_mutex_unlock(&cell->lease->mutex);
}

/* A new call of the lease: the options to send it with. */
static struct request_options next_call(struct stack_lease *lease, void *tag)
{
    (void)pthread_mutex_lock(&lease->mutex);
    lease->cell = (lease->cell + 1) % CELLS;
    struct call_cell *cell = &lease->cells[lease->cell];
    cell->is_done = false;
    lease->is_abandoned = lease->is_timed_out = false;
    (void)pthread_mutex_unlock(&lease->mutex);
    return (struct request_options){.tag = tag, .on_done = on_done, .context = cell};
}

static struct timespec after(uint32_t milliseconds)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    time.tv_sec += milliseconds / 1000;
    time.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    time.tv_sec += time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static bool is_over(const struct stack_lease *lease)
{
    return lease->cells[lease->cell].is_done || lease->is_abandoned;
}

/*
 * Waits for the end of a call that was sent, or until it is abandoned; false: it was. A call that
 * takes too long is cancelled, as clients do who have a timeout. The mutex is not held while
 * something is cancelled: that may call on_done here.
 */
static bool wait_for(struct stack_lease *lease, struct request *request)
{
    struct timespec deadline = after(lease->stack->call_timeout_ms);
    (void)pthread_mutex_lock(&lease->mutex);
    lease->request = request;
    while (!is_over(lease) && !lease->is_timed_out)
        lease->is_timed_out =
            pthread_cond_timedwait(&lease->changed, &lease->mutex, &deadline) != 0;
    if (!is_over(lease)) {
        (void)pthread_mutex_unlock(&lease->mutex);
        interplay_request_cancel(request);
        (void)pthread_mutex_lock(&lease->mutex);
    }
    while (!is_over(lease) || lease->cancellers > 0)
        (void)pthread_cond_wait(&lease->changed, &lease->mutex);
    lease->request = NULL;
    bool is_done = lease->cells[lease->cell].is_done && !lease->is_abandoned;
    (void)pthread_mutex_unlock(&lease->mutex);
    return is_done;
}

static void hand_over_rows(struct request *request, const struct stack_call *call)
{
    uint64_t count = interplay_request_row_count(request);
    for (uint64_t i = 0; call->on_row != NULL && i < count; i++) {
        uint32_t columns;
        const struct value *row = interplay_request_row(request, i, &columns);
        call->on_row(call->context, row, columns);
    }
}

/* What became of a request that was sent with `sent`; `call` is NULL where no rows can come. */
static void finish_call(struct stack_lease *lease, enum outcome sent, struct request *request,
                        const struct stack_call *call, struct pool_error *error,
                        struct stack_reply *ret_reply)
{
    if (sent != OUTCOME_OK) {
        stack_pool_reply(ret_reply, sent, error);
        return;
    }
    if (!wait_for(lease, request)) {
        *ret_reply = (struct stack_reply){.outcome = OUTCOME_INTERRUPTED, .is_abandoned = true};
        interplay_request_drop(request);
        return;
    }
    enum outcome outcome = interplay_request_wait(request, POOL_NO_TIMEOUT, error);
    if (outcome == OUTCOME_INTERRUPTED && lease->is_timed_out)
        outcome = OUTCOME_TIMEOUT;
    stack_pool_reply(ret_reply, outcome, error);
    ret_reply->changes = interplay_request_changes(request);
    if (call != NULL)
        ret_reply->column_count = (int)call->column_count;
    if (call != NULL && outcome == OUTCOME_OK)
        hand_over_rows(request, call);
    interplay_request_drop(request);
}

static enum outcome send_read(struct stack_lease *lease, const struct read_statement *statement,
                              const struct stack_call *call, const struct request_options *options,
                              struct request **ret_request, struct pool_error *error)
{
    if (lease->read_txn != NULL)
        return interplay_actor_read_txn_query(lease->read_txn, statement, call->parameters, options,
                                              ret_request, error);
    if (lease->write_txn != NULL)
        return interplay_actor_write_txn_query(lease->write_txn, statement, call->parameters,
                                               options, ret_request, error);
    return interplay_actors_query(lease->stack->pool, statement, call->parameters, options,
                                  ret_request, error);
}

static enum outcome send_write(struct stack_lease *lease, const struct write_statement *statement,
                               const struct stack_call *call, const struct request_options *options,
                               struct request **ret_request, struct pool_error *error)
{
    if (lease->write_txn != NULL)
        return interplay_actor_write_txn_execute(lease->write_txn, statement, call->parameters,
                                                 options, ret_request, error);
    return interplay_actors_execute(lease->stack->pool, statement, call->parameters, options,
                                    ret_request, error);
}

static enum outcome send_text(struct stack_lease *lease, const struct stack_call *call,
                              const struct request_options *options, struct request **ret_request,
                              struct pool_error *error)
{
    uint32_t count = call->parameter_count;
    if (lease->read_txn != NULL)
        return interplay_actor_read_txn_query_sql(lease->read_txn, call->sql, call->parameters,
                                                  count, options, ret_request, error);
    if (lease->write_txn != NULL)
        return interplay_actor_write_txn_execute_sql(lease->write_txn, call->sql, call->parameters,
                                                     count, options, ret_request, error);
    if (call->access == STACK_READ)
        return interplay_actors_query_sql(lease->stack->pool, call->sql, call->parameters, count,
                                          options, ret_request, error);
    return interplay_actors_execute_sql(lease->stack->pool, call->sql, call->parameters, count,
                                        options, ret_request, error);
}

static void actors_execute(struct stack_lease *lease, const struct stack_call *call,
                           struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    struct request *request = NULL;
    struct request_options options = next_call(lease, call->tag);
    bool reads = call->access == STACK_READ;
    const struct read_statement *read = reads ? known_read_statement(call) : NULL;
    const struct write_statement *write = reads ? NULL : known_write_statement(call);
    enum outcome sent;
    if (read != NULL)
        sent = send_read(lease, read, call, &options, &request, &error);
    else if (write != NULL)
        sent = send_write(lease, write, call, &options, &request, &error);
    else
        sent = send_text(lease, call, &options, &request, &error);
    finish_call(lease, sent, request, call, &error, ret_reply);
}

static void actors_batch(struct stack_lease *lease, const struct stack_call *calls, uint32_t count,
                         struct stack_reply *ret_reply)
{
    enum { BATCH_MAX = 64 };
    struct batch_item items[BATCH_MAX];
    struct pool_error error = {0};
    struct request *request = NULL;
    for (uint32_t i = 0; i < count && i < BATCH_MAX; i++)
        items[i] = (struct batch_item){known_write_statement(&calls[i]), calls[i].parameters};
    struct request_options options = next_call(lease, calls[0].tag);
    enum outcome sent = interplay_actors_execute_batch(lease->stack->pool, items, count, &options,
                                                       &request, &error);
    finish_call(lease, sent, request, NULL, &error, ret_reply);
}

/* --- transactions ---------------------------------------------------------------------------- */

static void actors_begin(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    struct request *request = NULL;
    struct request_options options = next_call(lease, tag);
    enum outcome sent = lease->access == STACK_READ
                            ? interplay_actors_begin_read(lease->stack->pool, &options,
                                                          &lease->read_txn, &request, &error)
                            : interplay_actors_begin_write(lease->stack->pool, &options,
                                                           &lease->write_txn, &request, &error);
    finish_call(lease, sent, request, NULL, &error, ret_reply);
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
        struct request_options options = next_call(lease, tag);
        enum outcome sent =
            commits
                ? interplay_actor_write_txn_commit(lease->write_txn, &options, &request, &error)
                : interplay_actor_write_txn_rollback(lease->write_txn, &options, &request, &error);
        finish_call(lease, sent, request, NULL, &error, ret_reply);
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
static void actors_cancel(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->mutex);
    struct request *request = lease->request;
    struct stack_stream *stream = lease->stream;
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

static enum outcome actors_stream_open(struct stack_lease *lease, const struct stack_call *call,
                                       struct stack_stream **ret_stream)
{
    struct stack_stream *stream = &lease->stack->streams[lease - lease->stack->leases];
    const struct request_options options = {.tag = call->tag};
    struct actor_pool *pool = lease->stack->pool;
    const struct read_statement *read = known_read_statement(call);
    const struct write_statement *write = known_write_statement(call);
    if (read == NULL || write == NULL)
        return OUTCOME_MISUSE;
    enum outcome outcome =
        call->access == STACK_READ
            ? interplay_actors_stream(pool, read, call->parameters, &options, &stream->stream, NULL)
            : interplay_actors_mutate_stream(pool, write, call->parameters, &options,
                                             &stream->stream, NULL);
    if (outcome != OUTCOME_OK)
        return outcome;
    stream->lease = lease;
    stream->on_row = call->on_row;
    stream->context = call->context;
    lease->stream = stream;
    *ret_stream = stream;
    return OUTCOME_OK;
}

static void actors_stream_next(struct stack_stream *stream, struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    const struct value *row = NULL;
    uint32_t columns = 0;
    enum outcome outcome = interplay_stream_next(
        stream->stream, stream->lease->stack->call_timeout_ms, &row, &columns, &error);
    stack_pool_reply(ret_reply, outcome, &error);
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
    .traits = STACK_NEVER_BUSY | STACK_HAS_READERS,
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
