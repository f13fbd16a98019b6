/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the plan of a finding small: tries simpler plans, each in a process of its own, and keeps
 * those that come to the same signature, until a whole round of all tactics changes nothing. What
 * is left is then 1-minimal: no interaction, pause, fault or expectation of it can be removed, no
 * field of the configuration or argument set to its first value, without losing the finding.
 *
 * Deterministic: the same plan on the same database gives the same result, unless on_progress stops
 * it or a candidate works for too long (run/watchdog.h).
 */
#ifndef SHRINK_SHRINK_H
#define SHRINK_SHRINK_H

#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct shrink_progress {
    uint64_t candidates; /* run so far */
    uint64_t yields;     /* yield points that they crossed: how much work that was */
    uint32_t round;      /* from 1 */
    size_t interactions; /* of the smallest plan so far */
};

/* Called after each candidate; false: no more, the smallest plan so far is the result. */
typedef bool shrink_progress_fn(void *context, const struct shrink_progress *progress);

struct shrink_options {
    const char *signature;           /* the plan must show this one; NULL: whichever it shows */
    uint32_t rounds_max;             /* 0: as many as it takes */
    shrink_progress_fn *on_progress; /* may be NULL */
    void *context;
};

enum shrink_end {
    SHRINK_NOTHING, /* the plan is no finding */
    SHRINK_MINIMAL, /* a whole round changed nothing */
    SHRINK_ROUNDS,  /* rounds_max rounds are over, the last one did change something */
    SHRINK_STOPPED, /* by on_progress */
};

struct shrink_result {
    enum shrink_end end;
    char signature[sizeof((struct verdict){0}.signature)];
    size_t interactions_before;
    uint64_t candidates;
    uint64_t yields;  /* that they crossed */
    uint64_t aborted; /* candidates whose process aborted: a broken invariant of the harness */
};

/*
 * Simplifies `plan` in place; it keeps its array and its texts. `run` is forked from and stays
 * clean. On failure `plan` is as it was. Fails with ERROR_INPUT for a plan that breaks its own
 * rules, ERROR_USAGE when it shows another signature than asked for, and as isolated_run does.
 */
enum error_code shrink_plan(struct run *run, struct plan *plan,
                            const struct shrink_options *options, struct shrink_result *ret_result,
                            struct error *error) __attribute__((warn_unused_result));

#endif
