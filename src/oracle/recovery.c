/* SPDX-License-Identifier: Apache-2.0 */
/* Recovering from a power loss a second time changes nothing. */
#include "oracle/oracle.h"

#include <stdio.h>

static void on_recovered(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    struct model_difference difference;
    char signature[96];
    const struct event_recovery *recovery = event->recovery;
    if (model_database_equal(recovery->content, recovery->again))
        return;
    model_database_difference(recovery->content, recovery->again, &difference);
    (void)snprintf(signature, sizeof signature, "durability/recovery-not-idempotent/%s",
                   difference.kind);
    verdict_violation(verdict, event_interaction(event), signature,
                      "recovering a second time changes the database: %s", difference.text);
}

static const struct oracle_handler handlers[] = {{EVENT_recovered, on_recovered}, {0}};

const struct oracle_ops oracle_recovery_ops = {.handlers = handlers};
