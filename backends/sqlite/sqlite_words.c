/* SPDX-License-Identifier: Apache-2.0 */
#include "sqlite/sqlite_words.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_comment(const char *next)
{
    if (next[0] == '-') {
        next += strcspn(next, "\n");
        return next;
    }
    const char *end = strstr(next + 2, "*/");
    return end == NULL ? next + strlen(next) : end + 2;
}

/* One that is not closed goes on to the end, if there is anything in it at all. */
static bool is_comment(const char *next)
{
    return (next[0] == '-' && next[1] == '-') ||
           (next[0] == '/' && next[1] == '*' && next[2] != '\0');
}

const char *sqlite_skip_blank(const char *next)
{
    for (;;) {
        next += strspn(next, " \t\n\f\r");
        if (!is_comment(next))
            return next;
        next = skip_comment(next);
    }
}

static bool is_word_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (byte >= '0' && byte <= '9');
}

size_t sqlite_word_length(const char *next)
{
    size_t length = 0;
    while (is_word_byte(next[length]))
        length++;
    return length;
}

const char *sqlite_take_word(const char *next, char ret_word[SQLITE_WORD_BYTES])
{
    next = sqlite_skip_blank(next);
    size_t length = sqlite_word_length(next), kept = 0;
    for (; kept < length && kept < SQLITE_WORD_BYTES - 1; kept++) {
        char byte = next[kept];
        ret_word[kept] = byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
    }
    ret_word[kept] = '\0';
    return next + length;
}
