/* SPDX-License-Identifier: Apache-2.0 */
/* The words of T-SQL: tokens of a text, one after the other, and what the parser files share. */
#ifndef MSSQL_SERVER_TSQL_LEX_H
#define MSSQL_SERVER_TSQL_LEX_H

#include "mssql/server/tsql.h"

enum tsql_token {
    TSQL_END,
    TSQL_WORD,        /* a keyword or a name */
    TSQL_QUOTED_NAME, /* [name] or "name" */
    TSQL_AT_NAME,     /* @name, @@name: text has the @ */
    TSQL_NUMBER,
    TSQL_STRING, /* 'text' and N'text' */
    TSQL_HEX,    /* 0x… */
    TSQL_MARK,   /* one or two characters: ( ) , ; = <> <= … */
    TSQL_BAD,    /* an unclosed quote, a byte that means nothing */
};

struct tsql_lexer {
    struct arena *arena;
    const char *next, *end;
    uint32_t line;
    /* The token at hand. */
    enum tsql_token token;
    uint32_t token_line;
    const char *start; /* as it was written */
    size_t length;
    const char *text; /* of names and strings: what they mean, zero-terminated, in the arena */
    size_t text_length;
};

/* A zero byte follows `sql`. */
void tsql_lex_begin(struct tsql_lexer *lexer, struct arena *arena, const char *sql, size_t length);
void tsql_lex(struct tsql_lexer *lexer);

struct tsql_parser {
    struct tsql_lexer lexer;
    struct arena *arena;
    struct tsql_problem *problem;
    bool failed;
    uint32_t depth;
};

/* All of them return false (or NULL) once something has failed; the first failure stays. */

bool tsql_fail(struct tsql_parser *parser, int32_t number); /* near the token at hand */
void tsql_next(struct tsql_parser *parser);

/* Whether the token at hand is this word, or this mark. */
bool tsql_is(const struct tsql_parser *parser, const char *word);
/* … and goes on after it. */
bool tsql_accept(struct tsql_parser *parser, const char *word);
/* … or fails. */
bool tsql_expect(struct tsql_parser *parser, const char *word);
/* Whether the word after the one at hand is this one. */
bool tsql_is_before(const struct tsql_parser *parser, const char *word);

/* A name of something; NULL and a failure if there is none. */
const char *tsql_take_name(struct tsql_parser *parser);
/* The last part of a.b.name: of databases and schemas there is one. */
const char *tsql_take_object(struct tsql_parser *parser);
/* Whether a name can stand here, a word that begins no clause. */
bool tsql_is_name(const struct tsql_parser *parser);
bool tsql_take_integer(struct tsql_parser *parser, int64_t *ret_number);

/* False, with error 191: too deep. Each success is undone by tsql_leave. */
bool tsql_enter(struct tsql_parser *parser);
void tsql_leave(struct tsql_parser *parser);

/* tsql_parse_expression.c */
struct tsql_expression *tsql_take_expression(struct tsql_parser *parser);
struct tsql_expression *tsql_take_value(struct tsql_parser *parser); /* without AND, OR, NOT, = */
struct tsql_expression *tsql_take_list(struct tsql_parser *parser);
bool tsql_take_type(struct tsql_parser *parser, struct tsql_type *ret_type);

/* tsql_parse_query.c */
struct tsql_query *tsql_take_query(struct tsql_parser *parser);
struct tsql_source *tsql_take_sources(struct tsql_parser *parser);
struct tsql_source *tsql_take_target(struct tsql_parser *parser);
struct tsql_item *tsql_take_items(struct tsql_parser *parser);
struct tsql_expression *tsql_take_top(struct tsql_parser *parser);

/* tsql_parse_definition.c */
struct tsql_statement *tsql_take_definition(struct tsql_parser *parser, struct tsql_statement *at);
struct tsql_column *tsql_take_declaration(struct tsql_parser *parser);

/* tsql_parse_session.c */
bool tsql_take_session(struct tsql_parser *parser, struct tsql_statement *statement);

#endif
