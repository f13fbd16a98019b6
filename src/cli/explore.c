/* SPDX-License-Identifier: Apache-2.0 */
/* interplay explore: a scenario that a person wrote, in all its interleavings. */
#include "explore/explore.h"

#include "base/file.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/explore_say.h"
#include "cli/explore_scenario.h"
#include "cli/plan_files.h"
#include "cli/program_folder.h"
#include "cli/progress.h"
#include "cli/scenario_files.h"
#include "explore/count.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char about[] =
    "Runs the scenario in FILE in all its interleavings: first in every order of its steps (each\n"
    "task keeps its own), then with up to N preemptions (a task is held back before a call into\n"
    "the system, and another one goes on), then each of these with each fault at each\n"
    "opportunity. Prints how many there are, how many were run and whether that is all; what\n"
    "breaks an expectation or an oracle, made small, each kind once; and how results differ.\n"
    "docs/explore.md has examples.\n";

enum { ARENA_BYTES = 1 << 20, DEFAULT_MAX = 100000 };

/* --- the order ------------------------------------------------------------------------------- */

static bool find_fault(const char *name, size_t length, uint64_t *faults)
{
    for (int kind = 1; kind < FAULT_KIND_COUNT; kind++) {
        const char *other = fault_infos[kind].name;
        if (strlen(other) != length || memcmp(other, name, length) != 0)
            continue;
        *faults |= UINT64_C(1) << kind;
        return true;
    }
    return false;
}

/* "io_write,power_loss"; false, and the usage error said. */
static bool take_faults(const char *list, uint64_t *ret_faults)
{
    *ret_faults = 0;
    for (const char *name = list; name != NULL;) {
        const char *comma = strchr(name, ',');
        size_t length = comma == NULL ? strlen(name) : (size_t)(comma - name);
        if (!find_fault(name, length, ret_faults)) {
            char bytes[512];
            struct text text;
            text_init(&text, bytes, sizeof bytes);
            for (int kind = 1; kind < FAULT_KIND_COUNT; kind++)
                text_append_format(&text, "%s%s", kind == 1 ? "" : ", ", fault_infos[kind].name);
            (void)cli_usage_error("explore", "--faults: expected some of %s, found '%.*s'", bytes,
                                  (int)length, name);
            return false;
        }
        name = comma == NULL ? NULL : comma + 1;
    }
    return true;
}

static bool take_points(const char *word, enum plan_pause_class *ret_points)
{
    for (int class = 0; class < PAUSE_CLASS_COUNT; class ++) {
        if (strcmp(word, plan_pause_class_words[class]) != 0)
            continue;
        *ret_points = (enum plan_pause_class) class;
        return true;
    }
    (void)cli_usage_error("explore", "--points: expected storage, lock, write or any, found '%s'",
                          word);
    return false;
}

