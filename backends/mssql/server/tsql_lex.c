/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens: comments and spaces are skipped, quoted names and strings are unquoted. */
#include "mssql/server/tsql_lex.h"
#include "mssql/server/utf8.h"

#include "base/blank.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

void tsql_lex_begin(struct tsql_lexer *lexer, struct arena *arena, const char *sql, size_t length)
{
    *lexer = (struct tsql_lexer){.arena = arena, .next = sql, .end = sql + length, .line = 1};
}

static bool has(const struct tsql_lexer *lexer, size_t offset, char wanted)
{
    return (size_t)(lexer->end - lexer->next) > offset && lexer->next[offset] == wanted;
}

static void skip_blanks(struct tsql_lexer *lexer)
{
    const char *at = lexer->next;
    lexer->next = blank_skip(at);
    for (; at < lexer->next; at++)
        lexer->line += *at == '\n';
}

static bool is_word_byte(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '#' || byte == '$' ||
           byte == '@' || (unsigned char)byte >= 0x80;
}

static void take_word(struct tsql_lexer *lexer, enum tsql_token token)
{
    while (lexer->next < lexer->end && is_word_byte(*lexer->next))
        lexer->next++;
    lexer->token = token;
    lexer->text_length = (size_t)(lexer->next - lexer->start);
    lexer->text = arena_copy_text(lexer->arena, lexer->start, lexer->text_length);
}

/* Where the text that `quote` opened ends: after its last byte; NULL: nowhere. */
static const char *find_close(const char *at, const char *end, char quote)
{
    for (; at < end; at++) {
        if (*at != quote)
            continue;
        if (end - at < 2 || at[1] != quote)
            return at;
        at++;
    }
    return NULL;
}

/* From the opening quote on; two closing quotes stand for one. */
static void take_quoted(struct tsql_lexer *lexer, enum tsql_token token, char quote)
{
    const char *from = ++lexer->next, *close = find_close(from, lexer->end, quote);
    if (close == NULL) {
        lexer->token = TSQL_BAD;
        lexer->next = lexer->end;
        return;
    }
    char *text = arena_alloc(lexer->arena, (size_t)(close - from) + 1);
    size_t length = 0;
    for (const char *at = from; at < close; at++) {
        at += *at == quote;
        lexer->line += *at == '\n';
        text[length++] = *at;
    }
    text[length] = 0;
    lexer->token = token;
    lexer->text = text;
    lexer->text_length = length;
    lexer->next = close + 1;
}

static void take_number(struct tsql_lexer *lexer)
{
    const char *at = lexer->next;
    while (at < lexer->end && (isdigit((unsigned char)*at) || *at == '.'))
        at++;
    if (at < lexer->end && (*at == 'e' || *at == 'E')) {
        const char *digits = at + 1;
        if (digits < lexer->end && (*digits == '+' || *digits == '-'))
            digits++;
        if (digits < lexer->end && isdigit((unsigned char)*digits))
            for (at = digits; at < lexer->end && isdigit((unsigned char)*at);)
                at++;
    }
    lexer->next = at;
    lexer->token = TSQL_NUMBER;
    lexer->text_length = (size_t)(at - lexer->start);
    lexer->text = arena_copy_text(lexer->arena, lexer->start, lexer->text_length);
}

static int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

/* An odd number of digits has a 0 before it. */
static void take_hex(struct tsql_lexer *lexer)
{
    const char *from = lexer->next += 2;
    while (lexer->next < lexer->end && hex_digit(*lexer->next) >= 0)
        lexer->next++;
    size_t digits = (size_t)(lexer->next - from), length = (digits + 1) / 2;
    char *bytes = arena_alloc_zeroed(lexer->arena, length + 1);
    for (size_t i = 0; i < digits; i++) {
        size_t place = i + digits % 2;
        int shifted = hex_digit(from[i]) << (place % 2 == 0 ? 4 : 0);
        bytes[place / 2] = (char)((unsigned char)bytes[place / 2] | (unsigned char)shifted);
    }
    lexer->token = TSQL_HEX;
    lexer->text = bytes;
    lexer->text_length = length;
}

