/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether anybody waits is looked up when a return begins, without the lock: who comes until the
 * connection is free sleeps on.
 */
#include "field_pool.h"

static void leave_transaction(struct stack_lease *lease)
{
    lease->is_awaited = lease->stack->first != NULL;
    field_leave_transaction(lease);
}

static void release(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    if (lease->is_awaited)
        field_pass_on(lease);
    else
        field_put_down(lease);
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

void plant_missed_wakeup(void);
void plant_missed_wakeup(void)
{
    field_parts.leave_transaction = leave_transaction;
    field_parts.release = release;
}
