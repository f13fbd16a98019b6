/* SPDX-License-Identifier: Apache-2.0 */
/* From the options of a run to the profile of its plans. */
#include "cli/profile.h"

#include "cli/cli.h"

#include <stddef.h>
#include <string.h>

static bool has_numbers(const struct cli_order *order)
{
    bool has = false;
#define COUNT(name, minimum, maximum, meaning) has |= order->name != 0;
#define RATE(name, meaning)                    has |= order->name.is_given;
#include "generate/profile_fields.def"
    return has;
}

static void take_numbers(const struct cli_order *order, struct generate_profile *profile)
{
#define COUNT(name, minimum, maximum, meaning)                                                     \
    if (order->name != 0)                                                                          \
        profile->name = order->name;
#define RATE(name, meaning)                                                                        \
    if (order->name.is_given)                                                                      \
        profile->name = order->name;
#include "generate/profile_fields.def"
}

static void take_pins(const struct cli_pins *pins, struct generate_profile *profile)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (pins->is_pinned[field])
            profile->settings[field] = (uint16_t)(1u << pins->config.choice[field]);
}

/* NULL: none is named. */
static const char *named(const struct cli_order *order)
{
    if (order->profile != NULL && strcmp(order->profile, GENERATE_USUAL_NAME) == 0)
        return NULL;
    if (order->quick)
        return "quick";
    return order->stress ? "stress" : order->profile;
}

static enum error_code make(const struct cli_order *order, const char *name,
                            struct generate_families *families, struct error *error)
{
    const struct generate_subject drawn_for = cli_subject(order->backend);
    enum error_code code = generate_families_load(families, name, &drawn_for, error);
    if (code != ERROR_NONE)
        return code;
    for (uint32_t i = 0; i < families->count; i++) {
        take_numbers(order, &families->profiles[i]);
        take_pins(&order->config, &families->profiles[i]);
    }
    generate_families_limit(families, order->backend->subject->backend->dialect);
    return generate_families_settle(families, error);
}

bool cli_profile_make(const struct cli_order *order, struct generate_families *ret_families,
                      bool *ret_wanted)
{
    struct error error = {0};
    const char *name = named(order);
    if ((order->profile != NULL) + order->quick + order->stress > 1) {
        (void)cli_usage_error("run", "one of --profile, --quick and --stress, not several");
        return false;
    }
    *ret_wanted = name != NULL || has_numbers(order);
    if (!*ret_wanted ||
        make(order, name == NULL ? "balanced" : name, ret_families, &error) == ERROR_NONE)
        return true;
    (void)cli_fail(&error);
    return false;
}
