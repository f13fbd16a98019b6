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
 * Memory comes from the arena and lives as long as the run.
 */
#ifndef ORACLE_SNAPSHOT_H
#define ORACLE_SNAPSHOT_H

#include "oracle/oracle.h"
#include "oracle/snapshot_cause.h"
#include "oracle/snapshot_history.h"

struct snapshot_oracle {
    const struct oracle_setting *setting;
    struct arena *arena;     /* the setting's */
    const struct plan *plan; /* as it is judged */
    struct oracle_end end;
    /* What a task's commits are promised now; the setting's promise is the weakest so far. */
    enum survival promised[PLAN_TASKS_MAX];
    /*
     * Each statement may run on another connection, which may know a schema as old as itself:
     * errors that name the schema may come from any version.
     */
    bool shares_connections;
    struct snapshot_cause cause;
    uint32_t history_count;
    struct history histories[HISTORIES_MAX];
    char kind[64]; /* of the last contradiction */
    char why[512];
};

#endif
