/* SPDX-License-Identifier: Apache-2.0 */
/* interplay run: random plans from a seed, until one breaks something. Needs no fuzzing engine. */
#include "run/run.h"
#include "base/arena.h"
#include "cli/campaign.h"
#include "cli/command.h"
#include "cli/mode_order.h"
#include "cli/plan_files.h"
#include "cli/profile.h"
#include "generate/generate.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

static const char about[] =
    "Runs random plans until one violates what an oracle claims, then prints it and, with\n"
    "--output, writes its plan (.json, .bin, .pb, .sql, .spec). Plan I of a seed is always the\n"
    "same. With --bugbase-dir findings are recorded; with --keep-going, too, what\n"
    "--shrink-on-failure makes small is there, one plan a signature.\n";

enum { ARENA_BYTES = 1 << 20, CLOCK_EVERY = 16, DEFAULT_ITERATIONS = 10000 };

/* What no single option can know. */
static bool is_consistent(const struct cli_order *order)
{
    if (order->shrink_on_failure && order->keep_going && order->bugbase_dir == NULL)
        (void)cli_usage_error("run", "--shrink-on-failure with --keep-going needs a place for the "
                                     "plans: --bugbase-dir");
    else if (order->shrink_max_rounds > 0 && !order->shrink_on_failure)
        (void)cli_usage_error("run", "--shrink-max-rounds without --shrink-on-failure");
    else
        return order->output == NULL || cli_can_write("run", order->output);
    return false;
}

static uint64_t plans_at_most(const struct cli_order *order)
{
    if (order->iterations > 0)
        return order->iterations;
    return order->duration == UINT64_MAX ? DEFAULT_ITERATIONS : UINT64_MAX;
}

static enum cli_status run_one(struct campaign *campaign, uint64_t index, struct arena *arena)
{
    const struct cli_order *order = campaign->order;
    struct random random;
    struct plan plan;
    generate_seed(&random, order->seed.number, index);
    arena_reset(arena);
    generate_plan(&plan, arena, &random, campaign->subject);
    cli_pins_apply(&order->config, &plan);
    campaign->index = index;
    const struct run_result *result = run_plan(campaign->run, &plan);
    campaign->plans++;
    campaign->budget.earned_hundredths += RECOGNIZE_HUNDREDTHS_A_PLAN;
    campaign->statements += result->statements;
    if (result->verdict.kind == VERDICT_OK)
        return CLI_OK;
    struct campaign_finding finding = {index, &plan, result};
    if (verdict_is_error(&result->verdict))
        return campaign_pass_over(campaign, &finding);
    return campaign_take_finding(campaign, &finding);
}

static bool is_time_over(struct campaign *campaign)
{
    uint64_t now_ms = cli_progress_elapsed_ms(&campaign->progress);
    campaign_show_progress(campaign, now_ms);
    return now_ms >= campaign->order->duration;
}

static enum cli_status finish(const struct campaign *campaign)
{
    char bytes[128];
    struct text verdict;
    text_init(&verdict, bytes, sizeof bytes);
    if (campaign->findings > 0)
        text_append_format(&verdict, "%" PRIu64 " violations", campaign->findings);
    else
        text_append(&verdict, "no violation");
    if (campaign->known_count > 0)
        text_append_format(&verdict, ", %" PRIu64 " known", campaign->known_count);
    if (campaign->unjudged > 0)
        text_append_format(&verdict, ", %" PRIu64 " not judged", campaign->unjudged);
    campaign_print_summary(campaign, verdict.bytes);
    if (campaign->has_failed || (campaign->findings == 0 && campaign->unjudged > 0))
        return CLI_FAILED;
    return campaign->findings > 0 ? CLI_FINDING : CLI_OK;
}

static enum cli_status run_all(struct campaign *campaign)
{
    struct arena arena;
    enum cli_status status = CLI_OK;
    uint64_t plans_max = plans_at_most(campaign->order);
    arena_init(&arena, ARENA_BYTES);
    cli_progress_begin(&campaign->progress, false);
    for (uint64_t i = 0; i < plans_max && status == CLI_OK && !campaign->is_over; i++) {
        status = run_one(campaign, campaign->order->start + i, &arena);
        if (i % CLOCK_EVERY == 0 && status == CLI_OK && is_time_over(campaign))
            break;
    }
    arena_clean_up(&arena);
    return status == CLI_OK ? finish(campaign) : status;
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
    struct cli_order again = *campaign->order;
    if (again.iterations == 0 && again.duration == UINT64_MAX)
        again.iterations = DEFAULT_ITERATIONS;
    cli_describe_command(&command, &cli_run, &again);
    printf("seed: %" PRIu64 "\n", again.seed.number);
    printf("tested: %s\n", run_backend_version(campaign->run));
    if (campaign->mode != NULL)
        printf("beside: %s\n", mode_describe(campaign->mode));
    printf("command: %s\n", bytes);
    (void)fflush(stdout);
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
    watchdog_begin(campaign_time_out, campaign);
    enum cli_status status = run_all(campaign);
    run_close(campaign->run);
    return cli_finish_output(status);
}

static enum cli_status run_in_mode(const struct cli_mode_order *moded)
{
    struct error error = {0};
    const struct cli_order *order = &moded->order;
    struct campaign campaign = {.order = order,
                                .mode = mode_of_run(order->backend->mode),
                                .subject = cli_subject(order->backend)};
    bool has_profile;
    if (!cli_profile_make(order, &campaign.profile, &has_profile))
        return CLI_FAILED;
    if (has_profile)
        campaign.subject.profile = &campaign.profile;
    if (order->known_findings != NULL &&
        known_load(&campaign.known, order->known_findings, &error) != ERROR_NONE)
        return cli_fail(&error);
    enum cli_status status = open_and_run(&campaign);
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
    if (!is_consistent(&order))
        return CLI_FAILED;
    if (!order.seed.is_given)
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
