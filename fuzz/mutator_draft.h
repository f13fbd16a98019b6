/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan that is being changed: decoded, with room to grow, and the random numbers that say how. A
 * draft is large and lives on the stack of who changes it.
 */
#ifndef FUZZ_MUTATOR_DRAFT_H
#define FUZZ_MUTATOR_DRAFT_H

#include "base/random.h"
#include "generate/generate.h"
#include "plan/plan.h"

struct draft {
    enum plan_database database;
    struct plan_config config;
    size_t count, count_max;
    struct random *random;
    struct generate_subject subject; /* of this plan and of fresh ones */
    struct interaction interactions[PLAN_INTERACTIONS_MAX];
};

/* --- between bytes and drafts ---------------------------------------------------------------- */

/* Both keep `random`, `subject` and `count_max`. */
void draft_decode(struct draft *draft, const uint8_t *bytes, size_t size);
void draft_generate(struct draft *draft);

/*
 * Writes the draft, after interactions drawn by lot were dropped until it fits into `count_max`;
 * returns the size.
 */
size_t draft_encode(struct draft *draft, uint8_t *ret_bytes);

/* How many interactions fit into so many bytes, at least COMPACT_HEADER_BYTES. */
size_t draft_room_for(size_t max_size);

/* --- changes --------------------------------------------------------------------------------- */

void draft_remove_block(struct draft *draft, size_t at, size_t length);

/* Inserts as much of `block`, which is not part of the draft, as there is room for; how much. */
size_t draft_insert_block(struct draft *draft, size_t at, const struct interaction *block,
                          size_t length);

void draft_clear_pause(struct interaction *interaction);
void draft_clear_fault(struct interaction *interaction);

/* --- drawing --------------------------------------------------------------------------------- */

/* Evenly in [0, bound). */
uint32_t draft_below(struct draft *draft, size_t bound);

/* `value` or its neighbour, up or down, in [0, domain). */
uint32_t draft_neighbour(struct draft *draft, uint32_t value, uint32_t domain);

/* A length from 1 to the largest, small ones more often. */
size_t draft_any_length(struct draft *draft, size_t largest);

/* NULL: there is none. */
struct interaction *draft_any_interaction(struct draft *draft);
struct interaction *draft_any_with_pause(struct draft *draft);
struct interaction *draft_any_with_fault(struct draft *draft);

/* --- what the configuration says ------------------------------------------------------------- */

uint32_t draft_tasks(const struct draft *draft);

/* Whether anything stands between clients and database. */
bool draft_has_pool(const struct draft *draft);

#endif
