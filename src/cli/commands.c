/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands, each a file in this folder, and the way from the command line to one of them. */
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/machine_output.h"
#include "cli/origin.h"
#include "cli/target.h"
#include "cli/through.h"
#include "run/watchdog.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct cli_command *const common_commands[] = {
    &cli_bugs, &cli_check,  &cli_completion, &cli_convert,   &cli_debug, &cli_explain, &cli_explore,
    &cli_help, &cli_replay, &cli_report,     &cli_reproduce, &cli_run,   &cli_show,    &cli_shrink,
};

/* Those, the one that this program has besides, if there is one (struct cli_house), and NULL. */
enum { COMMON_COMMANDS = sizeof common_commands / sizeof common_commands[0] };
static const struct cli_command *commands[COMMON_COMMANDS + 2];

const struct cli_command cli_interplay = {
    .name = "",
    .arguments = "COMMAND [ARGUMENT]...\n       interplay --help | --version",
    .about = "What people do with plans once a fuzzer has found one.\n",
    .notes = "Exit status: 0 no finding, 1 a finding, 2 a usage or harness error.\n",
    .commands = commands,
};

static enum cli_status print_version(void)
{
    /* The build defines INTERPLAY_VERSION. */
    printf("interplay %s\n", INTERPLAY_VERSION);
    cli_print_backends();
    return cli_finish_output(CLI_OK);
}

static enum cli_status print_manual(const struct cli_command *command)
{
    cli_print_manual(command);
    return cli_finish_output(CLI_OK);
}

const char *cli_command_word(const struct cli_command *command)
{
    const char *space = strrchr(command->name, ' ');
    return space == NULL ? command->name : space + 1;
}

/* One line that names all commands, after what is wrong. */
static enum cli_status fail_with_commands(const struct cli_command *group, const char *problem,
                                          const char *word)
{
    char bytes[256];
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    for (size_t i = 0; group->commands[i] != NULL; i++)
        text_append_format(&names, "%s%s", i == 0 ? "" : ", ",
                           cli_command_word(group->commands[i]));
    return cli_usage_error(group->name, "%s%s, expected %s", problem, word, names.bytes);
}

static enum cli_status run_one_of(const struct cli_command *group, int argc, char **argv)
{
    if (argc < 2)
        return fail_with_commands(group, "no command", "");
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_manual(group);
    if (word[0] == '-')
        return fail_with_commands(group, "unknown option ", word);
    for (size_t i = 0; group->commands[i] != NULL; i++)
        if (strcmp(word, cli_command_word(group->commands[i])) == 0)
            return cli_command_run(group->commands[i], argc - 1, argv + 1);
    return fail_with_commands(group, "unknown command ", word);
}

/* Says it when there are too few or too many. */
static bool has_its_operands(const struct cli_command *command, const struct cli_order *order)
{
    const char *noun = command->operands.noun;
    int count = order->operand_count, most = command->operands.most;
    if (count < command->operands.least)
        (void)cli_usage_error(command->name, "the %s to %s is missing", noun,
                              cli_command_word(command));
    else if (count > most && most == 0)
        (void)cli_usage_error(command->name, "takes no %s, but there is %s", noun,
                              order->operands[0]);
    else if (count > most)
        (void)cli_usage_error(command->name, "one %s at a time, but there is also %s", noun,
                              order->operands[1]);
    else
        return true;
    return false;
}

enum cli_status cli_command_run(const struct cli_command *command, int argc, char **argv)
{
    if (command->commands != NULL)
        return run_one_of(command, argc, argv);
    struct cli_order order = command->defaults;
    if (!cli_order_take(&order, command->name, command->taker, argc, argv))
        return CLI_FAILED;
    cli_origin_insist(order.anyway, order.backend != NULL);
    if (order.backend == NULL)
        order.backend = cli_backend(NULL);
    if (order.help)
        return print_manual(command);
    if (!has_its_operands(command, &order))
        return CLI_FAILED;
    if (!cli_can_write_outputs(&order, command->taker) ||
        !cli_machine_output_take(&order, command->name, command->taker) ||
        !cli_target_take(&order, command->name, command->taker) ||
        !cli_through_take(&order, command->name))
        return CLI_FAILED;
    if (order.timeout > 0)
        watchdog_set_limit(order.timeout);
    return command->run(&order);
}

static void gather_commands(const struct cli_house *house)
{
    memcpy(commands, common_commands, sizeof common_commands);
    commands[COMMON_COMMANDS] = house->own_command;
}

int cli_main(int argc, char **argv, const struct cli_house *house)
{
    cli_set_house(house);
    gather_commands(house);
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        return (int)print_version();
    return (int)cli_command_run(&cli_interplay, argc, argv);
}
