/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lexical rules: PostgreSQL manual 4.1 (strings, escape strings, dollar quoting, comments that
 * nest). Those of other databases are the same as far as they matter here, or have less.
 */
#include "plan/sql_split.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static bool is_of_word(char c)
{
    return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Behind the closing `quote`, or `end`; doubled ones are part of it. */
static const char *skip_quoted(const char *at, const char *end, char quote, bool has_escapes)
{
    while (at < end) {
        if (has_escapes && *at == '\\' && at + 1 < end)
            at += 2;
        else if (*at++ == quote) {
            if (at == end || *at != quote)
                return at;
            at++;
        }
    }
    return end;
}

static const char *skip_comment(const char *at, const char *end)
{
    uint32_t depth = 0;
    for (; at < end; at++) {
        bool has_two = at + 1 < end;
        if (has_two && at[0] == '/' && at[1] == '*') {
            depth++;
            at++;
        } else if (has_two && at[0] == '*' && at[1] == '/') {
            at++;
            if (--depth == 0)
                return at + 1;
        }
    }
    return end;
}

static const char *skip_line(const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    return newline == NULL ? end : newline;
}

/* "$$" or "$tag$": its length; 0: this dollar begins none. */
static size_t dollar_tag(const char *at, const char *end)
{
    size_t length = 1;
    while (at + length < end && is_of_word(at[length]) &&
           (length > 1 || !isdigit((unsigned char)at[length])))
        length++;
    return at + length < end && at[length] == '$' ? length + 1 : 0;
}

static const char *skip_dollars(const char *at, const char *end, size_t tag)
{
    for (const char *next = at + tag; next + tag <= end; next++)
        if (memcmp(next, at, tag) == 0)
            return next + tag;
    return end;
}

/* Behind what begins here and hides what is in it; `at`: nothing does. */
static const char *skip_hidden(const char *start, const char *at, const char *end)
{
    bool follows_word = at > start && is_of_word(at[-1]);
    if (*at == '\'') {
        bool is_escape = follows_word && (at[-1] == 'E' || at[-1] == 'e') &&
                         (at - 1 == start || !is_of_word(at[-2]));
        return skip_quoted(at + 1, end, '\'', is_escape);
    }
    if (*at == '"' || *at == '`')
        return skip_quoted(at + 1, end, *at, false);
    if (at + 1 < end && at[0] == '-' && at[1] == '-')
        return skip_line(at, end);
    if (at + 1 < end && at[0] == '/' && at[1] == '*')
        return skip_comment(at, end);
    size_t tag = *at == '$' && !follows_word ? dollar_tag(at, end) : 0;
    return tag > 0 ? skip_dollars(at, end, tag) : at;
}

static bool is_word(const char *at, size_t length, const char *word)
{
    return length == strlen(word) && strncasecmp(at, word, length) == 0;
}

/* How deep a statement that makes something is in BEGIN ... END and CASE ... END. */
struct body {
    bool is_first, creates;
    uint32_t depth;
};

static void see_word(struct body *body, const char *at, size_t length)
{
    if (body->is_first)
        body->creates = is_word(at, length, "create");
    body->is_first = false;
    if (!body->creates)
        return;
    if (is_word(at, length, "begin") || (body->depth > 0 && is_word(at, length, "case")))
        body->depth++;
    else if (body->depth > 0 && is_word(at, length, "end"))
        body->depth--;
}

static size_t word_length(const char *at, const char *end)
{
    size_t length = 0;
    while (at + length < end && is_of_word(at[length]))
        length++;
    return length;
}

/* The semicolon that ends the statement at `start`, or `end`. */
static const char *find_end(const char *start, const char *end)
{
    struct body body = {.is_first = true};
    for (const char *at = start; at < end;) {
        const char *behind = skip_hidden(start, at, end);
        size_t word = word_length(at, end);
        if (behind != at) {
            at = behind;
        } else if (*at == ';' && body.depth == 0) {
            return at;
        } else if (word > 0) {
            see_word(&body, at, word);
            at += word;
        } else {
            at++;
        }
    }
    return end;
}

static const char *skip_between(const char *at, const char *end)
{
    for (;;) {
        while (at < end && (isspace((unsigned char)*at) || *at == ';'))
            at++;
        bool is_comment =
            at + 1 < end && ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'));
        if (!is_comment)
            return at;
        at = at[0] == '-' ? skip_line(at, end) : skip_comment(at, end);
    }
}

struct sql_piece sql_split_next(const char **at, const char *end)
{
    const char *start = skip_between(*at, end), *stop = find_end(start, end);
    *at = stop;
    while (stop > start && isspace((unsigned char)stop[-1]))
        stop--;
    return (struct sql_piece){start, (size_t)(stop - start)};
}
