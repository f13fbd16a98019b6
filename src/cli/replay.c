/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interplay replay: runs plans again and says what the oracles think. Each run has a process of its
 * own, so that a database that crashes is a line of the output, too, and what one plan leaks is not
 * held against the next.
 */
#include "cli/replay.h"
#include "base/file.h"
#include "cli/command.h"
#include "cli/mode_order.h"
#include "cli/plan_files.h"
#include "cli/scenario_files.h"
#include "cli/stop.h"
#include "report/finding.h"
#include "run/isolated.h"
#include "run/run.h"
#include "run/watchdog.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char about[] =
    "Runs the plan in each file (JSON, or compact bytes like a crash file) and prints one line;\n"
    "of a scenario (.spec of PostgreSQL's isolationtester; .sql with lines \"-- session: NAME\")\n"
    "one for each of its orders, FILE.spec:1 and so on, which can be named instead of FILE:\n"
    "  FILE: ok trace=HASH\n"
    "  FILE: violation SIGNATURE trace=HASH\n"
    "  FILE: known SIGNATURE trace=HASH       (it is in the list of --known-findings)\n"
    "Behind it stands what was not judged, from which step on and why, which oracles judged no "
    "more "
    "(those of docs/architecture.md), and how many statements of "
    "the plan's own SQL failed, where any did,\n"
    "and what the stack makes of the modes that the plan asks for. Runs with\n"
    "equal hashes did exactly the same. A database that crashes has the signature\n"
    "crash/signal/NAME/PLACE, crash/asan/KIND/PLACE, or crash/exit/STATUS.\n";

enum { ORDERS_MAX = 10000 }; /* of a scenario */

static void print_report(const struct replay *replay, const struct plan *plan,
                         const struct run_result *result)
{
    char command[1024], in_force[256];
    struct text text, modes;
    text_init(&modes, in_force, sizeof in_force);
    run_describe_overrides(replay->order->backend, plan, &modes);
    text_init(&text, command, sizeof command);
    cli_describe_replay(&text, replay->path, replay->order);
    const struct finding finding = {
        .plan = plan,
        .result = result,
        .version = run_backend_version(replay->run),
        .in_force = in_force,
        .replay_command = command,
    };
    finding_print(&finding, stdout);
}

/* In whatever process the run is. */
static void print_details(void *context, const struct run *run, const struct plan *plan,
                          const struct run_result *result)
{
    const struct replay *replay = context;
    (void)run;
    if (replay->order->trace)
        trace_print(result->trace, stdout);
    if (replay->order->report && result->verdict.kind == VERDICT_VIOLATION)
        print_report(replay, plan, result);
}

/* Whoever died has printed nothing. */
static void print_death(const struct replay *replay, const struct plan *plan,
                        const struct isolated_result *result)
{
    const struct run_result died = {.verdict = result->verdict};
    if (replay->order->report && result->has_died)
        print_report(replay, plan, &died);
}

/* Only the first of several runs is looked at. */
static enum error_code run_once(struct replay *replay, const struct plan *plan, bool is_first,
                                struct isolated_result *ret_result, struct error *error)
{
    if (!replay->order->in_process) {
        const struct isolated_options isolated = {.look = is_first ? print_details : NULL,
                                                  .context = replay};
        enum error_code code = isolated_run(replay->run, plan, &isolated, ret_result, error);
        if (code == ERROR_NONE && is_first)
            print_death(replay, plan, ret_result);
        return code;
    }
    const struct run_result *result = run_plan(replay->run, plan);
    if (is_first)
        print_details(replay, replay->run, plan, result);
    ret_result->verdict = result->verdict;
    ret_result->trace_hash = result->trace_hash;
    ret_result->yields = result->yields;
    ret_result->unjudged = result->unjudged;
    ret_result->ends = result->ends;
    ret_result->failures = result->failures;
    ret_result->cuts = result->cuts;
    return ERROR_NONE;
}

/* `again` is run number `number`. */
static enum error_code check_same(const struct isolated_result *first,
                                  const struct isolated_result *again, uint32_t number,
                                  struct error *error)
{
    if (again->trace_hash == first->trace_hash &&
        strcmp(again->verdict.signature, first->verdict.signature) == 0)
        return ERROR_NONE;
    return interplay_error(error, ERROR_BACKEND,
                           "not deterministic: run 1 has trace %016" PRIx64 " and '%s', "
                           "run %" PRIu32 " has trace %016" PRIx64 " and '%s'",
                           first->trace_hash, first->verdict.signature, number, again->trace_hash,
                           again->verdict.signature);
}

static enum error_code run_times(struct replay *replay, const struct plan *plan,
                                 struct isolated_result *ret_result, struct error *error)
{
    enum error_code code = run_once(replay, plan, true, ret_result, error);
    for (uint32_t i = 1; i < replay->order->times && code == ERROR_NONE; i++) {
        struct isolated_result again;
        code = run_once(replay, plan, false, &again, error);
        if (code == ERROR_NONE)
            code = check_same(ret_result, &again, i + 1, error);
    }
    return code;
}

