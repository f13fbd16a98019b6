/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compact form of a plan: what fuzzing engines mutate. A 16-byte header, then records of 8
 * bytes. Every byte string is a plan: fields are taken modulo their domain, what is missing reads
 * as zero, more than PLAN_INTERACTIONS_MAX records are ignored. docs/plan-format.md has the layout
 * bit by bit.
 */
#ifndef PLAN_COMPACT_H
#define PLAN_COMPACT_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

enum {
    COMPACT_HEADER_BYTES = 16,
    COMPACT_RECORD_BYTES = 8,
    COMPACT_SIZE_MAX = COMPACT_HEADER_BYTES + PLAN_INTERACTIONS_MAX * COMPACT_RECORD_BYTES,
};

/* Decodes any bytes; never fails. The interactions are allocated in `arena`. */
void compact_decode(struct plan *plan, struct arena *arena, const uint8_t *bytes, size_t size);

/*
 * Writes the canonical bytes of `plan`, at most COMPACT_SIZE_MAX, and their number to `ret_size`.
 * Fails with ERROR_INPUT for what only documents carry: SQL text, expectations, plans of
 * sql-middleware's simulator, more than 256 interactions, numbers outside the compact domains.
 */
enum error_code compact_encode(const struct plan *plan, uint8_t bytes[COMPACT_SIZE_MAX],
                               size_t *ret_size, struct error *error)
    __attribute__((warn_unused_result));

#endif
