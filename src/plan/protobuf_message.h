/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading and writing protobuf share: where the generated structs hold the fields of the
 * tables. A field of fields.def or config.def that plan.proto lacks does not compile.
 */
#ifndef PLAN_PROTOBUF_MESSAGE_H
#define PLAN_PROTOBUF_MESSAGE_H

#include "base/arena.h"
#include "plan/plan.h"

#include <interplay/error.h>

#include <plan.pb-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Offsets of an optional number or enum of 32 bits and of the flag that says if it is there. */
struct protobuf_member {
    size_t has, value;
};

extern const struct protobuf_member protobuf_fields[FIELD_COUNT];       /* of Interplay__Action */
extern const struct protobuf_member protobuf_config[PLAN_CONFIG_COUNT]; /* of Interplay__Config */

bool protobuf_has(const void *message, struct protobuf_member member);
uint32_t protobuf_get(const void *message, struct protobuf_member member);
void protobuf_set(void *message, struct protobuf_member member, uint32_t value);

/* protobuf demands it of its texts. */
bool protobuf_is_utf8(const char *text);

/*
 * Memory for protobuf-c from an arena. Each block is preceded by its size, which tells whether a
 * text has a zero byte within: protobuf-c only ends it with one.
 */
struct protobuf_memory {
    ProtobufCAllocator allocator;
    struct arena *arena;
    bool is_full; /* a block was refused */
};

void protobuf_memory_init(struct protobuf_memory *memory, struct arena *arena);
size_t protobuf_block_size(const void *block);

/*
 * Finds what this build does not know, in the message and those in it: unknown fields and enum
 * values, and texts that are none. `name` is what errors call the file.
 */
enum error_code protobuf_check(const ProtobufCMessage *message, const char *name,
                               struct error *error) __attribute__((warn_unused_result));

#endif
