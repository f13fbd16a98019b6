/* SPDX-License-Identifier: Apache-2.0 */
/* interplay run: random plans from a seed, until one breaks something. Needs no fuzzing engine. */
#include "run/run.h"
#include "base/arena.h"
#include "base/file.h"
#include "cli/campaign.h"
#include "cli/command.h"
#include "cli/mode_order.h"
#include "cli/plan_files.h"
#include "cli/profile.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static const char about[] =
    "Runs random plans until one violates what an oracle claims, then prints it and, with\n"
    "--output, writes its plan (.json, .bin, .pb, .sql, .spec). Plan I of a seed is always the\n"
    "same. With --bugbase-dir findings are recorded; with --keep-going, too, what\n"
    "--shrink-on-failure makes small is there, one plan a signature.\n";

enum { DEFAULT_ITERATIONS = 10000 };

/* What no single option can know. */
static bool is_consistent(const struct cli_order *order)
{
    bool goes_on = order->keep_going || order->stop_after > 0;
    if (order->shrink_on_failure && goes_on && order->bugbase_dir == NULL)
        (void)cli_usage_error("run", "--shrink-on-failure with --keep-going needs a place for the "
                                     "plans: --bugbase-dir");
    else if (order->shrink_max_rounds > 0 && !order->shrink_on_failure)
        (void)cli_usage_error("run", "--shrink-max-rounds without --shrink-on-failure");
    else if (order->plan != NULL && order->generate)
        (void)cli_usage_error("run", "one of --plan and --generate, not both");
    else
        return (order->output == NULL || cli_can_write("run", order->output)) &&
               (order->dump_plan_on_failure == NULL ||
                cli_can_write("run", order->dump_plan_on_failure));
    return false;
}

static uint64_t plans_at_most(const struct cli_order *order)
{
    if (order->iterations > 0)
        return order->iterations;
    return order->plan != NULL ? 1 : UINT64_MAX;
}

/* A stack of one's own may make of all plans something else than they ask for. */
static void tell_overrides(const struct cli_order *order)
{
    char bytes[256];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    run_describe_stack(order->backend, &text);
    if (text.length > 0)
        fprintf(stderr, "interplay: stack %s, whatever plans ask: %s\n",
                order->backend->stack->name, bytes);
}

/* What it takes to do the same again. */
static void print_head(const struct campaign *campaign)
{
    char bytes[1024];
    struct text command;
    text_init(&command, bytes, sizeof bytes);
    const struct cli_order *order = campaign->order;
    cli_describe_command(&command, &cli_run, order);
    if (order->plan != NULL)
        printf("plan: %s\n", file_short_path(order->plan));
    else
        printf("seed: %" PRIu64 "\n", order->seed.number);
    printf("tested: %s\n", run_backend_version(campaign->run));
    if (campaign->mode != NULL)
        printf("beside: %s\n", mode_describe(campaign->mode));
    printf("command: %s\n", bytes);
    (void)fflush(stdout);
}

static bool save_metrics(const struct campaign *campaign)
{
    struct error error = {0};
    const struct metrics_frame frame = {
        .seed = campaign->order->seed.number,
        .plans = campaign->plans,
        .statements = campaign->statements,
        .violations = campaign->findings,
        .known = campaign->known_count,
        .unjudged = campaign->unjudged,
        .states = campaign_states(),
        .seconds = (double)cli_progress_elapsed_ms(&campaign->progress) / 1e3,
        .database = cli_database(campaign->order->backend),
        .tested = run_backend_version(campaign->run),
    };
    if (metrics_save(&campaign->metrics, &frame, campaign->order->metrics, &error) == ERROR_NONE)
        return true;
    (void)cli_fail(&error);
    return false;
}

static enum cli_status open_and_run(struct campaign *campaign)
{
    const struct cli_order *order = campaign->order;
    struct error error = {0};
    if (order->bugbase_dir != NULL && bugbase_create(order->bugbase_dir, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (run_open(&campaign->run, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    print_head(campaign);
    tell_overrides(order);
    campaign_open_results(campaign);
    watchdog_begin(campaign_time_out, campaign);
    enum cli_status status = campaign_run(campaign, plans_at_most(order));
    if (status != CLI_FAILED && order->metrics != NULL && !save_metrics(campaign))
        status = CLI_FAILED;
    status = campaign_close_results(campaign, status);
    run_close(campaign->run);
    return cli_finish_output(status);
}

/* With what it reads and writes beside standard output. */
static enum cli_status open_files_and_run(struct campaign *campaign)
{
    const struct cli_order *order = campaign->order;
    struct error error = {0};
    struct plan given;
    struct arena arena = {0};
    if (order->plan != NULL &&
        cli_load_plan_to_run(&given, &arena, order->plan, order->backend, &error) != ERROR_NONE)
        return cli_fail(&error);
    campaign->given = order->plan == NULL ? NULL : &given;
    enum cli_status status = CLI_FAILED;
    if (order->log != NULL && event_log_open(&campaign->log, order->log, &error) != ERROR_NONE)
        (void)cli_fail(&error);
    else
        status = open_and_run(campaign);
    if (!event_log_close(&campaign->log)) {
        fprintf(stderr, "interplay: %s: cannot be written\n", order->log);
        status = CLI_FAILED;
    }
    if (order->plan != NULL)
        arena_clean_up(&arena);
    return status;
}

static enum cli_status run_in_mode(const struct cli_mode_order *moded)
{
    struct error error = {0};
    const struct cli_order *order = &moded->order;
    struct campaign campaign = {.order = order,
                                .mode = mode_of_run(order->backend->mode),
                                .subject = cli_subject(order->backend)};
    campaign.subject.properties = order->property;
    bool has_profile;
    if (!cli_profile_make(order, &campaign.families, &has_profile))
        return CLI_FAILED;
    if (has_profile)
        campaign.subject.families = &campaign.families;
    if (generate_check(&campaign.subject, &error) != ERROR_NONE)
        return cli_fail(&error);
    if (order->known_findings != NULL &&
        known_load(&campaign.known, order->known_findings, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = open_files_and_run(&campaign);
    known_clean_up(&campaign.known);
    return status;
}

/* Short enough to be typed again. */
static uint64_t draw_seed(void)
{
    uint32_t seed = 0;
    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = (uint32_t)time(NULL);
    return seed;
}

static enum cli_status run(const struct cli_order *given)
{
    struct cli_order order = *given;
    struct cli_mode_order moded;
    order.hides_times = true;
    if (!is_consistent(&order))
        return CLI_FAILED;
    if (order.iterations == 0 && order.duration == UINT64_MAX && order.plan == NULL)
        order.iterations = DEFAULT_ITERATIONS;
    if (!order.seed.is_given && order.plan == NULL)
        order.seed = (struct cli_seed){draw_seed(), true};
    if (cli_mode_order_open(&moded, "run", &order) != CLI_OK)
        return CLI_FAILED;
    enum cli_status status = run_in_mode(&moded);
    cli_mode_order_close(&moded);
    return status;
}

const struct cli_command cli_run = {
    .name = "run",
    .summary = "run random plans from a seed until one breaks something",
    .about = about,
    .notes = "Exit status: 0 no violation, 1 a violation, 2 a wrong call or a broken harness.\n",
    .taker = CLI_RUN,
    .defaults = {.duration = UINT64_MAX},
    .operands = {"file", 0, 0},
    .run = run,
};
