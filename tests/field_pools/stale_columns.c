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

/* NULL: it is not kept. */
static const struct field_kept *find(const struct stack_lease *lease, const char *sql)
{
    for (uint32_t i = 0; i < FIELD_KEPT_MAX; i++)
        if (lease->kept[i].columns > 0 && strcmp(lease->kept[i].sql, sql) == 0)
            return &lease->kept[i];
    return NULL;
}

static void keep(struct stack_lease *lease, const char *sql, uint32_t columns)
{
    struct field_kept *kept = &lease->kept[lease->kept_count++ % FIELD_KEPT_MAX];
    (void)snprintf(kept->sql, sizeof kept->sql, "%s", sql);
    kept->columns = columns;
}

static void run(struct stack_lease *lease, const struct stack_call *call, struct stack_reply *reply)
{
    const struct field_kept *kept = find(lease, call->sql);
    struct narrowed narrowed = {call, kept != NULL ? kept->columns : UINT32_MAX};
    struct stack_call own = *call;
    own.on_row = call->on_row == NULL ? NULL : pass_row;
    own.context = &narrowed;
    interplay_stack_run(lease->stack->options.backend, lease->link, &own, reply);
    if (kept != NULL && reply->column_count > (int)kept->columns)
        reply->column_count = (int)kept->columns;
    else if (kept == NULL && reply->column_count > 0 && reply->outcome == OUTCOME_OK)
        keep(lease, call->sql, (uint32_t)reply->column_count);
}

void plant_stale_columns(void);
void plant_stale_columns(void)
{
    field_parts.run = run;
}
