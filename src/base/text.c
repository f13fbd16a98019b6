/* SPDX-License-Identifier: Apache-2.0 */
/* Appending text to a fixed buffer. */
#include "base/text.h"

#include "base/assert.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_init(struct text *text, char *buffer, size_t capacity_bytes)
{
    ASSERT(capacity_bytes > 0);
    *text = (struct text){.bytes = buffer, .capacity_bytes = capacity_bytes};
    buffer[0] = '\0';
}

void text_append_bytes(struct text *text, const char *bytes, size_t length)
{
    size_t room = text->capacity_bytes - 1 - text->length;
    if (length > room) {
        length = room;
        text->truncated = true;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void text_append(struct text *text, const char *piece)
{
    text_append_bytes(text, piece, strlen(piece));
}

void text_append_word(struct text *text, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=.,:@%/";
    if (*word != '\0' && word[strspn(word, plain)] == '\0') {
        text_append(text, word);
        return;
    }
    text_append(text, "'");
    for (; *word != '\0'; word++) {
        const char letter[] = {*word, '\0'};
        text_append(text, *word == '\'' ? "'\\''" : letter);
    }
    text_append(text, "'");
}

void text_append_number(struct text *text, int64_t number)
{
    char digits[24];
    size_t at = sizeof digits;
    uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    if (number < 0)
        digits[--at] = '-';
    text_append_bytes(text, digits + at, sizeof digits - at);
}

void text_append_format(struct text *text, const char *format, ...)
{
    size_t room = text->capacity_bytes - text->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text->bytes + text->length, room, format, arguments);
    va_end(arguments);
    ASSERT(length >= 0);
    if ((size_t)length >= room) {
        text->truncated = true;
        text->length = text->capacity_bytes - 1;
    } else {
        text->length += (size_t)length;
    }
}

static bool is_word(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!isalpha((unsigned char)text[i]) && text[i] != ':')
            return false;
    return length > 0;
}

void text_signature_words(const char *sentence, char *words, size_t capacity_bytes)
{
    size_t used = 0;
    const char *next = sentence;
    while (*next != '\0' && *next != '\n') {
        size_t length = strcspn(next, " \n");
        if (is_word(next, length) && used + length + 2 < capacity_bytes) {
            if (used > 0)
                words[used++] = '-';
            for (size_t i = 0; i < length; i++)
                if (next[i] != ':')
                    words[used++] = (char)tolower((unsigned char)next[i]);
        }
        next += length + (next[length] == ' ');
    }
    words[used] = '\0';
}

size_t text_line_length(const char *text, size_t left, size_t width)
{
    if (left <= width)
        return left;
    for (size_t at = width; at > 0; at--)
        if (text[at] == ' ')
            return at;
    return width;
}
