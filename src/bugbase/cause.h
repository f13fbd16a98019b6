/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a minimal plan says of a bug, beside the signature that it ends in: who does what in which
 * order, where somebody is held back or struck by a fault, and what is set otherwise than usual.
 * Two findings that end alike are the same bug when their causes are equal, too.
 *
 * In words: "a.begin,a.read,b.write,a.write;stack=pool". Tasks are named in the order in which they
 * begin. What only varies within one bug is left out (docs/measurements.md): tables, keys, numbers,
 * which statement it is that reads, writes rows, or changes the schema, and at which yield point
 * somebody is held back.
 */
#ifndef BUGBASE_CAUSE_H
#define BUGBASE_CAUSE_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>

enum { CAUSE_WORDS_BYTES = 480, CAUSE_HASH_DIGITS = 8 };

/* All zero: nobody knows. */
struct cause {
    char words[CAUSE_WORDS_BYTES]; /* no blanks; a longer one ends in "..." */
    char hash[CAUSE_HASH_DIGITS + 1];
};

static inline bool cause_is_known(const struct cause *cause)
{
    return cause->hash[0] != '\0';
}

/* Of a plan that is 1-minimal: of another one it says little. */
void cause_of_plan(struct cause *ret_cause, const struct plan *plan);

/* From its words, as they were written down. */
void cause_of_words(struct cause *ret_cause, const char *words);

/* Appended to a signature: "@" and the hash. */
enum { CAUSE_SUFFIX_LENGTH = 1 + CAUSE_HASH_DIGITS };

/* Where the suffix of `word` begins; NULL: it has none. */
const char *cause_find_suffix(const char *word, size_t length);

#endif
