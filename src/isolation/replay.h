/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a history is plainly one after the other: what most are, and a look at each operation
 * tells, without a graph.
 */
#ifndef ISOLATION_REPLAY_H
#define ISOLATION_REPLAY_H

#include "base/arena.h"
#include "isolation/history.h"

/*
 * True: done in the order of their writes' places, who only read where they began, all transactions
 * that committed see exactly what those before them left, and real time agrees. Then every level
 * permits it. False: it may be permitted all the same.
 */
bool isolation_replays(const struct isolation_history *history, struct arena *arena);

#endif
