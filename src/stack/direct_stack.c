/* SPDX-License-Identifier: Apache-2.0 */
/* No pool: whoever checks out gets a new connection, whoever returns closes it. */
#include <interplay/stack.h>

#include <stdlib.h>

enum { LEASES_MAX = 16 };

struct stack_lease {
    const struct backend_ops *backend; /* NULL: free */
    struct backend_connection *connection;
};

struct stack {
    struct stack_options options;
    struct stack_lease leases[LEASES_MAX];
};

static enum outcome direct_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->options = *options;
    *ret_stack = stack;
    return OUTCOME_OK;
}

static enum outcome direct_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)stack;
    (void)interrupt;
    (void)timeout_ms;
    return OUTCOME_OK;
}

static void direct_destroy(struct stack *stack)
{
    free(stack);
}

static enum outcome direct_checkout(struct stack *stack, enum stack_access access,
                                    uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access;
    (void)timeout_ms;
    struct stack_lease *lease = stack->leases;
    while (lease->backend != NULL)
        if (++lease == stack->leases + LEASES_MAX)
            return OUTCOME_TIMEOUT;
    lease->backend = stack->options.backend;
    enum outcome outcome = lease->backend->connect(&lease->connection, &stack->options.connection);
    if (outcome == OUTCOME_OK)
        *ret_lease = lease;
    else
        lease->backend = NULL;
    return outcome;
}

static enum outcome direct_give_back(struct stack_lease *lease)
{
    enum outcome outcome = lease->backend->disconnect(lease->connection);
    lease->backend = NULL;
    return outcome;
}

static void direct_execute(struct stack_lease *lease, const struct stack_call *call,
                           struct stack_reply *ret_reply)
{
    interplay_stack_run(lease->backend, lease->connection, call, ret_reply);
}

static bool direct_in_transaction(struct stack_lease *lease)
{
    return lease->backend->in_transaction(lease->connection);
}

static void direct_cancel(struct stack_lease *lease, const void *tag)
{
    (void)tag;
    lease->backend->cancel(lease->connection);
}

const struct stack_ops interplay_stack_direct = {
    .name = "direct",
    .traits = STACK_TASKS_KEEP_CONNECTIONS | STACK_KEEPS_BUSY_TIMEOUT | STACK_LEAVES_LOG_ALONE,
    .open = direct_open,
    .close = direct_close,
    .destroy = direct_destroy,
    .checkout = direct_checkout,
    .give_back = direct_give_back,
    .execute = direct_execute,
    .in_transaction = direct_in_transaction,
    .cancel = direct_cancel,
};
