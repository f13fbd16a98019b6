/* SPDX-License-Identifier: Apache-2.0 */
/* Tells Interplay how to use the pool. Every function is a few lines; what is NULL it cannot do. */
#include "naive_stack.h"

#include "naive_pool.h"

#include <stdlib.h>

struct stack_lease {
    struct stack *stack;
    struct naive_connection *connection;
};

struct stack {
    const struct backend_ops *backend;
    struct naive_pool *pool;
    struct stack_lease leases[STACK_SLOTS_MAX]; /* by number of the connection */
};

static enum outcome naive_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->backend = options->backend;
    /* Every connection can do everything; Interplay expects as many as of both kinds. */
    enum outcome outcome = naive_pool_open(&stack->pool, options->backend, &options->connection,
                                           options->readers + options->writers);
    if (outcome == OUTCOME_OK)
        *ret_stack = stack;
    else
        free(stack);
    return outcome;
}

/* The pool cannot interrupt what runs. */
static enum outcome naive_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt;
    return naive_pool_close(stack->pool, timeout_ms);
}

static void naive_destroy(struct stack *stack)
{
    naive_pool_free(stack->pool);
    free(stack);
}

static enum outcome naive_checkout(struct stack *stack, enum stack_access access,
                                   uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access;
    struct naive_connection *connection;
    enum outcome outcome = naive_pool_checkout(stack->pool, timeout_ms, &connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    struct stack_lease *lease = &stack->leases[connection->number];
    *lease = (struct stack_lease){.stack = stack, .connection = connection};
    *ret_lease = lease;
    return OUTCOME_OK;
}

static enum outcome naive_give_back(struct stack_lease *lease)
{
    naive_pool_return(lease->stack->pool, lease->connection);
    return OUTCOME_OK;
}

static void naive_execute(struct stack_lease *lease, const struct stack_call *call,
                          struct stack_reply *ret_reply)
{
    interplay_stack_run(lease->stack->backend, lease->connection->link, call, ret_reply);
}

static bool naive_in_transaction(struct stack_lease *lease)
{
    return lease->stack->backend->in_transaction(lease->connection->link);
}

const struct stack_ops naive_stack = {
    .name = "naive",
    .traits = STACK_LEASES_HOLD_SLOTS,
    .open = naive_open,
    .close = naive_close,
    .destroy = naive_destroy,
    .checkout = naive_checkout,
    .give_back = naive_give_back,
    .execute = naive_execute,
    .in_transaction = naive_in_transaction,
};
