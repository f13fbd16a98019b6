/* Tells Interplay how to use the pool: one table of functions. */
#include "mini_pool.h"

#include <interplay/stack.h>

#include <stdlib.h>

extern const struct stack_ops mini_stack;

struct stack_lease {
    struct stack *stack;
    uint32_t number;
};

struct stack {
    const struct backend_ops *database;
    struct mini_pool *pool;
    struct stack_lease leases[MINI_POOL_MAX]; /* by number of the connection */
};

static enum outcome mini_open(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack *stack = calloc(1, sizeof *stack);
    if (stack == NULL)
        return OUTCOME_NO_MEMORY;
    stack->database = options->backend;
    enum outcome outcome = mini_pool_open(&stack->pool, options->backend, &options->connection,
                                          options->readers + options->writers);
    if (outcome == OUTCOME_OK)
        *ret_stack = stack;
    else
        free(stack);
    return outcome;
}

static enum outcome mini_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt; /* the pool cannot */
    return mini_pool_close(stack->pool, timeout_ms);
}

static void mini_destroy(struct stack *stack)
{
    mini_pool_free(stack->pool);
    free(stack);
}

static enum outcome mini_checkout(struct stack *stack, enum stack_access access,
                                  uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    (void)access; /* every connection can do everything */
    uint32_t number;
    enum outcome outcome = mini_pool_get(stack->pool, timeout_ms, &number);
    if (outcome != OUTCOME_OK)
        return outcome;
    stack->leases[number] = (struct stack_lease){.stack = stack, .number = number};
    *ret_lease = &stack->leases[number];
    return OUTCOME_OK;
}

static enum outcome mini_give_back(struct stack_lease *lease)
{
    mini_pool_put(lease->stack->pool, lease->number);
    return OUTCOME_OK;
}

static struct backend_connection *link_of(const struct stack_lease *lease)
{
    return mini_pool_link(lease->stack->pool, lease->number);
}

static void mini_execute(struct stack_lease *lease, const struct stack_call *call,
                         struct stack_reply *ret_reply)
{
    interplay_stack_run(lease->stack->database, link_of(lease), call, ret_reply);
}

static bool mini_in_transaction(struct stack_lease *lease)
{
    return lease->stack->database->in_transaction(link_of(lease));
}

const struct stack_ops mini_stack = {
    .name = "mini",
    .traits = STACK_LEASES_HOLD_SLOTS,
    .open = mini_open,
    .close = mini_close,
    .destroy = mini_destroy,
    .checkout = mini_checkout,
    .give_back = mini_give_back,
    .execute = mini_execute,
    .in_transaction = mini_in_transaction,
};
