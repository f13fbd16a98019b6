/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_words.h"

#include "base/blank.h"

#include <interplay/backend.h>

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    bool is_read_only;
    uint32_t effects;
} words[] = {
#define WORD(name, is_read_only, effects) {#name, is_read_only, effects},
#include "postgres/postgres_words.def"
#undef WORD
    [POSTGRES_WORD_OTHER] = {"", false, BACKEND_WROTE},
};

/* --- characters ------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool begins_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}

static bool is_in_word(char c)
{
    return begins_word(c) || is_digit(c) || c == '$';
}

/* --- what is in quotes ------------------------------------------------------------------------ */

static const char *skip_quoted(const char *next, bool has_escapes)
{
    const char quote = *next++;
    while (*next != '\0' && (*next != quote || next[1] == quote)) {
        bool is_pair = *next == quote || (has_escapes && *next == '\\' && next[1] != '\0');
        next += is_pair ? 2 : 1;
    }
    return *next == '\0' ? next : next + 1;
}

/* $tag$ ... $tag$; NULL when none begins here. */
static const char *skip_dollar_quoted(const char *next)
{
    size_t tag = 1;
    while (is_in_word(next[tag]) && next[tag] != '$')
        tag++;
    if (next[tag] != '$' || is_digit(next[1]))
        return NULL;
    tag++;
    for (const char *end = next + tag; *end != '\0'; end++)
        if (strncmp(end, next, tag) == 0)
            return end + tag;
    return next + strlen(next);
}

/* E'', B'', X'', N'' and U&''; NULL when none begins here. */
static const char *skip_prefixed(const char *next)
{
    if (strchr("eEbBxXnN", next[0]) != NULL && next[1] == '\'')
        return skip_quoted(next + 1, next[0] == 'e' || next[0] == 'E');
    if ((next[0] == 'u' || next[0] == 'U') && next[1] == '&' && (next[2] == '\'' || next[2] == '"'))
        return skip_quoted(next + 2, false);
    return NULL;
}

/* NULL: nothing of the kind begins here. */
static const char *skip_any_quoted(const char *next)
{
    if (*next == '\'' || *next == '"')
        return skip_quoted(next, false);
    if (*next == '$')
        return skip_dollar_quoted(next);
    return *next == '\0' ? NULL : skip_prefixed(next);
}

/* --- tokens ----------------------------------------------------------------------------------- */

static const char *skip_parameter(const char *next, int *ret_number)
{
    *ret_number = 0;
    for (next++; is_digit(*next); next++)
        *ret_number = *ret_number > 65535 ? *ret_number : *ret_number * 10 + (*next - '0');
    return next;
}

struct postgres_token postgres_next_token(const char **next)
{
    const char *begin = blank_skip(*next), *end = skip_any_quoted(begin);
    struct postgres_token token = {.kind = POSTGRES_TOKEN_QUOTED, .text = begin};
    if (end == NULL) {
        token.kind = POSTGRES_TOKEN_SIGN;
        end = begin + 1;
        if (*begin == '\0') {
            token.kind = POSTGRES_TOKEN_END;
            end = begin;
        } else if (*begin == '$' && is_digit(begin[1])) {
            token.kind = POSTGRES_TOKEN_PARAMETER;
            end = skip_parameter(begin, &token.parameter);
        } else if (is_in_word(*begin)) {
            token.kind = is_digit(*begin) ? POSTGRES_TOKEN_SIGN : POSTGRES_TOKEN_WORD;
            while (is_in_word(*end))
                end++;
        }
    }
    token.length = (size_t)(end - begin);
    *next = end;
    return token;
}

bool postgres_token_is(const struct postgres_token *token, const char *word)
{
    return token->kind == POSTGRES_TOKEN_WORD && strlen(word) == token->length &&
           strncasecmp(token->text, word, token->length) == 0;
}

/* --- what a statement is ---------------------------------------------------------------------- */

static bool is_one_of(const struct postgres_token *token, const char *const *names)
{
    while (*names != NULL && !postgres_token_is(token, *names))
        names++;
    return *names != NULL;
}

/* Functions that do nothing but compute, and words before parentheses that are none. */
static const char *const harmless[] = {
    "abs",       "all",       "and",       "any",   "array",     "as",          "avg",
    "between",   "bigint",    "by",        "case",  "cast",      "char_length", "chr",
    "coalesce",  "concat",    "conflict",  "count", "distinct",  "else",        "except",
    "exists",    "extract",   "filter",    "from",  "greatest",  "group",       "having",
    "in",        "integer",   "intersect", "is",    "join",      "least",       "left",
    "length",    "like",      "limit",     "lower", "lpad",      "ltrim",       "max",
    "md5",       "min",       "mod",       "not",   "nullif",    "numeric",     "octet_length",
    "on",        "or",        "order",     "over",  "partition", "position",    "repeat",
    "replace",   "returning", "reverse",   "right", "round",     "row",         "row_number",
    "rpad",      "rtrim",     "select",    "set",   "some",      "strpos",      "substr",
    "substring", "sum",       "text",      "then",  "trim",      "union",       "upper",
    "using",     "values",    "varchar",   "when",  "where",     "with",        NULL,
};

