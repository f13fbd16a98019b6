/* SPDX-License-Identifier: Apache-2.0 */
/* Protobuf-c's messages by table and by descriptor, and its memory. */
#include "plan/protobuf_message.h"

#include "base/file.h"
#include "base/text.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* --- members --------------------------------------------------------------------------------- */

/* The message says how long to sleep, not its logarithm; this place is not used by number. */
#define duration     ms
#define has_duration has_ms
const struct protobuf_member protobuf_fields[FIELD_COUNT] = {
#define FIELD(number, name, byte, shift, width, domain, words, weights, show, meaning)             \
    {offsetof(Interplay__Action, has_##name), offsetof(Interplay__Action, name)},
#include "plan/actions.def"
};
#undef duration
#undef has_duration

const struct protobuf_member protobuf_config[PLAN_CONFIG_COUNT] = {
#define CONFIG(number, byte, scope, name, kind, weights, meaning, values)                          \
    {offsetof(Interplay__Config, has_##name), offsetof(Interplay__Config, name)},
#include "plan/settings.def"
};

bool protobuf_has(const void *message, struct protobuf_member member)
{
    protobuf_c_boolean has;
    memcpy(&has, (const char *)message + member.has, sizeof has);
    return has != 0;
}

uint32_t protobuf_get(const void *message, struct protobuf_member member)
{
    uint32_t value;
    memcpy(&value, (const char *)message + member.value, sizeof value);
    return value;
}

void protobuf_set(void *message, struct protobuf_member member, uint32_t value)
{
    static const protobuf_c_boolean has = 1;
    memcpy((char *)message + member.has, &has, sizeof has);
    memcpy((char *)message + member.value, &value, sizeof value);
}

bool protobuf_is_utf8(const char *text)
{
    json_t *value = json_string(text); /* NULL if it is not */
    json_decref(value);
    return value != NULL;
}

/* --- memory ---------------------------------------------------------------------------------- */

enum { BLOCK_HEADER_BYTES = 16 }; /* a size, and alignment kept */

static void *allocate(void *context, size_t size)
{
    struct protobuf_memory *memory = context;
    struct arena *arena = memory->arena;
    size_t room = arena->capacity_bytes - arena->used_bytes;
    if (room < 2 * BLOCK_HEADER_BYTES || size > room - 2 * BLOCK_HEADER_BYTES) {
        memory->is_full = true;
        return NULL;
    }
    char *block = arena_alloc(arena, BLOCK_HEADER_BYTES + size);
    memcpy(block, &size, sizeof size);
    return block + BLOCK_HEADER_BYTES;
}

static void release(void *context, void *block)
{
    (void)context;
    (void)block;
}

void protobuf_memory_init(struct protobuf_memory *memory, struct arena *arena)
{
    *memory = (struct protobuf_memory){
        .allocator = {.alloc = allocate, .free = release, .allocator_data = memory},
        .arena = arena,
    };
}

size_t protobuf_block_size(const void *block)
{
    size_t size;
    memcpy(&size, (const char *)block - BLOCK_HEADER_BYTES, sizeof size);
    return size;
}

/* --- what is not known ----------------------------------------------------------------------- */

struct checker {
    const char *name;
    struct error *error;
    struct text place; /* "interactions[3].action" */
    char place_bytes[96];
};

static enum error_code check_message(struct checker *checker, const ProtobufCMessage *message);

static enum error_code fail(const struct checker *checker, const char *field, const char *what)
{
    const char *separator = checker->place.length > 0 && field[0] != '\0' ? "." : "";
    return interplay_error(checker->error, ERROR_INPUT, "%s: %s%s%s: %s",
                           file_short_path(checker->name), checker->place.bytes, separator, field,
                           what);
}

static enum error_code check_unknown(const struct checker *checker, const ProtobufCMessage *message)
{
    if (message->n_unknown_fields == 0)
        return ERROR_NONE;
    char what[96];
    (void)snprintf(what, sizeof what,
                   "field number %u is unknown: the plan is newer than this build, or no plan",
                   message->unknown_fields[0].tag);
    return fail(checker, checker->place.length == 0 ? "plan" : "", what);
}

static enum error_code check_enum(const struct checker *checker, const ProtobufCMessage *message,
                                  const ProtobufCFieldDescriptor *field)
{
    struct protobuf_member member = {field->quantifier_offset, field->offset};
    int value = (int)protobuf_get(message, member);
    const ProtobufCEnumDescriptor *values = field->descriptor;
    if (!protobuf_has(message, member) ||
        protobuf_c_enum_descriptor_get_value(values, value) != NULL)
        return ERROR_NONE;
    char what[256];
    struct text text;
    text_init(&text, what, sizeof what);
    text_append_format(&text, "expected a value of %s (%s = %d, ...), found %d", values->short_name,
                       values->values[0].name, values->values[0].value, value);
    return fail(checker, field->name, what);
}

static enum error_code check_string(const struct checker *checker, const char *string,
                                    const ProtobufCFieldDescriptor *field)
{
    if (string == NULL)
        return ERROR_NONE;
    if (strlen(string) + 1 != protobuf_block_size(string))
        return fail(checker, field->name, "expected a text, found a zero byte in it");
    if (!protobuf_is_utf8(string))
        return fail(checker, field->name, "expected a text, found bytes that are not UTF-8");
    return ERROR_NONE;
}

/* `index` counts in a repeated field; -1: it is not repeated. */
static enum error_code check_child(struct checker *checker, const ProtobufCMessage *child,
                                   const char *field, long index)
{
    size_t outside = checker->place.length;
    if (child == NULL)
        return ERROR_NONE;
    text_append_format(&checker->place, "%s%s", outside > 0 ? "." : "", field);
    if (index >= 0)
        text_append_format(&checker->place, "[%ld]", index);
    enum error_code code = check_message(checker, child);
    checker->place.length = outside;
    checker->place.bytes[outside] = '\0';
    return code;
}

static enum error_code check_children(struct checker *checker, const ProtobufCMessage *message,
                                      const ProtobufCFieldDescriptor *field)
{
    const char *place = (const char *)message + field->offset;
    ProtobufCMessage *child, **children;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        memcpy(&child, place, sizeof child);
        return check_child(checker, child, field->name, -1);
    }
    size_t count;
    enum error_code code = ERROR_NONE;
    memcpy(&count, (const char *)message + field->quantifier_offset, sizeof count);
    memcpy(&children, place, sizeof children);
    for (size_t i = 0; code == ERROR_NONE && i < count; i++)
        code = check_child(checker, children[i], field->name, (long)i);
    return code;
}

static enum error_code check_message(struct checker *checker, const ProtobufCMessage *message)
{
    enum error_code code = check_unknown(checker, message);
    for (unsigned i = 0; code == ERROR_NONE && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        const char *string;
        if (field->type == PROTOBUF_C_TYPE_ENUM) {
            code = check_enum(checker, message, field);
        } else if (field->type == PROTOBUF_C_TYPE_STRING) {
            memcpy(&string, (const char *)message + field->offset, sizeof string);
            code = check_string(checker, string, field);
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            code = check_children(checker, message, field);
        }
    }
    return code;
}

enum error_code protobuf_check(const ProtobufCMessage *message, const char *name,
                               struct error *error)
{
    struct checker checker = {.name = name, .error = error};
    text_init(&checker.place, checker.place_bytes, sizeof checker.place_bytes);
    return check_message(&checker, message);
}
