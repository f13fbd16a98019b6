/* SPDX-License-Identifier: Apache-2.0 */
/* Values: order, copies, and what becomes of one that is assigned to another type. */
#include "mssql/server/engine.h"
#include "mssql/server/utf8.h"
#include "mssql/server/wire_bytes.h"

#include "base/assert.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- order and copies ------------------------------------------------------------------------- */

static int rank(enum value_kind kind)
{
    switch (kind) {
    case VALUE_NULL:
        return 0;
    case VALUE_INTEGER:
    case VALUE_REAL:
        return 1;
    case VALUE_TEXT:
        return 2;
    case VALUE_BLOB:
        return 3;
    }
    return 0;
}

static double as_real(const struct value *value)
{
    return value->kind == VALUE_REAL ? value->real : (double)value->integer;
}

static int compare_bytes(const struct value *one, const struct value *other)
{
    size_t a = one->text.length, b = other->text.length, both = a < b ? a : b;
    int order = both == 0 ? 0 : memcmp(one->text.bytes, other->text.bytes, both);
    return order != 0 ? order : (a > b) - (a < b);
}

int engine_compare(const struct value *one, const struct value *other)
{
    int a = rank(one->kind), b = rank(other->kind);
    if (a != b)
        return a - b;
    if (a == 0)
        return 0;
    if (a > 1)
        return compare_bytes(one, other);
    if (one->kind == VALUE_INTEGER && other->kind == VALUE_INTEGER)
        return (one->integer > other->integer) - (one->integer < other->integer);
    return (as_real(one) > as_real(other)) - (as_real(one) < as_real(other));
}

static bool has_bytes(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_BLOB;
}

size_t engine_value_bytes(const struct value *values, uint32_t count)
{
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += has_bytes(&values[i]) ? values[i].text.length : 0;
    return bytes;
}

void engine_copy_value(struct value *to, const struct value *from, char **bytes)
{
    *to = *from;
    if (!has_bytes(from))
        return;
    if (from->text.length > 0)
        memcpy(*bytes, from->text.bytes, from->text.length);
    to->text.bytes = *bytes;
    *bytes += from->text.length;
}

void engine_copy_to_arena(struct engine_session *session, struct value *value)
{
    if (has_bytes(value))
        value->text.bytes = arena_copy_text(&session->arena, value->text.bytes, value->text.length);
}

struct value engine_from_sqlite(sqlite3_value *from)
{
    struct value value = {.kind = VALUE_NULL};
    switch (sqlite3_value_type(from)) {
    case SQLITE_INTEGER:
        return value_integer(sqlite3_value_int64(from));
    case SQLITE_FLOAT:
        value.kind = VALUE_REAL;
        value.real = sqlite3_value_double(from);
        return value;
    case SQLITE_TEXT:
        value = value_text((const char *)sqlite3_value_text(from), 0);
        value.text.length = (size_t)sqlite3_value_bytes(from);
        return value;
    case SQLITE_BLOB:
        value = value_text(sqlite3_value_blob(from), (size_t)sqlite3_value_bytes(from));
        value.kind = VALUE_BLOB;
        return value;
    default:
        return value;
    }
}

void engine_give_sqlite(sqlite3_context *context, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        sqlite3_result_null(context);
        return;
    case VALUE_INTEGER:
        sqlite3_result_int64(context, value->integer);
        return;
    case VALUE_REAL:
        sqlite3_result_double(context, value->real);
        return;
    case VALUE_TEXT:
        sqlite3_result_text64(context, value->text.bytes, value->text.length, SQLITE_TRANSIENT,
                              SQLITE_UTF8);
        return;
    case VALUE_BLOB:
        sqlite3_result_blob64(context, value->text.bytes, value->text.length, SQLITE_TRANSIENT);
        return;
    }
}

/* --- conversions ------------------------------------------------------------------------------ */

