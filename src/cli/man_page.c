/* SPDX-License-Identifier: Apache-2.0 */
/* The page for man(1), made from the tables of commands and of options: a section a command. */
#include "cli/command.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Text as it stands: nothing in it means anything to roff. */
static void print_plain(const char *text)
{
    bool starts_line = true;
    for (; *text != '\0'; text++) {
        if (starts_line && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            putchar(*text);
        starts_line = *text == '\n';
    }
}

/* Lines as they are broken in the manual. */
static void print_lines(const char *text)
{
    puts(".nf");
    print_plain(text);
    puts(".fi");
}

static void print_option(const struct cli_option *option)
{
    char bytes[CLI_OPTION_BYTES];
    struct text name;
    text_init(&name, bytes, sizeof bytes);
    cli_name_option(&name, option);
    fputs(".TP\n\\fB", stdout);
    print_plain(name.bytes);
    puts("\\fR");
    print_plain(option->help);
    putchar('\n');
}

static void print_heading(const char *name)
{
    fputs(".SH ", stdout);
    for (; *name != '\0'; name++)
        putchar(toupper((unsigned char)*name));
    putchar('\n');
}

static void print_command(const struct cli_command *command)
{
    print_heading(command->name);
    fputs("\\fBinterplay ", stdout);
    print_plain(command->name);
    printf("\\fR %s%s%s\n.PP\n", command->commands == NULL ? "[\\fIOPTION\\fR]..." : "",
           command->commands == NULL && command->arguments != NULL ? " " : "",
           command->arguments == NULL ? "" : command->arguments);
    print_lines(command->about);
    for (size_t i = 0; command->commands == NULL && i < cli_option_count; i++)
        if ((cli_options[i].takers & command->taker) != 0)
            print_option(&cli_options[i]);
    if (command->notes != NULL) {
        puts(".PP");
        print_lines(command->notes);
    }
    for (size_t i = 0; command->commands != NULL && command->commands[i] != NULL; i++)
        print_command(command->commands[i]);
}

void cli_print_man_page(void)
{
    /* The build defines INTERPLAY_VERSION. */
    puts(".TH INTERPLAY 1 \"\" \"interplay " INTERPLAY_VERSION "\" \"User Commands\"");
    puts(".SH NAME\ninterplay \\- what people do with plans of a fuzzer for SQL connection stacks");
    puts(".SH SYNOPSIS\n\\fBinterplay\\fR \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...\n.PP");
    print_lines(cli_interplay.about);
    for (size_t i = 0; cli_interplay.commands[i] != NULL; i++)
        print_command(cli_interplay.commands[i]);
    puts(".SH EXIT STATUS\n0 no finding, 1 a finding, 2 a usage or harness error.");
}
