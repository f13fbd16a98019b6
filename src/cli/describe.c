/* SPDX-License-Identifier: Apache-2.0 */
/* Commands for people to type: this program's, with the options that do the same again. */
#include "cli/command.h"

#include "base/file.h"

void cli_describe_command(struct text *text, const struct cli_command *command,
                          const struct cli_order *order)
{
    text_append_format(text, "%s %s", cli_program(), command->name);
    cli_order_repeat(order, command->taker, text);
}

void cli_describe_replay(struct text *text, const char *path, const struct cli_order *order)
{
    const struct cli_order again = {
        .backend = order->backend,
        .target = order->target,
        .through = order->through,
        .reset_table = order->reset_table,
        .reset_mode = order->reset_mode,
        .doublecheck = order->doublecheck,
        .differential = order->differential,
        .differential_backend = order->differential_backend,
        .against = order->against,
    };
    cli_describe_command(text, &cli_replay, &again);
    text_append_format(text, " %s", file_short_path(path));
}
