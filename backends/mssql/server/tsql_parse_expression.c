/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions, by the precedence of T-SQL's operators, and the names of types. */
#include "mssql/server/tsql_lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct tsql_expression *make(struct tsql_parser *parser, enum tsql_node node)
{
    struct tsql_expression *made = ARENA_NEW(parser->arena, struct tsql_expression);
    made->node = node;
    return made;
}

static struct tsql_expression *make_binary(struct tsql_parser *parser, enum tsql_op op,
                                           struct tsql_expression *left,
                                           struct tsql_expression *right)
{
    if (left == NULL || right == NULL)
        return NULL;
    struct tsql_expression *made = make(parser, TSQL_BINARY);
    made->height = 1 + (left->height > right->height ? left->height : right->height);
    if (made->height > TSQL_HEIGHT_MAX) {
        tsql_fail(parser, 191);
        return NULL;
    }
    made->op = op;
    made->left = left;
    made->right = right;
    return made;
}

/* --- types ------------------------------------------------------------------------------------ */

struct type_name {
    const char *name;
    struct tsql_type type;
    bool has_length;    /* (n) or (max) */
    bool has_precision; /* (p, s), of which nothing is kept */
};

/* Numbers with a scale are floats here; text of one byte a character is nvarchar. */
static const struct type_name type_names[] = {
    {"bit", {TSQL_BIT, 0}, false, false},
    {"tinyint", {TSQL_TINYINT, 0}, false, false},
    {"smallint", {TSQL_SMALLINT, 0}, false, false},
    {"int", {TSQL_INT, 0}, false, false},
    {"integer", {TSQL_INT, 0}, false, false},
    {"bigint", {TSQL_BIGINT, 0}, false, false},
    {"real", {TSQL_REAL, 0}, false, false},
    {"float", {TSQL_FLOAT, 0}, false, true},
    {"decimal", {TSQL_FLOAT, 0}, false, true},
    {"numeric", {TSQL_FLOAT, 0}, false, true},
    {"nvarchar", {TSQL_NVARCHAR, 1}, true, false},
    {"varchar", {TSQL_NVARCHAR, 1}, true, false},
    {"nchar", {TSQL_NVARCHAR, 1}, true, false},
    {"char", {TSQL_NVARCHAR, 1}, true, false},
    {"sysname", {TSQL_NVARCHAR, 128}, false, false},
    {"ntext", {TSQL_NVARCHAR, -1}, false, false},
    {"text", {TSQL_NVARCHAR, -1}, false, false},
    {"varbinary", {TSQL_VARBINARY, 1}, true, false},
    {"binary", {TSQL_VARBINARY, 1}, true, false},
    {"image", {TSQL_VARBINARY, -1}, false, false},
};

static bool take_length(struct tsql_parser *parser, struct tsql_type *type)
{
    if (!tsql_accept(parser, "("))
        return true;
    if (tsql_accept(parser, "max")) {
        type->length = -1;
    } else {
        int64_t length = 0;
        if (!tsql_take_integer(parser, &length))
            return false;
        if (length < 1 || length > 8000)
            return tsql_fail(parser, 131);
        type->length = (int32_t)length;
    }
    return tsql_expect(parser, ")");
}

static bool skip_precision(struct tsql_parser *parser)
{
    int64_t ignored;
    if (!tsql_accept(parser, "("))
        return true;
    if (!tsql_take_integer(parser, &ignored))
        return false;
    if (tsql_accept(parser, ",") && !tsql_take_integer(parser, &ignored))
        return false;
    return tsql_expect(parser, ")");
}

bool tsql_take_type(struct tsql_parser *parser, struct tsql_type *ret_type)
{
    const char *name = tsql_take_name(parser);
    for (size_t i = 0; name != NULL && i < sizeof type_names / sizeof *type_names; i++) {
        const struct type_name *known = &type_names[i];
        if (!tsql_same_name(name, known->name))
            continue;
        *ret_type = known->type;
        if (known->has_length)
            return take_length(parser, ret_type);
        return !known->has_precision || skip_precision(parser);
    }
    return tsql_fail(parser, 2715);
}

/* --- what stands for itself ------------------------------------------------------------------- */

