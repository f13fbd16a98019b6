/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A subcommand is a function and its manual in a file of its own, and a line in commands.c (in
 * bugs.c, if it is one of `interplay bugs`; in main.c, if fuzz targets have it not). Its options
 * stand in options.def.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/cli.h"
#include "cli/order.h"

#include <stddef.h>

struct cli_command {
    const char *name;          /* "replay", "bugs add" */
    const char *arguments;     /* for the usage, after the options; NULL: none */
    const char *summary;       /* a line for the list of commands */
    const char *about;         /* the manual, between usage and options */
    const char *notes;         /* and after them; NULL: nothing */
    enum cli_takers taker;     /* whose options it takes */
    struct cli_order defaults; /* but of the backend, which is the first one */
    struct {
        const char *noun; /* "file" */
        int least, most;
    } operands;
    enum cli_status (*run)(const struct cli_order *order);
    /* Where it is only the name of others: these, up to NULL. It takes no option, then. */
    const struct cli_command *const *commands;
};

extern const struct cli_command cli_bugs, cli_check, cli_completion, cli_convert, cli_debug,
    cli_explain, cli_explore, cli_help, cli_replay, cli_report, cli_reproduce, cli_run, cli_show,
    cli_shrink, cli_tds_server;

/* All of them: what stands before the name of a command. */
extern const struct cli_command cli_interplay;

/* Takes what stands after the name of `command`, which is argv[0], and does it. */
enum cli_status cli_command_run(const struct cli_command *command, int argc, char **argv);

/* The command that does the same again, and the one that replays `path`. */
void cli_describe_command(struct text *text, const struct cli_command *command,
                          const struct cli_order *order);
void cli_describe_replay(struct text *text, const char *path, const struct cli_order *order);

/* What --help prints. */
void cli_print_manual(const struct cli_command *command);

/* The same of all commands, for man(1). */
void cli_print_man_page(void);

/* "-o, --output FILE"; cut short at CLI_OPTION_BYTES. */
enum { CLI_OPTION_BYTES = 64 };
void cli_name_option(struct text *text, const struct cli_option *option);

/* The word that calls it: "add" of "bugs add". */
const char *cli_command_word(const struct cli_command *command);

#endif