static const char *type_name(enum tsql_kind kind)
{
    static const char *const names[] = {
        [TSQL_UNKNOWN] = "int",         [TSQL_BIT] = "bit",     [TSQL_TINYINT] = "tinyint",
        [TSQL_SMALLINT] = "smallint",   [TSQL_INT] = "int",     [TSQL_BIGINT] = "bigint",
        [TSQL_REAL] = "real",           [TSQL_FLOAT] = "float", [TSQL_NVARCHAR] = "nvarchar",
        [TSQL_VARBINARY] = "varbinary",
    };
    return names[kind];
}

/* Characters outside of the first plane are two units; continuation bytes are none. */
size_t engine_text_units(const struct value *text)
{
    size_t units = 0;
    for (size_t i = 0; i < text->text.length; i++) {
        units += !utf8_goes_on(text->text.bytes[i]);
        units += (unsigned char)text->text.bytes[i] >= 0xf0;
    }
    return units;
}

/* A number that a text is, spaces around it aside. False: it is none. */
static bool read_number(struct engine_session *session, const struct value *text, bool is_integer,
                        struct value *ret_number)
{
    char *copy = arena_copy_text(&session->arena, text->text.bytes, text->text.length), *end;
    copy += strspn(copy, " ");
    errno = 0;
    if (is_integer) {
        *ret_number = value_integer(strtoll(copy, &end, 10));
    } else {
        ret_number->kind = VALUE_REAL;
        ret_number->real = strtod(copy, &end);
    }
    bool is_empty = end == copy;
    end += strspn(end, " ");
    if (is_empty && *end == 0) { /* no text is 0 */
        *ret_number = value_integer(0);
        return true;
    }
    return !is_empty && *end == 0 && errno == 0 && strpbrk(copy, "xXnN") == NULL;
}

static bool fail_text(struct engine_session *session, const struct value *text, enum tsql_kind kind)
{
    const char *copy = arena_copy_text(&session->arena, text->text.bytes, text->text.length);
    return engine_raise(session, 245, copy, type_name(kind));
}

static bool check_range(struct engine_session *session, enum tsql_kind kind, struct value *value)
{
    int64_t number = value->integer, low = INT64_MIN, high = INT64_MAX;
    if (kind == TSQL_BIT)
        value->integer = number != 0;
    if (kind == TSQL_TINYINT)
        low = 0, high = UINT8_MAX;
    if (kind == TSQL_SMALLINT)
        low = INT16_MIN, high = INT16_MAX;
    if (kind == TSQL_INT)
        low = INT32_MIN, high = INT32_MAX;
    if (number >= low && number <= high)
        return true;
    char digits[24];
    snprintf(digits, sizeof digits, "%lld", (long long)number);
    return kind == TSQL_INT ? engine_raise(session, 8115, "int")
                            : engine_raise(session, 220, type_name(kind), digits);
}

static int64_t read_binary(const struct value *bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes->text.length; i++)
        number = number << 8 | (unsigned char)bytes->text.bytes[i];
    return (int64_t)number;
}

static bool to_integer(struct engine_session *session, enum tsql_kind kind, struct value *value)
{
    struct value text = *value;
    if (value->kind == VALUE_TEXT && kind == TSQL_BIT &&
        (text.text.length == 4 || text.text.length == 5) &&
        (strncasecmp(text.text.bytes, "true", 5) == 0 ||
         strncasecmp(text.text.bytes, "false", 5) == 0))
        *value = value_integer(text.text.length == 4);
    else if (value->kind == VALUE_TEXT && !read_number(session, &text, true, value))
        return fail_text(session, &text, kind);
    else if (value->kind == VALUE_BLOB)
        *value = value_integer(read_binary(&text));
    if (value->kind == VALUE_REAL) {
        if (!(value->real > -9.2e18 && value->real < 9.2e18))
            return engine_raise(session, 8115, type_name(kind));
        *value = value_integer((int64_t)value->real);
    }
    return check_range(session, kind, value);
}

