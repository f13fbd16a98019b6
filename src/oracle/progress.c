/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody can always go on, and gets somewhere. */
#include "oracle/oracle.h"

#include <stdio.h>

static void on_event(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    if (event->kind == EVENT_deadlock) {
        verdict_violation(verdict, event_interaction(event),
                          event->detail ? "deadlock/signal" : "deadlock/mutex",
                          "nobody can go on, and no timer is pending: %s", event->text);
        return;
    }
    char signature[96];
    const char *action = plan_action_infos[event->detail].name;
    (void)snprintf(signature, sizeof signature, "progress/%s", action);
    verdict_violation(verdict, event_interaction(event), signature,
                      "no progress: %llu yield points were crossed, the last one was %s in a %s",
                      (unsigned long long)event->yields, event->text, action);
}

const struct oracle_ops oracle_progress_ops = {.on_event = on_event};
