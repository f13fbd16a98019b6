/* SPDX-License-Identifier: Apache-2.0 */
/* interplay completion: what bash and zsh complete, from the tables of commands and options. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

static void print_words(const struct cli_command *const *commands)
{
    for (; *commands != NULL; commands++)
        printf("%s ", cli_command_word(*commands));
}

/* Of one command: what may follow it. */
static void print_choices(const char *name, const struct cli_command *command)
{
    printf("    '%s') choices='", name);
    if (command->commands != NULL)
        print_words(command->commands);
    if (command == &cli_help)
        print_words(cli_interplay.commands);
    if (command == &cli_completion)
        printf("bash zsh ");
    for (size_t i = 0; command->commands == NULL && i < cli_option_count; i++)
        if ((cli_options[i].takers & command->taker) != 0)
            printf("--%s ", cli_options[i].name);
    puts("' ;;");
    for (size_t i = 0; command->commands != NULL && command->commands[i] != NULL; i++)
        print_choices(command->commands[i]->name, command->commands[i]);
}

/* For both shells: $1 is the command so far, "bugs add"; what may follow it goes to `choices`. */
static void print_all_choices(void)
{
    puts("_interplay_choices() {\n    case $1 in");
    print_choices("", &cli_interplay);
    puts("    *) choices= ;;\n    esac\n}");
}

/* After a group of commands stands one of them: a name of two words. */
static const char bash[] =
    "_interplay() {\n"
    "    local current=${COMP_WORDS[COMP_CWORD]} command= choices\n"
    "    ((COMP_CWORD < 2)) || command=${COMP_WORDS[1]}\n"
    "    _interplay_choices \"$command\"\n"
    "    if ((COMP_CWORD > 2)) && [[ -n $choices && $choices != -* ]]; then\n"
    "        _interplay_choices \"$command ${COMP_WORDS[2]}\"\n"
    "    fi\n"
    "    if [[ $current == -* || $choices != -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$choices\" -- \"$current\")\n"
    "    fi\n"
    "}\n"
    "complete -o default -F _interplay interplay\n";

static const char zsh[] =
    "_interplay() {\n"
    "    local current=${words[CURRENT]} command= choices\n"
    "    ((CURRENT < 3)) || command=${words[2]}\n"
    "    _interplay_choices \"$command\"\n"
    "    if ((CURRENT > 3)) && [[ -n $choices && $choices != -* ]]; then\n"
    "        _interplay_choices \"$command ${words[3]}\"\n"
    "    fi\n"
    "    if [[ $current == -* || $choices != -* ]]; then compadd -- ${=choices}; else _files; fi\n"
    "}\n"
    "compdef _interplay interplay\n";

static enum cli_status completion(const struct cli_order *order)
{
    const char *shell = order->operands[0], *script = NULL;
    if (strcmp(shell, "bash") == 0)
        script = bash;
    else if (strcmp(shell, "zsh") == 0)
        script = zsh;
    else
        return cli_usage_error(cli_completion.name, "no shell '%s'; there are: bash, zsh", shell);
    if (script == zsh)
        puts("#compdef interplay");
    print_all_choices();
    fputs(script, stdout);
    return cli_finish_output(CLI_OK);
}

const struct cli_command cli_completion = {
    .name = "completion",
    .arguments = "SHELL",
    .summary = "what bash or zsh completes",
    .about = "Prints a script for the shell, bash or zsh, that completes commands and options:\n"
             "\n"
             "    eval \"$(interplay completion bash)\"\n",
    .taker = CLI_COMPLETION,
    .operands = {.noun = "shell", .least = 1, .most = 1},
    .run = completion,
};
