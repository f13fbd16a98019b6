/* SPDX-License-Identifier: Apache-2.0 */
/* A statement that is kept counts its columns once: one that was added later it does not return. */
#include "field_pool.h"

#include <stdio.h>
#include <string.h>

struct narrowed {
    const struct stack_call *call;
    uint32_t columns;
};

static void pass_row(void *context, const struct value *columns, uint32_t count)
{
    const struct narrowed *narrowed = context;
    narrowed->call->on_row(narrowed->call->context, columns,
                           count < narrowed->columns ? count : narrowed->columns);
}

static void keep(struct stack_lease *lease, const char *sql, uint32_t columns)
{
    (void)snprintf(lease->kept_sql, sizeof lease->kept_sql, "%s", sql);
    lease->kept_columns = columns;
}

static void run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply)
{
    bool is_kept = strcmp(lease->kept_sql, call->sql) == 0;
    struct narrowed narrowed = {call, is_kept ? lease->kept_columns : UINT32_MAX};
    struct stack_call own = *call;
    own.on_row = call->on_row == NULL ? NULL : pass_row;
    own.context = &narrowed;
    interplay_stack_run(lease->stack->options.backend, lease->link, &own, reply);
    if (is_kept && reply->column_count > (int)lease->kept_columns)
        reply->column_count = (int)lease->kept_columns;
    else if (reply->column_count > 0 && reply->outcome == OUTCOME_OK)
        keep(lease, call->sql, (uint32_t)reply->column_count);
}

void plant_stale_columns(void);
void plant_stale_columns(void)
{
    field_parts.run = run;
}
