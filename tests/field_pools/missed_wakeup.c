/* SPDX-License-Identifier: Apache-2.0 */
/* Whether anybody waits is looked up before the lock is taken: who comes in between sleeps on. */
#include "field_pool.h"

static void release(struct stack_lease *lease)
{
    struct stack *stack = lease->stack;
    bool is_awaited = stack->first != NULL;
    (void)pthread_mutex_lock(&stack->lock);
    if (is_awaited)
        field_pass_on(lease);
    else
        field_put_down(lease);
    (void)pthread_mutex_unlock(&stack->lock);
}

void plant_missed_wakeup(void);
void plant_missed_wakeup(void)
{
    field_parts.release = release;
}
