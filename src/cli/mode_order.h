/* SPDX-License-Identifier: Apache-2.0 */
/* What --doublecheck, --differential... and --against ask for, made part of an order. */
#ifndef CLI_MODE_ORDER_H
#define CLI_MODE_ORDER_H

#include "cli/cli.h"
#include "cli/order.h"
#include "mode/mode.h"

/* An order whose backend runs plans in the mode that it asks for. It must not move. */
struct cli_mode_order {
    struct cli_order order;
    struct run_options options; /* order.backend */
    struct mode *mode;          /* NULL: that of the backend, if it has one */
};

/* Each plan is to run on something else, too. */
bool cli_is_against(const struct cli_order *order);

/* CLI_FAILED, and said, when the order asks for several modes, or for none that there is. */
enum cli_status cli_mode_order_open(struct cli_mode_order *ret_moded, const char *command,
                                    const struct cli_order *order);
void cli_mode_order_close(struct cli_mode_order *moded);

#endif
