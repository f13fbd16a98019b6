/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that could not be made counts as one that is out. */
#include "field_pool.h"

static void connect_failed(struct stack_lease *lease)
{
    lease->is_out = false; /* but not: fewer are out */
}

static enum outcome take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    const struct timespec deadline = field_deadline(timeout_ms);
    struct field_waiter waiter = {.granted = NULL};
    if (stack->out < stack->size)
        return field_take(stack, timeout_ms, ret_lease);
    (void)field_wait(stack, &waiter, &deadline);
    *ret_lease = waiter.granted;
    return waiter.granted != NULL ? OUTCOME_OK
           : stack->is_closed     ? OUTCOME_CLOSED
                                  : OUTCOME_TIMEOUT;
}

void plant_failed_connect(void);
void plant_failed_connect(void)
{
    field_parts.connect_failed = connect_failed;
    field_parts.take = take;
}
