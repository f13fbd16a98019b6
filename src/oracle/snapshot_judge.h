/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one possible history says of one result: consistent with it, then the history moves on; or
 * not.
 */
#ifndef ORACLE_SNAPSHOT_JUDGE_H
#define ORACLE_SNAPSHOT_JUDGE_H

#include "oracle/snapshot_rules.h"

/*
 * The case at hand: a call, and the history that moves on. `call` reads the same history and
 * session.
 */
struct judged {
    struct snapshot_oracle *oracle;
    struct history *history;
    struct session *session;
    struct snapshot_call call;
};

/* Leaves kind and reason in the oracle and is false. */
bool snapshot_contradiction(const struct judged *judged, const char *kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A transaction that reads commit `base` writes, or commits, although there is a newer one. */
bool snapshot_lost_update(const struct judged *judged, uint32_t base);

/* The transaction's own state from now on, made from the newest commit. */
void snapshot_begin_own(const struct judged *judged);

/*
 * The call came to what snapshot_rule() says: its transactions and savepoints
 * (snapshot_transaction.c).
 */
bool snapshot_judge_transaction(const struct judged *judged);
/* It was done, whatever was told; false: it cannot have been. */
bool snapshot_accept_unseen(const struct judged *judged);

/* False leaves kind and reason in the oracle and the history in no usable state. */
bool snapshot_judge_commit_point(struct snapshot_oracle *oracle, struct history *history,
                                 uint32_t task);

/* As above; but on false the history is as it was before, so that another guess can be tried. */
bool snapshot_judge_return(struct snapshot_oracle *oracle, struct history *history, uint32_t task,
                           const struct observation *seen);

#endif
