/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan in a process of its own: a database that crashes is a verdict like any other, and what one
 * plan leaks is not held against the next. The `struct run` of the caller stays clean, whatever
 * comes of the plan.
 */
#ifndef RUN_ISOLATED_H
#define RUN_ISOLATED_H

#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

/* Called in the process of the plan when its run is over: the only one to see the events. */
typedef void isolated_look_fn(void *context, const struct run *run, const struct plan *plan,
                              const struct run_result *result);

struct isolated_options {
    isolated_look_fn *look; /* NULL: nobody looks */
    void *context;
    bool is_quiet; /* what it writes to stderr is dropped, a crash leaves no core file */
};

struct isolated_result {
    struct verdict verdict;
    uint64_t trace_hash; /* 0 after a crash */
    uint64_t yields;     /* yield points crossed; 0 after a crash */
    struct run_unjudged unjudged;
    struct oracle_ends ends;
    struct run_failures failures; /* none after a crash */
    struct run_cuts cuts;
    bool has_died; /* the process of the plan did, before there was a verdict */
};

/*
 * Runs `plan`. A process that died makes a violation "crash/signal/NAME/PLACE",
 * "crash/asan/KIND/PLACE/of-ALLOCATOR", "crash/ubsan/KIND/PLACE" or "crash/exit/STATUS"
 * (crash_place.h);
 * one that worked for too long makes one, too (watchdog.h).
 * Fails with ERROR_BACKEND when it was aborted (a broken invariant, of the harness most likely),
 * ERROR_MEMORY when there was no process to be had, ERROR_IO when `look` could not print.
 */
enum error_code isolated_run(struct run *run, const struct plan *plan,
                             const struct isolated_options *options,
                             struct isolated_result *ret_result, struct error *error)
    __attribute__((warn_unused_result));

#endif