static bool to_real(struct engine_session *session, struct tsql_type type, struct value *value)
{
    struct value text = *value;
    if (value->kind == VALUE_TEXT && !read_number(session, &text, false, value))
        return engine_raise(session, 8114, "nvarchar", type_name(type.kind));
    if (value->kind == VALUE_BLOB)
        return engine_raise(session, 8114, "varbinary", type_name(type.kind));
    double number = as_real(value);
    value->kind = VALUE_REAL;
    value->real = type.kind == TSQL_REAL ? (double)(float)number : number;
    return isfinite(value->real) || engine_raise(session, 8115, type_name(type.kind));
}

/* The bytes of as many whole characters as fit into `units`. */
static size_t cut_text(const struct value *text, size_t units)
{
    const char *at = text->text.bytes, *end = at + text->text.length;
    while (at < end) {
        size_t needed = (unsigned char)*at >= 0xf0 ? 2 : 1;
        if (needed > units)
            break;
        units -= needed;
        at += utf8_character(at, end);
    }
    return (size_t)(at - text->text.bytes);
}

static void put_digits(struct engine_session *session, struct value *value)
{
    char digits[40];
    int length = value->kind == VALUE_REAL
                     ? snprintf(digits, sizeof digits, "%g", value->real)
                     : snprintf(digits, sizeof digits, "%lld", (long long)value->integer);
    *value = value_text(arena_copy_text(&session->arena, digits, (size_t)length), (size_t)length);
}

static bool to_text(struct engine_session *session, struct tsql_type type, struct value *value,
                    bool is_cast)
{
    if (value->kind == VALUE_INTEGER || value->kind == VALUE_REAL)
        put_digits(session, value);
    if (value->kind == VALUE_BLOB)
        *value =
            wire_text_of(&session->arena, (const uint8_t *)value->text.bytes, value->text.length);
    if (type.length < 0 || engine_text_units(value) <= (size_t)type.length)
        return true;
    value->text.length = cut_text(value, (size_t)type.length);
    return is_cast || engine_raise(session, 8152);
}

/* Numbers as 8 bytes, the highest first. */
static void put_binary(struct engine_session *session, struct value *value)
{
    char *bytes = arena_alloc(&session->arena, 8);
    uint64_t number = (uint64_t)value->integer;
    if (value->kind == VALUE_REAL)
        memcpy(&number, &value->real, sizeof number);
    for (int i = 0; i < 8; i++)
        bytes[i] = (char)(number >> (56 - 8 * i));
    *value = value_text(bytes, 8);
    value->kind = VALUE_BLOB;
}

static bool to_binary(struct engine_session *session, struct tsql_type type, struct value *value,
                      bool is_cast)
{
    if (value->kind == VALUE_INTEGER || value->kind == VALUE_REAL)
        put_binary(session, value);
    else if (value->kind == VALUE_TEXT)
        *value = wire_units_of(&session->arena, value->text.bytes, value->text.length);
    if (type.length < 0 || value->text.length <= (size_t)type.length)
        return true;
    value->text.length = (size_t)type.length;
    return is_cast || engine_raise(session, 8152);
}

bool engine_convert(struct engine_session *session, struct tsql_type type, struct value *value,
                    bool is_cast)
{
    if (value->kind == VALUE_NULL)
        return true;
    switch (type.kind) {
    case TSQL_UNKNOWN:
        return true;
    case TSQL_BIT:
    case TSQL_TINYINT:
    case TSQL_SMALLINT:
    case TSQL_INT:
    case TSQL_BIGINT:
        return to_integer(session, type.kind, value);
    case TSQL_REAL:
    case TSQL_FLOAT:
        return to_real(session, type, value);
    case TSQL_NVARCHAR:
        return to_text(session, type, value, is_cast);
    case TSQL_VARBINARY:
        return to_binary(session, type, value, is_cast);
    }
    return true;
}
