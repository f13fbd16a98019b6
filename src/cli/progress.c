/* SPDX-License-Identifier: Apache-2.0 */
/* How long something takes, and a line about it on a terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <unistd.h>

static const char clear_line[] = "\r\033[K";

struct timespec cli_now(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now;
}

double cli_seconds_since(const struct timespec *began)
{
    const struct timespec now = cli_now();
    return (double)(now.tv_sec - began->tv_sec) + (double)(now.tv_nsec - began->tv_nsec) / 1e9;
}

void cli_progress_begin(struct cli_progress *progress, bool is_quiet)
{
    *progress =
        (struct cli_progress){.began = cli_now(), .is_shown = !is_quiet && isatty(STDERR_FILENO)};
}

uint64_t cli_progress_elapsed_ms(const struct cli_progress *progress)
{
    const struct timespec now = cli_now();
    int64_t milliseconds = (int64_t)(now.tv_sec - progress->began.tv_sec) * 1000 +
                           (now.tv_nsec - progress->began.tv_nsec) / 1000000;
    return (uint64_t)milliseconds;
}

bool cli_progress_is_due(struct cli_progress *progress, uint64_t now_ms)
{
    enum { EVERY_MS = 500 };
    if (!progress->is_shown || now_ms < progress->shown_ms + EVERY_MS)
        return false;
    progress->shown_ms = now_ms;
    fputs(clear_line, stderr);
    return true;
}

void cli_progress_end(const struct cli_progress *progress)
{
    if (progress->is_shown && progress->shown_ms > 0)
        fputs(clear_line, stderr);
}