static void take_mark(struct tsql_lexer *lexer)
{
    static const char *const twos[] = {"<>", "<=", ">=", "!=", "!<", "!>", "+=", "-="};
    lexer->token = TSQL_MARK;
    for (size_t i = 0; i < sizeof twos / sizeof *twos; i++) {
        if (has(lexer, 0, twos[i][0]) && has(lexer, 1, twos[i][1])) {
            lexer->next += 2;
            return;
        }
    }
    if (strchr("()+-*/%=<>,.;&|^~:", *lexer->next) == NULL || *lexer->next == 0)
        lexer->token = TSQL_BAD;
    lexer->next++;
}

static void take_token(struct tsql_lexer *lexer)
{
    char byte = *lexer->next;
    bool is_digit = isdigit((unsigned char)byte) != 0;
    if (byte == '[') {
        take_quoted(lexer, TSQL_QUOTED_NAME, ']');
    } else if (byte == '"') {
        take_quoted(lexer, TSQL_QUOTED_NAME, '"');
    } else if (byte == '\'') {
        take_quoted(lexer, TSQL_STRING, '\'');
    } else if ((byte == 'N' || byte == 'n') && has(lexer, 1, '\'')) {
        lexer->next++;
        take_quoted(lexer, TSQL_STRING, '\'');
    } else if (byte == '0' && (has(lexer, 1, 'x') || has(lexer, 1, 'X'))) {
        take_hex(lexer);
    } else if (is_digit || (byte == '.' && lexer->end - lexer->next > 1 &&
                            isdigit((unsigned char)lexer->next[1]))) {
        take_number(lexer);
    } else if (is_word_byte(byte)) {
        take_word(lexer, byte == '@' ? TSQL_AT_NAME : TSQL_WORD);
    } else {
        take_mark(lexer);
    }
}

void tsql_lex(struct tsql_lexer *lexer)
{
    skip_blanks(lexer);
    lexer->start = lexer->next;
    lexer->token_line = lexer->line;
    lexer->text = "";
    lexer->text_length = 0;
    lexer->token = TSQL_END;
    if (lexer->next < lexer->end)
        take_token(lexer);
    lexer->length = (size_t)(lexer->next - lexer->start);
}

/* --- what the parser does with them ----------------------------------------------------------- */

bool tsql_same_name(const char *one, const char *other)
{
    return strcasecmp(one, other) == 0;
}

bool tsql_fail(struct tsql_parser *parser, int32_t number)
{
    if (parser->failed)
        return false;
    parser->failed = true;
    struct tsql_problem *problem = parser->problem;
    const struct tsql_lexer *lexer = &parser->lexer;
    size_t length = lexer->length;
    if (length >= sizeof problem->text)
        length = utf8_cut(lexer->start, sizeof problem->text - 1);
    memcpy(problem->text, lexer->start, length);
    problem->text[length] = 0;
    problem->line = lexer->token_line;
    problem->number = number;
    return false;
}

void tsql_next(struct tsql_parser *parser)
{
    if (parser->failed)
        return;
    tsql_lex(&parser->lexer);
    if (parser->lexer.token == TSQL_BAD)
        tsql_fail(parser, *parser->lexer.start == '\'' || *parser->lexer.start == 'N' ? 105 : 102);
}

static bool is_token(const struct tsql_lexer *lexer, const char *word)
{
    return (lexer->token == TSQL_WORD || lexer->token == TSQL_MARK) &&
           lexer->length == strlen(word) && strncasecmp(lexer->start, word, lexer->length) == 0;
}

bool tsql_is(const struct tsql_parser *parser, const char *word)
{
    return !parser->failed && is_token(&parser->lexer, word);
}

bool tsql_is_before(const struct tsql_parser *parser, const char *word)
{
    struct tsql_lexer lexer = parser->lexer;
    tsql_lex(&lexer);
    return !parser->failed && is_token(&lexer, word);
}

