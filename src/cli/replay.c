/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay replay: runs plans again and says what the oracles think. Each run has a process of its
 * own, so that a database that crashes is a line of the output, too, and what one plan leaks is not
 * held against the next.
 */
#include "base/file.h"
#include "bugbase/known.h"
#include "cli/cli.h"
#include "report/finding.h"
#include "run/isolated.h"
#include "run/run.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay replay [OPTION]... FILE...\n"
    "\n"
    "Runs the plan in each file (JSON, or compact bytes like a crash file) and prints one line:\n"
    "  FILE: ok trace=HASH\n"
    "  FILE: violation SIGNATURE trace=HASH\n"
    "  FILE: known SIGNATURE trace=HASH       (it is in the list of --known-findings)\n"
    "Runs with equal hashes did exactly the same. A database that crashes has the signature\n"
    "crash/signal/NAME or crash/exit/STATUS.\n"
    "\n"
    "Options:\n"
    "  --backend B   what the plans run on (interplay --version lists them; default: the first)\n"
    "  --trace       print the events of each run, before its line\n"
    "  --report      print what is wrong, the last events and the plan of each violation\n"
    "  --times N     run each plan N times; fail when two runs differ\n"
    "  --yields      add to each line how many yield points the run crossed\n"
    "  --in-process  run all plans in this process, one after the other (for a debugger)\n"
    "  --known-findings FILE  a list of signatures that count as known, not as violations\n"
    "  -h, --help    print this\n"
    "\n"
    "Exit status: 0 all ok or known, 1 a violation, 2 bad input, or two runs that differ.\n";

struct replay_options {
    bool trace, report, yields, in_process;
    uint32_t times;
    const struct run_options *backend;
    struct known_findings known;
};

/* What looking at a run needs to know, in whatever process the run is. */
struct replay_view {
    const char *path;
    const struct replay_options *options;
};

static void print_details(void *context, const struct run *run, const struct plan *plan,
                          const struct run_result *result)
{
    const struct replay_view *view = context;
    if (view->options->trace)
        trace_print(result->trace, stdout);
    if (view->options->report && result->verdict.kind == VERDICT_VIOLATION) {
        char command[1024];
        struct text text;
        text_init(&text, command, sizeof command);
        cli_describe_replay(&text, view->path, view->options->backend);
        struct finding finding = {
            .plan = plan,
            .result = result,
            .version = run_backend_version(run),
            .replay_command = command,
        };
        finding_print(&finding, stdout);
    }
}

/* Only the first of several runs is looked at. */
static enum error_code run_once(struct run *run, const struct plan *plan, struct replay_view *view,
                                bool is_first, struct isolated_result *ret_result,
                                struct error *error)
{
    if (!view->options->in_process) {
        const struct isolated_options isolated = {.look = is_first ? print_details : NULL,
                                                  .context = view};
        return isolated_run(run, plan, &isolated, ret_result, error);
    }
    const struct run_result *result = run_plan(run, plan);
    if (is_first)
        print_details(view, run, plan, result);
    ret_result->verdict = result->verdict;
    ret_result->trace_hash = result->trace_hash;
    ret_result->yields = result->yields;
    return ERROR_NONE;
}

static enum error_code run_times(struct run *run, const struct plan *plan, struct replay_view *view,
                                 struct isolated_result *ret_result, struct error *error)
{
    enum error_code code = run_once(run, plan, view, true, ret_result, error);
    for (uint32_t i = 1; i < view->options->times && code == ERROR_NONE; i++) {
        struct isolated_result again;
        code = run_once(run, plan, view, false, &again, error);
        if (code == ERROR_NONE &&
            (again.trace_hash != ret_result->trace_hash ||
             strcmp(again.verdict.signature, ret_result->verdict.signature) != 0))
            code = interplay_error(error, ERROR_BACKEND,
                                   "not deterministic: run 1 has trace %016" PRIx64 " and '%s', "
                                   "run %" PRIu32 " has trace %016" PRIx64 " and '%s'",
                                   ret_result->trace_hash, ret_result->verdict.signature, i + 1,
                                   again.trace_hash, again.verdict.signature);
    }
    return code;
}