/* In words of the database, that is, perhaps of the plan: on one line, and for a terminal. */
static void print_failures(const struct run_failures *failures)
{
    if (failures->count == 0)
        return;
    printf(" (%" PRIu32 " statement%s failed, first interactions[%" PRIu32 "]: ", failures->count,
           failures->count == 1 ? "" : "s", failures->interaction);
    for (const char *next = failures->message; *next != '\0'; next++)
        putchar((unsigned char)*next < ' ' || *next == 0x7f ? '?' : *next);
    printf(")");
}

static void print_cuts(const struct run_cuts *cuts)
{
    if (cuts->count > 0)
        printf(" (%" PRIu32 " stream%s ended by another action, first by interactions[%" PRIu32
               "])",
               cuts->count, cuts->count == 1 ? "" : "s", cuts->interaction);
}

static void print_unjudged(const struct run_unjudged *unjudged)
{
    if (unjudged->reason != NULL)
        printf(" %s not judged from step %" PRIu32 ": %s",
               unjudged->is_everything ? "content and errors" : "content", unjudged->interaction,
               unjudged->reason);
}

static void print_ends(const struct oracle_ends *ends)
{
    char bytes[512];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    oracle_ends_describe(ends, &text);
    if (text.length > 0)
        printf(" (not judged: %s)", bytes);
}

static void print_overrides(const struct replay *replay)
{
    char bytes[256];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    if (replay->plan != NULL)
        run_describe_overrides(replay->order->backend, replay->plan, &text);
    if (text.length > 0)
        printf(" [%s]", bytes);
}

static void print_line(const struct replay *replay, const char *verdict,
                       const struct isolated_result *result)
{
    printf("%s: %s%s trace=%016" PRIx64, replay->path, verdict, result->verdict.signature,
           result->trace_hash);
    if (replay->order->yields)
        printf(" yields=%" PRIu64, result->yields);
    print_unjudged(&result->unjudged);
    print_ends(&result->ends);
    print_failures(&result->failures);
    print_cuts(&result->cuts);
    print_overrides(replay);
    printf("\n");
}

static enum cli_status fail(struct replay *replay, const struct error *error)
{
    replay_tell(replay, RESULT_FAILED, error->message, NULL);
    return cli_fail(error);
}

static enum cli_status fail_verdict(struct replay *replay, const struct verdict *verdict)
{
    struct error error = {0};
    (void)verdict_error(verdict, &error);
    interplay_error_context(&error, replay->path);
    return fail(replay, &error);
}

static enum cli_status print_result(struct replay *replay, const struct isolated_result *result)
{
    switch (result->verdict.kind) {
    case VERDICT_OK:
        print_line(replay, "ok", result);
        replay_tell(replay, RESULT_OK, NULL, result);
        return CLI_OK;
    case VERDICT_VIOLATION:
        if (recognize(&replay->known, replay->run, replay->plan, result->verdict.signature, NULL)) {
            print_line(replay, "known ", result);
            replay_tell(replay, RESULT_KNOWN, NULL, result);
            return CLI_OK;
        }
        print_line(replay, "violation ", result);
        replay_tell(replay, RESULT_VIOLATION, NULL, result);
        return CLI_FINDING;
    case VERDICT_PLAN_ERROR:
    case VERDICT_LIMIT:
    case VERDICT_HARNESS_ERROR:
        return fail_verdict(replay, &result->verdict);
    }
    return CLI_FAILED;
}

/* With a debugger's place to stop at, if there is one. */
static enum error_code run_and_stop(struct replay *replay, const struct plan *plan,
                                    struct isolated_result *ret_result, struct error *error)
{
    struct stop stop;
    if (replay->order->at == NULL)
        return run_times(replay, plan, ret_result, error);
    enum error_code code = stop_at(&stop, replay->order->at, plan, error);
    if (code != ERROR_NONE)
        return code;
    run_watch(replay->run, &stop.watcher);
    code = run_times(replay, plan, ret_result, error);
    run_watch(replay->run, NULL);
    if (code == ERROR_NONE && !stop.is_reached)
        code = interplay_error(error, ERROR_USAGE, "--at %s: the run does not come there",
                               replay->order->at);
    return code;
}

static enum cli_status replay_plan(struct replay *replay, const char *path, const struct plan *plan)
{
    struct error error = {0};
    struct isolated_result result;
    enum cli_status status = CLI_FAILED;
    replay->path = path;
    replay->plan = plan;
    replay->began = cli_now();
    if (run_and_stop(replay, plan, &result, &error) == ERROR_NONE) {
        status = print_result(replay, &result);
    } else {
        interplay_error_context(&error, file_short_path(path));
        (void)fail(replay, &error);
    }
    replay->plan = NULL;
    return status;
}

