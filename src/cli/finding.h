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
};

/*
 * Simplifies `plan` in place and prints the line about it. SIGINT ends it early, with the smallest
 * plan so far.
 */
enum error_code cli_shrink_plan(struct run *run, struct plan *plan,
                                const struct cli_shrink_options *options, enum shrink_end *ret_end,
                                struct error *error) __attribute__((warn_unused_result));

/*
 * Records what came of `plan`, which ran on the order's backend, in its bug base; `origin` is for
 * people.
 */
enum error_code cli_keep_finding(const struct cli_order *order, const struct plan *plan,
                                 const struct verdict *verdict, uint64_t trace_hash,
                                 const char *origin, struct bugbase_recorded *ret_recorded,
                                 struct error *error) __attribute__((warn_unused_result));

/*
 * Makes `plan`, which came to `signature`, small in place and, where the order has a bug base,
 * stores that in the entry of the signature. `name` is of the plan, for the line. `ret_end` is
 * SHRINK_STOPPED when the user wants no more.
 */
enum error_code cli_shrink_finding(const struct cli_order *order, struct run *run,
                                   struct plan *plan, const char *name, const char *signature,
                                   enum shrink_end *ret_end, struct error *error)
    __attribute__((warn_unused_result));

#endif
