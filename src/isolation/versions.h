/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of each key, and which of them each read may have seen. What is wrong without any
 * cycle is found here. Nobody is in doubt any more: who has not committed has rolled back.
 */
#ifndef ISOLATION_VERSIONS_H
#define ISOLATION_VERSIONS_H

#include "isolation/judge.h"

#define VERSION_NOBODY UINT32_MAX /* as a transaction: it was there at the start */

/* Of a register what a transaction made of it in the end, of a list each element. */
struct version {
    uint32_t transaction;
    uint32_t operation;
    int64_t value;
    uint64_t place;
};

/* Begins with what was there at the start; those of who rolled back are no part of it. */
struct key_versions {
    struct version *versions;
    uint32_t count;
    /* The first so many are in their order; what follows comes in runs of one transaction each. */
    uint32_t ordered;
    uint32_t *order; /* by place in the order: a version's index; makes a choice */
    uint32_t *rank;  /* the other way round */
};

/* A key that a transaction read, if it had not written it before. */
struct cell {
    uint32_t transaction, operation, key;
    bool is_predicate;
    uint32_t *candidates; /* versions of the key; none: no version can have been seen */
    uint32_t candidate_count;
    uint32_t chosen;
};

/* The cells of a count or a sum. */
struct aggregate {
    uint32_t operation, first_cell, cell_count;
    int64_t own_count, own_sum; /* of rows that the transaction itself had written */
};

struct versions {
    const struct isolation_history *history;
    struct key_versions *keys;
    struct cell *cells; /* those of aggregates last */
    uint32_t cell_count;
    uint32_t plain_count; /* cells of no aggregate */
    struct aggregate *aggregates;
    uint32_t aggregate_count;
    uint32_t version_count; /* of all keys */
};

/* Works in `arena`. False: something is wrong by itself, and the finding says what. */
bool versions_find(const struct isolation_history *history, uint32_t rules, struct arena *arena,
                   struct versions *ret_versions, struct isolation_finding *finding);

static inline bool where_holds(const struct isolation_where *where, int64_t value)
{
    return value != ISOLATION_NO_ROW && value >= where->at_least && value <= where->at_most;
}

#endif
