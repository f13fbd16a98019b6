/* SPDX-License-Identifier: Apache-2.0 */
/* Typed access to JSON values, and the errors that come of it. */
#include "plan/json_node.h"

#include "base/assert.h"
#include "base/file.h"
#include "base/text.h"
#include "plan/json_locate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    JSON_NODE_DEPTH_MAX = 16, /* plans are five deep */
    JSON_NODE_NAMES_BYTES = 330,
    JSON_NODE_FOUND_BYTES = 48,
};

struct json_node json_node_member(const struct json_node *object, const char *key)
{
    return (struct json_node){.document = object->document,
                              .parent = object,
                              .value = json_object_get(object->value, key),
                              .key = key};
}

struct json_node json_node_element(const struct json_node *array, size_t index)
{
    return (struct json_node){.document = array->document,
                              .parent = array,
                              .value = json_array_get(array->value, index),
                              .index = index};
}

bool json_node_is_present(const struct json_node *node)
{
    return node->value != NULL && !json_is_null(node->value);
}

/* --- errors ---------------------------------------------------------------------------------- */

/* Which member of its object the node is; jansson keeps the order of the text. */
static size_t ordinal_of(const struct json_node *node)
{
    if (node->key == NULL)
        return node->index;
    size_t ordinal = 0;
    const char *key;
    json_t *value;
    json_object_foreach(node->parent->value, key, value)
    {
        if (strcmp(key, node->key) == 0)
            break;
        ordinal++;
    }
    return ordinal;
}

static void append_path(struct text *text, const struct json_node *node)
{
    if (node->parent == NULL)
        return;
    append_path(text, node->parent);
    if (node->key != NULL)
        text_append_format(text, "%s%.*s", text->length > 0 ? "." : "", JSON_NODE_FOUND_BYTES,
                           node->key);
    else
        text_append_format(text, "[%zu]", node->index);
}

static size_t offset_of(const struct json_node *node, enum json_locate_what what)
{
    size_t ordinals[JSON_NODE_DEPTH_MAX];
    size_t depth = 0;
    for (const struct json_node *step = node; step->parent != NULL; step = step->parent)
        depth++;
    ASSERT(depth <= JSON_NODE_DEPTH_MAX);
    size_t level = depth;
    for (const struct json_node *step = node; step->parent != NULL; step = step->parent)
        ordinals[--level] = ordinal_of(step);
    return json_locate(node->document->text, node->document->length, ordinals, depth, what);
}

/* What people wrote may hold anything; an error stays one line. */
static void keep_one_line(char *text)
{
    for (char *next = text; *next != '\0'; next++)
        if ((unsigned char)*next < ' ' || *next == 0x7f)
            *next = '?';
}

static enum error_code fail_at(const struct json_node *node, enum json_locate_what what,
                               char *message)
{
    const struct json_document *document = node->document;
    size_t line, column;
    json_line_column(document->text, document->length,
                     offset_of(node->value == NULL ? node->parent : node, what), &line, &column);
    char buffer[160];
    struct text path;
    text_init(&path, buffer, sizeof buffer);
    append_path(&path, node);
    keep_one_line(buffer);
    keep_one_line(message);
    return interplay_error(document->error, ERROR_INPUT, "%s:%zu:%zu: %s%s%s",
                           file_short_path(document->name), line, column, buffer,
                           path.length > 0 ? ": " : "", message);
}

