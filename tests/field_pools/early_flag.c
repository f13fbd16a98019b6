/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction counts as over when COMMIT is sent: where that fails, the return undoes nothing. */
#include "field_pool.h"

static void commit(struct stack_lease *lease, void *tag, struct stack_reply *reply)
{
    lease->has_transaction = false;
    *reply = (struct stack_reply){.outcome = OUTCOME_ROLLED_BACK};
    if (field_in_transaction(lease))
        field_run_text(lease, "COMMIT", tag, reply);
}

static void leave_transaction(struct stack_lease *lease)
{
    if (lease->has_transaction)
        field_leave_transaction(lease);
}

void plant_early_flag(void);
void plant_early_flag(void)
{
    field_parts.commit = commit;
    field_parts.leave_transaction = leave_transaction;
}
