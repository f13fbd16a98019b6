/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the snapshot oracle holds a result against, written out for people: the commits that the call
 * may have seen, and what the model says of the result on them. Changes nothing in the oracle; to be
 * asked between a call's end and snapshot_return.
 */
#ifndef ORACLE_SNAPSHOT_EXPLAIN_H
#define ORACLE_SNAPSHOT_EXPLAIN_H

#include "history/explanation.h"
#include "oracle/snapshot.h"

void snapshot_explain(const struct snapshot_oracle *oracle, uint32_t task,
                      const struct observation *seen, struct explained_result *ret_expectation);

/*
 * The state that a write of the task, which has just ended and came to `seen`, was done on; NULL:
 * that is not clear. Also to be asked before snapshot_return.
 */
const struct model_database *snapshot_write_base(const struct snapshot_oracle *oracle,
                                                 uint32_t task, const struct observation *seen);

#endif
