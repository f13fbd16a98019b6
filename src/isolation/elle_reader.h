/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that read a history share (elle.c, elle_steps.c, elle_missing.c). */
#ifndef ISOLATION_ELLE_READER_H
#define ISOLATION_ELLE_READER_H

#include "isolation/elle.h"

/* Times are so far apart, for what happens one after the other within an operation. */
#define ELLE_TICKS ((uint64_t)1 << 32)

struct elle_reader {
    struct arena *arena;
    struct error *error;
    const struct elle_model_info *model;
    struct elle_history *elle;
    struct isolation_transaction *transactions;
    const struct edn_value **processes; /* by transaction */
    bool *is_open;
    struct isolation_operation *operations;
    struct isolation_key *keys;
    const struct edn_value **values; /* that are no integers, by number */
    uint32_t value_count;
};

/* False, and the line and what was expected there told. */
bool elle_fail(struct elle_reader *reader, const struct edn_value *where, const char *expected);

bool elle_is_word(const struct edn_value *value, const char *word);
bool elle_is_same(const struct edn_value *one, const struct edn_value *other);

/* A new one, of the same process as `like`, or of nobody's (UINT32_MAX). */
uint32_t elle_add_transaction(struct elle_reader *reader, uint32_t like);

/* What an operation did; its reads count if the transaction has committed. */
bool elle_take_operation(struct elle_reader *reader, const struct edn_value *operation,
                         uint32_t transaction);

/* Once all has been read: what was left open until then. */
bool elle_settle_keys(struct elle_reader *reader);

/* No value is written twice to the same key, or reads would not tell who wrote it. */
bool elle_check_unique(struct elle_reader *reader);

/* Who is not in the history, and wrote what nobody in it did, is added to it. */
void elle_add_missing(struct elle_reader *reader);

/* The most that elle_add_missing may add. */
size_t elle_count_values(const struct edn_value *value);

#endif
