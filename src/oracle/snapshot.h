/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Snapshot oracle: every result equals what the model predicts for some prefix of the commit order
 * that real time allows. And durability: after a power loss the survivors are a prefix with
 * everything that the mode promises.
 *
 * What it holds a database to:
 * - Commits form one order. The backend tells each commit point, at which no other connection can
 *   commit first; so the order of the commit points is the commit order.
 * - A read sees a prefix of it: at least everything whose commit returned before the call began
 *   that took the snapshot, at most everything with a commit point before that call ended, plus the
 *   transaction's own writes. The first read or write takes the snapshot, not BEGIN (but BEGIN
 *   IMMEDIATE); it holds until the transaction ends.
 * - A write on anything but the newest version is a lost update.
 * - A commit that failed in the middle is in doubt: either, until a result tells.
 *
 * Pure: events in, verdict out. Memory comes from the arena and lives as long as the run.
 */
#ifndef ORACLE_SNAPSHOT_H
#define ORACLE_SNAPSHOT_H

#include "oracle/snapshot_history.h"
#include "oracle/verdict.h"

struct snapshot_oracle {
    struct arena *arena;
    const struct plan *plan;
    bool is_blind; /* nothing can be claimed any more: see snapshot_give_up */
    bool shares_connections;
    /*
     * Something in this run is known to lead to wrong results of many kinds, all of them one
     * finding: its name for the signature. NULL: nothing. docs/findings.md explains each.
     */
    const char *common_cause;
    uint32_t history_count;
    struct history histories[HISTORIES_MAX];
    char kind[64]; /* of the last contradiction */
    char why[512];
};

void snapshot_begin(struct snapshot_oracle *oracle, struct arena *arena, const struct plan *plan);

/*
 * Each statement may run on another connection, which may know a schema as old as itself: errors that
 * name the schema may come from any version.
 */
void snapshot_share_connections(struct snapshot_oracle *oracle);

/* Nothing is claimed for the rest of the run: the plan went where the database promises nothing. */
void snapshot_give_up(struct snapshot_oracle *oracle);

/* A task's call for an interaction begins. */
void snapshot_invoke(struct snapshot_oracle *oracle, uint32_t task, size_t interaction);

/* Inside the call, a commit became the next in the order. */
void snapshot_commit_point(struct snapshot_oracle *oracle, uint32_t task, struct verdict *verdict);

/*
 * The call may yet fail, even where its commit was the next in the order: a fault struck in it, it is cancelled, or
 * it sleeps in the middle (a commit that restarts the log gives up with a locking protocol error after many naps).
 */
void snapshot_doubt(struct snapshot_oracle *oracle, uint32_t task);

/* The call ended. */
void snapshot_return(struct snapshot_oracle *oracle, uint32_t task, const struct observation *seen,
                     struct verdict *verdict);

/* The task's connection was closed or lost. */
void snapshot_disconnect(struct snapshot_oracle *oracle, uint32_t task);

/* The power failed: fixes what must survive. Calls under way still return (as died). */
void snapshot_power_loss(struct snapshot_oracle *oracle);

/*
 * The whole content after recovery from the power loss; false with `*verdict` set when it breaks a
 * promise.
 */
void snapshot_recovered(struct snapshot_oracle *oracle, const struct model_database *content,
                        size_t interaction, struct verdict *verdict);

/* The whole content at the end, when every call has returned and every connection is closed. */
void snapshot_final(struct snapshot_oracle *oracle, const struct model_database *content,
                    struct verdict *verdict);

/*
 * The state that the database must be in at the end, for whoever reads it out: of the first
 * history.
 */
const struct model_database *snapshot_expected(const struct snapshot_oracle *oracle);

#endif
