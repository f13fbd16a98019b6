/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay report: runs a plan again and writes down what happened as one HTML file. The run has a
 * process of its own; what it has recorded so far outlives it, so that a database that crashes has a
 * report, too.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/record.h"
#include "report/html_report.h"

#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay report [OPTION]... FILE\n"
    "\n"
    "Runs the plan in FILE (JSON, or compact bytes like a crash file) and writes what happened as\n"
    "one HTML page that needs nothing beside itself: the verdict in words, the tasks over time "
    "with\n"
    "pauses, faults, locks and commits, each step with its SQL, what came and what the model "
    "says,\n"
    "the dependency cycle if there is one, and the plan.\n"
    "\n"
    "Options:\n"
    "  -o, --output PAGE  where to write it; default: FILE with .html\n"
    "  --backend B        what the plan runs on (interplay --version lists them; default: the "
    "first)\n"
    "  -h, --help         print this\n"
    "\n"
    "Exit status: 0 the plan comes to ok, 1 to a violation, 2 bad input; there is a page for 0 and "
    "1.\n";

struct report_options {
    const char *path, *page;
    const struct run_options *backend;
};

static enum error_code write_page(const struct report_options *options,
                                  const struct cli_record *record, struct error *error)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    cli_describe_replay(&text, options->path, options->backend);
    const struct html_report page = {
        .plan = &record->plan,
        .recording = record->recording,
        .verdict = &record->result.verdict,
        .trace_hash = record->result.trace_hash,
        .has_died = record->result.has_died,
        .name = options->path,
        .version = record->version,
        .replay_command = command,
        .has_sql = options->backend->backend->dialect != DIALECT_NONE,
    };
    return html_report_write(&page, options->page, error);
}

static int report(const struct report_options *options)
{
    struct error error = {0};
    struct cli_record record;
    if (cli_record_run(&record, options->path, options->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = write_page(options, &record, &error);
    int status = cli_record_status(&record);
    if (code == ERROR_NONE) /* in the words of replay */
        printf("%s: %s%s, written to %s\n", options->path,
               status == CLI_FINDING ? "violation " : "ok", record.result.verdict.signature,
               options->page);
    cli_record_clean_up(&record);
    return code == ERROR_NONE ? cli_finish_output(status) : cli_fail(&error);
}

int cli_report(int argc, char **argv)
{
    enum { OPTION_BACKEND = 256 };
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct report_options chosen = {.backend = cli_backend(NULL)};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            chosen.page = optarg;
            break;
        case OPTION_BACKEND:
            if (!cli_takes_backend("report", optarg, &chosen.backend))
                return CLI_FAILED;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (!cli_takes_one_file("report", argc, argv))
        return CLI_FAILED;
    char page[PATH_MAX];
    struct error error;
    chosen.path = argv[optind];
    if (chosen.page == NULL && !cli_path_beside(page, chosen.path, ".html")) {
        (void)interplay_error(&error, ERROR_USAGE, "%s: the name is too long",
                              file_short_path(chosen.path));
        return cli_fail(&error);
    }
    if (chosen.page == NULL)
        chosen.page = page;
    if (strcmp(chosen.page, chosen.path) == 0)
        return cli_usage_error("report", "%s: the page would replace the plan", chosen.path);
    return report(&chosen);
}
