/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics for plans with a pool: who interferes with whom, and who holds a lease how long. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include "generate/generate.h"

enum { BLOCK_MAX = 8 };

bool tactic_change_target(struct draft *draft)
{
    uint32_t tasks = draft_tasks(draft);
    if (draft->count == 0 || tasks < 2 || !draft_has_pool(draft))
        return false;
    size_t first = draft_below(draft, draft->count);
    for (size_t i = 0; i < draft->count; i++) {
        struct interaction *here = &draft->interactions[(first + i) % draft->count];
        if (!plan_action_has((enum plan_action)here->action, FIELD_target))
            continue;
        uint32_t target = here->arguments[FIELD_target];
        here->arguments[FIELD_target] =
            (uint8_t)((target + 1 + draft_below(draft, tasks - 1)) % tasks);
        return true;
    }
    return false;
}

/* A task has a connection for a while: a checkout before some interactions, a return after them. */
bool tactic_wrap_in_lease(struct draft *draft)
{
    if (draft->count == 0 || draft->count + 2 > draft->count_max || !draft_has_pool(draft))
        return false;
    size_t from = draft_below(draft, draft->count);
    size_t left = draft->count - from;
    size_t length = draft_any_length(draft, left < BLOCK_MAX ? left : BLOCK_MAX);
    uint8_t task = draft->interactions[from].task;
    struct interaction checkout = {.task = task, .action = ACTION_checkout};
    struct interaction give_back = {.task = task, .action = ACTION_return};
    generate_arguments(&checkout, draft->random);
    (void)draft_insert_block(draft, from + length, &give_back, 1);
    (void)draft_insert_block(draft, from, &checkout, 1);
    return true;
}