/* With a pool the locks of the pool are what matters, without one those of the storage. */
static bool take_options(const struct cli_order *order, const struct plan *plan,
                         struct explore_options *ret_options)
{
    bool has_pool = plan_config_get(&plan->config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT ||
                    (order->backend->stack != NULL);
    uint32_t seeds = plan_config_infos[PLAN_CONFIG_loss_seed].value_count;
    *ret_options = (struct explore_options){
        .preemptions = (uint32_t)order->preemptions,
        .points = has_pool ? PAUSE_LOCK : PAUSE_STORAGE,
        .loss_seeds = order->loss_seeds,
        .max = order->max,
        .jobs = order->jobs,
        .runs_all = order->no_reduction,
    };
    if (order->preemptions > PREEMPTIONS_MAX)
        (void)cli_usage_error("explore", "--preemptions: expected a number 0 to %d, found %" PRIu64,
                              PREEMPTIONS_MAX, order->preemptions);
    else if (order->loss_seeds > seeds)
        (void)cli_usage_error("explore",
                              "--loss-seeds: expected a number 1 to %" PRIu32 ", found %" PRIu32,
                              seeds, order->loss_seeds);
    else if (order->preemptions > 0 && plan_kind(plan)->is_strict)
        (void)cli_usage_error("explore",
                              "%s: each step of such a plan ends before the next one "
                              "begins: expected no --preemptions",
                              file_short_path(order->operands[0]));
    else if (order->points != NULL && order->preemptions == 0)
        (void)cli_usage_error("explore", "--points without --preemptions");
    else
        return (order->points == NULL || take_points(order->points, &ret_options->points)) &&
               (order->faults == NULL || take_faults(order->faults, &ret_options->faults));
    return false;
}

/* --- while it runs --------------------------------------------------------------------------- */

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

static bool on_progress(void *context, const struct explore_progress *explored)
{
    struct cli_progress *progress = context;
    if (cli_progress_is_due(progress, cli_progress_elapsed_ms(progress))) {
        fprintf(stderr, "%" PRIu64, explored->run);
        if (explored->total != COUNT_MANY)
            fprintf(stderr, " of %" PRIu64, explored->total);
        fprintf(stderr, " interleavings");
        (void)fflush(stderr);
    }
    return !is_interrupted;
}

static enum error_code run_all(struct explore_told *told, struct explore_options *options,
                               struct error *error)
{
    struct cli_progress progress;
    struct sigaction old;
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    options->on_progress = on_progress;
    options->context = &progress;
    (void)sigaction(SIGINT, &once, &old);
    cli_progress_begin(&progress, told->order->quiet);
    enum error_code code =
        explore_run(&told->explore, told->order->backend, told->run, told->steps, options, error);
    cli_progress_end(&progress);
    (void)sigaction(SIGINT, &old, NULL);
    return code;
}

/* --- all of it ------------------------------------------------------------------------------- */

static enum cli_status status_of(const struct explore_told *told)
{
    const struct tally *tally = explore_tally(told->explore);
    if (tally->finding_count > 0)
        return CLI_FINDING;
    return tally->limits > 0 ? CLI_FAILED : CLI_OK;
}

static enum error_code explore_and_say(struct explore_told *told, struct explore_options *options,
                                       enum cli_status *ret_status, struct error *error)
{
    enum error_code code = run_all(told, options, error);
    if (code != ERROR_NONE)
        return code;
    explore_say_counts(told);
    code = explore_say_findings(told, error);
    if (code == ERROR_NONE)
        code = explore_say_outcomes(told, error);
    *ret_status = status_of(told);
    explore_free(told->explore);
    return code;
}

/* Nothing half-written is seen. */
static enum error_code explore_into(struct explore_told *told, const char *place,
                                    struct explore_options *options, enum cli_status *ret_status,
                                    struct error *error)
{
    struct cli_program_folder folder;
    if (place == NULL)
        return explore_and_say(told, options, ret_status, error);
    enum error_code code = cli_program_folder_begin(&folder, place, error);
    if (code != ERROR_NONE)
        return code;
    told->folder = folder.draft;
    code = explore_and_say(told, options, ret_status, error);
    if (code == ERROR_NONE)
        return cli_program_folder_finish(&folder, error);
    cli_program_folder_drop(&folder);
    return code;
}

/* What is to be explored: a plan, and what else is known of it. */
struct subject_plan {
    struct plan plan;
    size_t setup, check;
    const struct steps_names *names; /* NULL: there are none */
};

static enum cli_status explore_plan(const struct cli_order *order, const struct subject_plan *what,
                                    struct explore_options *options)
{
    struct error error = {0};
    struct arena arena;
    struct steps steps;
    struct explore_told told = {.order = order, .path = order->operands[0], .steps = &steps};
    enum cli_status status = CLI_FAILED;
    arena_init(&arena, ARENA_BYTES);
    enum error_code code = steps_take(&steps, &arena, &what->plan, what->setup, what->check,
                                      what->names, options->preemptions > 0, &error);
    if (code != ERROR_NONE)
        interplay_error_context(&error, file_short_path(told.path));
    else
        code = run_open(&told.run, order->backend, &error);
    if (code == ERROR_NONE)
        code = explore_into(&told, order->output_dir, options, &status, &error);
    run_close(told.run);
    arena_clean_up(&arena);
    return code == ERROR_NONE ? cli_finish_output(status) : cli_fail(&error);
}

static enum cli_status explore_file(const struct cli_order *order)
{
    struct error error = {0};
    struct subject_plan what = {.setup = order->setup, .check = order->check};
    struct arena arena;
    struct explore_options options;
    enum cli_status status = CLI_FAILED;
    if (order->all)
        return cli_usage_error("explore",
                               "--all: expected a .spec, which gives permutations, "
                               "found %s",
                               file_short_path(order->operands[0]));
    if (cli_load_plan_to_run(&what.plan, &arena, order->operands[0], order->backend, &error) !=
        ERROR_NONE)
        return cli_fail(&error);
    cli_pins_apply(&order->config, &what.plan);
    if (take_options(order, &what.plan, &options))
        status = explore_plan(order, &what, &options);
    arena_clean_up(&arena);
    return status;
}

/* --- scenarios of sessions ------------------------------------------------------------------- */

/* False: there is none of this number, from 1. */
static bool find_order(struct scenario_order *order, uint64_t number)
{
    while (order->number + 1 < number)
        if (!scenario_next_order(order))
            return false;
    return true;
}

/* The steps of order number `number` in all orders; 0: each step once. */
static enum cli_status explore_all_orders(const struct cli_order *order,
                                          const struct scenario *scenario, struct arena *arena,
                                          uint64_t number)
{
    struct error error = {0};
    struct explore_order made;
    struct explore_options options;
    struct scenario_order first;
    scenario_first_order(scenario, arena, &first);
    if (!find_order(&first, number))
        return cli_usage_error("explore", "%s: there is no such order",
                               file_short_path(order->operands[0]));
    if (explore_make_order(&made, arena, scenario, number == 0 ? NULL : &first, &error) !=
        ERROR_NONE) {
        interplay_error_context(&error, file_short_path(order->operands[0]));
        return cli_fail(&error);
    }
    struct subject_plan what = {.plan = made.made.plan,
                                .setup = made.made.setup,
                                .check = made.made.check,
                                .names = &made.names};
    what.plan.database = cli_database(order->backend);
    cli_pins_apply(&order->config, &what.plan);
    return take_options(order, &what.plan, &options) ? explore_plan(order, &what, &options)
                                                     : CLI_FAILED;
}

static enum cli_status explore_scenario(const struct cli_order *order, const char *path,
                                        uint64_t number)
{
    struct error error = {0};
    struct scenario scenario;
    struct arena arena;
    enum cli_status status;
    bool is_spec = cli_form_of(path) == CLI_SPEC;
    if (order->setup > 0 || order->check > 0)
        return cli_usage_error("explore", "--setup and --check are for plans: a scenario says "
                                          "itself what is set-up and teardown");
    if (order->all && !is_spec)
        return cli_usage_error("explore",
                               "--all: expected a .spec, which gives permutations, "
                               "found %s",
                               file_short_path(path));
    if (cli_load_scenario(&scenario, &arena, path, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (!is_spec || order->all || number > 0 || scenario.permutation_count == 0)
        status = explore_all_orders(order, &scenario, &arena, number);
    else if (order->preemptions > 0 || order->faults != NULL || order->output_dir != NULL)
        status = cli_usage_error("explore",
                                 "%s gives permutations: --preemptions, --faults and "
                                 "--output-dir want --all",
                                 file_short_path(path));
    else
        status = explore_permutations(order, &scenario, &arena);
    arena_clean_up(&arena);
    return status;
}

static enum cli_status explore(const struct cli_order *order)
{
    char path[PATH_MAX];
    uint64_t number;
    if (cli_scenario_path(order->operands[0], path, &number))
        return explore_scenario(order, path, number);
    return explore_file(order);
}

const struct cli_command cli_explore = {
    .name = "explore",
    .arguments = "FILE",
    .summary = "run a scenario in all its interleavings",
    .about = about,
    .notes =
        "Exit status: 0 no finding (also where not all were run, which is said), 1 a finding,\n"
        "2 a wrong call, a bad input, a broken harness, or a limit of it that was met.\n",
    .taker = CLI_EXPLORE,
    .defaults = {.max = DEFAULT_MAX, .jobs = 1, .loss_seeds = 1},
    .operands = {"file", 1, 1},
    .run = explore,
};
