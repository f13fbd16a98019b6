/* SPDX-License-Identifier: Apache-2.0 */
/* interplay show: a plan as a table, one column a task, and what happens when it runs. */
#include "cli/cli.h"
#include "cli/record.h"
#include "report/plan_table.h"
#include "report/trace_lanes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { SHOW_WIDTH_MAX = 100000 };

static const char help[] =
    "Usage: interplay show [OPTION]... FILE\n"
    "\n"
    "Prints the plan in FILE (.json, .pb, .bin, or compact bytes without extension) as a table:\n"
    "one column a task, one row an interaction.\n"
    "  || after 12 lock   held back after 12 yield points of the class lock\n"
    "  !! io_write #2     the second write fails\n"
    "  => 3 rows          what the plan expects\n"
    "\n"
    "Options:\n"
    "  -w, --width N   columns of the output; default: the terminal's, else 120; 0: no limit\n"
    "  --trace         run the plan and print its events, too\n"
    "  --backend B     what it runs on (interplay --version lists them; default: the first)\n"
    "  --color WHEN    colours and a lane a task in the trace: always, never, or auto (the "
    "default:\n"
    "                  in a terminal, unless NO_COLOR is set); without them a line an event, as\n"
    "                  replay --trace prints it\n"
    "  -h, --help      print this\n"
    "\n"
    "In a lane: | in a call, : held back, . waits. Exit status: 0, or with --trace as replay.\n";

struct show_options {
    size_t width;
    bool trace, has_colours;
    const struct run_options *backend;
};

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

static bool parse_colour(const char *text, bool *ret_has_colours)
{
    const char *no_colour = getenv("NO_COLOR"); /* https://no-color.org */
    bool wants_none = no_colour != NULL && no_colour[0] != '\0';
    if (strcmp(text, "auto") == 0)
        *ret_has_colours = isatty(STDOUT_FILENO) && !wants_none;
    else if (strcmp(text, "always") == 0 || strcmp(text, "never") == 0)
        *ret_has_colours = text[0] == 'a';
    else
        return false;
    return true;
}

static int show_trace(const char *path, const struct show_options *options)
{
    struct error error = {0};
    struct cli_record record;
    if (cli_record_run(&record, path, options->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    const struct trace_lanes lanes = {
        .plan = &record.plan,
        .recording = record.recording,
        .verdict = &record.result.verdict,
        .has_colours = options->has_colours,
        .width = options->width,
    };
    int status = cli_record_status(&record);
    plan_table_print(&record.plan, options->width, stdout);
    fputc('\n', stdout);
    trace_lanes_print(&lanes, stdout);
    if (status == CLI_FINDING)
        printf("\n%s: violation %s\n%s\n", path, record.result.verdict.signature,
               record.result.verdict.report);
    else
        printf("\n%s: ok\n", path);
    cli_record_clean_up(&record);
    return cli_finish_output(status);
}

static int show(const char *path, const struct show_options *options)
{
    struct error error;
    struct plan plan;
    struct arena arena;
    if (options->trace)
        return show_trace(path, options);
    if (cli_load_plan(&plan, &arena, path, &error) != ERROR_NONE)
        return cli_fail(&error);
    plan_table_print(&plan, options->width, stdout);
    arena_clean_up(&arena);
    return cli_finish_output(CLI_OK);
}

int cli_show(int argc, char **argv)
{
    enum { OPTION_TRACE = 256, OPTION_BACKEND, OPTION_COLOUR };
    static const struct option options[] = {
        {"width", required_argument, NULL, 'w'},
        {"trace", no_argument, NULL, OPTION_TRACE},
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"color", required_argument, NULL, OPTION_COLOUR},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct show_options chosen = {.width = cli_width(), .backend = cli_backend(NULL)};
    (void)parse_colour("auto", &chosen.has_colours);
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":w:h", options, NULL)) != -1) {
        switch (option) {
        case 'w':
            if (!parse_width(optarg, &chosen.width))
                return cli_usage_error("show", "--width: expected a number 0 to %d, found %s",
                                       SHOW_WIDTH_MAX, optarg);
            break;
        case OPTION_TRACE:
            chosen.trace = true;
            break;
        case OPTION_BACKEND:
            if (!cli_takes_backend("show", optarg, &chosen.backend))
                return CLI_FAILED;
            break;
        case OPTION_COLOUR:
            if (!parse_colour(optarg, &chosen.has_colours))
                return cli_usage_error("show", "--color: expected auto, always or never, found %s",
                                       optarg);
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
    return show(argv[optind], &chosen);
}
