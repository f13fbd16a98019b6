/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay report: runs a plan again and writes down what happened as one HTML file. The run has a
 * process of its own; what it has recorded so far outlives it, so that a database that crashes has
 * a report, too.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/plan_files.h"
#include "cli/recorded_run.h"
#include "report/html_report.h"

#include <stdio.h>
#include <string.h>

static const char about[] =
    "Runs the plan in FILE (JSON, or compact bytes like a crash file) and writes what happened\n"
    "as one HTML page that needs nothing beside itself: the verdict in words, the tasks over\n"
    "time with pauses, faults, locks and commits, each step with its SQL, what came and what\n"
    "the model says, the dependency cycle if there is one, and the plan. The page is FILE with\n"
    ".html in place of its extension, or what --output says.\n";

struct report_options {
    const char *path, *page;
    const struct run_options *backend;
};
static enum error_code write_page(const struct cli_recorded_run *recorded, const char *path,
                                  const char *page, const struct run_options *backend,
                                  struct error *error)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    cli_describe_replay(&text, path, backend);
    const struct html_report report = {
        .plan = &recorded->plan,
        .recording = recorded->recording,
        .verdict = &recorded->result.verdict,
        .unjudged = &recorded->result.unjudged,
        .trace_hash = recorded->result.trace_hash,
        .has_died = recorded->result.has_died,
        .name = path,
        .version = recorded->version,
        .replay_command = command,
        .dialect = backend->subject->backend->dialect,
        .locks = backend->subject->locks,
    };
    return html_report_write(&report, page, error);
}

static enum cli_status report_run(const char *path, const char *page,
                                  const struct run_options *backend)
{
    struct error error = {0};
    struct cli_recorded_run recorded;
    if (cli_record_run(&recorded, path, backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = write_page(&recorded, path, page, backend, &error);
    enum cli_status status = cli_recorded_run_status(&recorded);
    if (code == ERROR_NONE) /* in the words of replay */
        printf("%s: %s%s, written to %s\n", path, status == CLI_FINDING ? "violation " : "ok",
               recorded.result.verdict.signature, page);
    cli_recorded_run_clean_up(&recorded);
    return code == ERROR_NONE ? cli_finish_output(status) : cli_fail(&error);
}

static enum cli_status report(const struct cli_order *order)
{
    char beside[PATH_MAX];
    struct error error;
    const char *path = order->operands[0];
    if (order->output == NULL && !cli_path_beside(beside, path, ".html")) {
        (void)interplay_error(&error, ERROR_USAGE, "%s: the name is too long",
                              file_short_path(path));
        return cli_fail(&error);
    }
    const char *page = order->output == NULL ? beside : order->output;
    if (strcmp(page, path) == 0)
        return cli_usage_error("report", "%s: the page would replace the plan", path);
    return report_run(path, page, order->backend);
}

const struct cli_command cli_report = {
    .name = "report",
    .arguments = "FILE",
    .summary = "run a plan again and write a page that shows what happened",
    .about = about,
    .notes = "Exit status: 0 the plan comes to ok, 1 to a violation, 2 bad input; there is a page\n"
             "for 0 and 1.\n",
    .taker = CLI_REPORT,
    .operands = {"file", 1, 1},
    .run = report,
};
