/* SPDX-License-Identifier: Apache-2.0 */
/* jansson's parser with places in its errors and with large integers. */
#include "plan/json_parse.h"

#include "base/file.h"
#include "plan/json_locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    JSON_PARSE_FLAGS = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
    JSON_SAFE_DIGITS = 18, /* fit a signed 64-bit number in any case */
};

/* --- integers that jansson refuses ----------------------------------------------------------- */

static size_t string_length(const char *text, size_t left)
{
    size_t at = 1;
    while (at < left && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return at < left ? at + 1 : left;
}

static bool is_number_character(char next)
{
    return (next >= '0' && next <= '9') || next == '-' || next == '+' || next == '.' ||
           next == 'e' || next == 'E';
}

/* A long integer without leading zeros, and nothing but that. */
static bool is_long_integer(const char *token, size_t length)
{
    size_t at = token[0] == '-';
    if (length - at <= JSON_SAFE_DIGITS || token[at] == '0')
        return false;
    while (at < length && token[at] >= '0' && token[at] <= '9')
        at++;
    return at == length;
}

/*
 * Copies `text` with quotes around long integers; `quoted` has room for twice the length. Returns
 * the length.
 */
static size_t quote_long_integers(const char *text, size_t length, char *quoted)
{
    size_t out = 0;
    for (size_t at = 0; at < length;) {
        size_t token = 1;
        bool quote = false;
        if (text[at] == '"') {
            token = string_length(text + at, length - at);
        } else if (is_number_character(text[at])) {
            while (at + token < length && is_number_character(text[at + token]))
                token++;
            quote = is_long_integer(text + at, token);
        }
        if (quote)
            quoted[out++] = '"';
        memcpy(quoted + out, text + at, token);
        out += token;
        if (quote)
            quoted[out++] = '"';
        at += token;
    }
    return out;
}

/* The place in `text` that became `offset` in `quoted`. */
static size_t unquoted_offset(const char *text, size_t length, const char *quoted, size_t offset)
{
    size_t at = 0;
    for (size_t i = 0; i < offset && at < length; i++)
        at += quoted[i] == text[at];
    return at;
}

/* --- syntax errors --------------------------------------------------------------------------- */

/*
 * Some errors are about the character at which jansson stopped, not about the token that it was
 * reading.
 */
static bool is_about_character(const json_error_t *cause)
{
    static const char control[] = "control character";
    return json_error_code(cause) == json_error_invalid_utf8 ||
           strncmp(cause->text, control, sizeof control - 1) == 0;
}

/*
 * jansson stops behind the offending token and quotes it, when it is short; the error belongs
 * before it. `cause` loses the quotation where it would mislead.
 */
static size_t error_offset(const char *text, size_t length, json_error_t *cause)
{
    static const char near[] = " near '";
    size_t end = cause->position > 0 ? (size_t)cause->position : 0;
    if (end > length)
        end = length;
    /* A zero byte looks like the end to jansson. */
    static const char near_end[] = " near end of file";
    static const char near_zero[] = " near a zero byte";
    _Static_assert(sizeof near_end == sizeof near_zero, "one takes the place of the other");
    char *token = strstr(cause->text, near_end);
    if (token != NULL && end > 0 && text[end - 1] == '\0') {
        memcpy(token, near_zero, sizeof near_zero);
        return end - 1;
    }
    token = strstr(cause->text, near);
    if (token == NULL)
        return end;
    if (is_about_character(cause)) {
        *token = '\0';
        return end;
    }
    token += sizeof near - 1;
    size_t token_length = strlen(token);
    token_length -= token_length > 0; /* the closing quote */
    if (token_length <= end && memcmp(text + end - token_length, token, token_length) == 0)
        return end - token_length;
    return end;
}

static enum error_code fail_syntax(const char *name, const char *text, size_t length, size_t offset,
                                   json_error_t *cause, struct error *error)
{
    size_t line, column;
    json_line_column(text, length, offset, &line, &column);
    for (char *next = cause->text; *next != '\0'; next++)
        if (*next < ' ' || *next > '~')
            *next = '?';
    const char *message = cause->text;
    if (json_error_code(cause) == json_error_null_character)
        message = "a text cannot hold the character \\u0000";
    return interplay_error(error, ERROR_INPUT, "%s:%zu:%zu: %s", file_short_path(name), line,
                           column, message);
}

static enum error_code parse_quoted(json_t **ret_root, const char *name, const char *text,
                                    size_t length, struct error *error)
{
    char *quoted = malloc(2 * length);
    if (quoted == NULL)
        return interplay_error(error, ERROR_MEMORY, "%s: out of memory", file_short_path(name));
    size_t quoted_length = quote_long_integers(text, length, quoted);
    json_error_t cause;
    json_t *root = json_loadb(quoted, quoted_length, JSON_PARSE_FLAGS, &cause);
    enum error_code code = ERROR_NONE;
    if (root == NULL) {
        size_t offset = error_offset(quoted, quoted_length, &cause);
        offset = unquoted_offset(text, length, quoted, offset);
        code = fail_syntax(name, text, length, offset, &cause, error);
    }
    free(quoted);
    if (code == ERROR_NONE)
        *ret_root = root;
    return code;
}

static bool is_blank(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length && memchr(" \t\r\n", text[at], 4) != NULL)
        at++;
    return at == length;
}

enum error_code json_parse(json_t **ret_root, const char *name, const char *text, size_t length,
                           struct error *error)
{
    json_object_seed(JSON_HASH_SEED);
    if (is_blank(text, length))
        return interplay_error(error, ERROR_INPUT, "%s:1:1: expected an object, found nothing",
                               file_short_path(name));
    json_error_t cause;
    json_t *root = json_loadb(text, length, JSON_PARSE_FLAGS, &cause);
    if (root != NULL) {
        *ret_root = root;
        return ERROR_NONE;
    }
    if (json_error_code(&cause) == json_error_numeric_overflow)
        return parse_quoted(ret_root, name, text, length, error);
    return fail_syntax(name, text, length, error_offset(text, length, &cause), &cause, error);
}
