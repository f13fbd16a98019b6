/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the snapshot oracle holds a result against, written out for people: the commits that the call
 * may have seen, and what the model says of the result on them. Changes nothing in the oracle; to be
 * asked between a call's end and snapshot_return.
 */
#ifndef ORACLE_SNAPSHOT_EXPLAIN_H
#define ORACLE_SNAPSHOT_EXPLAIN_H

#include "oracle/snapshot.h"

enum { SNAPSHOT_PREDICTIONS_MAX = 4 };

struct snapshot_prediction {
    uint32_t position; /* commit that it is made on; NO_POSITION: it does not matter */
    struct observation expected;
};

struct snapshot_expectation {
    bool is_own;       /* with what the transaction wrote itself, on commit `from` */
    bool agrees;       /* the result is what the first prediction says */
    uint32_t from, to; /* commits that the call may see */
    /*
     * The newest one that agrees; where none does, the different ones, newest first, as far as there
     * is room. 0: nothing is predicted (the call failed, or its result is nobody's claim).
     */
    uint32_t count;
    struct snapshot_prediction predictions[SNAPSHOT_PREDICTIONS_MAX];
};

void snapshot_explain(const struct snapshot_oracle *oracle, uint32_t task,
                      const struct observation *seen, struct snapshot_expectation *ret_expectation);

/*
 * The state that a write of the task, which has just ended and came to `seen`, was done on; NULL:
 * that is not clear. Also to be asked before snapshot_return.
 */
const struct model_database *snapshot_write_base(const struct snapshot_oracle *oracle,
                                                 uint32_t task, const struct observation *seen);

#endif