static enum cli_status replay_file(struct replay *replay, const char *path)
{
    struct error error = {0};
    struct plan plan;
    struct arena arena;
    replay->path = path;
    replay->began = cli_now();
    if (cli_load_plan_to_run(&plan, &arena, path, replay->order->backend, &error) != ERROR_NONE)
        return fail(replay, &error);
    enum cli_status status = replay_plan(replay, path, &plan);
    arena_clean_up(&arena);
    return status;
}

/* --- scenarios -------------------------------------------------------------------------------- */

static enum cli_status replay_order(struct replay *replay, const char *file,
                                    const struct scenario_order *order, struct arena *arena)
{
    char path[PATH_MAX + 24];
    struct scenario_plan made;
    struct error error = {0};
    (void)snprintf(path, sizeof path, "%s:%" PRIu64, file, order->number + 1);
    arena_reset(arena);
    if (scenario_make_plan(order->scenario, order, arena, &made, &error) != ERROR_NONE) {
        interplay_error_context(&error, path);
        replay->path = path;
        return fail(replay, &error);
    }
    made.plan.database = cli_database(replay->order->backend);
    return replay_plan(replay, path, &made.plan);
}

/* All its orders, a line each, unless there are so many that nobody would read them. */
static enum cli_status replay_scenario(struct replay *replay, const char *file)
{
    struct error error = {0};
    struct scenario scenario;
    struct scenario_order order;
    struct arena arena, plans;
    replay->path = file;
    replay->began = cli_now();
    if (cli_load_scenario(&scenario, &arena, file, &error) != ERROR_NONE)
        return fail(replay, &error);
    enum cli_status worst = CLI_OK;
    uint64_t count = scenario_count_orders(&scenario);
    if (count > ORDERS_MAX) {
        (void)interplay_error(&error, ERROR_USAGE,
                              "%s: there are more than %d orders of its steps, expected one of "
                              "them, as %s:1, or fewer",
                              file_short_path(file), ORDERS_MAX, file_short_path(file));
        worst = fail(replay, &error);
    } else {
        arena_init(&plans, SCENARIO_PLAN_BYTES);
        scenario_first_order(&scenario, &arena, &order);
        do {
            enum cli_status status = replay_order(replay, file, &order, &plans);
            worst = status > worst ? status : worst;
        } while (scenario_next_order(&order));
        arena_clean_up(&plans);
    }
    arena_clean_up(&arena);
    return worst;
}

/* A plan, or a scenario of which no order is named. */
static enum cli_status replay_operand(struct replay *replay, const char *path)
{
    char file[PATH_MAX];
    uint64_t number;
    if (cli_scenario_path(path, file, &number) && number == 0)
        return replay_scenario(replay, path);
    return replay_file(replay, path);
}

/* Of a run in this process, which ends here. */
static void time_out(void *context, const struct verdict *verdict)
{
    const struct isolated_result result = {.verdict = *verdict};
    print_line(context, "violation ", &result);
    replay_tell(context, RESULT_VIOLATION, NULL, &result);
    _exit((int)cli_finish_output(replay_close_results(context, CLI_FINDING)));
}

static enum cli_status replay_files(struct replay *replay)
{
    struct error error = {0};
    if (run_open(&replay->run, replay->order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status worst = CLI_OK;
    const struct mode *mode = mode_of_run(replay->order->backend->mode);
    const struct cli_tested tested = {.run = replay->run,
                                      .beside = mode == NULL ? NULL : mode_describe(mode)};
    cli_results_open(&replay->results, &cli_replay, replay->order, &tested);
    if (replay->order->in_process && replay->order->at == NULL) /* a debugger takes its time */
        watchdog_begin(time_out, replay);
    for (int i = 0; i < replay->order->operand_count; i++) {
        enum cli_status status = replay_operand(replay, replay->order->operands[i]);
        worst = status > worst ? status : worst;
    }
    run_close(replay->run);
    return cli_finish_output(replay_close_results(replay, worst));
}

static enum cli_status replay_in_mode(const struct cli_order *order)
{
    struct error error = {0};
    struct replay replay = {.order = order};
    if (order->known_findings != NULL &&
        known_load(&replay.known, order->known_findings, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = replay_files(&replay);
    known_clean_up(&replay.known);
    return status;
}

static enum cli_status run_replay(const struct cli_order *order)
{
    struct cli_mode_order moded;
    if (order->at != NULL && !order->in_process)
        return cli_usage_error("replay", "--at is for --in-process");
    if (cli_mode_order_open(&moded, "replay", order) != CLI_OK)
        return CLI_FAILED;
    enum cli_status status = replay_in_mode(&moded.order);
    cli_mode_order_close(&moded);
    return status;
}

const struct cli_command cli_replay = {
    .name = "replay",
    .arguments = "FILE...",
    .summary = "run plans again and say what the oracles think",
    .about = about,
    .notes =
        "Exit status: 0 all ok or known, 1 a violation, 2 bad input, or two runs that differ.\n",
    .taker = CLI_REPLAY,
    .defaults = {.times = 1},
    .operands = {"file", 1, INT_MAX},
    .run = run_replay,
};
