/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a run is to stop for a debugger: interplay_stop is called there, on the stack of whom it is
 * about, and at each event from then on; a debugger has a breakpoint on it (debug_gdb.py).
 */
#ifndef CLI_STOP_H
#define CLI_STOP_H

#include "run/run.h"

#include <interplay/error.h>

enum { STOP_TEXT_BYTES = 256 };

/* What a debugger reads. */
struct stop_view {
    uint32_t coroutine;                          /* whom it is about */
    char what[STOP_TEXT_BYTES];                  /* why it stops, in a sentence */
    char steps[PLAN_TASKS_MAX][STOP_TEXT_BYTES]; /* what each task was last given to do */
};

struct stop {
    const struct plan *plan;
    struct run_watcher watcher;
    uint32_t step;
    uint32_t crossing; /* from 1; 0: any */
    int event;         /* enum event_kind; -1: any */
    bool is_reached;
    uint32_t crossed; /* by the step, so far */
    struct stop_view view;
};

/*
 * Reads "6", "6:4" or "6:park"; `plan` is the one that will run, and lives as long. The run is
 * watched by `ret_stop->watcher`, so that `ret_stop` must not move. Fails with ERROR_USAGE.
 */
enum error_code stop_at(struct stop *ret_stop, const char *where, const struct plan *plan,
                        struct error *error) __attribute__((warn_unused_result));

#endif
