/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a campaign did, in numbers: none of them a time of the real world, so that they are the same
 * whenever the plans are. They can be added up, as those of several processes are.
 */
#ifndef CLI_METRICS_H
#define CLI_METRICS_H

#include "base/fault.h"
#include "history/event.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stdio.h>

struct metrics {
    uint64_t outcomes[ACTION_COUNT][OUTCOME_COUNT]; /* of interactions that ended */
    uint64_t skipped[ACTION_COUNT];                 /* nothing of them could be done */
    uint64_t faults[FAULT_KIND_COUNT];              /* that struck */
    uint64_t broken_connections;                    /* lost in the middle of a call */
    uint64_t retries; /* a call slept, as who waits for a lock does, and tried again */
    uint64_t
        longest_wait_ns; /* from beginning to end of an interaction that is no sleep; virtual */
};

/* What it reads of a run of `plan`; `began_ns` is by task, and the caller's, for one plan. */
void metrics_read(struct metrics *metrics, const struct plan *plan,
                  uint64_t began_ns[PLAN_TASKS_MAX], const struct event *event);

void metrics_add(struct metrics *metrics, const struct metrics *more);

/* Lines for people; `database` says which actions there are, `states` what feedback has seen. */
void metrics_print(const struct metrics *metrics, enum plan_database database, uint64_t states,
                   FILE *out);

/* Numbers of the campaign that stand beside them in a file. */
struct metrics_frame {
    uint64_t seed, plans, statements, violations, known, unjudged, states;
    double seconds;
    enum plan_database database;
    const char *tested;
};

/* Replaces the file at once. */
enum error_code metrics_save(const struct metrics *metrics, const struct metrics_frame *frame,
                             const char *path, struct error *error)
    __attribute__((warn_unused_result));

#endif
