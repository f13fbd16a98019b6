/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a database that is a process of its own who is in whose way. */
#include "sim/outside.h"
#include "run/state.h"

_Static_assert(WORLD_BY_SOMEBODY == SUBJECT_BLOCKED_BY_OTHERS, "said in the same way");

enum { CONNECTIONS_MAX = 63 }; /* as bits, beside WORLD_BY_SOMEBODY */

/* Lines without a connection are the subject's own: they wait for nobody, and nobody for them. */
static uint64_t blockers(void *context, const struct outside *line, struct outside *const *others,
                         uint32_t count)
{
    const struct run *run = context;
    if (line->connection == NULL)
        return 0;
    void *connections[CONNECTIONS_MAX];
    uint32_t numbers[CONNECTIONS_MAX], known = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (others[i]->connection == NULL)
            continue;
        numbers[known] = i;
        connections[known++] = others[i]->connection;
    }
    uint64_t said =
        run->subject.world->blockers(run->instance, line->connection, connections, known);
    uint64_t who = said & WORLD_BY_SOMEBODY;
    for (said &= ~WORLD_BY_SOMEBODY; said != 0; said &= said - 1)
        who |= UINT64_C(1) << numbers[__builtin_ctzll(said)];
    return who;
}

void run_ask_blockers(struct run *run)
{
    bool asks = run->subject.world != NULL && run->subject.world->blockers != NULL;
    world->blockers = asks ? blockers : NULL;
    world->blockers_context = run;
}
