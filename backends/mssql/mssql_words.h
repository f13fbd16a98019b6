/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be known of T-SQL from its text ("Transact-SQL syntax conventions"): what it begins
 * with, whether it only reads, which parameters it has. A text may hold several statements, with or
 * without semicolons: every word counts that stands by itself.
 */
#ifndef MSSQL_MSSQL_WORDS_H
#define MSSQL_MSSQL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mssql_token_kind {
    MSSQL_TOKEN_END,
    MSSQL_TOKEN_WORD,
    MSSQL_TOKEN_VARIABLE, /* @p1, @@TRANCOUNT */
    MSSQL_TOKEN_QUOTED,   /* a text, or a name in quotes or brackets */
    MSSQL_TOKEN_SIGN,     /* one character, or a number */
};

struct mssql_token {
    enum mssql_token_kind kind;
    const char *text;
    size_t length;
};

/* The next one after `*next`, which moves behind it; blanks and comments are none. */
struct mssql_token mssql_next_token(const char **next);
/* In any case. */
bool mssql_token_is(const struct mssql_token *token, const char *word);
/* The number of a parameter of ours, @p1 and on; 0: it is none. */
int mssql_token_parameter(const struct mssql_token *token);

struct mssql_text {
    bool is_empty;
    bool is_read_only;     /* as far as the text tells */
    bool ends_transaction; /* COMMIT is in it, which may be done without an answer */
    uint32_t effects;      /* enum backend_effect, of all words */
    bool counts;           /* it has written if it says that it did */
    int parameter_count;   /* the highest number */
};
struct mssql_text mssql_read_text(const char *sql);

/* What it has done, having succeeded; `changes` as backend.h says. */
uint32_t mssql_effects(const struct mssql_text *text, int64_t changes);

#endif
