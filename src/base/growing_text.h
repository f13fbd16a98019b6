/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A text of any length on the heap. Inline, because backends are compiled twice, once on simulated
 * memory: it is the memory of who includes this.
 */
#ifndef BASE_GROWING_TEXT_H
#define BASE_GROWING_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Begins as zeros. */
struct growing_text {
    char *bytes; /* ends in a zero byte; NULL: nothing was put */
    size_t length, capacity;
    bool has_failed; /* no memory, or what was to be put could not be had */
};

static inline void growing_put(struct growing_text *text, const char *bytes, size_t length)
{
    if (text->length + length + 1 > text->capacity && !text->has_failed) {
        size_t capacity = 2 * (text->capacity + length) + 64;
        char *grown = realloc(text->bytes, capacity);
        text->has_failed = grown == NULL;
        text->bytes = grown == NULL ? text->bytes : grown;
        text->capacity = grown == NULL ? text->capacity : capacity;
    }
    if (text->has_failed)
        return;
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static inline void growing_put_words(struct growing_text *text, const char *words)
{
    growing_put(text, words, strlen(words));
}

/* To be freed; NULL: it has failed. */
static inline char *growing_take(struct growing_text *text)
{
    if (!text->has_failed)
        return text->bytes;
    free(text->bytes);
    return NULL;
}

#endif
