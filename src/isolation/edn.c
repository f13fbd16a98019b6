/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation/edn.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 32 };

struct reader {
    const char *next, *end;
    uint32_t line;
    struct arena *arena;
    struct error *error;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

static bool ends_word(char c)
{
    return is_space(c) || c == '\n' || strchr("()[]{}\";", c) != NULL;
}

static void skip_line(struct reader *reader)
{
    while (reader->next < reader->end && *reader->next != '\n')
        reader->next++;
}

/* A colon that no word follows stands between a name and a value of JSON. */
static bool is_lone_colon(const struct reader *reader)
{
    return *reader->next == ':' && (reader->next + 1 == reader->end || ends_word(reader->next[1]));
}

static void skip_space(struct reader *reader)
{
    for (; reader->next < reader->end; reader->next++) {
        if (*reader->next == ';')
            skip_line(reader);
        if (reader->next == reader->end)
            return;
        if (*reader->next == '\n')
            reader->line++;
        else if (!is_space(*reader->next) && !is_lone_colon(reader))
            return;
    }
}

static bool fail(struct reader *reader, const char *expected)
{
    (void)interplay_error(reader->error, ERROR_INPUT, "line %u: expected %s", reader->line,
                          expected);
    return false;
}

/* --- words ------------------------------------------------------------------------------------ */

static bool read_string(struct reader *reader, struct edn_value *value)
{
    value->kind = EDN_WORD;
    value->text = ++reader->next;
    while (reader->next < reader->end && *reader->next != '"') {
        if (*reader->next == '\n')
            return fail(reader, "the end of a string on its line");
        reader->next += *reader->next == '\\' && reader->next + 1 < reader->end ? 2 : 1;
    }
    if (reader->next >= reader->end)
        return fail(reader, "the end of a string");
    value->length = (size_t)(reader->next - value->text);
    reader->next++;
    return true;
}

static bool is_integer(const char *text, size_t length)
{
    size_t at = length > 1 && (text[0] == '-' || text[0] == '+');
    for (size_t i = at; i < length; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return length > at;
}

static bool read_word(struct reader *reader, struct edn_value *value)
{
    if (*reader->next == ':')
        reader->next++;
    value->text = reader->next;
    while (reader->next < reader->end && !ends_word(*reader->next))
        reader->next++;
    value->length = (size_t)(reader->next - value->text);
    if (value->length == 0)
        return fail(reader, "a word after :");
    value->kind = EDN_WORD;
    if ((value->length == 3 && memcmp(value->text, "nil", 3) == 0) ||
        (value->length == 4 && memcmp(value->text, "null", 4) == 0))
        value->kind = EDN_NIL;
    if (!is_integer(value->text, value->length))
        return true;
    value->kind = EDN_INTEGER;
    char digits[24] = {0};
    errno = 0;
    if (value->length < sizeof digits) {
        memcpy(digits, value->text, value->length);
        value->integer = strtoll(digits, NULL, 10);
    }
    if (value->length >= sizeof digits || errno != 0)
        return fail(reader, "an integer of 64 bits");
    return true;
}

/* --- what holds others ------------------------------------------------------------------------ */

static bool read_value(struct reader *reader, uint32_t depth, struct edn_value *ret_value);

/* Up to `close`, or, where that is 0, to the end. */
static bool read_items(struct reader *reader, char close, uint32_t depth, struct edn_value *parent)
{
    uint32_t room = 0;
    for (;;) {
        skip_space(reader);
        if (reader->next == reader->end)
            return close == 0 || fail(reader, close == '}' ? "}" : close == ']' ? "]" : ")");
        if (close != 0 && *reader->next == close) {
            reader->next++;
            return true;
        }
        if (parent->count == room) {
            room = room == 0 ? 4 : 2 * room;
            struct edn_value *items = arena_alloc(reader->arena, room * sizeof *items);
            if (parent->count > 0)
                memcpy(items, parent->items, parent->count * sizeof *items);
            parent->items = items;
        }
        if (!read_value(reader, depth, &parent->items[parent->count]))
            return false;
        parent->count++;
    }
}

static bool read_map(struct reader *reader, uint32_t depth, struct edn_value *value)
{
    value->kind = EDN_MAP;
    if (!read_items(reader, '}', depth, value))
        return false;
    return value->count % 2 == 0 || fail(reader, "a value for each name of a map");
}

/* #tag value, #{set}, #_ignored value */
static void skip_tag(struct reader *reader)
{
    reader->next++;
    while (reader->next < reader->end && !ends_word(*reader->next))
        reader->next++;
    skip_space(reader);
}

static bool read_value(struct reader *reader, uint32_t depth, struct edn_value *ret_value)
{
    bool is_tagged = *reader->next == '#';
    if (is_tagged)
        skip_tag(reader);
    bool is_tagged_set = is_tagged && reader->next[-1] == '#';
    *ret_value = (struct edn_value){.line = reader->line};
    if (reader->next == reader->end)
        return fail(reader, "a value after #");
    if (depth == DEPTH_MAX)
        return fail(reader, "no more than 32 values inside each other");
    char first = *reader->next;
    if (first == '"')
        return read_string(reader, ret_value);
    if (first != '[' && first != '(' && first != '{') {
        if (strchr("])}", first) != NULL)
            return fail(reader, "a value, not the end of one");
        return read_word(reader, ret_value);
    }
    bool is_map = first == '{' && !is_tagged_set;
    char close = first == '[' ? ']' : first == '(' ? ')' : '}';
    ret_value->kind = EDN_SEQUENCE;
    ret_value->text = reader->next++;
    if (!(is_map ? read_map(reader, depth + 1, ret_value)
                 : read_items(reader, close, depth + 1, ret_value)))
        return false;
    ret_value->length = (size_t)(reader->next - ret_value->text);
    return true;
}

enum error_code edn_read(const char *bytes, size_t size, struct arena *arena,
                         struct edn_value *ret_all, struct error *error)
{
    struct reader reader = {bytes, bytes + size, 1, arena, error};
    *ret_all = (struct edn_value){.kind = EDN_SEQUENCE, .line = 1};
    return read_items(&reader, 0, 0, ret_all) ? ERROR_NONE : ERROR_INPUT;
}

const struct edn_value *edn_get(const struct edn_value *map, const char *name)
{
    for (uint32_t i = 0; map->kind == EDN_MAP && i + 1 < map->count; i += 2)
        if (map->items[i].kind == EDN_WORD && map->items[i].length == strlen(name) &&
            memcmp(map->items[i].text, name, map->items[i].length) == 0)
            return &map->items[i + 1];
    return NULL;
}

const struct edn_value *edn_all(const struct edn_value *all)
{
    return all->count == 1 && all->items[0].kind == EDN_SEQUENCE ? &all->items[0] : all;
}
