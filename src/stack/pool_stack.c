/* SPDX-License-Identifier: Apache-2.0 */
/* Interplay's synchronous pool as a stack. */
#include "stack/known_statements.h"
#include "stack/pool_options.h"

#include <stdlib.h>
#include <string.h>

struct stack_lease {
    struct stack *stack; /* NULL: free */
    struct reader *reader;
    struct writer *writer; /* one of the two */
    struct read_txn *read_txn;
    struct write_txn *write_txn;
};

struct stack {
    struct pool *pool;
    struct stack_lease leases[STACK_SLOTS_MAX];
};

/* --- the pool -------------------------------------------------------------------------------- */

static enum outcome pool_stack_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    struct pool_options pool_options = stack_pool_options(options);
    enum outcome outcome = interplay_pool_open(&stack->pool, &pool_options, NULL);
    if (outcome == OUTCOME_OK)
        *ret_stack = stack;
    else
        free(stack);
    return outcome;
}

static enum outcome pool_stack_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    return interplay_pool_close(stack->pool, interrupt ? POOL_CLOSE_INTERRUPT : POOL_CLOSE_WAIT,
                                timeout_ms);
}

static void pool_stack_destroy(struct stack *stack)
{
    interplay_pool_free(stack->pool);
    free(stack);
}

/* The owner of a slot is the reader or writer; or, inside of a transaction, that. */
static const struct stack_lease *lease_of(const struct stack *stack, const void *owner)
{
    for (uint32_t i = 0; i < STACK_SLOTS_MAX; i++) {
        const struct stack_lease *lease = &stack->leases[i];
        if (lease->stack != NULL && (lease->reader == owner || lease->writer == owner ||
                                     lease->read_txn == owner || lease->write_txn == owner))
            return lease;
    }
    return NULL;
}

static void pool_stack_inspect(struct stack *stack, struct stack_view *ret_view)
{
    struct pool_view view;
    interplay_pool_inspect(stack->pool, &view);
    stack_pool_view(ret_view, &view, lease_of, stack);
}

/* --- leases ---------------------------------------------------------------------------------- */

static enum outcome pool_stack_checkout(struct stack *stack, enum stack_access access,
                                        uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    struct stack_lease out = {.stack = stack};
    enum outcome outcome = access == STACK_READ
                               ? interplay_pool_reader(stack->pool, timeout_ms, &out.reader, NULL)
                               : interplay_pool_writer(stack->pool, timeout_ms, &out.writer, NULL);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct stack_lease *lease = stack->leases;
    while (lease->stack != NULL)
        lease++; /* there are as many as slots */
    *lease = out;
    *ret_lease = lease;
    return OUTCOME_OK;
}

static enum outcome pool_stack_give_back(struct stack_lease *lease)
{
    struct stack_lease out = *lease;
    lease->stack = NULL;
    return out.reader != NULL ? interplay_reader_return(out.reader)
                              : interplay_writer_return(out.writer);
}

static void pool_stack_drop(struct stack_lease *lease)
{
    struct stack_lease out = *lease;
    lease->stack = NULL;
    if (out.reader != NULL)
        interplay_reader_drop(out.reader);
    else
        interplay_writer_drop(out.writer);
}

/* Which call is meant the pool sees by itself. */
static void pool_stack_cancel(struct stack_lease *lease, const void *tag)
{
    (void)tag;
    if (lease->reader != NULL)
        interplay_reader_cancel(lease->reader);
    else
        interplay_writer_cancel(lease->writer);
}

static bool pool_stack_in_transaction(struct stack_lease *lease)
{
    return lease->reader != NULL ? interplay_reader_in_transaction(lease->reader)
                                 : interplay_writer_in_transaction(lease->writer);
}

/* --- statements ------------------------------------------------------------------------------ */

static enum outcome read_known(struct stack_lease *lease, const struct read_statement *statement,
                               const struct stack_call *call, struct row_sink rows,
                               struct pool_error *error)
{
    if (lease->read_txn != NULL)
        return interplay_read_txn_query(lease->read_txn, statement, call->parameters, rows, error);
    if (lease->write_txn != NULL)
        return interplay_write_txn_query(lease->write_txn, statement, call->parameters, rows,
                                         error);
    if (lease->reader != NULL)
        return interplay_reader_query(lease->reader, statement, call->parameters, rows, error);
    return interplay_writer_query(lease->writer, statement, call->parameters, rows, error);
}

static enum outcome write_known(struct stack_lease *lease, const struct write_statement *statement,
                                const struct stack_call *call, struct row_sink rows,
                                int64_t *ret_changes, struct pool_error *error)
{
    if (lease->write_txn != NULL)
        return interplay_write_txn_execute(lease->write_txn, statement, call->parameters, rows,
                                           ret_changes, error);
    return interplay_writer_execute(lease->writer, statement, call->parameters, rows, ret_changes,
                                    error);
}

