/* SPDX-License-Identifier: Apache-2.0 */
/* interplay run: random plans from a seed, until one breaks something. Needs no fuzzing engine. */
#include "run/run.h"
#include "base/file.h"
#include "base/text.h"
#include "bugbase/known.h"
#include "cli/cli.h"
#include "generate/generate.h"
#include "report/finding.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: interplay run [OPTION]...\n"
    "\n"
    "Runs random plans until one violates what an oracle claims, then prints it. Plan I of a seed "
    "is\n"
    "always the same.\n"
    "\n"
    "Options:\n"
    "  --backend B        what the plans run on (interplay --version lists them; default: the "
    "first)\n"
    "  --seed N           which plans (default: 0)\n"
    "  --start I          first plan of the seed (default: 0)\n"
    "  --iterations N     so many plans (default: 10000, without --duration)\n"
    "  --duration T       so long: 500ms, 60s, 5m, 1h\n"
    "  --config NAME=VALUE  pin a field of every plan's configuration, as journal_mode=delete\n"
    "  --keep-going       print a line for each finding and go on, instead of stopping at the "
    "first\n"
    "  --shrink-on-failure  make the plan of the finding small before printing and writing it\n"
    "  --shrink-max-rounds N  stop to do so after N rounds, minimal or not\n"
    "  --bugbase-dir DIR  record findings there (interplay bugs --help); with --keep-going, what\n"
    "                     --shrink-on-failure makes small is there, one plan a signature\n"
    "  --known-findings FILE  a list of signatures that are counted and passed over\n"
    "  -o, --output FILE  write the plan of a finding there (.json, .bin, .pb, .sql, .spec)\n"
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
    bool shrinks;
    uint32_t rounds_max; /* of shrinking; 0: no bound */
    const char *base;    /* a bug base; NULL: none */
    struct known_findings known;
    struct plan_config pinned;
    bool is_pinned[PLAN_CONFIG_COUNT];
};

struct progress {
    uint64_t plans, statements, findings, known;
    bool has_failed; /* a finding could not be made small */
    bool is_over;
    struct cli_progress shown;
};

static void print_counts(FILE *out, const struct progress *progress, uint64_t now_ms)
{
    uint64_t rate = progress->plans * 1000 / (now_ms > 0 ? now_ms : 1);
    fprintf(out,
            "%" PRIu64 " plans, %" PRIu64 " statements, %" PRIu64 ".%" PRIu64 " s, %" PRIu64
            " plans/s",
            progress->plans, progress->statements, now_ms / 1000, now_ms % 1000 / 100, rate);
}

static void show_progress(struct progress *progress, uint64_t now_ms)
{
    if (!cli_progress_is_due(&progress->shown, now_ms))
        return;
    print_counts(stderr, progress, now_ms);
    (void)fflush(stderr);
}

static void print_summary(const struct progress *progress, const char *verdict)
{
    cli_progress_end(&progress->shown);
    print_counts(stdout, progress, cli_progress_elapsed_ms(&progress->shown));
    printf(": %s\n", verdict);
}

/* The command that runs this one plan again. */
static void describe_order(const struct run_order *order, uint64_t index, struct text *text)
{
    cli_describe_command(text, "run", order->backend);
    text_append_format(text, " --seed %" PRIu64 " --start %" PRIu64 " --iterations 1", order->seed,
                       index);
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (order->is_pinned[field])
            text_append_format(text, " --config %s=%s", info->name,
                               info->values[order->pinned.choice[field]].name);
    }
    if (order->shrinks)
        text_append(text, " --shrink-on-failure");
    if (order->rounds_max > 0)
        text_append_format(text, " --shrink-max-rounds %" PRIu32, order->rounds_max);
}

