/* SPDX-License-Identifier: Apache-2.0 */
/* interplay run: random plans from a seed, until one breaks something. Needs no fuzzing engine. */
#include "run/run.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/cli.h"
#include "generate/generate.h"
#include "report/finding.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
    "Usage: interplay run [OPTION]...\n"
    "\n"
    "Runs random plans until one violates what an oracle claims, then prints it. Plan I of a seed "
    "is\n"
    "always the same.\n"
    "\n"
    "Options:\n"
    "  --backend B        what the plans run on: sqlite (default) or memory (the pool alone)\n"
    "  --seed N           which plans (default: 0)\n"
    "  --start I          first plan of the seed (default: 0)\n"
    "  --iterations N     so many plans (default: 10000, without --duration)\n"
    "  --duration T       so long: 500ms, 60s, 5m, 1h\n"
    "  --config NAME=VALUE  pin a field of every plan's configuration, as journal_mode=delete\n"
    "  --keep-going       print a line for each finding and go on, instead of stopping at the "
    "first\n"
    "  -o, --output FILE  write the plan of a finding there (.json or .bin)\n"
    "  -h, --help         print this\n"
    "\n"
    "Exit status: 0 no violation, 1 a violation, 2 a wrong call or a broken harness.\n";

enum { ARENA_BYTES = 1 << 20, CLOCK_EVERY = 16, DEFAULT_ITERATIONS = 10000 };

struct run_order {
    const struct run_options *backend;
    uint64_t seed, start;
    uint64_t iterations;  /* UINT64_MAX: no bound */
    uint64_t duration_ms; /* UINT64_MAX: no bound */
    const char *output;   /* NULL: the finding is not stored */
    bool keep_going;
    struct plan_config pinned;
    bool is_pinned[PLAN_CONFIG_COUNT];
};

struct progress {
    uint64_t plans, statements, findings;
    struct timespec began;
    uint64_t shown_ms;
    bool is_shown; /* stderr is a terminal */
};

static uint64_t elapsed_ms(const struct progress *progress)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t milliseconds = (int64_t)(now.tv_sec - progress->began.tv_sec) * 1000 +
                           (now.tv_nsec - progress->began.tv_nsec) / 1000000;
    return (uint64_t)milliseconds;
}

static void print_counts(FILE *out, const struct progress *progress, uint64_t now_ms)
{
    uint64_t rate = progress->plans * 1000 / (now_ms > 0 ? now_ms : 1);
    fprintf(out,
            "%" PRIu64 " plans, %" PRIu64 " statements, %" PRIu64 ".%" PRIu64 " s, %" PRIu64
            " plans/s",
            progress->plans, progress->statements, now_ms / 1000, now_ms % 1000 / 100, rate);
}

/* At most twice a second. */
static void show_progress(struct progress *progress, uint64_t now_ms)
{
    enum { EVERY_MS = 500 };
    if (!progress->is_shown || now_ms < progress->shown_ms + EVERY_MS)
        return;
    progress->shown_ms = now_ms;
    fputs("\r\033[K", stderr);
    print_counts(stderr, progress, now_ms);
    (void)fflush(stderr);
}

static void print_summary(const struct progress *progress, const char *verdict)
{
    if (progress->is_shown && progress->shown_ms > 0)
        fputs("\r\033[K", stderr);
    print_counts(stdout, progress, elapsed_ms(progress));
    printf(": %s\n", verdict);
}

/* The command that runs this one plan again. */
static void describe_order(const struct run_order *order, uint64_t index, struct text *text)
{
    text_append_format(
        text, "interplay run --backend %s --seed %" PRIu64 " --start %" PRIu64 " --iterations 1",
        order->backend->backend->name, order->seed, index);
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (order->is_pinned[field])
            text_append_format(text, " --config %s=%s", info->name,
                               info->values[order->pinned.choice[field]].name);
    }
}

static enum cli_status report(const struct run *run, const struct run_order *order, uint64_t index,
                              const struct plan *plan, const struct run_result *result)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    if (order->output != NULL)
        text_append_format(&text, "interplay replay --backend %s %s", order->backend->backend->name,
                           file_short_path(order->output));
    else
        describe_order(order, index, &text);
    struct finding finding = {
        .plan = plan,
        .result = result,
        .version = run_backend_version(run),
        .replay_command = command,
    };
    finding_print(&finding, stdout);
    struct error error;
    if (order->output != NULL &&
        cli_save_plan(plan, "the finding", order->output, &error) != ERROR_NONE) {
        (void)cli_fail(&error);
        return CLI_FAILED;
    }
    return CLI_FINDING;
}

static void pin_config(const struct run_order *order, struct plan *plan)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (order->is_pinned[field])
            plan->config.choice[field] = order->pinned.choice[field];
    for (size_t i = 0; i < plan->interaction_count; i++)
        plan->interactions[i].task = (uint8_t)(plan->interactions[i].task % plan_tasks(plan));
}

/* NAME=VALUE; false when there is no such field or value. */
static bool parse_pin(struct run_order *order, const char *text)
{
    const char *value = strchr(text, '=');
    for (int field = 0; value != NULL && field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (strlen(info->name) != (size_t)(value - text) ||
            strncmp(info->name, text, (size_t)(value - text)) != 0)
            continue;
        for (uint8_t choice = 0; choice < info->value_count; choice++) {
            if (strcmp(info->values[choice].name, value + 1) != 0)
                continue;
            order->pinned.choice[field] = choice;
            order->is_pinned[field] = true;
            return true;
        }
    }
    return false;
}

