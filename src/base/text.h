/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Appending text to a fixed buffer without printf, for statements that are built on every step.
 * What does not fit is cut and remembered in `truncated`; the text is always zero-terminated.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *bytes;
    size_t length;
    size_t capacity_bytes; /* with room for the terminating zero */
    bool truncated;
};

void text_init(struct text *text, char *buffer, size_t capacity_bytes);
void text_append(struct text *text, const char *piece);
void text_append_bytes(struct text *text, const char *bytes, size_t length);
/* Quoted as a shell wants it, where that is needed. */
void text_append_word(struct text *text, const char *word);
void text_append_number(struct text *text, int64_t number);
void text_append_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The words of the first line of `sentence` that are letters only, for a signature: "row 5 missing
 * from index i0v" becomes "row-missing-from-index".
 */
void text_signature_words(const char *sentence, char *words, size_t capacity_bytes);

/*
 * How much of `text` goes on a line of `width`, of the `left` bytes that there are: up to the last
 * space in it, or all of the line.
 */
size_t text_line_length(const char *text, size_t left, size_t width);

#endif
