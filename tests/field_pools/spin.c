/* SPDX-License-Identifier: Apache-2.0 */
/* Who waits looks again and again, and calls nothing meanwhile. */
#include "field_pool.h"

static enum outcome take(struct stack *stack, uint32_t timeout_ms, struct stack_lease **ret_lease)
{
    while (field_find_free(stack) == NULL)
        __asm__ volatile("" ::: "memory");
    return field_take(stack, timeout_ms, ret_lease);
}

void plant_spin(void);
void plant_spin(void)
{
    field_parts.take = take;
}