/*
 * A line for the finding, and a new run: what a violation leaks must not show up in the plans after
 * it.
 */
static enum cli_status go_on_after(struct run **run, const struct run_order *order, uint64_t index,
                                   const struct run_result *result)
{
    printf("plan %" PRIu64 " of seed %" PRIu64 ": %s\n", index, order->seed,
           result->verdict.signature);
    run_close(*run);
    *run = NULL;
    struct error error;
    if (run_open(run, order->backend, &error) == ERROR_NONE)
        return CLI_OK;
    (void)cli_fail(&error);
    return CLI_FAILED;
}

static enum cli_status run_plans(struct run **run, const struct run_order *order,
                                 struct arena *arena)
{
    struct progress progress = {.is_shown = isatty(STDERR_FILENO)};
    (void)clock_gettime(CLOCK_MONOTONIC, &progress.began);
    for (uint64_t i = 0; i < order->iterations; i++) {
        uint64_t index = order->start + i;
        struct random random;
        struct plan plan;
        generate_seed(&random, order->seed, index);
        arena_reset(arena);
        generate_plan(&plan, arena, &random, cli_subject(order->backend));
        pin_config(order, &plan);
        const struct run_result *result = run_plan(*run, &plan);
        progress.plans++;
        progress.statements += result->statements;
        if (result->verdict.kind != VERDICT_OK && !order->keep_going) {
            enum cli_status status = report(*run, order, index, &plan, result);
            print_summary(&progress, result->verdict.signature);
            return status;
        }
        if (result->verdict.kind != VERDICT_OK) {
            progress.findings++;
            if (go_on_after(run, order, index, result) != CLI_OK)
                return CLI_FAILED;
        }
        if (i % CLOCK_EVERY == 0) {
            uint64_t now_ms = elapsed_ms(&progress);
            show_progress(&progress, now_ms);
            if (now_ms >= order->duration_ms)
                break;
        }
    }
    char verdict[64] = "no violation";
    if (progress.findings > 0)
        (void)snprintf(verdict, sizeof verdict, "%" PRIu64 " violations", progress.findings);
    print_summary(&progress, verdict);
    return progress.findings > 0 ? CLI_FINDING : CLI_OK;
}

static int run_order(const struct run_order *order)
{
    enum cli_form form = order->output == NULL ? CLI_JSON : cli_form_of(order->output);
    if (form != CLI_JSON && form != CLI_COMPACT)
        return cli_usage_error("run", "%s: unknown kind of file, expected .json or .bin",
                               file_short_path(order->output));
    struct error error = {0};
    struct run *run;
    if (run_open(&run, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    fprintf(stderr, "interplay: testing %s, seed %" PRIu64 "\n", run_backend_version(run),
            order->seed);
    int status = (int)run_plans(&run, order, &arena);
    arena_clean_up(&arena);
    run_close(run);
    return cli_finish_output(status);
}

int cli_run(int argc, char **argv)
{
    enum {
        OPTION_BACKEND = 256,
        OPTION_SEED,
        OPTION_START,
        OPTION_ITERATIONS,
        OPTION_DURATION,
        OPTION_KEEP_GOING,
        OPTION_CONFIG
    };
    static const struct option options[] = {
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"seed", required_argument, NULL, OPTION_SEED},
        {"start", required_argument, NULL, OPTION_START},
        {"iterations", required_argument, NULL, OPTION_ITERATIONS},
        {"duration", required_argument, NULL, OPTION_DURATION},
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct run_order order = {
        .backend = cli_backend(NULL), .iterations = UINT64_MAX, .duration_ms = UINT64_MAX};
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BACKEND:
            order.backend = cli_backend(optarg);
            if (order.backend == NULL)
                return cli_unknown_backend("run", optarg);
            break;
        case OPTION_SEED:
            if (!cli_parse_number(optarg, &order.seed))
                return cli_usage_error("run", "--seed wants a number, not '%s'", optarg);
            break;
        case OPTION_START:
            if (!cli_parse_number(optarg, &order.start))
                return cli_usage_error("run", "--start wants a number, not '%s'", optarg);
            break;
        case OPTION_ITERATIONS:
            if (!cli_parse_number(optarg, &order.iterations) || order.iterations == 0)
                return cli_usage_error("run", "--iterations wants a number from 1, not '%s'",
                                       optarg);
            break;
        case OPTION_DURATION:
            if (!cli_parse_duration(optarg, &order.duration_ms))
                return cli_usage_error("run",
                                       "--duration wants a time like 500ms, 60s, 5m or 1h, "
                                       "not '%s'",
                                       optarg);
            break;
        case OPTION_CONFIG:
            if (!parse_pin(&order, optarg))
                return cli_usage_error("run",
                                       "--config wants a field and one of its values, as "
                                       "journal_mode=delete, not '%s'",
                                       optarg);
            break;
        case OPTION_KEEP_GOING:
            order.keep_going = true;
            break;
        case 'o':
            order.output = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return cli_finish_output(CLI_OK);
        default:
            return cli_option_error(option, argv, options);
        }
    }
    if (optind < argc)
        return cli_usage_error("run", "takes no file, but there is %s", argv[optind]);
    if (order.iterations == UINT64_MAX && order.duration_ms == UINT64_MAX)
        order.iterations = DEFAULT_ITERATIONS;
    return run_order(&order);
}
