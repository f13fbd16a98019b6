/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of T-SQL that SQLite has not, or has otherwise. */
#include "mssql/server/engine.h"
#include "mssql/server/utf8.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct engine_session *session_of(sqlite3_context *context)
{
    return sqlite3_user_data(context);
}

/* The error stands in the session. */
static void fail(sqlite3_context *context)
{
    sqlite3_result_error_code(context, SQLITE_ABORT);
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void convert(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    struct value value = engine_from_sqlite(argv[0]);
    struct tsql_type type = {(enum tsql_kind)sqlite3_value_int(argv[1]),
                             sqlite3_value_int(argv[2])};
    if (engine_convert(session_of(context), type, &value, true))
        engine_give_sqlite(context, &value);
    else
        fail(context);
}

static bool any_null(int argc, sqlite3_value **argv)
{
    for (int i = 0; i < argc; i++)
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
            return true;
    return false;
}

static bool are_integers(sqlite3_value **argv)
{
    return sqlite3_value_type(argv[0]) == SQLITE_INTEGER &&
           sqlite3_value_type(argv[1]) == SQLITE_INTEGER;
}

static bool fails_to_divide(sqlite3_context *context, sqlite3_value **argv)
{
    if (sqlite3_value_double(argv[1]) != 0)
        return false;
    engine_raise(session_of(context), 8134);
    fail(context);
    return true;
}

static void divide(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (any_null(argc, argv) || fails_to_divide(context, argv))
        return;
    int64_t one = sqlite3_value_int64(argv[0]), other = sqlite3_value_int64(argv[1]);
    if (!are_integers(argv)) {
        sqlite3_result_double(context,
                              sqlite3_value_double(argv[0]) / sqlite3_value_double(argv[1]));
    } else if (one == INT64_MIN && other == -1) {
        engine_raise(session_of(context), 8115, "bigint");
        fail(context);
    } else {
        sqlite3_result_int64(context, one / other);
    }
}

static void modulo(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (any_null(argc, argv) || fails_to_divide(context, argv))
        return;
    int64_t other = sqlite3_value_int64(argv[1]);
    if (!are_integers(argv))
        sqlite3_result_double(context,
                              fmod(sqlite3_value_double(argv[0]), sqlite3_value_double(argv[1])));
    else
        sqlite3_result_int64(context, other == -1 ? 0 : sqlite3_value_int64(argv[0]) % other);
}

static void exclusive_or(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (!any_null(argc, argv))
        sqlite3_result_int64(context, sqlite3_value_int64(argv[0]) ^ sqlite3_value_int64(argv[1]));
}

/* --- texts ------------------------------------------------------------------------------------ */

static bool to_text(sqlite3_context *context, sqlite3_value *from, struct value *ret_text)
{
    *ret_text = engine_from_sqlite(from);
    return engine_convert(session_of(context), (struct tsql_type){TSQL_NVARCHAR, -1}, ret_text,
                          true);
}

/* Spaces at the end do not count. */
static void text_length(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value text;
    if (any_null(argc, argv) || !to_text(context, argv[0], &text))
        return;
    while (text.text.length > 0 && text.text.bytes[text.text.length - 1] == ' ')
        text.text.length--;
    sqlite3_result_int64(context, (sqlite3_int64)engine_text_units(&text));
}

static void data_length(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (any_null(argc, argv))
        return;
    struct value value = engine_from_sqlite(argv[0]);
    size_t bytes = value.kind == VALUE_TEXT   ? engine_text_units(&value) * 2
                   : value.kind == VALUE_BLOB ? value.text.length
                                              : 8;
    sqlite3_result_int64(context, (sqlite3_int64)bytes);
}

/* How many characters of UTF-8 there are, and where the n-th begins. */
static size_t characters(const struct value *text)
{
    size_t count = 0;
    for (size_t i = 0; i < text->text.length; i++)
        count += !utf8_goes_on(text->text.bytes[i]);
    return count;
}

static size_t place_of(const struct value *text, size_t number)
{
    size_t at = 0;
    for (; at < text->text.length; at++)
        if (!utf8_goes_on(text->text.bytes[at]) && number-- == 0)
            break;
    return at;
}

static void cut(sqlite3_context *context, sqlite3_value **argv, bool is_left)
{
    struct value text;
    int64_t wanted = sqlite3_value_int64(argv[1]);
    if (any_null(2, argv) || !to_text(context, argv[0], &text))
        return;
    size_t count = characters(&text), kept = wanted < 0 ? 0 : (size_t)wanted;
    if (kept < count) {
        size_t at = place_of(&text, is_left ? kept : count - kept);
        text.text.bytes += is_left ? 0 : at;
        text.text.length = is_left ? at : text.text.length - at;
    }
    engine_give_sqlite(context, &text);
}

static void left_part(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    cut(context, argv, true);
}

static void right_part(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    cut(context, argv, false);
}

static void find_text(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value wanted, text;
    if (any_null(argc, argv) || !to_text(context, argv[0], &wanted) ||
        !to_text(context, argv[1], &text))
        return;
    int64_t place = 0;
    const char *found = wanted.text.length == 0 ? NULL
                                                : memmem(text.text.bytes, text.text.length,
                                                         wanted.text.bytes, wanted.text.length);
    if (found != NULL) {
        text.text.length = (size_t)(found - text.text.bytes);
        place = (int64_t)characters(&text) + 1;
    }
    sqlite3_result_int64(context, place);
}

enum { TEXT_BYTES_MAX = 16 * 1024 * 1024 };

static void repeat(sqlite3_context *context, const struct value *text, int64_t count)
{
    if (count < 0)
        return;
    if (text->text.length > 0 && count > (int64_t)(TEXT_BYTES_MAX / text->text.length)) {
        engine_raise(session_of(context), 8152);
        fail(context);
        return;
    }
    size_t length = text->text.length * (size_t)count;
    char *bytes = sqlite3_malloc64(length + 1);
    if (bytes == NULL) {
        sqlite3_result_error_nomem(context);
        return;
    }
    for (size_t at = 0; at < length; at += text->text.length)
        memcpy(bytes + at, text->text.bytes, text->text.length);
    sqlite3_result_text64(context, bytes, length, sqlite3_free, SQLITE_UTF8);
}

static void replicate(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value text;
    if (!any_null(argc, argv) && to_text(context, argv[0], &text))
        repeat(context, &text, sqlite3_value_int64(argv[1]));
}

static void spaces(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value space = value_text(" ", 1);
    if (!any_null(argc, argv))
        repeat(context, &space, sqlite3_value_int64(argv[0]));
}

/* NULLs are no text. */
static void concatenate(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sqlite3_str *whole = sqlite3_str_new(sqlite3_context_db_handle(context));
    struct value text;
    for (int i = 0; i < argc; i++)
        if (sqlite3_value_type(argv[i]) != SQLITE_NULL && to_text(context, argv[i], &text))
            sqlite3_str_append(whole, text.text.bytes, (int)text.text.length);
    int length = sqlite3_str_length(whole);
    char *bytes = sqlite3_str_finish(whole);
    if (bytes == NULL)
        sqlite3_result_text(context, "", 0, SQLITE_STATIC);
    else
        sqlite3_result_text(context, bytes, length, sqlite3_free);
}

/* A number with at least so many digits: 'D8', or as many as there are zeros. */
static void format(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value how;
    if (any_null(argc, argv) || !to_text(context, argv[1], &how))
        return;
    const char *copy = sqlite3_mprintf("%.*s", (int)how.text.length, how.text.bytes);
    size_t zeros = copy == NULL ? 0 : strspn(copy, "0");
    int digits = zeros > 0                               ? (int)zeros
                 : copy != NULL && toupper(*copy) == 'D' ? atoi(copy + 1)
                                                         : 0;
    bool is_known = zeros == how.text.length || digits > 0;
    sqlite3_free((void *)(uintptr_t)copy);
    if (!is_known || digits > 100) {
        engine_raise(session_of(context), 8114, "nvarchar", "format");
        fail(context);
        return;
    }
    char text[128];
    int64_t number = sqlite3_value_int64(argv[0]);
    int length = snprintf(text, sizeof text, "%0*lld", digits + (number < 0), (long long)number);
    sqlite3_result_text(context, text, length, SQLITE_TRANSIENT);
}

static void right_justified(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    if (any_null(argc, argv))
        return;
    int64_t width = argc > 1 ? sqlite3_value_int64(argv[1]) : 10;
    if (width < 0 || width > 100)
        width = 10;
    char text[128];
    int length = snprintf(text, sizeof text, "%*.0f", (int)width, sqlite3_value_double(argv[0]));
    sqlite3_result_text(context, text, length, SQLITE_TRANSIENT);
}

/* --- the one value of a subquery -------------------------------------------------------------- */

struct only {
    sqlite3_value *value;
    uint32_t rows;
};

static void only_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct only *only = sqlite3_aggregate_context(context, sizeof *only);
    (void)argc;
    if (only == NULL)
        return;
    if (only->rows++ == 0) {
        only->value = sqlite3_value_dup(argv[0]);
        return;
    }
    engine_raise(session_of(context), 512);
    fail(context);
}

