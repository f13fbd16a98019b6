/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard output where a program reads it: --json, or "-" as the file to write. From then on what
 * is for people, what the code under test prints included, goes to standard error.
 */
#ifndef CLI_MACHINE_OUTPUT_H
#define CLI_MACHINE_OUTPUT_H

#include "cli/order.h"

#include <stdio.h>

/* Takes it where the order asks for it. False, and the usage error said, when two ask for it. */
bool cli_machine_output_take(const struct cli_order *order, const char *command,
                             enum cli_takers taker);

/* Before anything is done: false, and it is said, where a file to write cannot be. */
bool cli_can_write_outputs(const struct cli_order *order, enum cli_takers taker);

/* NULL: nobody asked. */
FILE *cli_machine_output(void);

#endif
