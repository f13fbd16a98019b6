/* SPDX-License-Identifier: Apache-2.0 */
/* The profile that an order asks for: one by name or file, and options that stand above it. */
#ifndef CLI_PROFILE_H
#define CLI_PROFILE_H

#include "cli/order.h"

/*
 * Sets `ret_wanted` to whether plans are drawn from a profile at all, and if so, `ret_profile`. The
 * pins of the order are in it, so that plans are drawn knowing them. False after a message.
 */
bool cli_profile_make(const struct cli_order *order, struct generate_profile *ret_profile,
                      bool *ret_wanted);

#endif
