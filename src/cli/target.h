/* SPDX-License-Identifier: Apache-2.0 */
/* Options that name somebody's own database for plans to run on (interplay/subject.h). */
#ifndef CLI_TARGET_H
#define CLI_TARGET_H

#include "cli/cli.h"
#include "cli/order.h"

/*
 * From then on the order's backend is there, if the order says so, whose `target` becomes what
 * printed commands may say. False, and the error said, where that cannot be.
 */
bool cli_target_take(struct cli_order *order, const char *command, enum cli_takers taker);

#endif
