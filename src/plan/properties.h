/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties: short shapes of interactions with an expectation of their own. This is the one table
 * of them; src/generate/properties/NAME.c draws the shape, and the oracle `property` holds the
 * interaction that has the argument `property` against what the row claims.
 *
 * P(name, title, where, claims, meaning)
 *   name     of the word in plans, and of the file that draws it; its place is its number: new rows
 *            go to the end
 *   title    what people write and signatures say
 *   where    enum property_where
 *   claims   bit set of enum property_claim: what is held against the interaction
 */
#ifndef PLAN_PROPERTIES_H
#define PLAN_PROPERTIES_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

#define PLAN_PROPERTIES(P)                                                                         \
    P(pool_checkout_return, "pool-checkout-return", POOLED, CLAIM_LEASE,                           \
      "what was given back to a pool can be taken again")                                          \
    P(tx_commit_visible, "tx-commit-visible", ANYWHERE, CLAIM_FOUND,                               \
      "what a transaction has committed, others find")                                             \
    P(tx_rollback_invisible, "tx-rollback-invisible", ANYWHERE, CLAIM_NOTHING_ELSE,                \
      "what a transaction has rolled back, nobody finds")                                          \
    P(retry_after_busy, "retry-after-busy", DIRECT, CLAIM_ADMITTED,                                \
      "a write that was refused because somebody else wrote is done once that one has ended")      \
    P(insert_values_select, "insert-values-select", ANYWHERE, CLAIM_FOUND,                         \
      "a row that was written is found by others, by its key and by its value")                    \
    P(read_your_updates_back, "read-your-updates-back", ANYWHERE, CLAIM_FOUND,                     \
      "who updates rows reads the new values")                                                     \
    P(delete_select, "delete-select", ANYWHERE, CLAIM_NOTHING_ELSE, "deleted rows are gone")       \
    P(select_limit, "select-limit", ANYWHERE, CLAIM_LIMIT,                                         \
      "a limit is kept, and the rows stand in the order that was asked for")                       \
    P(double_create_failure, "double-create-failure", ANYWHERE, CLAIM_REFUSED,                     \
      "a table that is there cannot be created")                                                   \
    P(drop_select, "drop-select", ANYWHERE, CLAIM_REFUSED,                                         \
      "a table that was dropped cannot be read")                                                   \
    P(savepoint_rollback, "savepoint-rollback", ANYWHERE, CLAIM_NOTHING_ELSE,                      \
      "what was done since a savepoint is gone after a rollback to it")                            \
    P(table_has_expected_content, "table-has-expected-content", ANYWHERE, CLAIM_CONTENT,           \
      "a table holds what was written to it, and nothing else")                                    \
    P(all_tables_have_expected_content, "all-tables-have-expected-content", ANYWHERE,              \
      CLAIM_CONTENT, "so do all tables")                                                           \
    P(fsync_no_wait, "fsync-no-wait", ANYWHERE, CLAIM_FOUND,                                       \
      "what was acknowledged is there when the process that wrote it, without waiting for the "    \
      "disk, is gone")                                                                             \
    P(faulty_query, "faulty-query", ANYWHERE, CLAIM_CONTENT,                                       \
      "a write that a fault struck is done as a whole or not at all, as it was told")              \
    P(select_select_optimizer, "select-select-optimizer", ANYWHERE, CLAIM_NUMBER,                  \
      "an aggregate says of a filter what the rows of that filter come to (NoREC)")                \
    P(where_true_false_null, "where-true-false-null", ANYWHERE, CLAIM_PARTS,                       \
      "the rows of which a comparison is true and those of which it is not are all rows (TLP)")    \
    P(union_all_preserves_cardinality, "union-all-preserves-cardinality", ANYWHERE, CLAIM_PARTS,   \
      "two filters that share no row count together what one filter over both counts")

/* Where it can be asked for. */
enum property_where {
    PROPERTY_ANYWHERE,
    PROPERTY_DIRECT, /* connections are the tasks' own */
    PROPERTY_POOLED, /* there is a pool */
};

enum property_claim {
    CLAIM_FOUND = 1 << 0,        /* each row that must be there is, with the values written last */
    CLAIM_NOTHING_ELSE = 1 << 1, /* no other row is */
    CLAIM_CONTENT = CLAIM_FOUND | CLAIM_NOTHING_ELSE,
    CLAIM_LIMIT = 1 << 2,
    CLAIM_REFUSED = 1 << 3,  /* it does not succeed on a table that is there, or is not */
    CLAIM_ADMITTED = 1 << 4, /* nobody is in its way, and it is not told busy */
    CLAIM_LEASE = 1 << 5,    /* a connection is free, and it gets one */
    CLAIM_NUMBER = 1 << 6,   /* the rows are those that an aggregate before it counted */
    CLAIM_PARTS = 1 << 7,    /* it is the sum of the two before it */
};

enum plan_property {
    PROPERTY_none,
#define PROPERTY(name, title, where, claims, meaning) PROPERTY_##name,
    PLAN_PROPERTIES(PROPERTY)
#undef PROPERTY
        PROPERTY_COUNT
};

struct plan_property_info {
    const char *title;
    const char *meaning;
    enum property_where where;
    unsigned claims;
};

/* By enum plan_property; of PROPERTY_none nothing is said. */
extern const struct plan_property_info plan_property_infos[PROPERTY_COUNT];

/* Adds those that are named, by their titles and with commas between them, to a set of bits. */
bool plan_properties_take(uint32_t *set, const char *titles);

/* "a, b or c": all of them. */
void plan_properties_name(struct text *text);

#endif