static void only_end(sqlite3_context *context)
{
    struct only *only = sqlite3_aggregate_context(context, 0);
    if (only == NULL)
        return;
    sqlite3_result_value(context, only->value);
    sqlite3_value_free(only->value);
}

/* --- LIKE ------------------------------------------------------------------------------------- */

struct pattern {
    const char *at, *end;
    int escape; /* below 0: none */
};

/* Behind [: whether the byte is one of the set, whose end is found. A set without end is none. */
static bool is_in_set(struct pattern *pattern, unsigned char byte)
{
    const char *at = pattern->at;
    bool is_negated = at < pattern->end && *at == '^', found = false;
    at += is_negated;
    for (bool is_first = true; at < pattern->end && (is_first || *at != ']'); is_first = false) {
        unsigned char low = (unsigned char)*at, high = low;
        if (pattern->end - at > 2 && at[1] == '-' && at[2] != ']') {
            high = (unsigned char)at[2];
            at += 2;
        }
        found |= byte >= low && byte <= high;
        at++;
    }
    pattern->at = at < pattern->end ? at + 1 : at;
    return found != is_negated;
}

/* One character of the text against what the pattern says next, which is no %. */
static bool matches_one(struct pattern *pattern, const char *text)
{
    char wanted = *pattern->at++;
    if (wanted == '_')
        return true;
    if (wanted == '[')
        return is_in_set(pattern, (unsigned char)*text);
    if (pattern->escape >= 0 && (unsigned char)wanted == pattern->escape &&
        pattern->at < pattern->end)
        wanted = *pattern->at++;
    return wanted == *text;
}

