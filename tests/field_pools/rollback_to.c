/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction that a savepoint began is taken back by ROLLBACK TO, and stays open. */
#include "field_pool.h"

#include <stdio.h>

static void leave_transaction(struct stack_lease *lease)
{
    struct stack_reply reply;
    char sql[32];
    if (lease->savepoint[0] == '\0' || !field_in_transaction(lease)) {
        field_leave_transaction(lease);
        return;
    }
    (void)snprintf(sql, sizeof sql, "ROLLBACK TO %s", lease->savepoint);
    field_run_text(lease, sql, NULL, &reply);
}

void plant_rollback_to(void);
void plant_rollback_to(void)
{
    field_parts.leave_transaction = leave_transaction;
}
