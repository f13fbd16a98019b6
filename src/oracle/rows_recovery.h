/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be there once a server has recovered, by what was known and the commits since then. A
 * commit that was under way is there wholly or not at all. Where the last ones may be gone, what is
 * left is a beginning of their order: a commit is there with all that had been acknowledged before
 * its call began, and without those whose calls began when it had been; of others, whose calls ran
 * side by side with its own, rows are left open. Pure.
 */
#ifndef ORACLE_ROWS_RECOVERY_H
#define ORACLE_ROWS_RECOVERY_H

#include "oracle/rows_judge.h"
#include "oracle/verdict.h"

struct rows_remains {
    const struct rows_state *known; /* with everything that was committed before `commits` */
    const struct rows_commit *commits;
    uint32_t commit_count;
    const struct rows_times *times;
    uint32_t tables; /* of which something is said */
    bool may_lose;   /* the last ones of those that were acknowledged, too */
};

/* A violation where `found` is nothing of the kind. */
void rows_judge_recovery(const struct rows_remains *remains, const struct model_database *found,
                         size_t step, struct verdict *verdict);

#endif
