/* SPDX-License-Identifier: Apache-2.0 */
/* Two that crash, in different places: a cancel between two calls, a connection that fails. */
#include "field_pool.h"

static void cancel(struct stack_lease *lease, const void *tag)
{
    (void)tag;
    (void)*(const volatile char *)lease->tag; /* nobody looks whether there is a call */
    lease->stack->options.backend->cancel(lease->link);
}

static void connect_failed(struct stack_lease *lease)
{
    (void)*(const volatile char *)lease->link; /* nor whether there is a connection */
    field_pass_on(lease);
}

void plant_two_crashes(void);
void plant_two_crashes(void)
{
    field_parts.cancel = cancel;
    field_parts.connect_failed = connect_failed;
}
