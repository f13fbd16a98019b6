/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The JSON form of a plan: what people read and edit. docs/plan-format.md has the fields.
 *
 * A plan with "config" is Interplay's own (PLAN_NATIVE): what it does not know it refuses, so that
 * a typing error cannot pass for a plan that finds nothing; "comment" is free text. A plan without
 * "config" is one of sql-middleware's simulator (PLAN_MIDDLEWARE), read by that simulator's rules:
 * eight actions, other keys ignored, and "pool_size", which the simulator keeps elsewhere. In both,
 * an optional field may be null.
 */
#ifndef PLAN_JSON_H
#define PLAN_JSON_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stddef.h>

enum {
    JSON_VERSION = 1, /* of native plans */
    JSON_ARENA_FACTOR =
        64, /* an arena of this times the text's length, and a little, always suffices */
};

/*
 * Reads `length` bytes of `text`. Interactions and texts are allocated in `arena`; nothing of the
 * plan points into `text`. Errors are ERROR_INPUT and read "NAME:LINE:COLUMN: field: what was
 * expected, what was found", or ERROR_MEMORY when the arena has no room.
 */
enum error_code json_read(struct plan *ret_plan, struct arena *arena, const char *name,
                          const char *text, size_t length, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Writes `plan` with one interaction a line, simplest values left out, the same bytes for equal
 * plans. The text is zero-terminated and lives in `arena`. Fails with ERROR_MEMORY, or with
 * ERROR_INPUT for a text in the plan that is not UTF-8.
 */
enum error_code json_write(const struct plan *plan, struct arena *arena, char **ret_text,
                           size_t *ret_length) __attribute__((warn_unused_result));

/* Writes `plan` as JSON to `path`, at once or not at all. `name` is what errors call the plan. */
enum error_code json_save(const struct plan *plan, const char *name, const char *path,
                          struct error *error) __attribute__((warn_unused_result));

#endif
