/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a finding shows: which of its pauses and faults it needs, and which steps of one task must
 * come before which of another one. Each is proved by a run, in a process of its own, of the plan
 * without it, or with only these two the other way round. What is not needed is left out, and so is
 * an order that follows from others.
 *
 *     struct explain_options options = {0};
 *     struct explain_result *result;
 *     if (explain_plan(&result, run, &plan, &options, &error) == ERROR_NONE) {
 *         explain_print(result, stdout);
 *         explain_free(result);
 *     }
 *
 * Meant for plans that have been made small (shrink/shrink.h). Deterministic: the same plan on the
 * same build gives the same result.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include "base/arena.h"
#include "explain/code_places.h"
#include "explain/judge.h"
#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct explain_options {
    judge_progress_fn *on_progress; /* NULL: nobody watches */
    void *context;
};

enum explain_edge {
    EXPLAIN_CROSSING, /* a yield point that it crosses */
    EXPLAIN_WHOLE,    /* all that it does without being held back: no single point is known */
};

/* A place in an interaction. */
struct explain_place {
    uint32_t task, interaction;
    enum explain_edge edge;
    enum yield_point point; /* of EXPLAIN_CROSSING */
    uint32_t crossing;      /* which of its points that others may notice, from 1 */
    struct code_places code;
};

/* `before` comes before `after`. */
struct explain_order {
    struct explain_place before, after;
    struct plan shown; /* shows the finding, and differs from ... */
    struct plan
        flipped; /* ... this one only in these two places: here the order is the other one */
    uint32_t shown_before, shown_after, flipped_before, flipped_after; /* the interactions there */
    char came_to[JUDGE_SIGNATURE_BYTES];                               /* `flipped`, or "ok" */
};

/* UNKNOWN: without it a limit of the harness is met. */
enum explain_need { EXPLAIN_NOT_NEEDED, EXPLAIN_NEEDED, EXPLAIN_NEED_UNKNOWN };

/* That a task is held back in the interaction. */
struct explain_pause {
    uint32_t interaction;
    enum explain_need need;
    char came_to[JUDGE_SIGNATURE_BYTES]; /* without it */
    bool has_place;                      /* it struck, where others may notice: */
    enum yield_point point;
    struct code_places code;
};

struct explain_fault {
    uint32_t interaction;
    enum fault_kind kind;
    enum explain_need need;
    char came_to[JUDGE_SIGNATURE_BYTES]; /* without it */
    bool has_struck;
    struct code_places code; /* where it struck */
    /* At the opportunity before, or after that, the finding shows, too. */
    bool shows_earlier, shows_later;
};

struct explain_result {
    struct arena arena; /* of all that is here, but for the plan's texts, which are the caller's */
    char signature[JUDGE_SIGNATURE_BYTES]; /* empty: the plan is no finding, and nothing is here */
    struct plan plan;                      /* that places count in */
    size_t pause_count, fault_count, order_count;
    struct explain_pause *pauses;
    struct explain_fault *faults;
    struct explain_order *orders;
    uint64_t candidates; /* plans that were run */
    /* Orders that could not be tried alone: whether they are needed is not known. */
    size_t unsettled_count;
    const char *orders_unknown; /* why orders were not looked for; NULL: they were */
    bool is_stopped;            /* by on_progress: there may be more */
};

/*
 * Explains `plan`, whose texts live as long as the result. `run` is forked from and stays clean.
 * Fails with ERROR_INPUT for a plan that breaks its own rules, and as isolated_run does.
 */
enum error_code explain_plan(struct explain_result **ret_result, struct run *run,
                             const struct plan *plan, const struct explain_options *options,
                             struct error *error) __attribute__((warn_unused_result));
/* " in find (table.c:65), called by read_row < look_up", or nothing. */
void explain_say_code(const struct code_places *code, struct text *text);

void explain_free(struct explain_result *result);

/* For people, as lines of text. */
void explain_print(const struct explain_result *result, FILE *out);

/* A sentence without its end: "task 1 (step 6, commit) reads in f (a.c:12) before task 2 ...". */
void explain_say_order(const struct explain_result *result, const struct explain_order *order,
                       struct text *text);
void explain_say_fault(const struct explain_result *result, const struct explain_fault *fault,
                       struct text *text);
void explain_say_pause(const struct explain_result *result, const struct explain_pause *pause,
                       struct text *text);

/* What is not known, and what there is none of: lines. */
void explain_say_remarks(const struct explain_result *result, struct text *text);

/* All of it as a JSON document. */
enum error_code explain_write_json(const struct explain_result *result, FILE *out,
                                   struct error *error) __attribute__((warn_unused_result));

#endif
