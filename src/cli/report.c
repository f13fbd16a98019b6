/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay report: runs a plan again and writes down what happened as one HTML file. The run has a
 * process of its own; what it has recorded so far outlives it, so that a database that crashes has
 * a report, too.
 */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/explain_plan.h"
#include "cli/plan_files.h"
#include "cli/recorded_run.h"
#include "report/html_report.h"

#include <stdio.h>
#include <string.h>

static const char about[] =
    "Runs the plan in FILE (JSON, or compact bytes like a crash file) and writes what happened\n"
    "as one HTML page that needs nothing beside itself: the verdict in words, the tasks over\n"
    "time with pauses, faults, locks and commits, each step with its SQL, what came and what\n"
    "the model says, the dependency cycle if there is one, and the plan; with --explain what the\n"
    "finding needs (interplay explain --help). The page is FILE with .html in place of its "
    "extension, or what --output says.\n";

struct report_options {
    const char *path, *page;
    const struct run_options *backend;
    bool explains;
};

static enum error_code write_page(const struct report_options *options,
                                  const struct cli_recorded_run *recorded,
                                  const struct explain_result *explained, const struct spots *spots,
                                  struct error *error)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    cli_describe_replay(&text, options->path, &(struct cli_order){.backend = options->backend});
    const struct html_report report = {
        .plan = &recorded->plan,
        .recording = recorded->recording,
        .verdict = &recorded->result.verdict,
        .unjudged = &recorded->result.unjudged,
        .ends = &recorded->result.ends,
        .trace_hash = recorded->result.trace_hash,
        .has_died = recorded->result.has_died,
        .name = options->path,
        .version = recorded->version,
        .replay_command = command,
        .dialect = options->backend->subject->backend->dialect,
        .explained = explained,
        .spots = spots,
        .build = cli_build(),
        .locks = options->backend->subject->locks,
    };
    return html_report_write(&report, options->page, error);
}

static bool has_pause(const struct plan *plan)
{
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].pause_after > 0)
            return true;
    return false;
}

/* What more runs tell: why it shows, where that is asked for, and where in the code it was. */
static enum error_code look_and_write(const struct report_options *options,
                                      const struct cli_recorded_run *recorded, struct run *run,
                                      struct error *error)
{
    struct explain_result *explained = NULL;
    struct spots *spots = NULL;
    const struct plan *plan = &recorded->plan;
    size_t violated = verdict_violated(&recorded->result.verdict);
    enum error_code code = ERROR_NONE;
    if (options->explains)
        code = cli_explain_plan(&explained, run, plan, options->path, false, error);
    if (code == ERROR_NONE && (violated != SIZE_MAX || has_pause(plan)))
        code = spots_find(&spots, run, plan, violated, error);
    if (code == ERROR_NONE)
        code = write_page(options, recorded, explained, spots, error);
    spots_free(spots);
    explain_free(explained);
    return code;
}

static enum error_code open_and_write(const struct report_options *options,
                                      const struct cli_recorded_run *recorded, struct error *error)
{
    struct run *run;
    enum error_code code = run_open(&run, options->backend, error);
    if (code != ERROR_NONE)
        return code;
    code = look_and_write(options, recorded, run, error);
    run_close(run);
    return code;
}

static enum cli_status report_run(const struct report_options *options)
{
    struct error error = {0};
    struct cli_recorded_run recorded;
    if (cli_record_run(&recorded, options->path, options->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum error_code code = open_and_write(options, &recorded, &error);
    enum cli_status status = cli_recorded_run_status(&recorded);
    if (code == ERROR_NONE) /* in the words of replay */
        printf("%s: %s%s, written to %s\n", options->path,
               status == CLI_FINDING ? "violation " : "ok", recorded.result.verdict.signature,
               options->page);
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
    if (strcmp(page, path) == 0 && !file_is_standard(page))
        return cli_usage_error("report", "%s: the page would replace the plan", path);
    const struct report_options options = {
        .path = path, .page = page, .backend = order->backend, .explains = order->explain};
    return report_run(&options);
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
