/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The profiles that an order asks for: one by name or file, or all families, and options that stand
 * above them.
 */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "cli/order.h"
#include "generate/families.h"

/*
 * Sets `ret_wanted` to whether plans are drawn from a profile at all, and if so, `ret_families`.
 * The pins of the order are in it, so that plans are drawn knowing them. False after a message.
 */
bool cli_profile_make(const struct cli_order *order, struct generate_families *ret_families,
                      bool *ret_wanted);

#endif
