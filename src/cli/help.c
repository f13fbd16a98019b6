/* SPDX-License-Identifier: Apache-2.0 */
/* interplay help: the manual of a command, or all of them as one page for man(1). */
#include "cli/command.h"

#include <string.h>

static const struct cli_command *command_called(const struct cli_command *group, const char *word)
{
    for (size_t i = 0; group->commands != NULL && group->commands[i] != NULL; i++)
        if (strcmp(word, cli_command_word(group->commands[i])) == 0)
            return group->commands[i];
    return NULL;
}

static enum cli_status help(const struct cli_order *order)
{
    const struct cli_command *command = &cli_interplay;
    if (order->man && order->operand_count > 0)
        return cli_usage_error(cli_help.name, "--man prints all commands, not only '%s'",
                               order->operands[0]);
    for (int i = 0; i < order->operand_count; i++) {
        command = command_called(command, order->operands[i]);
        if (command == NULL)
            return cli_usage_error(cli_help.name, "no command '%s'; interplay help lists them",
                                   order->operands[i]);
    }
    if (order->man)
        cli_print_man_page();
    else
        cli_print_manual(command);
    return cli_finish_output(CLI_OK);
}

const struct cli_command cli_help = {
    .name = "help",
    .arguments = "[COMMAND]...",
    .summary = "the manual of a command, as COMMAND --help prints it",
    .about =
        "Prints the manual of a command (of two words, where it has two), or the list of them.\n",
    .taker = CLI_HELP,
    .operands = {.noun = "command", .least = 0, .most = 2},
    .run = help,
};