static enum cli_status report(const struct run *run, const struct run_order *order, uint64_t index,
                              const struct plan *plan, const struct run_result *result)
{
    char command[1024];
    struct text text;
    text_init(&text, command, sizeof command);
    if (order->output != NULL)
        cli_describe_replay(&text, order->output, order->backend);
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

static enum cli_status reopen(struct run **run)
{
    struct error error;
    if (run_renew(run, &error) == ERROR_NONE)
        return CLI_OK;
    (void)cli_fail(&error);
    return CLI_FAILED;
}

/* --- into the bug base ----------------------------------------------------------------------- */

enum { ORIGIN_BYTES = 64 };

static void name_plan(char ret_name[ORIGIN_BYTES], const struct run_order *order, uint64_t index)
{
    (void)snprintf(ret_name, ORIGIN_BYTES, "plan %" PRIu64 " of seed %" PRIu64, index, order->seed);
}

static struct cli_recorder recorder_of(const struct run_order *order)
{
    return (struct cli_recorder){
        .base = order->base, .backend = order->backend, .rounds_max = order->rounds_max};
}

static enum cli_status record(const struct run_order *order, uint64_t index,
                              const struct plan *plan, const struct run_result *result,
                              struct bugbase_recorded *ret_recorded)
{
    struct error error = {0};
    char origin[ORIGIN_BYTES];
    name_plan(origin, order, index);
    const struct cli_recorder recorder = recorder_of(order);
    if (cli_record(&recorder, plan, &result->verdict, result->trace_hash, origin, ret_recorded,
                   &error) == ERROR_NONE)
        return CLI_OK;
    return (enum cli_status)cli_fail(&error);
}

/* --- one finding ----------------------------------------------------------------------------- */

/* Makes the plan small and runs it once more, for its events. */
static enum cli_status shrink_finding(struct run **run, const struct run_order *order,
                                      struct plan *plan, const struct run_result **ret_result)
{
    struct error error = {0};
    enum shrink_end end;
    char signature[sizeof(*ret_result)->verdict.signature];
    (void)snprintf(signature, sizeof signature, "%s", (*ret_result)->verdict.signature);
    if (reopen(run) != CLI_OK)
        return CLI_FAILED;
    const struct cli_recorder recorder = recorder_of(order);
    if (cli_shrink_finding(&recorder, *run, plan, "the finding", signature, &end, &error) !=
        ERROR_NONE)
        return (enum cli_status)cli_fail(&error);
    *ret_result = run_plan(*run, plan);
    if (strcmp((*ret_result)->verdict.signature, signature) == 0)
        return CLI_OK;
    (void)interplay_error(&error, ERROR_BACKEND,
                          "not deterministic: %s in one process, not in another", signature);
    return (enum cli_status)cli_fail(&error);
}

/* What was found is not lost where shrinking fails: it is stored before, or named after. */
static enum cli_status keep_and_shrink(struct run **run, const struct run_order *order,
                                       uint64_t index, struct plan *plan,
                                       const struct run_result **ret_result)
{
    struct error error = {0};
    char signature[sizeof(*ret_result)->verdict.signature];
    (void)snprintf(signature, sizeof signature, "%s", (*ret_result)->verdict.signature);
    if (order->output != NULL &&
        cli_save_plan(plan, "the finding", order->output, &error) != ERROR_NONE)
        return (enum cli_status)cli_fail(&error);
    enum cli_status status = shrink_finding(run, order, plan, ret_result);
    if (status != CLI_OK) {
        char name[ORIGIN_BYTES];
        name_plan(name, order, index);
        fprintf(stderr, "interplay: %s, not shrunk: %s\n", name, signature);
    }
    return status;
}

static enum cli_status stop_at_finding(struct run **run, const struct run_order *order,
                                       uint64_t index, struct plan *plan,
                                       const struct run_result *result,
                                       const struct progress *progress)
{
    struct bugbase_recorded recorded = {0};
    if (order->base != NULL && record(order, index, plan, result, &recorded) != CLI_OK)
        return CLI_FAILED;
    if (order->shrinks && keep_and_shrink(run, order, index, plan, &result) != CLI_OK)
        return CLI_FAILED;
    enum cli_status status = report(*run, order, index, plan, result);
    if (order->base != NULL)
        printf("recorded in %s%s\n", order->base, recorded.is_new ? ", new" : "");
    known_print(&order->known, stdout);
    print_summary(progress, result->verdict.signature);
    return status;
}

/* The first of a signature is made small in the bug base. One that cannot be ends no campaign. */
static void shrink_recorded(struct run *run, const struct run_order *order, struct plan *plan,
                            const char *name, const char *signature, struct progress *progress)
{
    struct error error = {0};
    enum shrink_end end;
    const struct cli_recorder recorder = recorder_of(order);
    if (cli_shrink_finding(&recorder, run, plan, name, signature, &end, &error) == ERROR_NONE) {
        progress->is_over = end == SHRINK_STOPPED;
        return;
    }
    (void)cli_fail(&error);
    progress->has_failed = true;
}

static enum cli_status go_on_after(struct run **run, const struct run_order *order, uint64_t index,
                                   struct plan *plan, const struct run_result *result,
                                   struct progress *progress)
{
    char name[ORIGIN_BYTES];
    struct bugbase_recorded recorded = {0};
    const struct verdict verdict = result->verdict; /* reopening takes it away */
    name_plan(name, order, index);
    progress->findings++;
    if (order->base != NULL && record(order, index, plan, result, &recorded) != CLI_OK)
        return CLI_FAILED;
    cli_progress_end(&progress->shown);
    printf("%s: %s%s\n", name, verdict.signature, recorded.is_new ? ", new" : "");
    if (reopen(run) != CLI_OK)
        return CLI_FAILED;
    if (order->shrinks && recorded.shrunk == BUGBASE_NOT_SHRUNK)
        shrink_recorded(*run, order, plan, name, verdict.signature, progress);
    return CLI_OK;
}

static enum cli_status take_finding(struct run **run, struct run_order *order, uint64_t index,
                                    struct plan *plan, const struct run_result *result,
                                    struct progress *progress)
{
    if (known_match(&order->known, result->verdict.signature)) {
        progress->known++;
        return reopen(run);
    }
    if (order->keep_going)
        return go_on_after(run, order, index, plan, result, progress);
    return stop_at_finding(run, order, index, plan, result, progress);
}

static enum cli_status finish(const struct run_order *order, const struct progress *progress)
{
    char bytes[96];
    struct text verdict;
    text_init(&verdict, bytes, sizeof bytes);
    if (progress->findings > 0)
        text_append_format(&verdict, "%" PRIu64 " violations", progress->findings);
    else
        text_append(&verdict, "no violation");
    if (progress->known > 0)
        text_append_format(&verdict, ", %" PRIu64 " known", progress->known);
    known_print(&order->known, stdout);
    print_summary(progress, verdict.bytes);
    if (progress->has_failed)
        return CLI_FAILED;
    return progress->findings > 0 ? CLI_FINDING : CLI_OK;
}

static enum cli_status run_plans(struct run **run, struct run_order *order, struct arena *arena)
{
    struct progress progress = {0};
    cli_progress_begin(&progress.shown, false);
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
        if (result->verdict.kind != VERDICT_OK) {
            enum cli_status status = take_finding(run, order, index, &plan, result, &progress);
            if (status != CLI_OK)
                return status;
            if (progress.is_over)
                break;
        }
        if (i % CLOCK_EVERY == 0) {
            uint64_t now_ms = cli_progress_elapsed_ms(&progress.shown);
            show_progress(&progress, now_ms);
            if (now_ms >= order->duration_ms)
                break;
        }
    }
    return finish(order, &progress);
}

