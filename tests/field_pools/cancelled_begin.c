/* SPDX-License-Identifier: Apache-2.0 */
/*
 * To begin takes a few statements: who is cancelled meanwhile has no transaction, as he
 * and the pool believe. The connection has one, and the return looks at what the pool believes.
 */
#include "field_pool.h"

static void begin(struct stack_lease *lease, const char *sql, void *tag, struct stack_reply *reply)
{
    static const char *const more[] = {"PRAGMA query_only=0", "PRAGMA read_uncommitted=0",
                                       "PRAGMA recursive_triggers=0", "SELECT 1"};
    field_begin(lease, sql, tag, reply);
    if (reply->outcome == OUTCOME_OK && lease->is_cancelled)
        reply->outcome = OUTCOME_INTERRUPTED; /* he has gone meanwhile */
    for (size_t i = 0; i < sizeof more / sizeof more[0] && reply->outcome == OUTCOME_OK; i++)
        field_run_text(lease, more[i], tag, reply);
    lease->has_transaction = reply->outcome == OUTCOME_OK;
}

static void leave_transaction(struct stack_lease *lease)
{
    if (lease->has_transaction)
        field_leave_transaction(lease);
}

void plant_cancelled_begin(void);
void plant_cancelled_begin(void)
{
    field_parts.begin = begin;
    field_parts.leave_transaction = leave_transaction;
}
