/* SPDX-License-Identifier: Apache-2.0 */
/* Findings on their way into a bug base, and made small there or elsewhere. */
#ifndef CLI_FINDING_H
#define CLI_FINDING_H

#include "bugbase/bugbase.h"
#include "cli/order.h"
#include "shrink/shrink.h"

struct cli_shrink_options {
    const char *name;      /* of the plan, for the line */
    const char *signature; /* the plan must come to this one; NULL: to any */
    uint32_t rounds_max;   /* 0: no bound */
    bool is_quiet;
    bool hides_time; /* the line does not say how long it took */
};

/*
 * Simplifies `plan` in place and prints the line about it. SIGINT ends it early, with the smallest
 * plan so far.
 */
enum error_code cli_shrink_plan(struct run *run, struct plan *plan,
                                const struct cli_shrink_options *options, enum shrink_end *ret_end,
                                struct error *error) __attribute__((warn_unused_result));

/* What came of a plan, for the bug base. */
struct cli_kept {
    const struct plan *plan;
    const struct verdict *verdict;
    uint64_t trace_hash;
    const char *origin;        /* for people */
    const struct cause *cause; /* unknown where it does not matter */
};

/* Records it in the order's bug base; it ran on the order's backend. */
enum error_code cli_keep_finding(const struct cli_order *order, const struct cli_kept *kept,
                                 struct bugbase_recorded *ret_recorded, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Makes `plan`, which came to `signature`, small in place and, where the order has a bug base,
 * stores that in its `entry` (else NULL). `name` is of the plan, for the line. `ret_end` is
 * SHRINK_STOPPED when the user wants no more.
 */
enum error_code cli_shrink_finding(const struct cli_order *order, struct run *run,
                                   struct plan *plan, const char *name, const char *signature,
                                   const char *entry, enum shrink_end *ret_end, struct error *error)
    __attribute__((warn_unused_result));

#endif
