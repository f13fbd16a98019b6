/* SPDX-License-Identifier: Apache-2.0 */
/* A setting that is made for one statement stays where that fails. */
#include "field_pool.h"

static void run_schema(struct stack_lease *lease, const struct stack_call *call,
                       struct stack_reply *reply)
{
    struct stack_reply set;
    field_run_text(lease, "PRAGMA legacy_alter_table=1", NULL, &set);
    field_run(lease, call, reply);
    if (reply->outcome == OUTCOME_OK)
        field_run_text(lease, "PRAGMA legacy_alter_table=0", NULL, &set);
}

void plant_session_leaks(void);
void plant_session_leaks(void)
{
    field_parts.run_schema = run_schema;
}
