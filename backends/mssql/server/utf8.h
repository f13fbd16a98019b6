/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of UTF-8 by their characters: they are counted, and cut between two of them. */
#ifndef MSSQL_SERVER_UTF8_H
#define MSSQL_SERVER_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the byte is one of a character that has begun before it. */
static inline bool utf8_goes_on(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

/* The bytes of the character at `at`, which lies before `end`. */
static inline size_t utf8_character(const char *at, const char *end)
{
    size_t length = 1;
    while (at + length < end && utf8_goes_on(at[length]))
        length++;
    return length;
}

/* How much of a longer text are whole characters in the first `length` bytes. */
static inline size_t utf8_cut(const char *text, size_t length)
{
    while (length > 0 && utf8_goes_on(text[length]))
        length--;
    return length;
}

#endif
