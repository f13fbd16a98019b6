/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bound trees in SQLite's words. A table is `keyed(number, hints) AS s1` or `heap(…)`
 * (engine_scan.c) with columns c0, c1, …; variables, and what the session knows, are parameters;
 * where T-SQL converts, a function of ours does (engine_functions.c).
 */
#include "mssql/server/bind.h"

#include "base/assert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_bytes(struct binder *binder, const char *bytes, size_t length)
{
    growing_put(&binder->text, bytes, length);
    ASSERT(!binder->text.has_failed);
}

void print_text(struct binder *binder, const char *text)
{
    print_bytes(binder, text, strlen(text));
}

void print_number(struct binder *binder, int64_t number)
{
    char digits[24];
    print_bytes(binder, digits, (size_t)snprintf(digits, sizeof digits, "%lld", (long long)number));
}

static void print_hex(struct binder *binder, const struct value *bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes->text.length; i++) {
        unsigned char byte = (unsigned char)bytes->text.bytes[i];
        char two[2] = {digits[byte >> 4], digits[byte & 15]};
        print_bytes(binder, two, 2);
    }
}

/* What a variable holds, or the session knows. */
static void print_parameter(struct binder *binder, const struct tsql_expression *expression)
{
    if (binder->parameter_count == binder->parameter_capacity) {
        binder->parameter_capacity = binder->parameter_capacity * 2 + 8;
        binder->parameters =
            realloc(binder->parameters, binder->parameter_capacity * sizeof(const void *));
        ASSERT(binder->parameters != NULL);
    }
    binder->parameters[binder->parameter_count++] = expression;
    print_text(binder, "?");
    print_number(binder, binder->parameter_count);
}

/* With so many digits that it stays the same number, and a sign that it is no integer. */
static void print_real(struct binder *binder, double number)
{
    char digits[40];
    snprintf(digits, sizeof digits, "%.17g", number);
    print_text(binder, digits);
    if (strpbrk(digits, ".eni") == NULL)
        print_text(binder, ".0");
}

void print_value(struct binder *binder, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        print_text(binder, "NULL");
        return;
    case VALUE_INTEGER:
        print_number(binder, value->integer);
        return;
    case VALUE_BLOB:
        print_text(binder, "x'");
        print_hex(binder, value);
        print_text(binder, "'");
        return;
    case VALUE_TEXT:
        if (value->text.length == 0) {
            print_text(binder, "''");
            return;
        }
        print_text(binder, "CAST(x'");
        print_hex(binder, value);
        print_text(binder, "' AS TEXT)");
        return;
    case VALUE_REAL:
        print_real(binder, value->real);
        return;
    }
}

/* --- conversions ------------------------------------------------------------------------------ */

static void print_converted(struct binder *binder, const struct tsql_expression *expression,
                            struct tsql_type type)
{
    print_text(binder, "tsql_convert(");
    print_expression(binder, expression);
    print_text(binder, ",");
    print_number(binder, type.kind);
    print_text(binder, ",");
    print_number(binder, type.length);
    print_text(binder, ")");
}

/* Where a number is wanted and a text is given, it is converted. */
void print_as(struct binder *binder, const struct tsql_expression *expression,
              struct tsql_type wanted)
{
    bool is_other = expression->type.kind != TSQL_UNKNOWN &&
                    tsql_is_number(wanted.kind) != tsql_is_number(expression->type.kind);
    if (is_other && wanted.kind != TSQL_UNKNOWN)
        print_converted(binder, expression, wanted);
    else
        print_expression(binder, expression);
}

void print_list(struct binder *binder, const struct tsql_expression *list, struct tsql_type wanted)
{
    for (; list != NULL; list = list->next) {
        print_as(binder, list, wanted);
        if (list->next != NULL)
            print_text(binder, ",");
    }
}

/* --- expressions ------------------------------------------------------------------------------ */

static const char *const operator_words[] = {
    [TSQL_OP_OR] = " OR ",   [TSQL_OP_AND] = " AND ",  [TSQL_OP_NOT] = "NOT ",
    [TSQL_OP_EQUAL] = "=",   [TSQL_OP_UNEQUAL] = "<>", [TSQL_OP_LESS] = "<",
    [TSQL_OP_MOST] = "<=",   [TSQL_OP_GREATER] = ">",  [TSQL_OP_LEAST] = ">=",
    [TSQL_OP_ADD] = "+",     [TSQL_OP_SUBTRACT] = "-", [TSQL_OP_MULTIPLY] = "*",
    [TSQL_OP_DIVIDE] = NULL, [TSQL_OP_MODULO] = NULL,  [TSQL_OP_BIT_AND] = "&",
    [TSQL_OP_BIT_OR] = "|",  [TSQL_OP_BIT_XOR] = NULL, [TSQL_OP_BIT_NOT] = "~",
};

static const char *function_of(enum tsql_op op)
{
    return op == TSQL_OP_DIVIDE   ? "tsql_divide("
           : op == TSQL_OP_MODULO ? "tsql_modulo("
                                  : "tsql_xor(";
}

static void print_binary(struct binder *binder, const struct tsql_expression *expression)
{
    const char *word = operator_words[expression->op];
    bool is_logical = expression->op == TSQL_OP_OR || expression->op == TSQL_OP_AND;
    struct tsql_type type = bind_combine(expression->left->type, expression->right->type);
    if (is_logical)
        type.kind = TSQL_UNKNOWN;
    else if (expression->op > TSQL_OP_ADD)
        type = expression->type;
    else if (expression->op == TSQL_OP_ADD && !tsql_is_number(type.kind) &&
             type.kind != TSQL_UNKNOWN)
        word = "||";
    print_text(binder, word == NULL ? function_of(expression->op) : "(");
    print_as(binder, expression->left, type);
    print_text(binder, word == NULL ? "," : word);
    print_as(binder, expression->right, type);
    print_text(binder, ")");
}

