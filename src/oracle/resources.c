/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing is left over after a plan. */
#include "oracle/oracle.h"

#include <stdio.h>

static void on_left_over(void *state, const struct event *event, struct verdict *verdict)
{
    (void)state;
    const struct event_left_over *left = event->left_over;
    const struct {
        const char *name;
        int64_t count;
    } kinds[] = {
        {"connections", left->connections}, {"open-files", left->open_files},
        {"file-locks", left->file_locks},   {"shared-memory", left->shared_memory},
        {"threads", left->threads},         {"locks", left->locks},
        {"allocations", left->allocations}, {"memory", left->memory_bytes},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count == 0)
            continue;
        char signature[96];
        (void)snprintf(signature, sizeof signature, "resources/%s", kinds[i].name);
        verdict_violation(verdict, event_interaction(event), signature,
                          "after every connection was closed, something is left: %s %lld",
                          kinds[i].name, (long long)kinds[i].count);
        return;
    }
}

static const struct oracle_handler handlers[] = {{EVENT_left_over, on_left_over}, {0}};

const struct oracle_ops oracle_resources_ops = {.handlers = handlers};
