/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a statement may come to on what it sees: a snapshot, its transaction's own work, and, where
 * it writes, the newest versions. Pure; who sees what when is rows.c's business.
 */
#ifndef ORACLE_ROWS_JUDGE_H
#define ORACLE_ROWS_JUDGE_H

#include "model/observation.h"
#include "oracle/rows_state.h"

#include <interplay/subject.h>

enum rows_commit_status { ROWS_UNDER_WAY, ROWS_COMMITTED, ROWS_FAILED };

/* A call that commits. */
struct rows_commit {
    uint32_t task;
    enum rows_commit_status status;
    uint32_t called, ended;       /* when */
    const struct rows_work *work; /* NULL: it is not known yet what it does, but to which rows: */
    uint32_t touches[PLAN_TABLES];
};

/* Commits whose work is known and that a statement may or may not see; of more some are unknown. */
enum { ROWS_MAYBE_MAX = 3, ROWS_VIEWS_MAX = 1 << ROWS_MAYBE_MAX };

/* A statement that has ended. */
struct rows_call {
    const struct interaction *interaction;
    size_t step;
    const struct observation *seen;
    enum subject_view view; /* that transactions have here */
    const struct rows_times *times;
    uint32_t called;
    const struct rows_state *base; /* all that had been acknowledged when it began */
    /* Commits that were under way meanwhile, and have not failed. */
    const struct rows_commit *maybes[ROWS_MAYBE_MAX];
    uint32_t maybe_count;
    uint32_t open[PLAN_TABLES]; /* rows that others of them may have written besides */
};

/* A snapshot with those of the maybes that are in the set. */
void rows_snapshot(const struct rows_call *call, uint32_t set, struct rows_state *ret_state);

/* It reads what is there; where rows are unknown, whatever comes may be right. */
bool rows_read_fits(const struct rows_call *call, const struct rows_state *visible);

/*
 * It has written, on this snapshot (of `set`) and the work of its transaction so far: false, it
 * cannot have come to that; or the work moves on.
 */
bool rows_write_fits(const struct rows_call *call, const struct rows_state *snapshot, uint32_t set,
                     struct rows_work *work);

/* The rows that an update of `step` has returned: those that it may find, with what it writes. */
bool rows_returned_fit(const struct interaction *interaction, size_t step,
                       const struct observation *seen);

/* That the keys were taken, as it says, is possible; `work` is that of its transaction so far. */
bool rows_conflict_fits(const struct rows_call *call, const struct rows_work *work);

#endif
