/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: pauses and faults. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include "generate/generate.h"

/* --- pauses ---------------------------------------------------------------------------------- */

bool tactic_add_pause(struct draft *draft)
{
    struct interaction *here = draft_any_interaction(draft);
    if (here == NULL)
        return false;
    generate_pause(here, draft->random);
    return true;
}

bool tactic_remove_pause(struct draft *draft)
{
    struct interaction *here = draft_any_with_pause(draft);
    if (here == NULL)
        return false;
    draft_clear_pause(here);
    return true;
}

bool tactic_move_pause(struct draft *draft)
{
    struct interaction *from = draft_any_with_pause(draft);
    if (from == NULL)
        return false;
    struct interaction *to = draft_any_interaction(draft);
    if (draft_below(draft, 2) != 0)
        to = &draft->interactions[draft_neighbour(draft, (uint32_t)(from - draft->interactions),
                                                  (uint32_t)draft->count)];
    if (to == from)
        return false;
    to->pause_class = from->pause_class;
    to->pause_after = from->pause_after;
    draft_clear_pause(from);
    return true;
}

bool tactic_nudge_pause(struct draft *draft)
{
    struct interaction *here = draft_any_with_pause(draft);
    if (here == NULL)
        return false;
    uint32_t step = 1u << draft_below(draft, 1 + draft_below(draft, 6));
    uint32_t index = here->pause_after - 1u;
    index = (index + (draft_below(draft, 2) != 0 ? step : PLAN_PAUSE_MAX - step)) % PLAN_PAUSE_MAX;
    here->pause_after = (uint16_t)(index + 1);
    return true;
}

bool tactic_change_pause(struct draft *draft)
{
    struct interaction *here = draft_any_with_pause(draft);
    if (here == NULL)
        return false;
    generate_pause(here, draft->random);
    return true;
}

/* The same statements under another schedule. */
bool tactic_draw_pauses_anew(struct draft *draft)
{
    if (draft->count == 0)
        return false;
    for (size_t i = 0; i < draft->count; i++)
        draft_clear_pause(&draft->interactions[i]);
    for (uint32_t left = 1 + draft_below(draft, GENERATE_PAUSES_MAX); left > 0; left--)
        generate_pause(draft_any_interaction(draft), draft->random);
    return true;
}

/* --- faults ---------------------------------------------------------------------------------- */

static bool generate(struct draft *draft, struct interaction *here)
{
    return generate_fault(here, draft->random, draft->subject.database, draft->subject.profile);
}

bool tactic_add_fault(struct draft *draft)
{
    struct interaction *here = draft_any_interaction(draft);
    return here != NULL && generate(draft, here);
}

bool tactic_remove_fault(struct draft *draft)
{
    struct interaction *here = draft_any_with_fault(draft);
    if (here == NULL)
        return false;
    draft_clear_fault(here);
    return true;
}

bool tactic_move_fault(struct draft *draft)
{
    struct interaction *from = draft_any_with_fault(draft);
    if (from == NULL)
        return false;
    struct interaction *to = draft_any_interaction(draft);
    if (to == from)
        return false;
    to->fault = from->fault;
    to->fault_at = from->fault_at;
    draft_clear_fault(from);
    return true;
}

bool tactic_nudge_fault(struct draft *draft)
{
    struct interaction *here = draft_any_with_fault(draft);
    if (here == NULL)
        return false;
    uint32_t index = 0;
    while (plan_fault_at_values[index] != here->fault_at)
        index++;
    here->fault_at = plan_fault_at_values[draft_neighbour(draft, index, PLAN_FAULT_AT_COUNT)];
    return true;
}

/* The other kinds that can strike the draft's database, in a circle; returns how many. */
static uint32_t other_kinds(const struct draft *draft, uint8_t kind,
                            uint8_t ret_kinds[FAULT_KIND_COUNT])
{
    bool is_remote = plan_database_infos[draft->subject.database].is_remote;
    uint32_t count = 0;
    for (uint32_t i = 0; i < FAULT_KIND_COUNT - 2; i++) {
        uint8_t other = (uint8_t)((kind + i) % (FAULT_KIND_COUNT - 1) + 1);
        if (fault_can_strike((enum fault_kind)other, is_remote))
            ret_kinds[count++] = other;
    }
    return count;
}

bool tactic_change_fault(struct draft *draft)
{
    uint8_t kinds[FAULT_KIND_COUNT];
    struct interaction *here = draft_any_with_fault(draft);
    if (here == NULL)
        return false;
    if (draft->subject.profile != NULL)
        return generate(draft, here);
    here->fault = kinds[draft_below(draft, other_kinds(draft, here->fault, kinds))];
    return true;
}
