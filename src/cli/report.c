/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay report: runs a plan again and writes down what happened as one HTML file. The run has a
 * process of its own; what it has recorded so far outlives it, so that a database that crashes has a
 * report, too.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "report/html_report.h"
#include "run/isolated.h"

#include <limits.h>
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

/* FILE with .html instead of its extension. */
static enum error_code default_page(const char *path, char ret_page[PATH_MAX], struct error *error)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash == NULL ? path : slash, '.');
    int stem = (int)(dot == NULL ? strlen(path) : (size_t)(dot - path));
    int length = snprintf(ret_page, PATH_MAX, "%.*s.html", stem, path);
    if (length >= PATH_MAX)
        return interplay_error(error, ERROR_USAGE, "%s: the name is too long",
                               file_short_path(path));
    return ERROR_NONE;
}

static enum error_code write_page(const struct report_options *options, const struct plan *plan,
                                  const struct run *run, const struct recording *recording,
                                  const struct isolated_result *result, struct error *error)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    cli_describe_command(&text, "replay", options->backend);
    text_append_format(&text, " %s", file_short_path(options->path));
    const struct html_report report = {
        .plan = plan,
        .recording = recording,
        .verdict = &result->verdict,
        .trace_hash = result->trace_hash,
        .name = options->path,
        .version = run_backend_version(run),
        .replay_command = command,
    };
    return html_report_write(&report, options->page, error);
}

/* Says what came of it, as replay does. */
static enum cli_status finish(const struct report_options *options,
                              const struct isolated_result *result)
{
    bool is_finding = result->verdict.kind == VERDICT_VIOLATION;
    printf("%s: %s%s, written to %s\n", options->path, is_finding ? "violation " : "ok",
           is_finding ? result->verdict.signature : "", options->page);
    return is_finding ? CLI_FINDING : CLI_OK;
}

static enum error_code run_and_write(const struct report_options *options, struct run *run,
                                     const struct plan *plan, enum cli_status *ret_status,
                                     struct error *error)
{
    struct recording *recording;
    struct isolated_result result;
    const struct isolated_options isolated = {0};
    enum error_code code = recording_new(&recording, plan, error);
    if (code != ERROR_NONE)
        return code;
    run_record(run, recording);
    code = isolated_run(run, plan, &isolated, &result, error);
    run_record(run, NULL);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(options->path));
    else if (result.verdict.kind == VERDICT_PLAN_ERROR)
        code = interplay_error(error, ERROR_INPUT, "%s: %s", file_short_path(options->path),
                               result.verdict.report);
    else
        code = write_page(options, plan, run, recording, &result, error);
    if (code == ERROR_NONE)
        *ret_status = finish(options, &result);
    recording_free(recording);
    return code;
}

static int report(const struct report_options *options)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    struct run *run;
    if (cli_load_plan(&plan, &arena, options->path, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = CLI_FAILED;
    enum error_code code = run_open(&run, options->backend, &error);
    if (code == ERROR_NONE) {
        code = run_and_write(options, run, &plan, &status, &error);
        run_close(run);
    }
    arena_clean_up(&arena);
    return code == ERROR_NONE ? cli_finish_output((int)status) : cli_fail(&error);
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
            chosen.backend = cli_backend(optarg);
            if (chosen.backend == NULL)
                return cli_unknown_backend("report", optarg);
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
    struct error error = {0};
    chosen.path = argv[optind];
    if (chosen.page == NULL && default_page(chosen.path, page, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (chosen.page == NULL)
        chosen.page = page;
    return report(&chosen);
}
