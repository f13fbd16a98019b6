/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of a statement from its text (the manual, 4.1, "Lexical Structure"): what it
 * begins with, whether it only reads, which parameters it has. What functions do that it calls
 * cannot be known so.
 */
#ifndef POSTGRES_POSTGRES_WORDS_H
#define POSTGRES_POSTGRES_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum postgres_word {
#define WORD(name, is_read_only, effects) POSTGRES_WORD_##name,
#include "postgres/postgres_words.def"
#undef WORD
    POSTGRES_WORD_OTHER, /* CREATE, VACUUM, ... */
};

enum postgres_token_kind {
    POSTGRES_TOKEN_END,
    POSTGRES_TOKEN_WORD,
    POSTGRES_TOKEN_PARAMETER, /* $1 */
    POSTGRES_TOKEN_QUOTED,    /* a text, or a name in quotes */
    POSTGRES_TOKEN_SIGN,      /* one character, or a number */
};

struct postgres_token {
    enum postgres_token_kind kind;
    const char *text;
    size_t length;
    int parameter;
};

/* The next one after `*next`, which moves behind it; blanks and comments are none. */
struct postgres_token postgres_next_token(const char **next);
/* In any case. */
bool postgres_token_is(const struct postgres_token *token, const char *word);

struct postgres_text {
    enum postgres_word word;
    bool is_empty, has_more; /* no statement, more than one */
    bool is_read_only;       /* as far as the text tells */
    bool ends_transaction;   /* COMMIT and its like, which may be done without an answer */
    bool prepares;           /* PREPARE TRANSACTION, which does so, and commits nothing yet */
    bool calls_functions;    /* others than a few that certainly do nothing else */
    bool names_modes;        /* that durability depends on */
    bool names_level;        /* of the transaction that it begins */
    bool copies_in;          /* COPY FROM STDIN: its only parameter is what is copied */
    bool copies_out;         /* COPY TO STDOUT */
    bool may_write;          /* a word in it says so */
    int parameter_count;     /* the highest number */
};
struct postgres_text postgres_read_text(const char *sql);

/* What it has done (enum backend_effect), having succeeded; `changes` as backend.h says. */
uint32_t postgres_effects(const struct postgres_text *text, int64_t changes);

#endif