/* The last % is where a mismatch goes back to: what it stands for grows by a character. */
static bool matches(struct pattern pattern, const char *text, const char *end)
{
    const char *again_pattern = NULL, *again_text = NULL;
    for (;;) {
        if (pattern.at < pattern.end && *pattern.at == '%') {
            again_pattern = ++pattern.at;
            again_text = text;
            continue;
        }
        if (text == end && pattern.at == pattern.end)
            return true;
        bool is_any = pattern.at < pattern.end && *pattern.at == '_';
        if (text < end && pattern.at < pattern.end && matches_one(&pattern, text)) {
            text += is_any ? utf8_character(text, end) : 1;
            continue;
        }
        if (again_pattern == NULL || again_text >= end)
            return false;
        again_text += utf8_character(again_text, end);
        text = again_text;
        pattern.at = again_pattern;
    }
}

static void like(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct value text, pattern, escape = value_text("", 0);
    if (any_null(argc, argv) || !to_text(context, argv[0], &text) ||
        !to_text(context, argv[1], &pattern) || (argc > 2 && !to_text(context, argv[2], &escape)))
        return;
    struct pattern wanted = {pattern.text.bytes, pattern.text.bytes + pattern.text.length, -1};
    if (escape.text.length > 0)
        wanted.escape = (unsigned char)*escape.text.bytes;
    sqlite3_result_int(context,
                       matches(wanted, text.text.bytes, text.text.bytes + text.text.length));
}

/* --- what the server knows -------------------------------------------------------------------- */

/* Names may have brackets, and a schema before them. */
static void object_number(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    struct engine_session *session = session_of(context);
    struct value text;
    if (any_null(1, argv) || !to_text(context, argv[0], &text))
        return;
    char *name = arena_copy_text(&session->arena, text.text.bytes, text.text.length);
    char *dot = strrchr(name, '.');
    name = dot == NULL ? name : dot + 1;
    size_t length = strlen(name);
    if (length > 1 && name[0] == '[' && name[length - 1] == ']') {
        name[length - 1] = 0;
        name++;
    }
    const struct engine_table *table = engine_find_table(session, name);
    if (table != NULL && !table->is_dropped)
        sqlite3_result_int64(context, table->number);
}

static void property(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    const char *name = (const char *)sqlite3_value_text(argv[0]);
    if (name != NULL && tsql_same_name(name, "ProductVersion"))
        sqlite3_result_text(context, ENGINE_VERSION, -1, SQLITE_STATIC);
    else if (name != NULL && tsql_same_name(name, "Edition"))
        sqlite3_result_text(context, TDS_SERVER_NAME, -1, SQLITE_STATIC);
}

void engine_add_functions(struct engine_session *session)
{
    static const struct {
        const char *name;
        int arguments;
        void (*function)(sqlite3_context *context, int argc, sqlite3_value **argv);
    } all[] = {
        {"tsql_convert", 3, convert},     {"tsql_divide", 2, divide},
        {"tsql_modulo", 2, modulo},       {"tsql_xor", 2, exclusive_or},
        {"tsql_len", 1, text_length},     {"tsql_datalength", 1, data_length},
        {"tsql_left", 2, left_part},      {"tsql_right", 2, right_part},
        {"tsql_charindex", 2, find_text}, {"tsql_replicate", 2, replicate},
        {"tsql_space", 1, spaces},        {"tsql_concat", -1, concatenate},
        {"tsql_format", 2, format},       {"tsql_str", -1, right_justified},
        {"tsql_like", -1, like},          {"tsql_object_id", -1, object_number},
        {"tsql_property", 1, property},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        sqlite3_create_function(session->sqlite, all[i].name, all[i].arguments, SQLITE_UTF8,
                                session, all[i].function, NULL, NULL);
    sqlite3_create_function(session->sqlite, "tsql_only", 1, SQLITE_UTF8, session, NULL, only_step,
                            only_end);
}
