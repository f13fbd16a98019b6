/* SPDX-License-Identifier: Apache-2.0 */
/* How far a campaign has come, and how fast it goes. */
#include "cli/campaign.h"

#include "run/feedback.h"

#include <inttypes.h>
#include <stdio.h>

static void print_counts(FILE *out, const struct campaign *campaign)
{
    fprintf(out, "%" PRIu64 " plans, %" PRIu64 " statements", campaign->plans,
            campaign->statements);
}

/* Times are no part of standard output: that is the same whenever plans are. */
static void print_times(const struct campaign *campaign, uint64_t now_ms)
{
    uint64_t rate = campaign->plans * 1000 / (now_ms > 0 ? now_ms : 1);
    fprintf(stderr, "%" PRIu64 ".%" PRIu64 " s, %" PRIu64 " plans/s", now_ms / 1000,
            now_ms % 1000 / 100, rate);
}

void campaign_show_progress(struct campaign *campaign, uint64_t now_ms)
{
    if (!cli_progress_is_due(&campaign->progress, now_ms))
        return;
    print_counts(stderr, campaign);
    fprintf(stderr, ", ");
    print_times(campaign, now_ms);
    (void)fflush(stderr);
}

static void print_compared(const struct mode *mode)
{
    if (mode == NULL)
        return;
    const struct mode_counts *counts = mode_counts(mode);
    printf("compared to the end: %" PRIu64 " plans\n", counts->compared);
    for (int reason = 0; reason < MODE_REASON_COUNT; reason++)
        if (counts->passed_over[reason] > 0)
            printf("not compared to the end: %" PRIu64 " plans, %s\n", counts->passed_over[reason],
                   mode_reason_words[reason]);
}

uint64_t campaign_states(void)
{
    uint64_t states = 0;
    for (int i = 0; i < FEEDBACK_COUNTERS; i++)
        states += feedback_counters[i] != 0;
    return states;
}

void campaign_print_summary(const struct campaign *campaign, const char *verdict)
{
    cli_progress_end(&campaign->progress);
    known_print(&campaign->known, stdout);
    metrics_print(&campaign->metrics, cli_database(campaign->order->backend), campaign_states(),
                  stdout);
    print_compared(campaign->mode);
    print_counts(stdout, campaign);
    printf(": %s\n", verdict);
    (void)fflush(stdout);
    fprintf(stderr, "interplay: ");
    print_times(campaign, cli_progress_elapsed_ms(&campaign->progress));
    fprintf(stderr, "\n");
}
