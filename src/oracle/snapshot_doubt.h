/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where something is in doubt the snapshot oracle follows several histories: forked when a commit
 * may have happened or not, dropped when a result contradicts them.
 */
#ifndef ORACLE_SNAPSHOT_DOUBT_H
#define ORACLE_SNAPSHOT_DOUBT_H

#include "oracle/snapshot.h"

/* The task has the write lock now: what is in doubt is decided. Keeps a history for each way. */
void snapshot_decide_doubts(struct snapshot_oracle *oracle, uint32_t task);

/*
 * The task's call has failed, after its commit point perhaps: that commit may have happened, or
 * not, or come back in a recovery.
 */
void snapshot_fork_failed_commit(struct snapshot_oracle *oracle, uint32_t task, bool still_open);

/*
 * A request of the task's call, or the answer to one, was lost, and the call has ended so: what was
 * asked for may have been done or not, where nobody else can tell.
 */
void snapshot_fork_lost_request(struct snapshot_oracle *oracle, uint32_t task,
                                const struct observation *seen);

/* Somebody else has been found to be right. */
void snapshot_remove_history(struct snapshot_oracle *oracle, uint32_t index);

#endif
