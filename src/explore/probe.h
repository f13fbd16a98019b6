/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One path, run and looked at: what it comes to, how many yield points each of its turns crosses,
 * and how many opportunities each step gives a fault. A probe can lie in memory that others share,
 * so that what was seen of a path outlives a process that the path ends.
 */
#ifndef EXPLORE_PROBE_H
#define EXPLORE_PROBE_H

#include "explore/commute.h"
#include "explore/results.h"
#include "run/isolated.h"
#include "run/run.h"

struct probe {
    const struct steps *steps;
    enum plan_pause_class points;
    const struct path *path;
    const struct path_fault *fault;
    uint32_t put_in[STEPS_MAX]; /* as path_make_plan takes it */
    struct path_plan made;      /* of the path */
    uint16_t turn_points[TURNS_MAX];
    uint16_t opportunities[STEPS_MAX]; /* by step */
    struct results results;
    /* By interaction of the scenario: it waited for somebody; the turn in which it ended. */
    bool has_waited[STEPS_MAX];
    uint32_t ended_in[STEPS_MAX]; /* PATH_NO_STEP: it never did */
    bool was_pressed[STEPS_MAX];  /* it waited, and the next one was due, if that is of its step */
    /* The interaction that was begun last, and its turn. */
    uint32_t begun, turn;
    bool has_stopped, has_ended; /* that one, before its end; likewise */
    /* By step: what it turned out to have in common with others; not if no reader is known. */
    uint64_t of_readers; /* struct commute */
    uint8_t bond[STEPS_MAX];
    bool has_touched[TURNS_MAX], has_others[TURNS_MAX]; /* the storage; somebody else's call */
    uint64_t begun_ns;
};

/* `arena` has room for the plan of any path, and lives as long. */
void probe_init(struct probe *ret_probe, struct arena *arena, const struct steps *steps,
                enum plan_pause_class points);

/* Puts the path's plan in place. Both live until it was run. */
void probe_take(struct probe *probe, const struct path *path, const struct path_fault *fault);

/*
 * Runs it; `counts_points`: fills in `turn_points`, too. The result belongs to `run`. Where a
 * statement of a step waits and is not its last one, the others of its step come once it has ended:
 * when that is shows only by running it, so the path may be run more than once.
 */
const struct run_result *probe_run(struct probe *probe, struct run *run, bool counts_points);

/* The same in a process of its own; the probe lies in memory that the two share (crew_memory). */
enum error_code probe_run_isolated(struct probe *probe, struct run *run, bool counts_points,
                                   struct isolated_result *ret_result, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Puts each statement where it comes at last, if need be by runs in processes of their own (the
 * probe lies in memory that they share), and leaves it at that.
 */
void probe_place(struct probe *probe, struct run *run);

/* What the step, which may be several interactions, had in common with others in this run. */
enum commute_bond probe_bond(const struct probe *probe, uint32_t step);

/* Fills in `opportunities` of the kind, by a run of its own, in which none strikes. */
const struct run_result *probe_count_opportunities(struct probe *probe, struct run *run,
                                                   const struct path *path, enum fault_kind kind);

#endif