static int run_order(struct run_order *order)
{
    if (order->output != NULL && !cli_form_is_written(cli_form_of(order->output)))
        return cli_usage_error("run", "%s: unknown kind of file, expected %s",
                               file_short_path(order->output), cli_forms_written);
    struct error error = {0};
    struct run *run;
    if (order->base != NULL && bugbase_create(order->base, &error) != ERROR_NONE)
        return cli_fail(&error);
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
        OPTION_CONFIG,
        OPTION_SHRINK,
        OPTION_SHRINK_MAX_ROUNDS,
        OPTION_BASE,
        OPTION_KNOWN,
    };
    static const struct option options[] = {
        {"backend", required_argument, NULL, OPTION_BACKEND},
        {"seed", required_argument, NULL, OPTION_SEED},
        {"start", required_argument, NULL, OPTION_START},
        {"iterations", required_argument, NULL, OPTION_ITERATIONS},
        {"duration", required_argument, NULL, OPTION_DURATION},
        {"config", required_argument, NULL, OPTION_CONFIG},
        {"keep-going", no_argument, NULL, OPTION_KEEP_GOING},
        {"shrink-on-failure", no_argument, NULL, OPTION_SHRINK},
        {"shrink-max-rounds", required_argument, NULL, OPTION_SHRINK_MAX_ROUNDS},
        {"bugbase-dir", required_argument, NULL, OPTION_BASE},
        {"known-findings", required_argument, NULL, OPTION_KNOWN},
        {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    struct run_order order = {
        .backend = cli_backend(NULL), .iterations = UINT64_MAX, .duration_ms = UINT64_MAX};
    const char *known = NULL;
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, ":o:h", options, NULL)) != -1) {
        switch (option) {
        case OPTION_BACKEND:
            if (!cli_takes_backend("run", optarg, &order.backend))
                return CLI_FAILED;
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
        case OPTION_SHRINK:
            order.shrinks = true;
            break;
        case OPTION_SHRINK_MAX_ROUNDS:
            if (!cli_parse_count(optarg, &order.rounds_max))
                return cli_usage_error("run", "--shrink-max-rounds wants a number from 1, not '%s'",
                                       optarg);
            break;
        case OPTION_BASE:
            order.base = optarg;
            break;
        case OPTION_KNOWN:
            known = optarg;
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
    if (order.shrinks && order.keep_going && order.base == NULL)
        return cli_usage_error("run", "--shrink-on-failure with --keep-going needs a place for the "
                                      "plans: --bugbase-dir");
    if (order.rounds_max > 0 && !order.shrinks)
        return cli_usage_error("run", "--shrink-max-rounds without --shrink-on-failure");
    if (order.iterations == UINT64_MAX && order.duration_ms == UINT64_MAX)
        order.iterations = DEFAULT_ITERATIONS;
    struct error error = {0};
    if (known != NULL && known_load(&order.known, known, &error) != ERROR_NONE)
        return cli_fail(&error);
    int status = run_order(&order);
    known_clean_up(&order.known);
    return status;
}
