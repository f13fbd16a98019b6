/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one possible history says of one result: consistent with it, then the history moves on; or
 * not.
 */
#ifndef ORACLE_SNAPSHOT_JUDGE_H
#define ORACLE_SNAPSHOT_JUDGE_H

#include "oracle/snapshot.h"

/* Nobody knows what the call did: that is the end of all claims. */
static inline bool snapshot_is_lost(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect == EFFECT_UNKNOWN;
}

/*
 * True when the call, having succeeded, holds or held the write lock for the first time in its
 * transaction.
 */
bool snapshot_takes_write_lock(const struct interaction *interaction,
                               const struct session *session);

/* True when the statement, done on this database, may come to what was seen. */
bool snapshot_matches(const struct model_database *database, const struct interaction *interaction,
                      int64_t step, const struct observation *seen);

/* False leaves kind and reason in the oracle and the history in no usable state. */
bool snapshot_judge_commit_point(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task);

/* As above; but on false the history is as it was before, so that another guess can be tried. */
bool snapshot_judge_return(struct snapshot_oracle *oracle, struct history *history, uint32_t task,
                           const struct observation *seen);

#endif
