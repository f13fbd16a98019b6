/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: transactions side by side; not where the pool is looked at, behind which are no rows. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include "generate/overlap.h"

enum { TIMES_MAX = 3, PAUSED_ONE_IN = 4 };

static bool insert_at(struct draft *draft, size_t at)
{
    struct interaction interactions[OVERLAP_INTERACTIONS_MAX];
    uint32_t tasks = draft_tasks(draft);
    if (tasks < 2 || draft->subject.search == GENERATE_FOR_POOL)
        return false;
    size_t count = overlap_draw(interactions, draft->random, tasks, draft_has_pool(draft));
    return draft_insert_block(draft, at, interactions, count) > 0;
}

bool tactic_insert_overlap(struct draft *draft)
{
    return insert_at(draft, draft_below(draft, draft->count + 1));
}

/* Nothing else, in a configuration of its own; seldom with pauses. */
bool tactic_fresh_overlap(struct draft *draft)
{
    struct draft other = {.random = draft->random, .subject = draft->subject};
    if (draft->subject.search == GENERATE_FOR_POOL)
        return false;
    draft_generate(&other);
    if (draft_tasks(&other) < 2)
        return false;
    draft->config = other.config;
    draft->count = 0;
    for (size_t left = draft_any_length(draft, TIMES_MAX); left > 0; left--)
        (void)insert_at(draft, draft->count);
    if (draft->count > 0 && draft_below(draft, PAUSED_ONE_IN) == 0)
        generate_pause(draft_any_interaction(draft), draft->random);
    return draft->count > 0;
}
