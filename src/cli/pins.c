/* SPDX-License-Identifier: Apache-2.0 */
/* Looks names and values up in the table of configuration fields. */
#include "cli/pins.h"

#include <string.h>

static bool is_named(const struct plan_config_info *info, const char *name, size_t length)
{
    return strlen(info->name) == length && memcmp(info->name, name, length) == 0;
}

static bool take_value(struct cli_pins *pins, int field, const char *value)
{
    const struct plan_config_info *info = &plan_config_infos[field];
    for (uint8_t choice = 0; choice < info->value_count; choice++) {
        if (strcmp(info->values[choice].name, value) != 0)
            continue;
        pins->config.choice[field] = choice;
        pins->is_pinned[field] = true;
        return true;
    }
    return false;
}

bool cli_pins_take(struct cli_pins *pins, const char *text)
{
    size_t length = strcspn(text, "=");
    if (text[length] == '\0')
        return false;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (is_named(&plan_config_infos[field], text, length))
            return take_value(pins, field, text + length + 1);
    return false;
}

void cli_pins_apply(const struct cli_pins *pins, struct plan *plan)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (pins->is_pinned[field])
            plan->config.choice[field] = pins->config.choice[field];
    for (size_t i = 0; i < plan->interaction_count; i++)
        plan->interactions[i].task = (uint8_t)(plan->interactions[i].task % plan_tasks(plan));
}

void cli_pins_describe(const struct cli_pins *pins, const char *option, struct text *text)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (pins->is_pinned[field])
            text_append_format(text, " --%s %s=%s", option, info->name,
                               info->values[pins->config.choice[field]].name);
    }
}
