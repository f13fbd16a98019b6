/* SPDX-License-Identifier: Apache-2.0 */
/* interplay shrink: the plan of a finding made small. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/explain_plan.h"
#include "cli/finding.h"
#include "cli/mode_order.h"
#include "cli/plan_files.h"
#include "plan/compact.h"

static const char about[] =
    "Makes the plan of a finding small: takes out and lowers whatever it can as long as the\n"
    "signature stays the same. Each attempt runs in a process of its own. The result is\n"
    "1-minimal: no interaction, pause, fault or expectation can be removed, and no\n"
    "configuration field or argument set to its first value, without losing the finding. The\n"
    "same plan gives the same result. It goes to FILE with .shrunk.json in place of its\n"
    "extension, or where --output says: .json, .bin, .pb, .sql or .spec; a \"comment\" is not\n"
    "kept. Prints one line, and with --explain why the finding shows:\n"
    "  FILE: SIGNATURE, 37 -> 4 interactions, 212 candidates, 1.3 s, 1-minimal\n"
    "\n"
    "Interrupted (Ctrl-C), it stores the smallest plan so far; a second time, nothing.\n";

struct shrinking {
    struct cli_shrink_options options;
    const char *path, *output;
    bool explains;
};

/* What the end cannot do is better said at the start. */
static enum error_code check_output(const struct shrinking *shrinking, const struct plan *plan,
                                    struct error *error)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    if (cli_form_to_write(shrinking->output) != CLI_COMPACT ||
        compact_encode(plan, bytes, &size, error) == ERROR_NONE)
        return ERROR_NONE;
    interplay_error_context(error, file_short_path(shrinking->path));
    return error->code;
}

static enum cli_status shrink_and_save(const struct shrinking *shrinking, struct run *run,
                                       struct plan *plan)
{
    struct error error = {0};
    enum shrink_end end;
    if (check_output(shrinking, plan, &error) != ERROR_NONE ||
        cli_shrink_plan(run, plan, &shrinking->options, &end, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (end == SHRINK_NOTHING)
        return CLI_OK;
    if (cli_save_plan(plan, shrinking->path, shrinking->output, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (shrinking->explains &&
        cli_print_explained(run, plan, shrinking->path, shrinking->options.is_quiet, &error) !=
            ERROR_NONE)
        return cli_fail(&error);
    return CLI_FINDING;
}

static enum cli_status shrink_file(const struct shrinking *shrinking,
                                   const struct run_options *backend)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    struct run *run;
    if (cli_load_plan_to_run(&plan, &arena, shrinking->path, backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = CLI_FAILED;
    if (run_open(&run, backend, &error) == ERROR_NONE) {
        status = shrink_and_save(shrinking, run, &plan);
        run_close(run);
    } else {
        (void)cli_fail(&error);
    }
    arena_clean_up(&arena);
    return cli_finish_output(status);
}

static enum cli_status shrink(const struct cli_order *order)
{
    char beside[PATH_MAX];
    const char *path = order->operands[0];
    if (order->output == NULL && !cli_path_beside(beside, path, ".shrunk.json"))
        return cli_usage_error("shrink", "%s: the name is too long", file_short_path(path));
    const struct shrinking shrinking = {
        .options = {.name = path,
                    .signature = order->signature,
                    .rounds_max = order->max_rounds,
                    .is_quiet = order->quiet},
        .path = path,
        .explains = order->explain,
        .output = order->output == NULL ? beside : order->output,
    };
    if (!cli_can_write("shrink", shrinking.output))
        return CLI_FAILED;
    struct cli_mode_order moded;
    if (cli_mode_order_open(&moded, "shrink", order) != CLI_OK)
        return CLI_FAILED;
    enum cli_status status = shrink_file(&shrinking, moded.order.backend);
    cli_mode_order_close(&moded);
    return status;
}

const struct cli_command cli_shrink = {
    .name = "shrink",
    .arguments = "FILE",
    .summary = "make the plan of a finding small",
    .about = about,
    .notes =
        "Exit status: 0 the plan is ok, 1 a finding (made small or not), 2 a wrong call, a bad\n"
        "input or a broken harness.\n",
    .taker = CLI_SHRINK,
    .operands = {"file", 1, 1},
    .run = shrink,
};
