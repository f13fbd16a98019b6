/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: what an interaction does. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

#include "generate/generate.h"
#include "generate/keep.h"

#include <string.h>

static bool makes_sense(const struct draft *draft, uint32_t action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    bool has = info->database == DATABASE_ALL || info->database == draft->database;
    return has && !info->is_document &&
           (draft_has_pool(draft) || !generate_needs_pool((enum plan_action)action));
}

/* Evenly, or as a profile says. */
static uint32_t draw_action(struct draft *draft)
{
    if (draft->subject.profile != NULL)
        return generate_action(draft->random, &draft->subject, draft_has_pool(draft));
    uint32_t action;
    do {
        action = draft_below(draft, ACTION_COUNT);
    } while (!makes_sense(draft, action));
    return action;
}

bool tactic_change_action(struct draft *draft)
{
    struct interaction *here = draft_any_interaction(draft);
    if (here == NULL)
        return false;
    uint32_t action = draw_action(draft);
    uint8_t before[FIELD_COUNT];
    memcpy(before, here->arguments, sizeof before);
    uint64_t common = plan_action_infos[action].fields & plan_action_infos[here->action].fields;
    here->action = (uint8_t)action;
    generate_arguments(here, draft->random);
    for (uint32_t field = 0; field < FIELD_COUNT; field++)
        if (common >> field & 1u)
            here->arguments[field] = before[field];
    plan_settle_sleep(here);
    return true;
}

bool tactic_change_argument(struct draft *draft)
{
    struct interaction *here = draft_any_interaction(draft);
    const uint64_t drawn = ~(UINT64_C(1) << FIELD_property); /* that is of a shape */
    if (here == NULL || (plan_action_infos[here->action].fields & drawn) == 0)
        return false;
    uint32_t field;
    do {
        field = draft_below(draft, FIELD_COUNT);
    } while (!((plan_action_infos[here->action].fields & drawn) >> field & 1u));
    uint32_t domain = plan_field_infos[field].domain;
    uint32_t value = here->arguments[field];
    value = draft_below(draft, 2) != 0 ? draft_below(draft, domain)
                                       : draft_neighbour(draft, value, domain);
    here->arguments[field] = (uint8_t)value;
    plan_settle_sleep(here);
    return true;
}

/* Makes two interactions meet: one gets the table and key of the other. */
bool tactic_share_row(struct draft *draft)
{
    struct interaction *from = draft_any_interaction(draft), *to = draft_any_interaction(draft);
    if (from == to || from == NULL)
        return false;
    uint64_t common = plan_action_infos[from->action].fields & plan_action_infos[to->action].fields;
    bool changed = false;
    for (uint32_t field = 0; field < FIELD_COUNT; field++) {
        if ((field != FIELD_table && field != FIELD_key) || !(common >> field & 1u))
            continue;
        changed |= to->arguments[field] != from->arguments[field];
        to->arguments[field] = from->arguments[field];
    }
    return changed;
}
