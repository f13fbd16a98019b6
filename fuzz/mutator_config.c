/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: the configuration, and the plan as a whole. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

bool tactic_change_config(struct draft *draft)
{
    uint8_t fields[PLAN_CONFIG_COUNT];
    uint32_t count = plan_list_settings(draft->database, fields), wanted = 0;
    for (uint32_t i = 0; i < count; i++)
        if (draft_has_pool(draft) || !plan_config_infos[fields[i]].is_of_pool)
            fields[wanted++] = fields[i];
    uint8_t field = fields[draft_below(draft, wanted)];
    uint32_t values = plan_config_infos[field].value_count;
    uint8_t *choice = &draft->config.choice[field];
    *choice = (uint8_t)((*choice + 1 + draft_below(draft, values - 1)) % values);
    return true;
}

bool tactic_fresh_config(struct draft *draft)
{
    struct draft other = {.random = draft->random, .subject = draft->subject};
    draft_generate(&other);
    draft->config = other.config;
    return true;
}

bool tactic_fresh_plan(struct draft *draft)
{
    draft_generate(draft);
    return true;
}
