/* SPDX-License-Identifier: Apache-2.0 */
/* How long something takes, and a line on stderr, if that is a terminal, at most twice a second. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct timespec cli_now(void);

/* Seconds of real time since then. */
double cli_seconds_since(const struct timespec *began);

struct cli_progress {
    struct timespec began;
    uint64_t shown_ms;
    bool is_shown;
};
void cli_progress_begin(struct cli_progress *progress, bool is_quiet);
uint64_t cli_progress_elapsed_ms(const struct cli_progress *progress);

/* True when it is time for a new line; what was there is cleared. */
bool cli_progress_is_due(struct cli_progress *progress, uint64_t now_ms);
void cli_progress_end(const struct cli_progress *progress);

#endif
