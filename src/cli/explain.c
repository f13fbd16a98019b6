/* SPDX-License-Identifier: Apache-2.0 */
/* interplay explain: what of a finding's pauses, faults and orders it needs, and where they are. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/explain_plan.h"
#include "cli/machine_output.h"
#include "cli/plan_files.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "report/plan_table.h"
#include "shrink/shrink.h"

#include <inttypes.h>
#include <stdio.h>

static const char about[] =
    "Makes the plan in FILE small, and says why it shows its finding: which of its faults and\n"
    "pauses it needs, and which steps of one task must come before which of another one, with\n"
    "the function, file and line of the code under test on both sides. Each is proved by runs,\n"
    "each in a process of its own: of the plan without it, or with only these two the other\n"
    "way round; a signature that stays the same means that it is not needed. What is not\n"
    "needed is left out, and so is an order that follows from others. The same plan on the same\n"
    "build gives the same text.\n";

struct explaining {
    const char *path;
    const struct cli_order *order;
    size_t interactions_before;
};

static bool on_shrink(void *context, const struct shrink_progress *shrink)
{
    struct cli_progress *progress = context;
    if (cli_progress_is_due(progress, cli_progress_elapsed_ms(progress))) {
        fprintf(stderr, "making it small, %" PRIu64 " candidates", shrink->candidates);
        (void)fflush(stderr);
    }
    return true;
}

static enum error_code shrink(const struct explaining *explaining, struct run *run,
                              struct plan *plan, struct error *error)
{
    struct cli_progress progress;
    const struct shrink_options options = {.on_progress = on_shrink, .context = &progress};
    struct shrink_result result;
    cli_progress_begin(&progress, explaining->order->quiet);
    enum error_code code = shrink_plan(run, plan, &options, &result, error);
    cli_progress_end(&progress);
    if (code != ERROR_NONE)
        interplay_error_context(error, file_short_path(explaining->path));
    return code;
}

static enum error_code print(const struct explaining *explaining,
                             const struct explain_result *result, struct error *error)
{
    if (explaining->order->json)
        return explain_write_json(result, cli_machine_output(), error);
    if (result->signature[0] != '\0') {
        printf("%s: %s, %zu -> %zu interactions\n\n", explaining->path, result->signature,
               explaining->interactions_before, result->plan.interaction_count);
        plan_table_print(&result->plan, cli_width(), stdout);
        printf("\n");
    }
    explain_print(result, stdout);
    return ERROR_NONE;
}

static enum error_code explain_run(const struct explaining *explaining, struct run *run,
                                   struct plan *plan, enum cli_status *ret_status,
                                   struct error *error)
{
    struct explain_result *result;
    enum error_code code = ERROR_NONE;
    if (!explaining->order->no_shrink)
        code = shrink(explaining, run, plan, error);
    if (code == ERROR_NONE)
        code =
            cli_explain_plan(&result, run, plan, explaining->path, explaining->order->quiet, error);
    if (code != ERROR_NONE)
        return code;
    *ret_status = result->signature[0] == '\0' ? CLI_OK : CLI_FINDING;
    code = print(explaining, result, error);
    explain_free(result);
    return code;
}

static enum cli_status explain(const struct cli_order *order)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    struct run *run;
    struct explaining explaining = {.path = order->operands[0], .order = order};
    enum cli_status status = CLI_FAILED;
    if (cli_load_plan_to_run(&plan, &arena, explaining.path, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    explaining.interactions_before = plan.interaction_count;
    enum error_code code = run_open(&run, order->backend, &error);
    if (code == ERROR_NONE) {
        code = explain_run(&explaining, run, &plan, &status, &error);
        run_close(run);
    }
    arena_clean_up(&arena);
    return code == ERROR_NONE ? cli_finish_output(status) : cli_fail(&error);
}

const struct cli_command cli_explain = {
    .name = "explain",
    .arguments = "FILE",
    .summary = "say which pauses, faults and orders a finding needs, and where they are",
    .about = about,
    .notes = "Exit status: 0 the plan is ok, 1 a finding, explained, 2 a wrong call, a bad input\n"
             "or a broken harness.\n",
    .taker = CLI_EXPLAIN,
    .operands = {"file", 1, 1},
    .run = explain,
};
