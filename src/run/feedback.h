/* SPDX-License-Identifier: Apache-2.0 */
/*
 * States become coverage: each call sets one of 16384 counters that libFuzzer reads as extra
 * counters and AFL++ as part of its map. Also guides engines where they cannot see inside.
 */
#ifndef RUN_FEEDBACK_H
#define RUN_FEEDBACK_H

#include "history/event.h"
#include "oracle/oracles.h"
#include "run/overlaps.h"

#include <stdint.h>

enum { FEEDBACK_COUNTERS = 16384 };

/*
 * In the section that libFuzzer looks for; it clears them before each input. Process-wide for that
 * reason: runs that are open side by side count together.
 */
extern uint8_t feedback_counters[FEEDBACK_COUNTERS];

/* What it reads. */
#define FEEDBACK_EVENTS (EVENT_BIT(park) | EVENT_BIT(result) | EVENT_BIT(disconnect))

/* Reads the events of a run. */
struct feedback {
    const struct plan *plan; /* as it is judged */
    struct {
        uint8_t point;
        uint32_t interaction;
    } held_back[PLAN_TASKS_MAX]; /* where each task was held back last */
    struct overlaps overlaps;
};

void feedback_begin(struct feedback *feedback, const struct plan *plan);
void feedback_read(struct feedback *feedback, const struct event *event);

/* The run is over: what came near a violation, as its oracles see it. */
void feedback_end(const struct oracles *oracles);

#endif
