/* SPDX-License-Identifier: Apache-2.0 */
/* interplay show: a plan as a table, one column a task. */
#include "cli/cli.h"
#include "report/plan_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SHOW_WIDTH_MAX = 100000 };

static const char help[] =
    "Usage: interplay show FILE\n"
    "\n"
    "Prints the plan in FILE (.json, .bin, or compact bytes without extension) as a table: one\n"
    "column a task, one row an interaction.\n"
    "  || after 12 lock   held back after 12 yield points of the class lock\n"
    "  !! io_write #2     the second write fails\n"
    "  => 3 rows          what the plan expects\n"
    "\n"
    "Options:\n"
    "  -w, --width N   columns of the output; default: the terminal's, else 120; 0: no limit\n"
    "  -h, --help      print this\n";

size_t cli_width(void)
{
    struct winsize size;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return PLAN_TABLE_WIDTH_DEFAULT;
}

static bool parse_width(const char *text, size_t *ret_width)
{
    char *end;
    errno = 0;
    long width = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || width < 0 || width > SHOW_WIDTH_MAX)
        return false;
    *ret_width = (size_t)width;
    return true;
}

static int show(const char *path, size_t width)
{
    struct error error;
    struct plan plan;
    struct arena arena;
    if (cli_load_plan(&plan, &arena, path, &error) != ERROR_NONE)
        return cli_fail(&error);
    plan_table_print(&plan, width, stdout);
    arena_clean_up(&arena);
    return cli_finish_output(CLI_OK);
}

int cli_show(int argc, char **argv)
{
    static const struct option options[] = {
        {"width", required_argument, NULL, 'w'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    size_t width = cli_width();
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":w:h", options, NULL)) != -1) {
        switch (option) {
        case 'w':
            if (!parse_width(optarg, &width))
                return cli_usage_error("show", "--width: expected a number 0 to %d, found %s",
                                       SHOW_WIDTH_MAX, optarg);
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (!cli_takes_one_file("show", argc, argv))
        return CLI_FAILED;
    return show(argv[optind], width);
}
