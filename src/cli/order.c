/* SPDX-License-Identifier: Apache-2.0 */
/* From words to an order by getopt_long, whose tables are made from ours, and back to words. */
#include "cli/order.h"

#include "cli/cli.h"

#include <getopt.h>
#include <limits.h>
#include <string.h>

const struct cli_option cli_options[] = {
#define OPTION(field, name, letter, kind, argument, repeated, takers, help)                        \
    {name,     letter,   &cli_kind_##kind, offsetof(struct cli_order, field),                      \
     argument, repeated, takers,           help},
#include "cli/options.def"
#undef OPTION
};
enum { OPTION_COUNT = sizeof cli_options / sizeof cli_options[0] };
const size_t cli_option_count = OPTION_COUNT;

/* What getopt_long returns for the option at `i`: more than any letter, ':' and '?'. */
enum { FIRST_VALUE = UCHAR_MAX + 1 };

/* What getopt_long wants to know of the options of one subcommand. */
struct getopt_tables {
    struct option options[OPTION_COUNT + 1];
    char letters[2 * OPTION_COUNT + 2];
};

static void make_tables(struct getopt_tables *ret_tables, enum cli_takers taker)
{
    struct getopt_tables tables = {.letters = ":"};
    size_t count = 0, length = 1;
    for (int i = 0; i < OPTION_COUNT; i++) {
        const struct cli_option *option = &cli_options[i];
        if ((option->takers & taker) == 0)
            continue;
        bool has_argument = option->argument != NULL;
        tables.options[count++] = (struct option){
            .name = option->name,
            .has_arg = has_argument ? required_argument : no_argument,
            .val = FIRST_VALUE + i,
        };
        if (option->letter == 0)
            continue;
        tables.letters[length++] = option->letter;
        if (has_argument)
            tables.letters[length++] = ':';
    }
    *ret_tables = tables;
}

/* What getopt_long has returned, a letter or FIRST_VALUE and more; NULL: '?' or ':'. */
static const struct cli_option *find_option(int value, enum cli_takers taker)
{
    if (value >= FIRST_VALUE)
        return &cli_options[value - FIRST_VALUE];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if (cli_options[i].letter != 0 && cli_options[i].letter == value &&
            (cli_options[i].takers & taker) != 0)
            return &cli_options[i];
    return NULL;
}

/* getopt_long leaves in optopt: the letter, or what a known long option stands for, or 0. */
static void say_option_error(const char *command, int result, char **argv)
{
    const char letter[] = {'-', (char)optopt, '\0'};
    const char *word = argv[optind - 1];
    bool is_long = strncmp(word, "--", 2) == 0;
    if (result == ':')
        (void)cli_usage_error(command, "option %s needs an argument", is_long ? word : letter);
    else if (optopt >= FIRST_VALUE)
        (void)cli_usage_error(command, "option %s takes no argument", word);
    else
        (void)cli_usage_error(command, "unknown option %s", optopt == 0 ? word : letter);
}

static bool take_option(struct cli_order *order, const char *command,
                        const struct cli_option *option)
{
    char bytes[PATH_MAX];
    struct text problem;
    text_init(&problem, bytes, sizeof bytes);
    if (option->kind->take((char *)order + option->offset, optarg, &problem))
        return true;
    (void)cli_usage_error(command, "--%s%s", option->name, problem.bytes);
    return false;
}

bool cli_order_take(struct cli_order *order, const char *command, enum cli_takers taker, int argc,
                    char **argv)
{
    struct getopt_tables tables;
    int result;
    make_tables(&tables, taker);
    opterr = 0;
    optind = 0; /* a new scan, whatever was scanned before */
    while (!order->help &&
           (result = getopt_long(argc, argv, tables.letters, tables.options, NULL)) != -1) {
        const struct cli_option *option = find_option(result, taker);
        if (option == NULL) {
            say_option_error(command, result, argv);
            return false;
        }
        if (!take_option(order, command, option))
            return false;
    }
    order->operands = argv + optind;
    order->operand_count = argc - optind;
    return true;
}

void cli_order_repeat(const struct cli_order *order, enum cli_takers taker, struct text *command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct cli_option *option = &cli_options[i];
        if ((option->takers & taker) != 0 && option->repeated == CLI_REPEATED)
            option->kind->repeat((const char *)order + option->offset, option->name, command);
    }
}
