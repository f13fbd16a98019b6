/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fixed number of connections, opened when first needed, lowest number first, never waited for.
 */
#include <interplay/stack.h>

#include <stdlib.h>

enum { CONNECTIONS_MAX = 64 };

struct stack_lease {
    struct stack *stack;
    struct backend_connection *connection; /* NULL: not opened yet */
    bool is_out;
};

struct stack {
    struct stack_options options;
    struct stack_lease leases[CONNECTIONS_MAX];
};

static enum outcome fixed_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->options = *options;
    *ret_stack = stack;
    return OUTCOME_OK;
}

/* Closes all, those that are out too; the first refusal is the outcome. */
static enum outcome fixed_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt;
    (void)timeout_ms;
    enum outcome outcome = OUTCOME_OK;
    for (uint32_t i = 0; i < CONNECTIONS_MAX; i++) {
        struct backend_connection *connection = stack->leases[i].connection;
        if (connection == NULL)
            continue;
        enum outcome closed = stack->options.backend->disconnect(connection);
        if (outcome == OUTCOME_OK)
            outcome = closed;
        stack->leases[i] = (struct stack_lease){0};
    }
    return outcome;
}

static void fixed_destroy(struct stack *stack)
{
    free(stack);
}

static enum outcome fixed_checkout(struct stack *stack, enum stack_access access,
                                   uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access;
    (void)timeout_ms;
    for (uint32_t i = 0; i < stack->options.writers && i < CONNECTIONS_MAX; i++) {
        struct stack_lease *lease = &stack->leases[i];
        if (lease->is_out)
            continue;
        if (lease->connection == NULL) {
            enum outcome outcome =
                stack->options.backend->connect(&lease->connection, &stack->options.connection);
            if (outcome != OUTCOME_OK)
                return outcome;
        }
        lease->stack = stack;
        lease->is_out = true;
        *ret_lease = lease;
        return OUTCOME_OK;
    }
    return OUTCOME_TIMEOUT;
}

static enum outcome fixed_give_back(struct stack_lease *lease)
{
    lease->is_out = false;
    return OUTCOME_OK;
}

static void fixed_execute(struct stack_lease *lease, const struct stack_call *call,
                          struct stack_reply *ret_reply)
{
    interplay_stack_run(lease->stack->options.backend, lease->connection, call, ret_reply);
}

static bool fixed_in_transaction(struct stack_lease *lease)
{
    return lease->stack->options.backend->in_transaction(lease->connection);
}

const struct stack_ops interplay_stack_fixed = {
    .name = "fixed",
    .traits = STACK_TASKS_KEEP_CONNECTIONS | STACK_LEAVES_LOG_ALONE,
    .open = fixed_open,
    .close = fixed_close,
    .destroy = fixed_destroy,
    .checkout = fixed_checkout,
    .give_back = fixed_give_back,
    .execute = fixed_execute,
    .in_transaction = fixed_in_transaction,
};
