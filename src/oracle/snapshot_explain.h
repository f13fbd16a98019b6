/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the snapshot oracle holds a result against, written out for people: the commits that the
 * call may have seen, and what the model says of the result on them. Changes nothing in the oracle.
 */
#ifndef ORACLE_SNAPSHOT_EXPLAIN_H
#define ORACLE_SNAPSHOT_EXPLAIN_H

#include "history/event.h"
#include "history/explanation.h"

/* For struct oracle_ops. */
void snapshot_explain(const void *state, const struct event *event,
                      struct explanation *explanation);

#endif
