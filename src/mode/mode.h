/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often and on what a plan runs: once; twice, where both runs must be the same (doublecheck);
 * against another subject, or the same one with other settings, where the results must be the same
 * (differential). A mode is data for `struct run_options`: whoever runs, shrinks or replays plans
 * knows of none.
 *
 *     struct mode *mode;
 *     mode_open(&mode, &order, &options, &error);
 *     options.mode = mode_run(mode);
 *     run_open(&run, &options, &error);
 *
 * Verdicts of a mode begin with its word: "doublecheck/message/insert".
 */
#ifndef MODE_MODE_H
#define MODE_MODE_H

#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

enum mode_kind { MODE_ONCE, MODE_TWICE, MODE_AGAINST };

struct mode_order {
    enum mode_kind kind;
    /* Of MODE_AGAINST: what runs beside; NULL: the same subject. Lives as long as the mode. */
    const struct run_options *other;
    /* Settings that are others there; NULL: none. */
    const struct plan_config *config;
    const bool *is_pinned;
};

/* Why a plan was not compared to its end. */
enum mode_reason {
#define REASON(name, words) MODE_REASON_##name,
#include "mode/reasons.def"
    MODE_REASON_COUNT
};
extern const char *const mode_reason_words[MODE_REASON_COUNT];

struct mode_counts {
    uint64_t compared; /* to their end */
    uint64_t passed_over[MODE_REASON_COUNT];
};

struct mode;

/* `options` are those of the run that the mode is for. MODE_ONCE gives NULL. */
enum error_code mode_open(struct mode **ret_mode, const struct mode_order *order,
                          const struct run_options *options, struct error *error)
    __attribute__((warn_unused_result));
void mode_close(struct mode *mode);

/* For the options of that run; NULL of NULL. And back. */
const struct run_mode *mode_run(const struct mode *mode);
struct mode *mode_of_run(const struct run_mode *run_mode);

/* What came of all plans so far. */
const struct mode_counts *mode_counts(const struct mode *mode);

/*
 * For processes that run some of the plans: whoever was forked runs them on subjects of its own,
 * and counts anew.
 */
enum error_code mode_open_own(struct mode *mode, struct error *error)
    __attribute__((warn_unused_result));
void mode_add_counts(struct mode *mode, const struct mode_counts *more);

/* What runs beside, for people: its name and version, and its settings; as long as the mode. */
const char *mode_describe(const struct mode *mode);

#endif
