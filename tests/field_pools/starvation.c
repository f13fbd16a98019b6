/* SPDX-License-Identifier: Apache-2.0 */
/* A returned connection goes to who comes first: who waits is only woken, and may look too late. */
#include "field_pool.h"

static void put_back(struct stack_lease *lease)
{
    struct field_waiter *first = lease->stack->first;
    field_put_down(lease);
    if (first == NULL)
        return;
    first->is_woken = true;
    (void)pthread_cond_signal(&first->woken);
}

static void release(struct stack_lease *lease)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    put_back(lease);
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

static enum outcome take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    const struct timespec deadline = field_deadline(timeout_ms);
    bool is_in_time = true;
    while (field_find_free(stack) == NULL && !stack->is_closed && is_in_time) {
        struct field_waiter waiter = {.granted = NULL};
        is_in_time = field_wait(stack, &waiter, &deadline);
    }
    if (stack->is_closed)
        return OUTCOME_CLOSED;
    return field_find_free(stack) == NULL ? OUTCOME_TIMEOUT
                                          : field_take(stack, timeout_ms, ret_lease);
}

void plant_starvation(void);
void plant_starvation(void)
{
    field_parts.release = release;
    field_parts.connect_failed = put_back;
    field_parts.take = take;
}
