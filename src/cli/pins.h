/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the configuration that have one value in every plan: --config NAME=VALUE. */
#ifndef CLI_PINS_H
#define CLI_PINS_H

#include "base/text.h"
#include "plan/plan.h"

#include <stdbool.h>

/* All zero: none. */
struct cli_pins {
    struct plan_config config;
    bool is_pinned[PLAN_CONFIG_COUNT];
};

/* Takes NAME=VALUE; false, and what there is, when there is no such field or value. */
bool cli_pins_take(struct cli_pins *pins, const char *text, struct text *ret_expected);

/* Gives the plan the pinned values; it stays well-formed. */
void cli_pins_apply(const struct cli_pins *pins, struct plan *plan);

/* Appends " --OPTION NAME=VALUE" for each. */
void cli_pins_describe(const struct cli_pins *pins, const char *option, struct text *text);

#endif
