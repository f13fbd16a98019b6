/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody's own database, in place of a private server (subject_target): where it is, and what
 * plans may do there. Process-wide, for those that are forked, too.
 *
 * A connection of its own, which is open as long as the process, keeps other processes of ours out
 * of that database (an advisory lock), and removes the tables of plans at the end, where there were
 * none before.
 *
 * Of the tables of native plans, t0 to t3, those that somebody has must be named as all others
 * must: then they are given away, content and definition, as plans drop and make them.
 */
#ifndef POSTGRES_POSTGRES_TARGET_H
#define POSTGRES_POSTGRES_TARGET_H

#include <interplay/subject.h>

#include "base/text.h"

enum {
    POSTGRES_CONNECTION_BYTES = 2048, /* of a connection string */
    POSTGRES_TABLES_MAX = 32,
    POSTGRES_TABLE_BYTES = 2 * (2 * 63 + 2) + 2, /* of a table's name, in quotes */
};

struct postgres_target {
    char connection[POSTGRES_CONNECTION_BYTES]; /* password included */
    enum subject_reset reset;
    uint32_t named; /* of t0 to t3, as a bit set */
    struct {
        char name[POSTGRES_TABLE_BYTES]; /* for a statement */
        uint32_t bit;                    /* which of t0 to t3 it is, as a bit; 0: none of them */
    } tables[POSTGRES_TABLES_MAX];
    size_t table_count;
};

extern const struct subject_target_ops postgres_targets;

/* NULL: plans run on a private server. */
const struct postgres_target *postgres_target(void);

/* All tables that native plans work on may be emptied. */
bool postgres_target_is_given(const struct postgres_target *target);

/* Native plans would change a table that somebody has and that may not be emptied. */
enum error_code postgres_target_refuse(const struct postgres_target *target, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Appends statements that empty the tables that may be, in the order in which they were named; of
 * t0 to t3 only those in `there`, a bit set.
 */
void postgres_target_empty(const struct postgres_target *target, uint32_t there, struct text *sql);

/* In SQL: which of t0 to t3 there are, as a bit set. */
extern const char postgres_target_there[];

#endif
