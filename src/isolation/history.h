/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A history: what transactions read and wrote. Written values are unique for their key, so that
 * whoever reads a value tells who wrote it; where a read does not tell (a row that is not there, a
 * count), every version that it may have seen is considered.
 *
 * A key is a register, whose versions replace each other, or a list, to which elements are
 * appended, so that one read tells the order of all who wrote before it.
 */
#ifndef ISOLATION_HISTORY_H
#define ISOLATION_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ISOLATION_TRANSACTIONS_MAX = 4096 }; /* of more than these nothing is said */

#define ISOLATION_NO_ROW INT64_MIN /* as a value: a removal; a row that was not there */
#define ISOLATION_NEVER  UINT64_MAX

enum isolation_status {
    ISOLATION_ABORTED,
    ISOLATION_COMMITTED,
    ISOLATION_IN_DOUBT, /* its commit failed half-way: it counts where somebody saw it */
};

struct isolation_transaction {
    enum isolation_status status;
    /* Real time: it began after who ended before. NEVER: nobody was told of its end. */
    uint64_t began, ended;
    uint32_t session; /* whose transaction it is */
};

enum isolation_operation_kind {
    ISOLATION_WRITE,      /* `value`, or NO_ROW: the row is removed */
    ISOLATION_APPEND,     /* `value`, to a list */
    ISOLATION_READ,       /* of one key came `value`, or NO_ROW */
    ISOLATION_READ_LIST,  /* of one list came `elements` */
    ISOLATION_READ_WHERE, /* of those in `where` came `rows`, and no others */
    ISOLATION_COUNT,      /* `value` rows are in `where` */
    ISOLATION_SUM, /* the values of the rows in `where` make `value`; NO_ROW: there is none */
};

/* Registers from one key to another whose value is in a range. */
struct isolation_where {
    uint32_t first_key, last_key;
    int64_t at_least, at_most;
};

struct isolation_row {
    uint32_t key;
    int64_t value;
};

struct isolation_operation {
    uint8_t kind; /* enum isolation_operation_kind */
    uint32_t transaction;
    uint32_t key;
    int64_t value;
    const int64_t *elements;
    uint32_t element_count;
    struct isolation_where where;
    const struct isolation_row *rows;
    uint32_t row_count;
    uint64_t place; /* of a write: its version's in the order of its key's */
    uint32_t step;  /* what the caller calls it */
};

struct isolation_key {
    bool is_list;
    bool is_unknown; /* what ranges hold of it, or do not, tells nothing */
    int64_t initial; /* of a register: its value at the start, or NO_ROW; lists start empty */
};

/* What else may be known of the order of a register's versions, besides what reads tell. */
enum isolation_key_order {
    ISOLATION_KEYS_LINEARIZABLE = 1 << 0, /* it is that of real time */
    ISOLATION_KEYS_SEQUENTIAL = 1 << 1,   /* it is that of each session's own transactions */
    ISOLATION_KEYS_FOLLOW_READS = 1 << 2, /* what a transaction writes comes after what it read */
};

struct isolation_history {
    const struct isolation_transaction *transactions;
    uint32_t transaction_count;
    const struct isolation_operation *operations; /* those of one transaction in their order */
    size_t operation_count;
    const struct isolation_key *keys;
    uint32_t key_count;
    /*
     * The order of versions is that of `place`. Otherwise it is what reads tell of it, and where
     * they tell nothing, any order will do; then places are what is tried first.
     */
    bool order_is_known;
    uint32_t key_orders; /* bit set of enum isolation_key_order */
};

#endif