static struct tsql_expression *take_number(struct tsql_parser *parser)
{
    const struct tsql_lexer *lexer = &parser->lexer;
    struct tsql_expression *made = make(parser, TSQL_LITERAL);
    errno = 0;
    char *end;
    if (strspn(lexer->text, "0123456789") == lexer->text_length) {
        long long number = strtoll(lexer->text, &end, 10);
        if (errno == 0) {
            made->value = value_integer(number);
            made->type.kind = number > INT32_MAX ? TSQL_BIGINT : TSQL_INT;
            tsql_next(parser);
            return made;
        }
    }
    made->value.kind = VALUE_REAL;
    made->value.real = strtod(lexer->text, &end);
    made->type.kind = TSQL_FLOAT;
    if (*end != 0) { /* 1.2.3 */
        tsql_fail(parser, 102);
        return NULL;
    }
    tsql_next(parser);
    return made;
}

static struct tsql_expression *take_bytes(struct tsql_parser *parser, enum value_kind kind)
{
    struct tsql_expression *made = make(parser, TSQL_LITERAL);
    made->value = value_text(parser->lexer.text, parser->lexer.text_length);
    made->value.kind = kind;
    made->type.kind = kind == VALUE_BLOB ? TSQL_VARBINARY : TSQL_NVARCHAR;
    size_t length = made->value.text.length;
    made->type.length = length == 0 ? 1 : length > 4000 ? -1 : (int32_t)length;
    tsql_next(parser);
    return made;
}

static struct tsql_expression *take_variable(struct tsql_parser *parser)
{
    const char *text = parser->lexer.text;
    bool is_global = text[1] == '@';
    struct tsql_expression *made = make(parser, is_global ? TSQL_GLOBAL : TSQL_VARIABLE);
    made->name = text;
    tsql_next(parser);
    return made;
}

/* --- CASE, CAST, calls, columns --------------------------------------------------------------- */

static struct tsql_expression *take_case(struct tsql_parser *parser)
{
    struct tsql_expression *made = make(parser, TSQL_CASE), **end = &made->right;
    if (!tsql_is(parser, "WHEN"))
        made->left = tsql_take_expression(parser);
    while (tsql_accept(parser, "WHEN")) {
        *end = tsql_take_expression(parser);
        if (*end == NULL || !tsql_expect(parser, "THEN"))
            return NULL;
        (*end)->next = tsql_take_expression(parser);
        if ((*end)->next == NULL)
            return NULL;
        end = &(*end)->next->next;
    }
    if (made->right == NULL)
        tsql_fail(parser, 102);
    if (tsql_accept(parser, "ELSE"))
        made->third = tsql_take_expression(parser);
    return tsql_expect(parser, "END") ? made : NULL;
}

/* After the parenthesis: value AS type. */
static struct tsql_expression *take_cast(struct tsql_parser *parser)
{
    struct tsql_expression *made = make(parser, TSQL_CAST);
    made->left = tsql_take_expression(parser);
    return tsql_expect(parser, "AS") && tsql_take_type(parser, &made->type) &&
                   tsql_expect(parser, ")")
               ? made
               : NULL;
}

/* After the parenthesis: type, value and perhaps a style, which is ignored. */
static struct tsql_expression *take_convert(struct tsql_parser *parser)
{
    struct tsql_expression *made = make(parser, TSQL_CAST);
    if (!tsql_take_type(parser, &made->type) || !tsql_expect(parser, ","))
        return NULL;
    made->left = tsql_take_expression(parser);
    int64_t style;
    if (tsql_accept(parser, ",") && !tsql_take_integer(parser, &style))
        return NULL;
    return tsql_expect(parser, ")") ? made : NULL;
}

