/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Explores a scenario: runs all interleavings of its steps, then all with one preemption, with two
 * and so on, then each of these with each fault at each opportunity. Says how many there are, how
 * many were run, what they came to, and what broke a claim.
 *
 * Deterministic: the same scenario on the same build gives the same result, however many processes
 * share the work, unless somebody ends it before its time.
 */
#ifndef EXPLORE_EXPLORE_H
#define EXPLORE_EXPLORE_H

#include "explore/path.h"
#include "explore/results.h"
#include "explore/tally.h"
#include "run/run.h"

#include <interplay/error.h>

enum { EXPLORE_STAGES_MAX = 2 * (PREEMPTIONS_MAX + 1) };

struct explore_progress {
    uint64_t run;   /* paths, of all stages */
    uint64_t total; /* of this stage and those before; COUNT_MANY: too many to be counted */
};
typedef bool explore_progress_fn(void *context, const struct explore_progress *progress);

struct explore_options {
    uint32_t preemptions;         /* up to PREEMPTIONS_MAX */
    enum plan_pause_class points; /* that a task may be held back before */
    uint64_t faults;              /* kinds: a bit set */
    uint32_t loss_seeds;          /* how many are tried where power is lost, from the plan's on */
    uint64_t max;                 /* paths that are run */
    uint32_t jobs;
    bool runs_all;                    /* also those that are like one that is run (commute.h) */
    explore_progress_fn *on_progress; /* NULL: nobody watches; false: enough */
    void *context;
};

/* Paths with so many preemptions, without or with a fault each. */
struct explore_stage {
    uint32_t preemptions;
    bool has_fault;
    bool is_counted; /* `total` is known: all paths that it follows from were run */
    uint64_t total;  /* COUNT_MANY: too many to be counted */
    uint64_t run;
    uint64_t left_out; /* of `total`: they are like one that was run */
};

struct explore;

/*
 * `run` is open on `backend`; it is forked from and stays clean. What comes of it is freed by
 * explore_free.
 */
enum error_code explore_run(struct explore **ret_explore, const struct run_options *backend,
                            struct run *run, const struct steps *steps,
                            const struct explore_options *options, struct error *error)
    __attribute__((warn_unused_result));
void explore_free(struct explore *explore);

uint32_t explore_stages(const struct explore *explore, const struct explore_stage **ret_stages);
const struct tally *explore_tally(const struct explore *explore);

/* All paths were run, but for those that are like one that was, and all were judged. */
bool explore_is_all(const struct explore *explore);

/* So many were left out. */
uint64_t explore_left_out(const struct explore *explore);

/* The path at this place, its fault, and its plan, which is valid until the next call. */
const struct plan *explore_plan_at(struct explore *explore, struct tally_place place,
                                   struct path *ret_path, struct path_fault *ret_fault);

/* Runs it once more, in a process of its own, for its results. */
enum error_code explore_results_at(struct explore *explore, struct tally_place place,
                                   struct results *ret_results, struct verdict *ret_verdict,
                                   struct error *error) __attribute__((warn_unused_result));

#endif
