/* SPDX-License-Identifier: Apache-2.0 */
/* A scan over JSON text that counts members and elements. */
#include "plan/json_locate.h"

#include <stdbool.h>

struct scan {
    const char *text;
    size_t length;
    size_t at;
};

/* The next character, or 0 at the end. */
static char peek(const struct scan *scan)
{
    return scan->at < scan->length ? scan->text[scan->at] : '\0';
}

static bool at_end(const struct scan *scan)
{
    return scan->at >= scan->length;
}

static void skip_space(struct scan *scan)
{
    while (peek(scan) == ' ' || peek(scan) == '\t' || peek(scan) == '\n' || peek(scan) == '\r')
        scan->at++;
}

static void skip_string(struct scan *scan)
{
    scan->at++; /* the opening quote */
    while (!at_end(scan) && peek(scan) != '"')
        scan->at += peek(scan) == '\\' ? 2 : 1;
    scan->at++;
}

static bool ends_scalar(char next)
{
    return next == ',' || next == ']' || next == '}' || next == ' ' || next == '\t' ||
           next == '\n' || next == '\r';
}

static void skip_value(struct scan *scan)
{
    size_t open = 0;
    do {
        char next = peek(scan);
        if (next == '"') {
            skip_string(scan);
        } else if (next == '{' || next == '[') {
            open++;
            scan->at++;
        } else if (next == '}' || next == ']') {
            open -= open > 0;
            scan->at++;
        } else if (open > 0) {
            scan->at++;
        } else {
            while (!at_end(scan) && !ends_scalar(peek(scan)))
                scan->at++;
        }
    } while (open > 0 && !at_end(scan));
}

/*
 * From the start of a container to its member or element `ordinal`; returns the offset of a
 * member's key.
 */
static size_t enter(struct scan *scan, size_t ordinal)
{
    bool is_object = peek(scan) == '{';
    size_t key = scan->at;
    scan->at++;
    for (size_t i = 0;; i++) {
        skip_space(scan);
        key = scan->at;
        if (is_object) {
            skip_string(scan);
            skip_space(scan);
            scan->at++; /* the colon */
            skip_space(scan);
        }
        if (i == ordinal || at_end(scan))
            return key;
        skip_value(scan);
        skip_space(scan);
        scan->at++; /* the comma */
    }
}

size_t json_locate(const char *text, size_t length, const size_t *ordinals, size_t depth,
                   enum json_locate_what what)
{
    struct scan scan = {text, length, 0};
    skip_space(&scan);
    size_t key = scan.at;
    for (size_t level = 0; level < depth; level++)
        key = enter(&scan, ordinals[level]);
    size_t offset = what == JSON_LOCATE_KEY ? key : scan.at;
    return offset < length ? offset : length;
}

void json_line_column(const char *text, size_t length, size_t offset, size_t *ret_line,
                      size_t *ret_column)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < offset && i < length; i++) {
        if (text[i] == '\n') {
            line++;
            column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}