/* XACT_STATE() and its like are what the session knows. */
static bool is_of_session(const char *name)
{
    static const char *const names[] = {
        "XACT_STATE",     "ERROR_NUMBER",          "ERROR_SEVERITY", "ERROR_STATE",
        "ERROR_LINE",     "ERROR_MESSAGE",         "DB_NAME",        "SUSER_SNAME",
        "SCOPE_IDENTITY", "CURRENT_TRANSACTION_ID"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (tsql_same_name(name, names[i]))
            return true;
    return false;
}

static struct tsql_expression *take_arguments(struct tsql_parser *parser, const char *name)
{
    if (tsql_same_name(name, "CAST"))
        return take_cast(parser);
    if (tsql_same_name(name, "CONVERT"))
        return take_convert(parser);
    struct tsql_expression *made = make(parser, TSQL_CALL);
    made->name = name;
    made->distinct = tsql_accept(parser, "DISTINCT");
    if (tsql_is(parser, "*")) {
        made->left = make(parser, TSQL_STAR);
        tsql_next(parser);
    } else if (!tsql_is(parser, ")")) {
        made->left = tsql_take_list(parser);
    }
    if (made->left == NULL && is_of_session(name))
        made->node = TSQL_GLOBAL;
    return tsql_expect(parser, ")") ? made : NULL;
}

static struct tsql_expression *take_column(struct tsql_parser *parser, const char *name)
{
    struct tsql_expression *made = make(parser, TSQL_COLUMN);
    made->name = name;
    while (tsql_accept(parser, ".")) {
        made->qualifier = made->name;
        if (tsql_accept(parser, "*")) {
            made->node = TSQL_STAR;
            return made;
        }
        made->name = tsql_take_name(parser);
        if (made->name == NULL)
            return NULL;
    }
    return made;
}

static struct tsql_expression *take_named(struct tsql_parser *parser)
{
    bool is_quoted = parser->lexer.token == TSQL_QUOTED_NAME;
    const char *name = parser->lexer.text;
    if (!is_quoted && (tsql_is(parser, "LEFT") || tsql_is(parser, "RIGHT")) &&
        tsql_is_before(parser, "("))
        tsql_next(parser); /* functions whose names are words of joins */
    else
        name = tsql_take_name(parser);
    if (name == NULL)
        return NULL;
    if (!is_quoted && tsql_accept(parser, "("))
        return take_arguments(parser, name);
    return take_column(parser, name);
}

static struct tsql_expression *take_parenthesis(struct tsql_parser *parser)
{
    struct tsql_expression *made;
    if (tsql_is(parser, "SELECT")) {
        made = make(parser, TSQL_QUERY);
        made->query = tsql_take_query(parser);
    } else {
        made = tsql_take_expression(parser);
    }
    return tsql_expect(parser, ")") ? made : NULL;
}

static struct tsql_expression *take_exists(struct tsql_parser *parser)
{
    struct tsql_expression *made = make(parser, TSQL_EXISTS);
    if (!tsql_expect(parser, "("))
        return NULL;
    made->query = tsql_take_query(parser);
    return tsql_expect(parser, ")") ? made : NULL;
}

static struct tsql_expression *take_primary(struct tsql_parser *parser)
{
    switch (parser->lexer.token) {
    case TSQL_NUMBER:
        return take_number(parser);
    case TSQL_STRING:
        return take_bytes(parser, VALUE_TEXT);
    case TSQL_HEX:
        return take_bytes(parser, VALUE_BLOB);
    case TSQL_AT_NAME:
        return take_variable(parser);
    case TSQL_WORD:
    case TSQL_QUOTED_NAME:
        break;
    case TSQL_MARK:
        if (tsql_accept(parser, "("))
            return take_parenthesis(parser);
        tsql_fail(parser, 102);
        return NULL;
    case TSQL_END:
    case TSQL_BAD:
        tsql_fail(parser, 102);
        return NULL;
    }
    if (tsql_accept(parser, "NULL"))
        return make(parser, TSQL_NULL);
    if (tsql_accept(parser, "CASE"))
        return take_case(parser);
    if (tsql_accept(parser, "EXISTS"))
        return take_exists(parser);
    return take_named(parser);
}

/* --- operators -------------------------------------------------------------------------------- */

struct operator_word {
    const char *word;
    enum tsql_op op;
};

static const struct operator_word products[] = {
    {"*", TSQL_OP_MULTIPLY}, {"/", TSQL_OP_DIVIDE}, {"%", TSQL_OP_MODULO}, {NULL, TSQL_OP_OR}};
static const struct operator_word sums[] = {{"+", TSQL_OP_ADD},     {"-", TSQL_OP_SUBTRACT},
                                            {"&", TSQL_OP_BIT_AND}, {"|", TSQL_OP_BIT_OR},
                                            {"^", TSQL_OP_BIT_XOR}, {NULL, TSQL_OP_OR}};
static const struct operator_word comparisons[] = {
    {"=", TSQL_OP_EQUAL},   {"<>", TSQL_OP_UNEQUAL}, {"!=", TSQL_OP_UNEQUAL}, {"<=", TSQL_OP_MOST},
    {">=", TSQL_OP_LEAST},  {"!>", TSQL_OP_MOST},    {"!<", TSQL_OP_LEAST},   {"<", TSQL_OP_LESS},
    {">", TSQL_OP_GREATER}, {NULL, TSQL_OP_OR}};

static const struct operator_word *accept_one(struct tsql_parser *parser,
                                              const struct operator_word *words)
{
    for (; words->word != NULL; words++)
        if (tsql_accept(parser, words->word))
            return words;
    return NULL;
}

static struct tsql_expression *take_unary(struct tsql_parser *parser)
{
    static const struct operator_word signs[] = {
        {"-", TSQL_OP_SUBTRACT}, {"+", TSQL_OP_ADD}, {"~", TSQL_OP_BIT_NOT}, {NULL, TSQL_OP_OR}};
    if (!tsql_enter(parser))
        return NULL;
    const struct operator_word *sign = accept_one(parser, signs);
    struct tsql_expression *made;
    if (sign == NULL) {
        made = take_primary(parser);
    } else {
        made = make(parser, TSQL_UNARY);
        made->op = sign->op;
        made->left = take_unary(parser);
    }
    tsql_leave(parser);
    return parser->failed ? NULL : made;
}

static struct tsql_expression *take_product(struct tsql_parser *parser)
{
    struct tsql_expression *left = take_unary(parser);
    const struct operator_word *word;
    while (left != NULL && (word = accept_one(parser, products)) != NULL)
        left = make_binary(parser, word->op, left, take_unary(parser));
    return left;
}

struct tsql_expression *tsql_take_value(struct tsql_parser *parser)
{
    struct tsql_expression *left = take_product(parser);
    const struct operator_word *word;
    while (left != NULL && (word = accept_one(parser, sums)) != NULL)
        left = make_binary(parser, word->op, left, take_product(parser));
    return left;
}

static struct tsql_expression *take_in(struct tsql_parser *parser, struct tsql_expression *made)
{
    made->node = TSQL_IN;
    if (!tsql_expect(parser, "("))
        return NULL;
    if (tsql_is(parser, "SELECT"))
        made->query = tsql_take_query(parser);
    else
        made->right = tsql_take_list(parser);
    return tsql_expect(parser, ")") ? made : NULL;
}

static struct tsql_expression *take_between(struct tsql_parser *parser,
                                            struct tsql_expression *made)
{
    made->node = TSQL_BETWEEN;
    made->right = tsql_take_value(parser);
    if (!tsql_expect(parser, "AND"))
        return NULL;
    made->third = tsql_take_value(parser);
    return made;
}

static struct tsql_expression *take_like(struct tsql_parser *parser, struct tsql_expression *made)
{
    made->node = TSQL_LIKE;
    made->right = tsql_take_value(parser);
    if (tsql_accept(parser, "ESCAPE"))
        made->third = tsql_take_value(parser);
    return made;
}

static struct tsql_expression *take_is_null(struct tsql_parser *parser,
                                            struct tsql_expression *made)
{
    made->node = TSQL_IS_NULL;
    made->negated = tsql_accept(parser, "NOT");
    return tsql_expect(parser, "NULL") ? made : NULL;
}

/* A value, and what it is compared with. */
static struct tsql_expression *take_comparison(struct tsql_parser *parser)
{
    struct tsql_expression *left = tsql_take_value(parser);
    if (left == NULL)
        return NULL;
    const struct operator_word *word = accept_one(parser, comparisons);
    if (word != NULL)
        return make_binary(parser, word->op, left, tsql_take_value(parser));
    struct tsql_expression *made = make(parser, TSQL_IS_NULL);
    made->left = left;
    if (tsql_accept(parser, "IS"))
        return take_is_null(parser, made);
    made->negated = tsql_accept(parser, "NOT");
    if (tsql_accept(parser, "IN"))
        return take_in(parser, made);
    if (tsql_accept(parser, "BETWEEN"))
        return take_between(parser, made);
    if (tsql_accept(parser, "LIKE"))
        return take_like(parser, made);
    if (made->negated)
        tsql_fail(parser, 102);
    return left;
}

static struct tsql_expression *take_not(struct tsql_parser *parser)
{
    if (!tsql_is(parser, "NOT"))
        return take_comparison(parser);
    if (!tsql_enter(parser))
        return NULL;
    struct tsql_expression *made = make(parser, TSQL_UNARY);
    tsql_next(parser);
    made->op = TSQL_OP_NOT;
    made->left = take_not(parser);
    tsql_leave(parser);
    return parser->failed ? NULL : made;
}

static struct tsql_expression *take_and(struct tsql_parser *parser)
{
    struct tsql_expression *left = take_not(parser);
    while (left != NULL && tsql_accept(parser, "AND"))
        left = make_binary(parser, TSQL_OP_AND, left, take_not(parser));
    return left;
}

struct tsql_expression *tsql_take_expression(struct tsql_parser *parser)
{
    if (!tsql_enter(parser))
        return NULL;
    struct tsql_expression *left = take_and(parser);
    while (left != NULL && tsql_accept(parser, "OR"))
        left = make_binary(parser, TSQL_OP_OR, left, take_and(parser));
    tsql_leave(parser);
    return parser->failed ? NULL : left;
}

struct tsql_expression *tsql_take_list(struct tsql_parser *parser)
{
    struct tsql_expression *first = NULL, **end = &first;
    do {
        *end = tsql_take_expression(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return first;
}
