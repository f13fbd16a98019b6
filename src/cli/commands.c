/* SPDX-License-Identifier: Apache-2.0 */
/* The table of subcommands: each is a file in this folder. */
#include "cli/cli.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    const char *arguments;
    const char *summary;
    int (*run)(int argc, char **argv);
};

static const struct command commands[] = {
    {"bugs", "COMMAND", "keep findings, one entry a signature; list and replay them", cli_bugs},
    {"convert", "IN -o OUT", "turn a plan from one form into another", cli_convert},
    {"replay", "FILE...", "run plans again and say what the oracles think", cli_replay},
    {"report", "FILE", "run a plan again and write a page that shows what happened", cli_report},
    {"run", "[OPTION]...", "run random plans from a seed until one breaks something", cli_run},
    {"show", "FILE", "print a plan as a table, one column a task", cli_show},
    {"shrink", "FILE", "make the plan of a finding small", cli_shrink},
};
enum { COMMAND_COUNT = sizeof commands / sizeof commands[0] };

static int print_help(void)
{
    fputs("Usage: interplay COMMAND [ARGUMENTS]\n"
          "       interplay --help | --version\n"
          "\n"
          "Commands (interplay COMMAND --help tells more):\n",
          stdout);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        printf("  %-8s %-12s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
    fputs("\nExit status: 0 no finding, 1 a finding, 2 a usage or harness error.\n", stdout);
    return cli_finish_output(CLI_OK);
}

static int print_version(void)
{
    /* The build defines INTERPLAY_VERSION. */
    printf("interplay %s\n", INTERPLAY_VERSION);
    cli_print_backends();
    return cli_finish_output(CLI_OK);
}

/* One line that names all commands, after what is wrong. */
static int fail_with_commands(const char *problem, const char *word)
{
    fprintf(stderr, "interplay: %s%s, expected", problem, word);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(stderr, "%s %s", i == 0 ? "" : ",", commands[i].name);
    fputs(" (interplay --help tells more)\n", stderr);
    return CLI_FAILED;
}

int cli_main(int argc, char **argv, const struct cli_house *house)
{
    cli_set_house(house);
    if (argc < 2)
        return fail_with_commands("no command", "");
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_help();
    if (strcmp(word, "--version") == 0)
        return print_version();
    if (word[0] == '-')
        return fail_with_commands("unknown option ", word);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(word, commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return fail_with_commands("unknown command ", word);
}
