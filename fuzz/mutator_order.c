/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: which interactions there are, in which order, and whose they are. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include <string.h>

enum { BLOCK_MAX = 8 };

bool tactic_insert_fresh(struct draft *draft)
{
    struct draft other = {.random = draft->random, .subject = draft->subject};
    /* What a pool does would be wasted in a plan without one. */
    int tries_left = 4;
    do
        draft_generate(&other);
    while (--tries_left > 0 && draft_has_pool(&other) && !draft_has_pool(draft));
    size_t length = draft_any_length(draft, other.count < BLOCK_MAX ? other.count : BLOCK_MAX);
    size_t from = draft_below(draft, other.count - length + 1);
    return draft_insert_block(draft, draft_below(draft, draft->count + 1),
                              &other.interactions[from], length) > 0;
}

bool tactic_remove_some(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    size_t length = draft_any_length(draft, (draft->count + 1) / 2);
    draft_remove_block(draft, draft_below(draft, draft->count - length + 1), length);
    return true;
}

bool tactic_duplicate_some(struct draft *draft)
{
    if (draft->count == 0)
        return false;
    struct interaction block[BLOCK_MAX];
    size_t length = draft_any_length(draft, draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX);
    size_t from = draft_below(draft, draft->count - length + 1);
    memcpy(block, &draft->interactions[from], length * sizeof block[0]);
    return draft_insert_block(draft, draft_below(draft, draft->count + 1), block, length) > 0;
}

bool tactic_swap_two(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    size_t left = draft_below(draft, draft->count);
    size_t right =
        draft_below(draft, 2) != 0 ? (left + 1) % draft->count : draft_below(draft, draft->count);
    struct interaction kept = draft->interactions[left];
    draft->interactions[left] = draft->interactions[right];
    draft->interactions[right] = kept;
    return left != right;
}

bool tactic_move_block(struct draft *draft)
{
    if (draft->count < 2)
        return false;
    struct interaction block[BLOCK_MAX];
    size_t largest = draft->count - 1 < BLOCK_MAX ? draft->count - 1 : BLOCK_MAX;
    size_t length = draft_any_length(draft, largest);
    size_t from = draft_below(draft, draft->count - length + 1);
    memcpy(block, &draft->interactions[from], length * sizeof block[0]);
    draft_remove_block(draft, from, length);
    size_t to = draft_below(draft, draft->count + 1);
    (void)draft_insert_block(draft, to, block, length);
    return from != to;
}

bool tactic_shuffle_block(struct draft *draft)
{
    if (draft->count < 3)
        return false;
    size_t length =
        3 + draft_below(draft, (draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX) - 2);
    size_t from = draft_below(draft, draft->count - length + 1);
    for (size_t i = length - 1; i > 0; i--) {
        size_t other = draft_below(draft, i + 1);
        struct interaction kept = draft->interactions[from + i];
        draft->interactions[from + i] = draft->interactions[from + other];
        draft->interactions[from + other] = kept;
    }
    return true;
}

bool tactic_change_task(struct draft *draft)
{
    struct interaction *here = draft_any_interaction(draft);
    uint32_t tasks = draft_tasks(draft);
    if (here == NULL || tasks < 2)
        return false;
    here->task = (uint8_t)((here->task + 1 + draft_below(draft, tasks - 1)) % tasks);
    return true;
}

bool tactic_change_task_of_block(struct draft *draft)
{
    uint32_t tasks = draft_tasks(draft);
    if (draft->count == 0 || tasks < 2)
        return false;
    size_t length = draft_any_length(draft, draft->count < BLOCK_MAX ? draft->count : BLOCK_MAX);
    size_t from = draft_below(draft, draft->count - length + 1);
    uint32_t task = draft_below(draft, tasks);
    for (size_t i = 0; i < length; i++)
        draft->interactions[from + i].task = (uint8_t)task;
    return true;
}
