/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan comes to, asked again and again: each time in a process of its own. */
#ifndef EXPLAIN_JUDGE_H
#define EXPLAIN_JUDGE_H

#include "oracle/verdict.h"
#include "plan/plan.h"
#include "run/run.h"

#include <interplay/error.h>

#include <stdbool.h>
#include <stdint.h>

enum { JUDGE_SIGNATURE_BYTES = sizeof((struct verdict){0}.signature) };

/* Called after each plan; false: enough. */
typedef bool judge_progress_fn(void *context, uint64_t candidates);

struct judge {
    struct run *run;
    char signature[JUDGE_SIGNATURE_BYTES]; /* that counts as the finding */
    uint64_t candidates;                   /* that were run */
    judge_progress_fn *on_progress;        /* may be NULL */
    void *context;
    enum error_code code; /* it ended: what went wrong, or ERROR_NONE where nobody wants more */
    struct error *error;
    bool is_over; /* nothing shows the finding any more */
};

enum judge_answer {
    JUDGE_SHOWS,   /* the finding */
    JUDGE_OTHER,   /* it comes to something else, or to nothing */
    JUDGE_UNKNOWN, /* a limit of the harness was met, or nobody asks any more */
};

/* `ret_came_to`, which may be NULL, has the signature, or "ok". */
enum judge_answer judge_ask(struct judge *judge, const struct plan *plan,
                            char ret_came_to[JUDGE_SIGNATURE_BYTES]);

/*
 * The same of a plan whose interactions have moved: what a power loss takes hangs on its place, so
 * that there the finding may come with any loss_seed. `plan` is left with the one that showed it.
 */
enum judge_answer judge_ask_moved(struct judge *judge, struct plan *plan,
                                  char ret_came_to[JUDGE_SIGNATURE_BYTES]);

#endif
