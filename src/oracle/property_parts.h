/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results that say something about each other, as they are of one state: an aggregate and the rows
 * of the same filter, two filters that share no row and the one that takes all.
 */
#ifndef ORACLE_PROPERTY_PARTS_H
#define ORACLE_PROPERTY_PARTS_H

#include "oracle/property_shadow.h"

/* A select that has come to its end. */
struct property_part {
    const struct interaction *interaction; /* NULL: there is none */
    uint64_t call_at;
    bool in_transaction;
    bool number_is_null;
    int64_t number;      /* of an aggregate */
    uint64_t rows, hash; /* how many, and their sum, in whatever order they came */
};

/* Those of a task that came last, the newest first. */
struct property_parts {
    struct property_part last[2];
};

struct property_part property_part_of(const struct shadow_session *session,
                                      const struct interaction *interaction,
                                      const struct observation *seen);
void property_parts_push(struct property_parts *parts, const struct property_part *part);

/* What is wrong with the part that is there now, or NULL: nothing, or nothing can be said. */
const char *property_wrong_number(const struct shadow *shadow, uint32_t task,
                                  const struct property_parts *parts,
                                  const struct property_part *now, const struct observation *seen);
const char *property_wrong_sum(const struct shadow *shadow, uint32_t task,
                               const struct property_parts *parts, const struct property_part *now);

#endif
