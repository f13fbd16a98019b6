/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small scanner: at each place it asks how long the quoted piece or comment is that begins there,
 * and copies that as it is.
 *
 * Lexical rules: PostgreSQL manual 4.1 (strings, escape strings, dollar quoting, comments that
 * nest); Transact-SQL reference (brackets as quotes, comments that nest).
 */
#include "pool/placeholder.h"

#include <string.h>

struct output {
    char *text;
    size_t capacity, length;
};

static void put(struct output *output, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++, output->length++) {
        if (output->length + 1 < output->capacity)
            output->text[output->length] = bytes[i];
    }
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(char c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

/* --- pieces that are copied as they are ------------------------------------------------------ */

/* Up to the closing quote; a doubled one stands for itself. */
static size_t quoted_length(const char *sql, char closing, bool has_escapes)
{
    size_t length = 1;
    while (sql[length] != '\0') {
        bool is_closing = sql[length] == closing;
        if (is_closing && sql[length + 1] != closing)
            return length + 1;
        bool is_pair = is_closing || (has_escapes && sql[length] == '\\');
        length += is_pair && sql[length + 1] != '\0' ? 2 : 1;
    }
    return length;
}

static size_t line_comment_length(const char *sql)
{
    return strcspn(sql, "\n");
}

static size_t block_comment_length(const char *sql)
{
    size_t length = 2;
    for (size_t depth = 1; depth > 0 && sql[length] != '\0';) {
        if (sql[length] == '*' && sql[length + 1] == '/') {
            depth--;
            length += 2;
        } else if (sql[length] == '/' && sql[length + 1] == '*') {
            depth++;
            length += 2;
        } else {
            length++;
        }
    }
    return length;
}

/* $tag$ ... $tag$; 0 when none begins here. */
static size_t dollar_quoted_length(const char *sql)
{
    size_t tag = 1;
    while (is_word(sql[tag]))
        tag++;
    if (sql[tag] != '$' || is_digit(sql[1]))
        return 0;
    tag++;
    for (size_t at = tag; sql[at] != '\0'; at++) {
        if (strncmp(sql + at, sql, tag) == 0)
            return at + tag;
    }
    return strlen(sql);
}

/* E'...' has backslash escapes, if the E is a word of its own. */
static bool is_escape_string(const char *sql, size_t at)
{
    return at > 0 && (sql[at - 1] == 'E' || sql[at - 1] == 'e') &&
           (at == 1 || !is_word(sql[at - 2]));
}

/* Of the quoted piece or comment at `at`; 0 when none begins there. */
static size_t opaque_length(enum dialect dialect, const char *sql, size_t at)
{
    const char *here = sql + at;
    bool is_postgres = dialect == DIALECT_POSTGRES;
    if (here[0] == '\'')
        return quoted_length(here, '\'', is_postgres && is_escape_string(sql, at));
    if (here[0] == '"')
        return quoted_length(here, '"', false);
    if (here[0] == '[' && dialect == DIALECT_MSSQL)
        return quoted_length(here, ']', false);
    if (here[0] == '-' && here[1] == '-')
        return line_comment_length(here);
    if (here[0] == '/' && here[1] == '*')
        return block_comment_length(here);
    if (here[0] == '$' && is_postgres && (at == 0 || !is_word(here[-1])))
        return dollar_quoted_length(here);
    return 0;
}

/* --- translation ----------------------------------------------------------------------------- */

bool placeholder_needs_translation(enum dialect dialect)
{
    return dialect == DIALECT_POSTGRES || dialect == DIALECT_MSSQL;
}

static const char *prefix_of(enum dialect dialect)
{
    switch (dialect) {
    case DIALECT_POSTGRES:
        return "$";
    case DIALECT_MSSQL:
        return "@p";
    case DIALECT_NONE:
    case DIALECT_SQLITE:
        return "?";
    }
    return "?";
}

size_t placeholder_translate(enum dialect dialect, const char *sql, char *text, size_t capacity)
{
    struct output output = {.text = text, .capacity = capacity};
    const char *prefix = prefix_of(dialect);
    for (size_t at = 0; sql[at] != '\0';) {
        size_t opaque = opaque_length(dialect, sql, at);
        if (opaque > 0) {
            put(&output, sql + at, opaque);
            at += opaque;
        } else if (sql[at] == '?' && is_digit(sql[at + 1])) {
            put(&output, prefix, strlen(prefix));
            at++;
        } else {
            put(&output, sql + at, 1);
            at++;
        }
    }
    if (capacity > 0)
        text[output.length < capacity ? output.length : capacity - 1] = '\0';
    return output.length;
}
