/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that run the plans of a campaign ahead of it, so many at a time (--jobs): each a piece,
 * and only up to the first plan that comes to anything but ok. What they did is handed out in the
 * order of the plans, so that all that is printed, stored and made small is done by the campaign
 * itself, and is the same however many there are.
 */
#ifndef CLI_SCOUTS_H
#define CLI_SCOUTS_H

#include "cli/campaign.h"

struct scouts;

/* The next plans in order that came to ok; metrics, log and modes have been told of them. */
struct scouted {
    uint64_t plans, statements;
    bool has_stopped; /* at the plan behind them, which is not among those: look yourself */
    uint64_t stopped_at;
    bool is_end; /* there are no more */
};

/* For the plans from `from` to before `to`. The campaign must not move. */
enum error_code scouts_open(struct scouts **ret_scouts, struct campaign *campaign, uint64_t from,
                            uint64_t to, struct error *error) __attribute__((warn_unused_result));
enum error_code scouts_next(struct scouts *scouts, struct scouted *ret_scouted, struct error *error)
    __attribute__((warn_unused_result));

/* Ends those that are at work. */
void scouts_close(struct scouts *scouts);

#endif
