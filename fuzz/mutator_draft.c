/* SPDX-License-Identifier: Apache-2.0 */
/* Plans that grow and shrink, and places in them. */
#include "mutator_draft.h"

#include "base/assert.h"
#include "generate/keep.h"
#include "plan/compact.h"

#include <stdalign.h>
#include <string.h>

enum { ARENA_BYTES = (PLAN_INTERACTIONS_MAX + 1) * sizeof(struct interaction) };

/* --- between bytes and drafts ---------------------------------------------------------------- */

static void draft_take(struct draft *draft, const struct plan *plan)
{
    draft->database = plan->database;
    draft->config = plan->config;
    draft->count = plan->interaction_count;
    if (draft->count > 0)
        memcpy(draft->interactions, plan->interactions, draft->count * sizeof *plan->interactions);
}

void draft_decode(struct draft *draft, const uint8_t *bytes, size_t size)
{
    alignas(16) unsigned char memory[ARENA_BYTES];
    struct arena arena = {.base = memory, .capacity_bytes = sizeof memory};
    struct plan plan;
    compact_decode(&plan, &arena, bytes, size, draft->subject.database);
    draft_take(draft, &plan);
}

void draft_generate(struct draft *draft)
{
    alignas(16) unsigned char memory[ARENA_BYTES];
    struct arena arena = {.base = memory, .capacity_bytes = sizeof memory};
    struct plan plan;
    generate_plan(&plan, &arena, draft->random, draft->subject);
    draft_take(draft, &plan);
}

size_t draft_encode(struct draft *draft, uint8_t *ret_bytes)
{
    while (draft->count > draft->count_max)
        draft_remove_block(draft, random_below(draft->random, (uint32_t)draft->count), 1);
    struct plan plan = {
        .kind = PLAN_NATIVE,
        .database = draft->database,
        .config = draft->config,
        .interaction_count = draft->count,
        .interactions = draft->interactions,
    };
    generate_keep_within(draft->subject.profile, &plan);
    draft->config = plan.config;
    draft->count = plan.interaction_count;
    uint32_t tasks = plan_tasks(&plan);
    for (size_t i = 0; i < draft->count; i++)
        draft->interactions[i].task = (uint8_t)(draft->interactions[i].task % tasks);
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size = 0;
    enum error_code failed = compact_encode(&plan, bytes, &size, NULL);
    ASSERT(failed == ERROR_NONE);
    memcpy(ret_bytes, bytes, size);
    return size;
}

size_t draft_room_for(size_t max_size)
{
    size_t records = (max_size - COMPACT_HEADER_BYTES) / COMPACT_RECORD_BYTES;
    return records < PLAN_INTERACTIONS_MAX ? records : PLAN_INTERACTIONS_MAX;
}

/* --- changes --------------------------------------------------------------------------------- */

void draft_remove_block(struct draft *draft, size_t at, size_t length)
{
    memmove(&draft->interactions[at], &draft->interactions[at + length],
            (draft->count - at - length) * sizeof draft->interactions[0]);
    draft->count -= length;
}

size_t draft_insert_block(struct draft *draft, size_t at, const struct interaction *block,
                          size_t length)
{
    if (length > draft->count_max - draft->count)
        length = draft->count_max - draft->count;
    if (length == 0)
        return 0;
    memmove(&draft->interactions[at + length], &draft->interactions[at],
            (draft->count - at) * sizeof *block);
    memcpy(&draft->interactions[at], block, length * sizeof *block);
    draft->count += length;
    return length;
}

void draft_clear_pause(struct interaction *interaction)
{
    interaction->pause_class = 0;
    interaction->pause_after = 0;
}

void draft_clear_fault(struct interaction *interaction)
{
    interaction->fault = FAULT_NONE;
    interaction->fault_at = 0;
}

/* --- drawing --------------------------------------------------------------------------------- */

uint32_t draft_below(struct draft *draft, size_t bound)
{
    return random_below(draft->random, (uint32_t)bound);
}

struct interaction *draft_any_interaction(struct draft *draft)
{
    return draft->count == 0 ? NULL : &draft->interactions[draft_below(draft, draft->count)];
}

struct interaction *draft_any_with_pause(struct draft *draft)
{
    size_t first = draft_below(draft, draft->count);
    for (size_t i = 0; i < draft->count; i++) {
        struct interaction *here = &draft->interactions[(first + i) % draft->count];
        if (here->pause_after > 0)
            return here;
    }
    return NULL;
}

struct interaction *draft_any_with_fault(struct draft *draft)
{
    size_t first = draft_below(draft, draft->count);
    for (size_t i = 0; i < draft->count; i++) {
        struct interaction *here = &draft->interactions[(first + i) % draft->count];
        if (here->fault != FAULT_NONE)
            return here;
    }
    return NULL;
}

size_t draft_any_length(struct draft *draft, size_t largest)
{
    return 1 + draft_below(draft, 1 + draft_below(draft, largest));
}

uint32_t draft_neighbour(struct draft *draft, uint32_t value, uint32_t domain)
{
    return (value + (draft_below(draft, 2) != 0 ? 1 : domain - 1)) % domain;
}

/* --- what the configuration says ------------------------------------------------------------- */

uint32_t draft_tasks(const struct draft *draft)
{
    return (uint32_t)plan_config_get(&draft->config, PLAN_CONFIG_tasks);
}

bool draft_has_pool(const struct draft *draft)
{
    return plan_config_get(&draft->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
}
