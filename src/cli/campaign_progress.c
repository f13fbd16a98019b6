/* SPDX-License-Identifier: Apache-2.0 */
/* How far a campaign has come, and how fast it goes. */
#include "cli/campaign.h"

#include <inttypes.h>
#include <stdio.h>

static void print_figures(FILE *out, const struct campaign *campaign, uint64_t now_ms)
{
    uint64_t rate = campaign->plans * 1000 / (now_ms > 0 ? now_ms : 1);
    fprintf(out,
            "%" PRIu64 " plans, %" PRIu64 " statements, %" PRIu64 ".%" PRIu64 " s, %" PRIu64
            " plans/s",
            campaign->plans, campaign->statements, now_ms / 1000, now_ms % 1000 / 100, rate);
}

void campaign_show_progress(struct campaign *campaign, uint64_t now_ms)
{
    if (!cli_progress_is_due(&campaign->progress, now_ms))
        return;
    print_figures(stderr, campaign, now_ms);
    (void)fflush(stderr);
}

void campaign_print_summary(const struct campaign *campaign, const char *verdict)
{
    cli_progress_end(&campaign->progress);
    known_print(&campaign->known, stdout);
    print_figures(stdout, campaign, cli_progress_elapsed_ms(&campaign->progress));
    printf(": %s\n", verdict);
}