/* They make a statement write, wherever they stand, that otherwise would not. */
static const char *const writing[] = {"insert", "update", "delete", "merge", "into", "share", NULL};
static const char *const modes[] = {"synchronous_commit", NULL};
/* In BEGIN: another level than transactions usually have. */
static const char *const levels[] = {"isolation", "read", "deferrable", NULL};

static enum postgres_word word_of(const struct postgres_token *token)
{
    int i = 0;
    while (i < POSTGRES_WORD_OTHER && !postgres_token_is(token, words[i].name))
        i++;
    return (enum postgres_word)i;
}

/* The second word says more: PREPARE TRANSACTION, COMMIT PREPARED. */
static void read_second(struct postgres_text *text, const struct postgres_token *token)
{
    bool is_two_phase =
        (text->word == POSTGRES_WORD_prepare && postgres_token_is(token, "transaction")) ||
        ((text->word == POSTGRES_WORD_commit || text->word == POSTGRES_WORD_rollback) &&
         postgres_token_is(token, "prepared"));
    if (!is_two_phase)
        return;
    text->ends_transaction = true;
    text->is_read_only = false;
    text->prepares = text->word == POSTGRES_WORD_prepare;
    if (text->prepares)
        text->word = POSTGRES_WORD_commit;
}

static void read_first(struct postgres_text *text, const struct postgres_token *token)
{
    text->word = word_of(token);
    text->is_read_only = words[text->word].is_read_only;
    text->ends_transaction = text->word == POSTGRES_WORD_commit || text->word == POSTGRES_WORD_end;
}

/* `before` it, and before that: whether a parenthesis opens the arguments of a function. */
static bool is_call(const struct postgres_token before[2])
{
    bool is_name = before[0].kind == POSTGRES_TOKEN_WORD || before[0].kind == POSTGRES_TOKEN_QUOTED;
    return is_name && !is_one_of(&before[0], harmless) && !postgres_token_is(&before[1], "into");
}

static void read_token(struct postgres_text *text, const struct postgres_token *token,
                       const struct postgres_token before[2])
{
    if (token->kind == POSTGRES_TOKEN_PARAMETER && token->parameter > text->parameter_count)
        text->parameter_count = token->parameter;
    text->may_write |= is_one_of(token, writing);
    bool copies = text->word == POSTGRES_WORD_copy;
    text->copies_in |= copies && postgres_token_is(token, "stdin");
    text->copies_out |= copies && postgres_token_is(token, "stdout");
    text->names_modes |= is_one_of(token, modes);
    bool begins = text->word == POSTGRES_WORD_begin || text->word == POSTGRES_WORD_start;
    text->names_level |= begins && is_one_of(token, levels);
    bool opens = token->kind == POSTGRES_TOKEN_SIGN && *token->text == '(';
    text->calls_functions |= opens && is_call(before);
}

static bool is_semicolon(const struct postgres_token *token)
{
    return token->kind == POSTGRES_TOKEN_SIGN && *token->text == ';';
}

struct postgres_text postgres_read_text(const char *sql)
{
    struct postgres_text text = {.is_empty = true, .word = POSTGRES_WORD_OTHER};
    struct postgres_token before[2] = {{.kind = POSTGRES_TOKEN_END}}, token;
    bool has_ended = false;
    for (int count = 0; (token = postgres_next_token(&sql)).kind != POSTGRES_TOKEN_END;) {
        if (is_semicolon(&token)) {
            has_ended = count > 0;
            continue;
        }
        text.is_empty = false;
        text.has_more |= has_ended;
        if (count == 0 && *token.text == '(')
            continue; /* (SELECT ...) UNION ... */
        if (count == 0)
            read_first(&text, &token);
        else if (count == 1)
            read_second(&text, &token);
        if (count > 0)
            read_token(&text, &token, before);
        before[1] = before[0];
        before[0] = token;
        count++;
    }
    text.is_read_only = (text.is_read_only || text.copies_out) && !text.may_write;
    if (text.copies_in || text.word == POSTGRES_WORD_prepare) /* whose $1 are its own */
        text.parameter_count = text.copies_in;
    return text;
}

static bool counts_changes(enum postgres_word word)
{
    return word == POSTGRES_WORD_insert || word == POSTGRES_WORD_update ||
           word == POSTGRES_WORD_delete || word == POSTGRES_WORD_merge ||
           word == POSTGRES_WORD_copy;
}

uint32_t postgres_effects(const struct postgres_text *text, int64_t changes)
{
    uint32_t effects = words[text->word].effects;
    bool moves = (effects & BACKEND_MOVED_TRANSACTION) != 0;
    if (counts_changes(text->word) && changes == 0)
        effects &= ~(uint32_t)BACKEND_WROTE;
    if (!moves && (!text->is_read_only || text->calls_functions) &&
        words[text->word].is_read_only && (effects & BACKEND_SET) == 0)
        effects |= BACKEND_WROTE; /* WITH ... INSERT, SELECT INTO, EXPLAIN ANALYZE, functions */
    if ((text->calls_functions && text->word != POSTGRES_WORD_OTHER) || text->names_level)
        effects |= BACKEND_SET;
    bool commits = text->word == POSTGRES_WORD_commit && !text->prepares;
    if (moves && commits && !text->is_read_only)
        effects |= BACKEND_WROTE; /* of a transaction that was prepared before */
    return effects;
}