static void print_unary(struct binder *binder, const struct tsql_expression *expression)
{
    print_text(binder, "(");
    print_text(binder, operator_words[expression->op]);
    print_text(binder, " ");
    print_expression(binder, expression->left);
    print_text(binder, ")");
}

static void print_in(struct binder *binder, const struct tsql_expression *expression)
{
    struct tsql_type type = expression->left->type;
    for (const struct tsql_expression *one = expression->right; one != NULL; one = one->next)
        type = bind_combine(type, one->type);
    print_text(binder, "(");
    print_as(binder, expression->left, type);
    print_text(binder, expression->negated ? " NOT IN(" : " IN(");
    if (expression->query != NULL)
        print_query(binder, expression->query);
    else
        print_list(binder, expression->right, type);
    print_text(binder, "))");
}

static void print_between(struct binder *binder, const struct tsql_expression *expression)
{
    struct tsql_type type = bind_combine(
        expression->left->type, bind_combine(expression->right->type, expression->third->type));
    print_text(binder, "(");
    print_as(binder, expression->left, type);
    print_text(binder, expression->negated ? " NOT BETWEEN " : " BETWEEN ");
    print_as(binder, expression->right, type);
    print_text(binder, " AND ");
    print_as(binder, expression->third, type);
    print_text(binder, ")");
}

static void print_like(struct binder *binder, const struct tsql_expression *expression)
{
    print_text(binder, expression->negated ? "(NOT tsql_like(" : "(tsql_like(");
    print_expression(binder, expression->left);
    print_text(binder, ",");
    print_expression(binder, expression->right);
    if (expression->third != NULL) {
        print_text(binder, ",");
        print_expression(binder, expression->third);
    }
    print_text(binder, "))");
}

static void print_case(struct binder *binder, const struct tsql_expression *expression)
{
    print_text(binder, "CASE ");
    if (expression->left != NULL)
        print_expression(binder, expression->left);
    for (const struct tsql_expression *when = expression->right; when != NULL;
         when = when->next->next) {
        print_text(binder, " WHEN ");
        if (expression->left != NULL)
            print_as(binder, when, expression->left->type);
        else
            print_expression(binder, when);
        print_text(binder, " THEN ");
        print_as(binder, when->next, expression->type);
    }
    if (expression->third != NULL) {
        print_text(binder, " ELSE ");
        print_as(binder, expression->third, expression->type);
    }
    print_text(binder, " END");
}

/* The average of integers is one. */
static void print_call(struct binder *binder, const struct tsql_expression *expression)
{
    const struct bind_function *function = bind_find_function(expression->name);
    bool is_average =
        tsql_same_name(expression->name, "AVG") && tsql_is_integer(expression->type.kind);
    print_text(binder, is_average ? "CAST(" : "");
    print_text(binder, function->sqlite);
    print_text(binder, expression->distinct ? "(DISTINCT " : "(");
    struct tsql_type wanted = {TSQL_UNKNOWN, 0};
    if (function->result == RESULT_ALL)
        wanted = expression->type;
    if (expression->left->node == TSQL_STAR)
        print_text(binder, "*");
    else
        print_list(binder, expression->left, wanted);
    print_text(binder, is_average ? ") AS INTEGER)" : ")");
}

static void print_column(struct binder *binder, const struct tsql_expression *expression)
{
    if (expression->source->number > 0) { /* 0: of the one row that is looked at */
        print_text(binder, "s");
        print_number(binder, expression->source->number);
        print_text(binder, ".");
    }
    print_text(binder, "c");
    print_number(binder, expression->column);
}

void print_expression(struct binder *binder, const struct tsql_expression *expression)
{
    switch (expression->node) {
    case TSQL_NULL:
        print_text(binder, "NULL");
        return;
    case TSQL_LITERAL:
        print_value(binder, &expression->value);
        return;
    case TSQL_COLUMN:
        print_column(binder, expression);
        return;
    case TSQL_VARIABLE:
    case TSQL_GLOBAL:
        print_parameter(binder, expression);
        return;
    case TSQL_UNARY:
        print_unary(binder, expression);
        return;
    case TSQL_BINARY:
        print_binary(binder, expression);
        return;
    case TSQL_IS_NULL:
        print_text(binder, "(");
        print_expression(binder, expression->left);
        print_text(binder, expression->negated ? " IS NOT NULL)" : " IS NULL)");
        return;
    case TSQL_IN:
        print_in(binder, expression);
        return;
    case TSQL_BETWEEN:
        print_between(binder, expression);
        return;
    case TSQL_LIKE:
        print_like(binder, expression);
        return;
    case TSQL_EXISTS:
        print_enclosed(binder, "EXISTS(", expression->query);
        return;
    case TSQL_QUERY: /* of one row at most, which SQLite does not ask for */
        print_enclosed(binder, "(SELECT tsql_only(c0) FROM (", expression->query);
        print_text(binder, ")");
        return;
    case TSQL_CASE:
        print_case(binder, expression);
        return;
    case TSQL_CALL:
        print_call(binder, expression);
        return;
    case TSQL_CAST:
        print_converted(binder, expression->left, expression->type);
        return;
    case TSQL_STAR:
        return;
    }
}
