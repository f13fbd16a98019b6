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

/* "a value of page_size: 512, 1024 or 4096" */
static void expect_values(const struct plan_config_info *info, struct text *ret_expected)
{
    text_append_format(ret_expected, "a value of %s:", info->name);
    for (uint8_t choice = 0; choice < info->value_count; choice++)
        text_append_format(ret_expected, "%s %s",
                           choice == 0                       ? ""
                           : choice + 1 == info->value_count ? " or"
                                                             : ",",
                           info->values[choice].name);
}

static void expect_fields(struct text *ret_expected)
{
    text_append(ret_expected, "a field and one of its values, as busy_timeout=10; there is");
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        text_append_format(ret_expected, "%s %s", field == 0 ? "" : ",",
                           plan_config_infos[field].name);
}

bool cli_pins_take(struct cli_pins *pins, const char *text, struct text *ret_expected)
{
    size_t length = strcspn(text, "=");
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        if (!is_named(&plan_config_infos[field], text, length))
            continue;
        if (text[length] == '=' && take_value(pins, field, text + length + 1))
            return true;
        expect_values(&plan_config_infos[field], ret_expected);
        return false;
    }
    expect_fields(ret_expected);
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
