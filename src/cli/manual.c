/* SPDX-License-Identifier: Apache-2.0 */
/* What --help prints, made from the tables of commands and of options. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

enum { LINE_WIDTH = 89, LEFT_BYTES = CLI_OPTION_BYTES + 2 };

void cli_name_option(struct text *text, const struct cli_option *option)
{
    if (option->letter != 0)
        text_append_format(text, "-%c, ", option->letter);
    text_append_format(text, "--%s", option->name);
    if (option->argument != NULL)
        text_append_format(text, " %s", option->argument);
}

/* "  -o, --output FILE" */
static size_t name_option(char ret_left[LEFT_BYTES], const struct cli_option *option)
{
    struct text left;
    text_init(&left, ret_left, LEFT_BYTES);
    text_append(&left, "  ");
    cli_name_option(&left, option);
    return left.length;
}

/* Where the explanations begin. */
static size_t indent_of(enum cli_takers taker)
{
    size_t longest = 0;
    for (size_t i = 0; i < cli_option_count; i++) {
        char left[LEFT_BYTES];
        if ((cli_options[i].takers & taker) == 0)
            continue;
        size_t length = name_option(left, &cli_options[i]);
        longest = length > longest ? length : longest;
    }
    return longest + 2;
}

/* The help broken into lines, beside `left` on the first one. */
static void print_explained(const char *left, const char *help, size_t indent)
{
    size_t rest = strlen(help);
    while (rest > 0) {
        size_t length = text_line_length(help, rest, LINE_WIDTH - indent);
        printf("%-*s%.*s\n", (int)indent, left, (int)length, help);
        length += length < rest && help[length] == ' ';
        help += length;
        rest -= length;
        left = "";
    }
}

static void print_options(enum cli_takers taker)
{
    size_t indent = indent_of(taker);
    puts("\nOptions:");
    for (size_t i = 0; i < cli_option_count; i++) {
        char left[LEFT_BYTES];
        if ((cli_options[i].takers & taker) == 0)
            continue;
        (void)name_option(left, &cli_options[i]);
        print_explained(left, cli_options[i].help, indent);
    }
}

static void print_commands(const struct cli_command *const *commands, const char *name)
{
    size_t longest = 0;
    for (size_t i = 0; commands[i] != NULL; i++) {
        size_t length = strlen(cli_command_word(commands[i]));
        longest = length > longest ? length : longest;
    }
    printf("\nCommands (interplay %s%sCOMMAND --help tells more):\n", name,
           *name == '\0' ? "" : " ");
    for (; *commands != NULL; commands++) {
        const char *arguments = (*commands)->arguments;
        printf("  %-*s  %-14s %s\n", (int)longest, cli_command_word(*commands),
               arguments == NULL ? "[OPTION]..." : arguments, (*commands)->summary);
    }
}

void cli_print_manual(const struct cli_command *command)
{
    bool is_group = command->commands != NULL;
    const char *arguments = command->arguments == NULL ? "" : command->arguments;
    printf("Usage: interplay %s%s%s%s%s\n\n%s", command->name, *command->name == '\0' ? "" : " ",
           is_group ? "" : "[OPTION]...", is_group || *arguments == '\0' ? "" : " ", arguments,
           command->about);
    if (is_group)
        print_commands(command->commands, command->name);
    else
        print_options(command->taker);
    if (command->notes != NULL)
        printf("\n%s", command->notes);
}
