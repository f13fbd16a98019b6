/* SPDX-License-Identifier: Apache-2.0 */
/* What the two stacks over Interplay's own pool share: options, replies and views translated. */
#ifndef STACK_POOL_OPTIONS_H
#define STACK_POOL_OPTIONS_H

#include <interplay/pool.h>
#include <interplay/stack.h>

struct pool_options stack_pool_options(const struct stack_options *options);

/* `outcome` with the details of `error`, which was written unless it is OUTCOME_OK. */
void stack_pool_reply(struct stack_reply *ret_reply, enum outcome outcome,
                      const struct pool_error *error);

/* Owners become leases: `lease_of` finds the one that an owner belongs to, or NULL. */
void stack_pool_view(struct stack_view *ret_view, const struct pool_view *view,
                     const struct stack_lease *(*lease_of)(const struct stack *stack,
                                                           const void *owner),
                     const struct stack *stack);

/* Of a stack's call: what it is told of its columns comes here. */
struct stack_pool_rows {
    const struct stack_call *call;
    uint32_t columns;
    char names[STACK_NAMES_BYTES];
};

/* Hands the rows of a pool to the call. */
struct row_sink stack_pool_sink(struct stack_pool_rows *rows);

#endif
