/* SPDX-License-Identifier: Apache-2.0 */
/* Calls through actors: sent, waited for, given up. */
#include "stack/actors_stack.h"
#include "stack/column_names.h"
#include "stack/known_statements.h"
#include "stack/pool_options.h"

#include <time.h>

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
struct request_options actors_next_call(struct stack_lease *lease, void *tag)
{
    (void)pthread_mutex_lock(&lease->mutex);
    lease->cell = (lease->cell + 1) % ACTORS_CELLS;
    struct call_cell *cell = &lease->cells[lease->cell];
    cell->is_done = false;
    lease->is_abandoned = lease->is_timed_out = false;
    lease->tag = tag;
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

static void take_names(struct request *request, struct stack_reply *reply)
{
    const char *names[POOL_COLUMNS_MAX];
    uint32_t count = interplay_request_column_count(request);
    for (uint32_t i = 0; i < count; i++)
        names[i] = interplay_request_column_name(request, i);
    stack_join_names(names, count, reply->column_names);
}

/* What became of a request that was sent with `sent`; `call` is NULL where no rows can come. */
void actors_finish_call(struct stack_lease *lease, enum outcome sent, struct request *request,
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
    ret_reply->column_count = outcome == OUTCOME_OK ? (int)interplay_request_column_count(request)
                                                    : STACK_COLUMNS_UNKNOWN;
    if (call != NULL && call->wants_names && outcome == OUTCOME_OK)
        take_names(request, ret_reply);
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

void actors_execute(struct stack_lease *lease, const struct stack_call *call,
                    struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    struct request *request = NULL;
    struct request_options options = actors_next_call(lease, call->tag);
    options.keeps_names = call->wants_names;
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
    actors_finish_call(lease, sent, request, call, &error, ret_reply);
}

void actors_batch(struct stack_lease *lease, const struct stack_call *calls, uint32_t count,
                  struct stack_reply *ret_reply)
{
    struct batch_item items[KNOWN_BATCH_MAX];
    struct pool_error error = {0};
    struct request *request = NULL;
    known_batch(calls, count, items);
    struct request_options options = actors_next_call(lease, calls[0].tag);
    enum outcome sent = interplay_actors_execute_batch(lease->stack->pool, items, count, &options,
                                                       &request, &error);
    actors_finish_call(lease, sent, request, NULL, &error, ret_reply);
}