static void print_trace(const struct isolated_result *result, const struct replay_options *options)
{
    printf(" trace=%016" PRIx64, result->trace_hash);
    if (options->yields)
        printf(" yields=%" PRIu64, result->yields);
    printf("\n");
}

static enum cli_status print_result(const char *path, const struct isolated_result *result,
                                    struct replay_options *options)
{
    switch (result->verdict.kind) {
    case VERDICT_OK:
        printf("%s: ok", path);
        print_trace(result, options);
        return CLI_OK;
    case VERDICT_VIOLATION: {
        bool is_known = known_match(&options->known, result->verdict.signature);
        printf("%s: %s %s", path, is_known ? "known" : "violation", result->verdict.signature);
        print_trace(result, options);
        return is_known ? CLI_OK : CLI_FINDING;
    }
    case VERDICT_PLAN_ERROR:
        fprintf(stderr, "interplay: %s: interactions[%zu]: %s\n", path, result->verdict.interaction,
                result->verdict.report);
        return CLI_FAILED;
    }
    return CLI_FAILED;
}

static enum cli_status replay_file(struct run *run, const char *path,
                                   struct replay_options *options)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    struct isolated_result result;
    struct replay_view view = {path, options};
    if (cli_load_plan(&plan, &arena, path, &error) != ERROR_NONE) {
        (void)cli_fail(&error);
        return CLI_FAILED;
    }
    enum cli_status status = CLI_FAILED;
    if (run_times(run, &plan, &view, &result, &error) == ERROR_NONE) {
        status = print_result(path, &result, options);
    } else {
        interplay_error_context(&error, file_short_path(path));
        (void)cli_fail(&error);
    }
    arena_clean_up(&arena);
    return status;
}

static int replay_files(char **paths, int count, struct replay_options *options)
{
    struct error error = {0};
    struct run *run;
    if (run_open(&run, options->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    int worst = CLI_OK;
    for (int i = 0; i < count; i++) {
        int status = (int)replay_file(run, paths[i], options);
        worst = status > worst ? status : worst;
    }
    run_close(run);
    return cli_finish_output(worst);
}

int cli_replay(int argc, char **argv)
{
    enum {
        OPTION_BACKEND = 256,
        OPTION_TRACE,
        OPTION_REPORT,
        OPTION_TIMES,
        OPTION_YIELDS,
        OPTION_IN_PROCESS,
        OPTION_KNOWN
    };
    static const struct option options[] = {
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"trace", no_argument, NULL, OPTION_TRACE},
        {"report", no_argument, NULL, OPTION_REPORT},
        {"times", required_argument, NULL, OPTION_TIMES},
        {"yields", no_argument, NULL, OPTION_YIELDS},
        {"in-process", no_argument, NULL, OPTION_IN_PROCESS},
        {"known-findings", required_argument, NULL, OPTION_KNOWN},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct replay_options replay = {.times = 1, .backend = cli_backend(NULL)};
    const char *known = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BACKEND:
            if (!cli_takes_backend("replay", optarg, &replay.backend))
                return CLI_FAILED;
            break;
        case OPTION_TRACE:
            replay.trace = true;
            break;
        case OPTION_REPORT:
            replay.report = true;
            break;
        case OPTION_TIMES:
            if (!cli_parse_count(optarg, &replay.times))
                return cli_usage_error("replay", "--times wants a number from 1, not '%s'", optarg);
            break;
        case OPTION_YIELDS:
            replay.yields = true;
            break;
        case OPTION_IN_PROCESS:
            replay.in_process = true;
            break;
        case OPTION_KNOWN:
            known = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (optind == argc)
        return cli_usage_error("replay", "the file to replay is missing");
    struct error error = {0};
    if (known != NULL && known_load(&replay.known, known, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = replay_files(argv + optind, argc - optind, &replay);
    known_clean_up(&replay.known);
    return status;
}
