/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_words.h"

#include "base/blank.h"

#include <interplay/backend.h>

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    uint32_t effects;
} words[] = {
#define WORD(name, effects) {#name, effects},
#include "mssql/mssql_words.def"
#undef WORD
};

/* --- characters ------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_in_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           c == '@' || c == '#' || c == '$' || (c & 0x80) != 0;
}

/* --- quotes ----------------------------------------------------------------------------------- */

/* A closing quote that is written twice stands for itself. */
static const char *skip_quoted(const char *next)
{
    const char quote = *next == '[' ? ']' : *next;
    next++;
    while (*next != '\0' && (*next != quote || next[1] == quote))
        next += *next == quote ? 2 : 1;
    return *next == '\0' ? next : next + 1;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static const char *skip_word(const char *next)
{
    while (is_in_word(*next))
        next++;
    return next;
}

struct mssql_token mssql_next_token(const char **next)
{
    const char *begin = blank_skip(*next), *end = begin;
    struct mssql_token token = {.kind = MSSQL_TOKEN_SIGN, .text = begin};
    bool is_national = (*begin == 'N' || *begin == 'n') && begin[1] == '\'';
    if (*begin == '\0') {
        token.kind = MSSQL_TOKEN_END;
    } else if (is_national || *begin == '\'' || *begin == '"' || *begin == '[') {
        token.kind = MSSQL_TOKEN_QUOTED;
        end = skip_quoted(begin + is_national);
    } else if (is_in_word(*begin)) {
        token.kind = is_digit(*begin) ? MSSQL_TOKEN_SIGN
                     : *begin == '@'  ? MSSQL_TOKEN_VARIABLE
                                      : MSSQL_TOKEN_WORD;
        end = skip_word(begin);
    } else {
        end = begin + 1;
    }
    token.length = (size_t)(end - begin);
    *next = end;
    return token;
}

bool mssql_token_is(const struct mssql_token *token, const char *word)
{
    return token->kind == MSSQL_TOKEN_WORD && strlen(word) == token->length &&
           strncasecmp(token->text, word, token->length) == 0;
}

int mssql_token_parameter(const struct mssql_token *token)
{
    enum { HIGHEST = 2100 }; /* parameters that a request may have, as the manual says */
    if (token->kind != MSSQL_TOKEN_VARIABLE || token->length < 3 || token->text[1] != 'p')
        return 0;
    int number = 0;
    for (size_t i = 2; i < token->length; i++) {
        if (!is_digit(token->text[i]))
            return 0;
        number = number > HIGHEST ? number : number * 10 + (token->text[i] - '0');
    }
    return number;
}

/* --- what a text is --------------------------------------------------------------------------- */

static uint32_t effects_of(const struct mssql_token *token)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (mssql_token_is(token, words[i].name))
            return words[i].effects;
    return 0;
}

static bool counts(const struct mssql_token *token)
{
    return mssql_token_is(token, "insert") || mssql_token_is(token, "update") ||
           mssql_token_is(token, "delete") || mssql_token_is(token, "merge");
}

/* SET is a statement, or a part of UPDATE. */
static uint32_t effects_of_set(const struct mssql_text *text, const struct mssql_token *token)
{
    bool is_statement = mssql_token_is(token, "set") && (text->effects & BACKEND_WROTE) == 0;
    return is_statement || mssql_token_is(token, "declare") ? BACKEND_SET : 0;
}

struct mssql_text mssql_read_text(const char *sql)
{
    struct mssql_text text = {.is_empty = true};
    struct mssql_token token;
    bool changes_otherwise = false, is_insert = false;
    while ((token = mssql_next_token(&sql)).kind != MSSQL_TOKEN_END) {
        text.ends_transaction |= mssql_token_is(&token, "commit");
        text.is_empty &= token.kind == MSSQL_TOKEN_SIGN && *token.text == ';';
        bool is_of_insert = is_insert && mssql_token_is(&token, "into");
        is_insert = mssql_token_is(&token, "insert");
        text.counts |= counts(&token);
        text.effects |= effects_of(&token) | effects_of_set(&text, &token);
        changes_otherwise |=
            (effects_of(&token) & BACKEND_WROTE) != 0 && !counts(&token) && !is_of_insert;
        int parameter = mssql_token_parameter(&token);
        if (parameter > text.parameter_count)
            text.parameter_count = parameter;
    }
    text.counts &= !changes_otherwise;
    text.is_read_only = (text.effects & BACKEND_WROTE) == 0;
    return text;
}

uint32_t mssql_effects(const struct mssql_text *text, int64_t changes)
{
    bool has_not_written = text->counts && changes == 0;
    return has_not_written ? text->effects & ~(uint32_t)BACKEND_WROTE : text->effects;
}
