/* SPDX-License-Identifier: Apache-2.0 */
/* A mode as its files see it: two sides that run the same plan. */
#ifndef MODE_SIDES_H
#define MODE_SIDES_H

#include "mode/compare.h"
#include "mode/mode.h"

struct mode {
    const struct mode_kind_ops *kind;
    struct run_mode on_first, on_second; /* what the two runs are told to do */
    struct course first, second;
    struct run *run; /* the second side's */
    struct run_options second_options;
    const struct subject *subject; /* the first side's */
    struct mode_counts counts;
    char names[2][224];
    char description[224];

    /* Of MODE_AGAINST. */
    struct mode_order order;
    bool is_same_kind; /* one database, be it in two versions or with other settings */
    struct arena arena;
    struct plan plans[2]; /* as they run, one on each side */
};

struct mode_kind_ops {
    /* The plan that runs first. */
    const struct plan *(*begin)(struct mode *mode, const struct plan *plan);
    /* The plan that runs second, after `plan`. */
    const struct plan *(*second)(struct mode *mode, const struct plan *plan);
    /* Both have run. */
    void (*compare)(struct mode *mode, const struct trace *first, const struct run_result *second,
                    const struct comparison *comparison);
    const char *word; /* how its signatures begin */
};
extern const struct mode_kind_ops mode_twice, mode_against;

/* Fails with ERROR_USAGE when the two have nothing that could be compared. */
enum error_code mode_open_against(struct mode *mode, struct error *error);

/* The plan goes on, and is compared no further. */
static inline void mode_pass_over(struct mode *mode, enum mode_reason reason)
{
    mode->counts.passed_over[reason]++;
}

#endif