bool tsql_accept(struct tsql_parser *parser, const char *word)
{
    if (!tsql_is(parser, word))
        return false;
    tsql_next(parser);
    return true;
}

bool tsql_expect(struct tsql_parser *parser, const char *word)
{
    return tsql_accept(parser, word) || tsql_fail(parser, 102);
}

/* Words that end an expression or a list, and so are no names unless they are quoted. */
static const char *const reserved[] = {
    "ADD",     "ALL",     "ALTER",  "AND",       "AS",       "ASC",       "BEGIN",    "BETWEEN",
    "BREAK",   "BY",      "CASE",   "CHECK",     "COMMIT",   "CONTINUE",  "CREATE",   "CROSS",
    "DECLARE", "DEFAULT", "DELETE", "DESC",      "DISTINCT", "DROP",      "ELSE",     "END",
    "ESCAPE",  "EXCEPT",  "EXEC",   "EXECUTE",   "EXISTS",   "FROM",      "FULL",     "GROUP",
    "HAVING",  "IF",      "IN",     "INNER",     "INSERT",   "INTERSECT", "INTO",     "IS",
    "JOIN",    "LEFT",    "LIKE",   "NOT",       "NULL",     "ON",        "OR",       "ORDER",
    "OUTER",   "PRIMARY", "PRINT",  "RAISERROR", "RETURN",   "RIGHT",     "ROLLBACK", "SAVE",
    "SELECT",  "SET",     "TABLE",  "THEN",      "TOP",      "TRUNCATE",  "UNION",    "UNIQUE",
    "UPDATE",  "USE",     "VALUES", "WAITFOR",   "WHEN",     "WHERE",     "WHILE",    "WITH",
};

bool tsql_is_name(const struct tsql_parser *parser)
{
    if (parser->failed || parser->lexer.token == TSQL_QUOTED_NAME)
        return !parser->failed;
    if (parser->lexer.token != TSQL_WORD)
        return false;
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (is_token(&parser->lexer, reserved[i]))
            return false;
    return true;
}

const char *tsql_take_name(struct tsql_parser *parser)
{
    const struct tsql_lexer *lexer = &parser->lexer;
    if (!tsql_is_name(parser) || lexer->text_length == 0) {
        tsql_fail(parser, 102);
        return NULL;
    }
    if (lexer->text_length > TSQL_NAME_MAX || memchr(lexer->text, 0, lexer->text_length) != NULL) {
        tsql_fail(parser, 103);
        return NULL;
    }
    const char *name = lexer->text;
    tsql_next(parser);
    return name;
}

const char *tsql_take_object(struct tsql_parser *parser)
{
    const char *name = tsql_take_name(parser);
    while (name != NULL && tsql_accept(parser, ".")) {
        while (tsql_accept(parser, ".")) /* database..table */
            continue;
        name = tsql_take_name(parser);
    }
    return name;
}

bool tsql_take_integer(struct tsql_parser *parser, int64_t *ret_number)
{
    bool is_negative = tsql_accept(parser, "-");
    const struct tsql_lexer *lexer = &parser->lexer;
    if (parser->failed || lexer->token != TSQL_NUMBER || lexer->text_length > 18 ||
        strspn(lexer->text, "0123456789") != lexer->text_length)
        return tsql_fail(parser, 102);
    int64_t number = 0;
    for (const char *digit = lexer->text; *digit != 0; digit++)
        number = number * 10 + (*digit - '0');
    *ret_number = is_negative ? -number : number;
    tsql_next(parser);
    return !parser->failed;
}

bool tsql_enter(struct tsql_parser *parser)
{
    if (parser->depth >= TSQL_DEPTH_MAX)
        return tsql_fail(parser, 191);
    parser->depth++;
    return !parser->failed;
}

void tsql_leave(struct tsql_parser *parser)
{
    parser->depth--;
}
