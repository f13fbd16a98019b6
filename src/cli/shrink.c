/* SPDX-License-Identifier: Apache-2.0 */
/* interplay shrink: the plan of a finding made small, and the same for what `interplay run` finds. */
#include "shrink/shrink.h"
#include "base/file.h"
#include "cli/cli.h"
#include "plan/compact.h"

#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay shrink [OPTION]... FILE\n"
    "\n"
    "Makes the plan of a finding small: takes out and lowers whatever it can as long as the\n"
    "signature stays the same. Each attempt runs in a process of its own. The result is "
    "1-minimal:\n"
    "no interaction, pause, fault or expectation can be removed, and no configuration field or\n"
    "argument set to its first value, without losing the finding. The same plan gives the same\n"
    "result. Prints one line:\n"
    "  FILE: SIGNATURE, 37 -> 4 interactions, 212 candidates, 1.3 s, 1-minimal\n"
    "\n"
    "Interrupted (Ctrl-C), it stores the smallest plan so far; a second time, nothing.\n"
    "\n"
    "Options:\n"
    "  -o, --output OUT   where to write, .json, .bin, .pb, .sql or .spec (default: FILE with\n"
    "                     .shrunk.json in place of its extension); an existing file is replaced\n"
    "                     at once; a \"comment\" is not kept\n"
    "  --backend B        what the plan runs on (interplay --version lists them)\n"
    "  --max-rounds N     stop after N rounds, minimal or not\n"
    "  --signature SIG    refuse a plan that comes to another signature\n"
    "  --quiet            no progress, only the line at the end\n"
    "  -h, --help         print this\n"
    "\n"
    "Exit status: 0 the plan is ok, 1 a finding (made small or not), 2 a wrong call, a bad input "
    "or\n"
    "a broken harness.\n";

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

static bool on_progress(void *context, const struct shrink_progress *shrink)
{
    struct cli_progress *progress = context;
    uint64_t now_ms = cli_progress_elapsed_ms(progress);
    if (cli_progress_is_due(progress, now_ms)) {
        fprintf(stderr, "round %" PRIu32 ", %" PRIu64 " candidates, %zu interactions",
                shrink->round, shrink->candidates, shrink->interactions);
        (void)fflush(stderr);
    }
    return !is_interrupted;
}

static void print_line(const char *name, const struct plan *plan,
                       const struct shrink_result *result, uint64_t elapsed_ms)
{
    static const char *const ends[] = {
        [SHRINK_NOTHING] = "",
        [SHRINK_MINIMAL] = "1-minimal",
        [SHRINK_ROUNDS] = "not 1-minimal: no more rounds allowed",
        [SHRINK_STOPPED] = "not 1-minimal: interrupted",
    };
    if (result->end == SHRINK_NOTHING) {
        printf("%s: is ok: nothing to shrink\n", name);
        return;
    }
    printf("%s: %s, %zu -> %zu interactions, %" PRIu64 " candidates, %" PRIu64 ".%" PRIu64
           " s, %s\n",
           name, result->signature, result->interactions_before, plan->interaction_count,
           result->candidates, elapsed_ms / 1000, elapsed_ms % 1000 / 100, ends[result->end]);
    if (result->aborted > 0)
        fprintf(stderr,
                "interplay: %s: %" PRIu64 " candidates aborted: an invariant broke, of the "
                "harness or of the database\n",
                name, result->aborted);
}

enum error_code cli_shrink_plan(struct run *run, struct plan *plan,
                                const struct cli_shrink_options *options, enum shrink_end *ret_end,
                                struct error *error)
{
    struct cli_progress progress;
    const struct shrink_options shrink = {
        .signature = options->signature,
        .rounds_max = options->rounds_max,
        .on_progress = on_progress,
        .context = &progress,
    };
    struct shrink_result result;
    struct sigaction old;
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    is_interrupted = 0;
    (void)sigaction(SIGINT, &once, &old);
    cli_progress_begin(&progress, options->is_quiet);
    enum error_code code = shrink_plan(run, plan, &shrink, &result, error);
    cli_progress_end(&progress);
    (void)sigaction(SIGINT, &old, NULL);
    if (code != ERROR_NONE) {
        interplay_error_context(error, file_short_path(options->name));
        return code;
    }
    print_line(options->name, plan, &result, cli_progress_elapsed_ms(&progress));
    *ret_end = result.end;
    return ERROR_NONE;
}

/* --- the command ----------------------------------------------------------------------------- */

struct order {
    const struct run_options *backend;
    const char *path;
    const char *output;
    struct cli_shrink_options shrink;
};

/* What the end cannot do is better said at the start. */
static enum error_code check_output(const struct order *order, const struct plan *plan,
                                    struct error *error)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    if (cli_form_of(order->output) != CLI_COMPACT ||
        compact_encode(plan, bytes, &size, error) == ERROR_NONE)
        return ERROR_NONE;
    interplay_error_context(error, file_short_path(order->path));
    return error->code;
}

static int shrink_and_save(struct run *run, struct plan *plan, const struct order *order)
{
    struct error error = {0};
    enum shrink_end end;
    if (check_output(order, plan, &error) != ERROR_NONE ||
        cli_shrink_plan(run, plan, &order->shrink, &end, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (end == SHRINK_NOTHING)
        return CLI_OK;
    if (cli_save_plan(plan, order->path, order->output, &error) != ERROR_NONE)
        return cli_fail(&error);
    return CLI_FINDING;
}

static int shrink_file(const struct order *order)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    struct run *run;
    if (cli_load_plan(&plan, &arena, order->path, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = CLI_FAILED;
    if (run_open(&run, order->backend, &error) == ERROR_NONE) {
        status = shrink_and_save(run, &plan, order);
        run_close(run);
    } else {
        (void)cli_fail(&error);
    }
    arena_clean_up(&arena);
    return cli_finish_output(status);
}

static int shrink_to_output(struct order *order)
{
    char output[PATH_MAX];
    order->shrink.name = order->path;
    if (order->output == NULL && !cli_path_beside(output, order->path, ".shrunk.json"))
        return cli_usage_error("shrink", "%s: the name is too long", file_short_path(order->path));
    if (order->output == NULL)
        order->output = output;
    if (!cli_form_is_written(cli_form_of(order->output)))
        return cli_usage_error("shrink", "%s: unknown kind of file, expected %s",
                               file_short_path(order->output), cli_forms_written);
    return shrink_file(order);
}

int cli_shrink(int argc, char **argv)
{
    enum { OPTION_BACKEND = 256, OPTION_MAX_ROUNDS, OPTION_SIGNATURE, OPTION_QUIET };
    static const struct option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"max-rounds", required_argument, NULL, OPTION_MAX_ROUNDS},
        {"signature", required_argument, NULL, OPTION_SIGNATURE},
        {"quiet", no_argument, NULL, OPTION_QUIET},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct order order = {.backend = cli_backend(NULL)};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case 'o':
            order.output = optarg;
            break;
        case OPTION_BACKEND:
            if (!cli_takes_backend("shrink", optarg, &order.backend))
                return CLI_FAILED;
            break;
        case OPTION_MAX_ROUNDS:
            if (!cli_parse_count(optarg, &order.shrink.rounds_max))
                return cli_usage_error("shrink", "--max-rounds wants a number from 1, not '%s'",
                                       optarg);
            break;
        case OPTION_SIGNATURE:
            order.shrink.signature = optarg;
            break;
        case OPTION_QUIET:
            order.shrink.is_quiet = true;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (!cli_takes_one_file("shrink", argc, argv))
        return CLI_FAILED;
    order.path = argv[optind];
    return shrink_to_output(&order);
}
