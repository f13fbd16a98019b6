/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compact form of a plan, format 2: what fuzzing engines mutate. A header of 32 bytes, then
 * records of 12 bytes. Every byte string is a plan: fields are taken modulo their domain, what is
 * missing reads as zero, more than PLAN_INTERACTIONS_MAX records are ignored. docs/plan-format.md
 * has the layout bit by bit.
 */
#ifndef PLAN_COMPACT_H
#define PLAN_COMPACT_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

enum {
    COMPACT_HEADER_BYTES = 32,
    COMPACT_RECORD_BYTES = 12,
    COMPACT_SIZE_MAX = COMPACT_HEADER_BYTES + PLAN_INTERACTIONS_MAX * COMPACT_RECORD_BYTES,
};

/*
 * Decodes any bytes as a plan for `database`; DATABASE_ALL: for the one that they name, if any.
 * Never fails. The interactions are allocated in `arena`.
 */
void compact_decode(struct plan *plan, struct arena *arena, const uint8_t *bytes, size_t size,
                    enum plan_database database);

/*
 * Writes the canonical bytes of `plan`, at most COMPACT_SIZE_MAX, and their number to `ret_size`.
 * Fails with ERROR_INPUT for what only documents carry: SQL text, expectations, plans of
 * sql-middleware's simulator, more than 256 interactions, numbers outside the compact domains,
 * actions of another database than the plan's.
 */
enum error_code compact_encode(const struct plan *plan, uint8_t bytes[COMPACT_SIZE_MAX],
                               size_t *ret_size, struct error *error)
    __attribute__((warn_unused_result));

#endif
