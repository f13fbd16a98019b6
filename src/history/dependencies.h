/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who depends on whom among transactions, and the shortest cycle in that. A cycle shows that no
 * order of the transactions, one after the other, explains what they saw (Adya, "Weak Consistency:
 * A Generalized Theory and Optimistic Implementations for Distributed Transactions", 1999).
 *
 *   wr  one read what the other wrote
 *   ww  one overwrote what the other wrote
 *   rw  one read what the other then overwrote
 *   rt  one had returned before the other began
 *
 * Values are unique for a key, so a value tells who wrote it. Pure: a history in, a cycle out.
 */
#ifndef HISTORY_DEPENDENCIES_H
#define HISTORY_DEPENDENCIES_H

#include "base/arena.h"
#include "plan/plan.h"

enum {
    DEPENDENCY_TRANSACTIONS_MAX = 512, /* of more than these nothing is said */
    DEPENDENCY_CYCLE_MAX = 16,         /* edges of a cycle that is told */
    DEPENDENCY_NO_ROW = -1,            /* instead of a value: a removal; a row that was not there */
};
#define DEPENDENCY_NEVER UINT64_MAX

struct dependency_transaction {
    bool counts; /* committed, or as good as: what did not happen depends on nobody */
    /* Real time: it began after who ended before. NEVER: nobody was told of its end. */
    uint64_t began, ended;
};

/* In the order in which they happened. */
struct dependency_access {
    uint32_t transaction;
    bool is_write;
    uint8_t table, key;
    int64_t value;
    uint64_t place; /* of a write: orders the versions of a key */
};

struct dependency_history {
    uint32_t transaction_count;
    size_t access_count;
    const struct dependency_transaction *transactions;
    const struct dependency_access *accesses;
    bool has_unknown_writes; /* then that there is no row tells nothing of who removed it */
    int64_t initial[PLAN_TABLES][PLAN_KEYS]; /* values at the start, or DEPENDENCY_NO_ROW */
};

enum dependency_kind {
    DEPENDENCY_NONE,
    DEPENDENCY_WR,
    DEPENDENCY_WW,
    DEPENDENCY_RW,
    DEPENDENCY_RT
};
extern const char *const dependency_kind_names[];

struct dependency_edge {
    uint32_t from, to;
    enum dependency_kind kind;
    uint8_t table, key;
    int64_t value, next; /* wr: read; ww and rw: the older and the newer one */
};

/*
 * Writes the edges of a shortest cycle, each from where the last one leads to, and returns how many
 * they are; 0: there is none, or it is longer than DEPENDENCY_CYCLE_MAX. Works in `arena`.
 */
uint32_t dependency_cycle(const struct dependency_history *history, struct arena *arena,
                          struct dependency_edge ret_edges[DEPENDENCY_CYCLE_MAX]);

#endif
