/* SPDX-License-Identifier: Apache-2.0 */
/* Who is handed a connection at the moment when his time is up keeps it, and goes without. */
#include "field_pool.h"

static enum outcome take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    const struct timespec deadline = field_deadline(timeout_ms);
    struct field_waiter waiter = {.granted = NULL};
    if (field_find_free(stack) != NULL)
        return field_take(stack, timeout_ms, ret_lease);
    if (!field_wait(stack, &waiter, &deadline))
        return OUTCOME_TIMEOUT;
    *ret_lease = waiter.granted;
    return waiter.granted != NULL ? OUTCOME_OK : OUTCOME_CLOSED;
}

void plant_eaten_wakeup(void);
void plant_eaten_wakeup(void)
{
    field_parts.take = take;
}
