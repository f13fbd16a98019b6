/* SPDX-License-Identifier: Apache-2.0 */
/* What the terminal can show, if stdout is one. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include "cli/order.h"

#include <stdbool.h>
#include <stddef.h>

/* Columns of the terminal, or of a table that goes elsewhere. */
size_t cli_width(void);

bool cli_has_colours(enum cli_colour wanted);

#endif
