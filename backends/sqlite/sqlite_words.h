/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a statement, as SQLite's tokenizer sees them: comments are space. */
#ifndef SQLITE_SQLITE_WORDS_H
#define SQLITE_SQLITE_WORDS_H

#include <stddef.h>

enum { SQLITE_WORD_BYTES = 32 };

/* What follows white space and comments. */
const char *sqlite_skip_blank(const char *next);

/* How many bytes of letters, digits and underscores there are. */
size_t sqlite_word_length(const char *next);

/* The next word, in lower case; empty where none is. Returns what follows it. */
const char *sqlite_take_word(const char *next, char ret_word[SQLITE_WORD_BYTES]);

#endif