enum error_code json_node_fail(const struct json_node *node, const char *format, ...)
{
    char message[sizeof node->document->error->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return fail_at(node, JSON_LOCATE_VALUE, message);
}

/* Cuts a text at the end of a character of UTF-8. */
static size_t cut(const char *text, size_t length, size_t limit)
{
    if (length <= limit)
        return length;
    while (limit > 0 && ((unsigned char)text[limit] & 0xC0) == 0x80)
        limit--;
    return limit;
}

static void append_found(struct text *text, const json_t *value)
{
    if (value == NULL) {
        text_append(text, "nothing");
        return;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        text_append(text, "an object");
        break;
    case JSON_ARRAY:
        text_append(text, "an array");
        break;
    case JSON_STRING: {
        size_t length = json_string_length(value);
        size_t shown = cut(json_string_value(value), length, JSON_NODE_FOUND_BYTES);
        text_append_format(text, "\"%.*s%s\"", (int)shown, json_string_value(value),
                           shown < length ? "..." : "");
        break;
    }
    case JSON_INTEGER:
        text_append_format(text, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        text_append_format(text, "%g", json_real_value(value));
        break;
    case JSON_TRUE:
        text_append(text, "true");
        break;
    case JSON_FALSE:
        text_append(text, "false");
        break;
    case JSON_NULL:
        text_append(text, "null");
        break;
    }
}

enum error_code json_node_expected(const struct json_node *node, const char *expected)
{
    char buffer[JSON_NODE_FOUND_BYTES * 2];
    struct text found;
    text_init(&found, buffer, sizeof buffer);
    append_found(&found, node->value);
    return json_node_fail(node, "expected %s, found %s", expected, buffer);
}

/* "a", "b", "c": as many as fit. */
static void append_names(struct text *text, json_name_fn *name_of, const void *context,
                         size_t count)
{
    const char *separator = "";
    for (size_t i = 0; i < count; i++) {
        const char *name = name_of(context, i);
        if (name == NULL)
            continue;
        if (text->length + strlen(name) + sizeof ", \"\", ..." > text->capacity_bytes) {
            text_append(text, ", ...");
            return;
        }
        text_append_format(text, "%s\"%s\"", separator, name);
        separator = ", ";
    }
}

enum error_code json_node_expected_one_of(const struct json_node *node, json_name_fn *name_of,
                                          const void *context, size_t count)
{
    char buffer[JSON_NODE_NAMES_BYTES];
    struct text names;
    text_init(&names, buffer, sizeof buffer);
    text_append(&names, "one of ");
    append_names(&names, name_of, context, count);
    return json_node_expected(node, buffer);
}

/* --- typed access ---------------------------------------------------------------------------- */

enum error_code json_node_need_object(const struct json_node *node)
{
    return json_is_object(node->value) ? ERROR_NONE : json_node_expected(node, "an object");
}

enum error_code json_node_need_array(const struct json_node *node)
{
    return json_is_array(node->value) ? ERROR_NONE : json_node_expected(node, "an array");
}

static bool find_name(const char *name, json_name_fn *name_of, const void *context, size_t count,
                      size_t *ret_index)
{
    for (size_t i = 0; i < count; i++) {
        const char *candidate = name_of(context, i);
        if (candidate != NULL && strcmp(candidate, name) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

enum error_code json_node_need_keys(const struct json_node *object, json_name_fn *name_of,
                                    const void *context, size_t count)
{
    const char *key;
    json_t *value;
    json_object_foreach(object->value, key, value)
    {
        size_t index;
        if (find_name(key, name_of, context, count, &index))
            continue;
        char buffer[JSON_NODE_NAMES_BYTES + sizeof "unknown key, expected "];
        struct text message;
        text_init(&message, buffer, sizeof buffer);
        text_append(&message, "unknown key, expected ");
        append_names(&message, name_of, context, count);
        struct json_node member = json_node_member(object, key);
        return fail_at(&member, JSON_LOCATE_KEY, buffer);
    }
    return ERROR_NONE;
}

enum error_code json_node_integer(const struct json_node *node, uint32_t minimum, uint32_t maximum,
                                  uint32_t *ret_number)
{
    if (!json_is_integer(node->value) || json_integer_value(node->value) < minimum ||
        json_integer_value(node->value) > maximum) {
        char expected[64];
        (void)snprintf(expected, sizeof expected, "an integer %" PRIu32 " to %" PRIu32, minimum,
                       maximum);
        return json_node_expected(node, expected);
    }
    *ret_number = (uint32_t)json_integer_value(node->value);
    return ERROR_NONE;
}

static bool parse_uint64(const char *digits, size_t length, uint64_t *ret_number)
{
    uint64_t number = 0;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(digits[i] - '0');
        if (number > (UINT64_MAX - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return length > 0;
}

enum error_code json_node_uint64(const struct json_node *node, uint64_t *ret_number)
{
    uint64_t number = 0;
    bool is_number = false;
    if (json_is_integer(node->value) && json_integer_value(node->value) >= 0) {
        number = (uint64_t)json_integer_value(node->value);
        is_number = true;
    } else if (json_is_string(node->value)) {
        is_number =
            parse_uint64(json_string_value(node->value), json_string_length(node->value), &number);
    }
    if (!is_number)
        return json_node_expected(node, "an integer 0 to 18446744073709551615");
    *ret_number = number;
    return ERROR_NONE;
}

enum error_code json_node_text(const struct json_node *node, const char **ret_text)
{
    if (!json_is_string(node->value))
        return json_node_expected(node, "a text");
    *ret_text = json_string_value(node->value);
    return ERROR_NONE;
}

enum error_code json_node_word(const struct json_node *node, json_name_fn *name_of,
                               const void *context, size_t count, size_t *ret_index)
{
    if (json_is_string(node->value) &&
        find_name(json_string_value(node->value), name_of, context, count, ret_index))
        return ERROR_NONE;
    return json_node_expected_one_of(node, name_of, context, count);
}