static enum outcome run_text(struct stack_lease *lease, const struct stack_call *call,
                             struct row_sink rows, int64_t *ret_changes, struct pool_error *error)
{
    uint32_t count = call->parameter_count;
    if (lease->read_txn != NULL)
        return interplay_read_txn_query_sql(lease->read_txn, call->sql, call->parameters, count,
                                            rows, error);
    if (lease->write_txn != NULL)
        return interplay_write_txn_execute_sql(lease->write_txn, call->sql, call->parameters, count,
                                               rows, ret_changes, error);
    if (lease->reader != NULL)
        return interplay_reader_query_sql(lease->reader, call->sql, call->parameters, count, rows,
                                          error);
    return interplay_writer_execute_sql(lease->writer, call->sql, call->parameters, count, rows,
                                        ret_changes, error);
}

static void pool_stack_execute(struct stack_lease *lease, const struct stack_call *call,
                               struct stack_reply *ret_reply)
{
    struct pool_error error = {0};
    int64_t changes = 0;
    struct stack_pool_rows told = {.call = call, .columns = (uint32_t)STACK_COLUMNS_UNKNOWN};
    const struct row_sink rows = stack_pool_sink(&told);
    enum outcome outcome;
    bool reads = call->access == STACK_READ;
    const struct read_statement *read = reads ? known_read_statement(call) : NULL;
    const struct write_statement *write = reads ? NULL : known_write_statement(call);
    if (read != NULL)
        outcome = read_known(lease, read, call, rows, &error);
    else if (write != NULL)
        outcome = write_known(lease, write, call, rows, &changes, &error);
    else
        outcome = run_text(lease, call, rows, &changes, &error);
    stack_pool_reply(ret_reply, outcome, &error);
    ret_reply->column_count = (int)told.columns;
    memcpy(ret_reply->column_names, told.names, sizeof told.names);
    ret_reply->changes = changes;
}

static void pool_stack_batch(struct stack_lease *lease, const struct stack_call *calls,
                             uint32_t count, struct stack_reply *ret_reply)
{
    struct batch_item items[KNOWN_BATCH_MAX];
    struct pool_error error = {0};
    int64_t changes = 0;
    known_batch(calls, count, items);
    enum outcome outcome =
        interplay_writer_execute_batch(lease->writer, items, count, &changes, &error);
    stack_pool_reply(ret_reply, outcome, &error);
    ret_reply->changes = changes;
}

/* --- transactions ---------------------------------------------------------------------------- */

static void pool_stack_begin(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)tag;
    struct pool_error error = {0};
    enum outcome outcome = lease->reader != NULL
                               ? interplay_reader_begin(lease->reader, &lease->read_txn, &error)
                               : interplay_writer_begin(lease->writer, &lease->write_txn, &error);
    stack_pool_reply(ret_reply, outcome, &error);
}

static void pool_stack_commit(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)tag;
    struct pool_error error = {0};
    enum outcome outcome = lease->read_txn != NULL
                               ? interplay_read_txn_end(lease->read_txn)
                               : interplay_write_txn_commit(lease->write_txn, &error);
    if (outcome != OUTCOME_BUSY || lease->read_txn != NULL) {
        lease->read_txn = NULL;
        lease->write_txn = NULL;
    }
    stack_pool_reply(ret_reply, outcome, &error);
}

static void pool_stack_rollback(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    (void)tag;
    struct pool_error error = {0};
    enum outcome outcome = lease->read_txn != NULL
                               ? interplay_read_txn_end(lease->read_txn)
                               : interplay_write_txn_rollback(lease->write_txn, &error);
    lease->read_txn = NULL;
    lease->write_txn = NULL;
    stack_pool_reply(ret_reply, outcome, &error);
}

const struct stack_ops interplay_stack_pool = {
    .name = "pool",
    .traits = STACK_LEASES_HOLD_SLOTS | STACK_NEVER_BUSY | STACK_HAS_READERS |
              STACK_CANCELS_ONE_CALL | STACK_BOUNDS_OVERTAKING | STACK_LEAVES_LOG_ALONE,
    .overtaken_max = 0, /* a slot goes to whoever waits longest (pool/wait_queue.h) */
    .begins = {[STACK_READ] = STACK_BEGIN_DEFERRED, [STACK_WRITE] = STACK_BEGIN_IMMEDIATE},
    .open = pool_stack_open,
    .close = pool_stack_close,
    .destroy = pool_stack_destroy,
    .checkout = pool_stack_checkout,
    .give_back = pool_stack_give_back,
    .execute = pool_stack_execute,
    .in_transaction = pool_stack_in_transaction,
    .begin = pool_stack_begin,
    .commit = pool_stack_commit,
    .rollback = pool_stack_rollback,
    .batch = pool_stack_batch,
    .drop = pool_stack_drop,
    .cancel = pool_stack_cancel,
    .inspect = pool_stack_inspect,
};
