/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a finding one of those that are known? Where the signature alone does not say, its plan is
 * made small and its cause looked up. That costs some hundred runs, and a campaign may meet the
 * same bug in every second plan: it spends no more than a part of its plans on it, and takes the
 * others for known by their signature. Deterministic: no clock is read.
 */
#ifndef BUGBASE_RECOGNIZE_H
#define BUGBASE_RECOGNIZE_H

#include "bugbase/cause.h"
#include "bugbase/known.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

/* All zero: nothing was done yet. */
struct recognize_budget {
    uint64_t earned_hundredths; /* of runs that may be spent, besides a thousand at the start */
    uint64_t spent;             /* runs that were made to recognize findings */
    uint64_t left_out;          /* findings for which there was not enough */
};

/*
 * What is earned. A run is a process of its own, which costs as much as some plans, with sanitizers
 * as some dozen.
 */
enum {
    RECOGNIZE_HUNDREDTHS_A_PLAN = 1,    /* by a campaign for each plan */
    RECOGNIZE_HUNDREDTHS_A_FILE = 2000, /* by who goes through findings, for each */
};

/*
 * The cause of the finding that `plan` comes to: that of its plan made small, which takes at most
 * RECOGNIZE_CANDIDATES_MAX runs. Unknown where these or the budget (NULL: no bound) were not
 * enough, or the finding does not show again. `plan` stays as it is; `run` is forked from and must
 * be clean: nothing but sound plans since it was opened.
 */
enum { RECOGNIZE_CANDIDATES_MAX = 2000 };
enum error_code recognize_cause(struct cause *ret_cause, struct run *run, const struct plan *plan,
                                const char *signature, struct recognize_budget *budget,
                                struct error *error) __attribute__((warn_unused_result));

/*
 * Whether the list knows the finding, by signature alone or with its cause, as its lines ask;
 * counted there.
 */
bool recognize(struct known_findings *known, struct run *run, const struct plan *plan,
               const char *signature, struct recognize_budget *budget);

#endif
