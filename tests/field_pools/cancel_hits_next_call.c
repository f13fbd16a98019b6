/* SPDX-License-Identifier: Apache-2.0 */
/* A cancel is meant for the connection: one that comes when its call is over meets the next one. */
#include "field_pool.h"

static bool enter(struct stack_lease *lease, const void *tag)
{
    (void)pthread_mutex_lock(&lease->stack->lock);
    bool is_cancelled = lease->is_cancelled && tag != NULL;
    lease->tag = tag;
    lease->is_cancelled = false;
    (void)pthread_mutex_unlock(&lease->stack->lock);
    return !is_cancelled;
}

static void cancel(struct stack_lease *lease, const void *tag)
{
    (void)tag;
    (void)pthread_mutex_lock(&lease->stack->lock);
    if (lease->tag != NULL)
        lease->stack->options.backend->cancel(lease->link);
    else
        lease->is_cancelled = true;
    (void)pthread_mutex_unlock(&lease->stack->lock);
}

void plant_cancel_hits_next_call(void);
void plant_cancel_hits_next_call(void)
{
    field_parts.enter = enter;
    field_parts.cancel = cancel;
}
