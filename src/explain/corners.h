/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two neighbouring parts whose order matters, and the crossings in them that make it matter. What
 * the files of the search share; nobody else includes it.
 */
#ifndef EXPLAIN_CORNERS_H
#define EXPLAIN_CORNERS_H

#include "explain/orders.h"
#include "explain/schedule.h"

struct search {
    struct explain_result *result;
    struct judge *judge;
    struct unnamed_places *unnamed;
    bool can_cut; /* tasks of the plan can be held back */
    struct arena scratch;
    struct course *course, *trial; /* of the plan; of a candidate */
    struct schedule schedule;
    bool *is_before; /* of parts, one a row: what must stay before what */

    /* The order that is being tried, and the plan that makes it. */
    struct schedule_part *parts;
    size_t part_count;
    struct plan candidate;
    uint32_t *places;
};

/* Two parts that are brought together, and where the others are meanwhile. */
struct pair {
    size_t first, second;
    size_t *before, *behind;
    size_t before_count, behind_count;
};

/* An order to be tried: what is before the pair, then whatever is added, then what is behind it. */
void search_begin(struct search *search, const struct pair *pair);
void search_add(struct search *search, struct schedule_part part);
void search_end(struct search *search, const struct pair *pair);

/*
 * The pair shows the finding in this order and not in the other one: adds to the result's orders
 * what of it that hangs on.
 */
enum error_code corners_find(struct search *search, const struct pair *pair, struct error *error)
    __attribute__((warn_unused_result));

#endif
