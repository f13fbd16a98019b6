/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protobuf form of a plan (plan.proto, which proto/ makes): what programs in other languages
 * make and read. The same plans as in JSON, native ones and those of sql-middleware's simulator.
 * What this build does not know (fields, enum values, versions) it refuses, since a plan without it
 * would be another plan. A field that occurs twice is merged or overwritten, as protobuf demands.
 */
#ifndef PLAN_PROTOBUF_H
#define PLAN_PROTOBUF_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <stddef.h>
#include <stdint.h>

enum {
    PROTOBUF_VERSION = 1,
    /* An arena of this times the size of the bytes, and a little, always suffices to read them. */
    PROTOBUF_ARENA_FACTOR = 256,
};

/*
 * Reads `size` bytes. Interactions and texts are allocated in `arena`; nothing of the plan points
 * into `bytes`. Errors are ERROR_INPUT and read "NAME: interactions[3].action.key: what was
 * expected, what was found", or ERROR_MEMORY when the arena has no room.
 */
enum error_code protobuf_read(struct plan *ret_plan, struct arena *arena, const char *name,
                              const uint8_t *bytes, size_t size, struct error *error)
    __attribute__((warn_unused_result));

/*
 * Writes `plan`, simplest values left out, the same bytes for equal plans. The bytes live in
 * `arena`. Fails with ERROR_MEMORY, or with ERROR_INPUT for a text in the plan that is not UTF-8.
 */
enum error_code protobuf_write(const struct plan *plan, struct arena *arena, uint8_t **ret_bytes,
                               size_t *ret_size) __attribute__((warn_unused_result));

#endif
