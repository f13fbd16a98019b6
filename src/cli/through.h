/* SPDX-License-Identifier: Apache-2.0 */
/* The option that puts a program between clients and the database (interplay/subject.h). */
#ifndef CLI_THROUGH_H
#define CLI_THROUGH_H

#include "cli/cli.h"
#include "cli/order.h"

/*
 * From then on the order's backend is one with it, if the order says so. False, and the error said,
 * where that cannot be.
 */
bool cli_through_take(struct cli_order *order, const char *command);

#endif
