/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a path came to, in terms of the scenario's steps: the outcome of each, the rows that it read
 * by who wrote them, and what the database holds at the end. Two paths in which everybody saw the
 * same have the same results, whatever the numbers of the steps are in the plans that took them.
 */
#ifndef EXPLORE_RESULTS_H
#define EXPLORE_RESULTS_H

#include "explore/path.h"
#include "history/event.h"

#include <stdint.h>

enum { RESULT_BYTES = 192 };

struct results {
    uint32_t count;                       /* steps; results[count] is the content at the end */
    char of[STEPS_MAX + 1][RESULT_BYTES]; /* "": it never ended, or was not looked at */
};

void results_begin(struct results *results, const struct steps *steps);

/* `made` is the plan that runs. */
void results_read(struct results *results, const struct steps *steps, const struct path_plan *made,
                  const struct event *event);

/* The interaction, whose result was read, did not come to its end at once. */
void results_note_wait(struct results *results, uint32_t interaction);

uint64_t results_hash(const struct results *results);

#endif
