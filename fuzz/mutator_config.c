/* SPDX-License-Identifier: Apache-2.0 */
/* Tactics: the configuration, and the plan as a whole. */
#include "mutator_draft.h"
#include "mutator_tactics.h"

bool tactic_change_config(struct draft *draft)
{
    /* What only pools have follows `stack`. */
    uint32_t fields = draft_has_pool(draft) ? PLAN_CONFIG_COUNT : PLAN_CONFIG_stack + 1;
    uint32_t field = draft_below(draft, fields);
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
