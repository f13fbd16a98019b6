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

/* Somebody else has been found to be right. */
void snapshot_remove_history(struct snapshot_oracle *oracle, uint32_t index);

#endif
