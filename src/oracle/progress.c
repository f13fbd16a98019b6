/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody can always go on, and gets somewhere. */
#include "oracle/oracle.h"

#include <stdio.h>

static void on_deadlock(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    verdict_violation(verdict, event_interaction(event),
                      event->detail ? "deadlock/signal" : "deadlock/mutex",
                      "nobody can go on, and no timer is pending: %s", event->text);
}

static void on_exhausted(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    char signature[96];
    const char *action = plan_action_infos[event->detail].name;
    (void)snprintf(signature, sizeof signature, "progress/%s", action);
    verdict_violation(verdict, event_interaction(event), signature,
                      "no progress: %llu yield points were crossed, the last one was %s in a %s",
                      (unsigned long long)event->yields, event->text, action);
}

static const struct oracle_handler handlers[] = {
    {EVENT_deadlock, on_deadlock},
    {EVENT_exhausted, on_exhausted},
    {0},
};

const struct oracle_ops oracle_progress_ops = {.handlers = handlers};
