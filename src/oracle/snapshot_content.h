/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durability: what the database must hold after a power loss and at the end, in one history.
 * Whoever says false has left kind and reason in the oracle.
 */
#ifndef ORACLE_SNAPSHOT_CONTENT_H
#define ORACLE_SNAPSHOT_CONTENT_H

#include "oracle/snapshot.h"

/* The power failed: fixes what must survive. Calls under way still return (as died). */
void snapshot_lose_power(struct history *history, enum survival survival);

/*
 * Finds the survivors and makes them the history's present; false when they are not a promised
 * prefix.
 */
bool snapshot_recover(struct history *history, const struct model_database *content);

/* Which promise the survivors break, if they break one. */
void snapshot_explain_loss(struct snapshot_oracle *oracle, const struct history *history,
                           const struct model_database *content);

/* Every call has returned and every connection is closed. */
bool snapshot_judge_end(struct snapshot_oracle *oracle, const struct model_database *content);

#endif
