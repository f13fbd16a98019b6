/* SPDX-License-Identifier: Apache-2.0 */
/* Plan after plan: drawn from the seed or given, run, counted and written down. */
#include "cli/campaign.h"

#include "cli/origin.h"
#include "cli/scouts.h"
#include "generate/generate.h"
#include "run/feedback.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { CLOCK_EVERY = 16 };

static volatile sig_atomic_t is_interrupted;

static void on_interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

/* --- one plan -------------------------------------------------------------------------------- */

static void on_event(void *context, const struct event *event)
{
    struct campaign *campaign = context;
    metrics_read(&campaign->metrics, campaign->running, campaign->began_ns, event);
    event_log_read(&campaign->log, campaign->running, event);
}

static void draw(struct campaign *campaign, uint64_t index, struct plan *ret_plan)
{
    struct random random;
    arena_reset(&campaign->arena);
    if (campaign->given != NULL) {
        *ret_plan = *campaign->given;
        return;
    }
    generate_seed(&random, campaign->order->seed.number, index);
    generate_plan(ret_plan, &campaign->arena, &random, campaign->subject);
}

const struct run_result *campaign_run_plan(struct campaign *campaign, uint64_t index,
                                           struct plan *ret_plan)
{
    const struct run_watcher watcher = {.on_event = on_event, .context = campaign};
    char name[CAMPAIGN_NAME_BYTES];
    draw(campaign, index, ret_plan);
    cli_pins_apply(&campaign->order->config, ret_plan);
    campaign->index = index;
    campaign->running = ret_plan;
    campaign_name_plan(name, campaign, index);
    event_log_begin(&campaign->log, index, name);
    run_watch(campaign->run, &watcher);
    const struct run_result *result = run_plan(campaign->run, ret_plan);
    run_watch(campaign->run, NULL);
    return result;
}

static void count(struct campaign *campaign, uint64_t plans, uint64_t statements)
{
    campaign->plans += plans;
    campaign->budget.earned_hundredths += plans * RECOGNIZE_HUNDREDTHS_A_PLAN;
    campaign->statements += statements;
}

static enum cli_status run_one(struct campaign *campaign, uint64_t index)
{
    struct plan plan;
    const struct run_result *result = campaign_run_plan(campaign, index, &plan);
    count(campaign, 1, result->statements);
    if (result->verdict.kind == VERDICT_OK)
        return CLI_OK;
    plan.origin = cli_origin(campaign->order->backend);
    struct campaign_finding finding = {index, &plan, result};
    if (verdict_is_error(&result->verdict))
        return campaign_pass_over(campaign, &finding);
    return campaign_take_finding(campaign, &finding);
}

static bool is_over(struct campaign *campaign)
{
    uint64_t now_ms = cli_progress_elapsed_ms(&campaign->progress);
    campaign_show_progress(campaign, now_ms);
    return now_ms >= campaign->order->duration;
}

/* --- many ------------------------------------------------------------------------------------ */

static enum cli_status run_alone(struct campaign *campaign, uint64_t from, uint64_t to)
{
    enum cli_status status = CLI_OK;
    for (uint64_t i = from; i < to && status == CLI_OK && !campaign->is_over; i++) {
        status = run_one(campaign, i);
        if (is_interrupted ||
            ((i - from) % CLOCK_EVERY == 0 && status == CLI_OK && is_over(campaign)))
            break;
    }
    return status;
}

/* What scouts have found nothing in counts; where one stopped, this process looks itself. */
static enum cli_status run_with_scouts(struct campaign *campaign, uint64_t from, uint64_t to)
{
    struct scouts *scouts;
    struct error error = {0};
    struct scouted scouted;
    enum cli_status status = CLI_OK;
    if (scouts_open(&scouts, campaign, from, to, &error) != ERROR_NONE)
        return cli_fail(&error);
    while (status == CLI_OK && !campaign->is_over && !is_interrupted) {
        if (scouts_next(scouts, &scouted, &error) != ERROR_NONE) {
            status = cli_fail(&error);
            break;
        }
        count(campaign, scouted.plans, scouted.statements);
        if (scouted.has_stopped)
            status = run_one(campaign, scouted.stopped_at);
        else if (scouted.is_end)
            break;
        if (status == CLI_OK && is_over(campaign))
            break;
    }
    scouts_close(scouts);
    return status;
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
    if (is_interrupted)
        fprintf(stderr, "interplay: interrupted\n");
    if (campaign->has_failed || (campaign->findings == 0 && campaign->unjudged > 0))
        return CLI_FAILED;
    return campaign->findings > 0 ? CLI_FINDING : CLI_OK;
}

enum cli_status campaign_run(struct campaign *campaign, uint64_t plans_max)
{
    const struct sigaction once = {.sa_handler = on_interrupt, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;
    uint64_t from = campaign->order->start;
    uint64_t to = plans_max > UINT64_MAX - from ? UINT64_MAX : from + plans_max;
    is_interrupted = 0;
    (void)sigaction(SIGINT, &once, &old);
    memset(feedback_counters, 0, sizeof feedback_counters);
    arena_init(&campaign->arena, CAMPAIGN_ARENA_BYTES);
    cli_progress_begin(&campaign->progress, false);
    enum cli_status status = campaign->order->jobs > 1 ? run_with_scouts(campaign, from, to)
                                                       : run_alone(campaign, from, to);
    arena_clean_up(&campaign->arena);
    (void)sigaction(SIGINT, &old, NULL);
    return status == CLI_OK ? finish(campaign) : status;
}
