/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that replaces one that died has no busy timeout. */
#include "field_pool.h"

static enum outcome connect(struct stack_lease *lease)
{
    struct backend_options options = lease->stack->options.connection;
    if (lease->was_connected)
        options.busy_timeout_ms = 0;
    return lease->stack->options.backend->connect(&lease->link, &options);
}

void plant_lost_busy_timeout(void);
void plant_lost_busy_timeout(void)
{
    field_parts.connect = connect;
}
