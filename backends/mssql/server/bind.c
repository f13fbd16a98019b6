/* SPDX-License-Identifier: Apache-2.0 */
/* Names become columns and variables, expressions get their types. */
#include "mssql/server/bind.h"

#include "base/assert.h"

#include <stdlib.h>
#include <string.h>

void binder_init(struct binder *binder, struct engine_session *session)
{
    *binder = (struct binder){.session = session};
}

void binder_clean_up(struct binder *binder)
{
    free(binder->text.bytes);
    free(binder->parameters);
}

/* --- types ------------------------------------------------------------------------------------ */

static int32_t longer(int32_t one, int32_t other)
{
    if (one < 0 || other < 0)
        return -1;
    return one > other ? one : other;
}

/* Numbers win over texts, and the wider number over the narrower. */
struct tsql_type bind_combine(struct tsql_type one, struct tsql_type other)
{
    if (one.kind == other.kind)
        return (struct tsql_type){one.kind, longer(one.length, other.length)};
    if (one.kind == TSQL_UNKNOWN || other.kind == TSQL_UNKNOWN)
        return one.kind == TSQL_UNKNOWN ? other : one;
    if (tsql_is_number(one.kind) && tsql_is_number(other.kind))
        return one.kind > other.kind ? one : other;
    if (tsql_is_number(one.kind) || tsql_is_number(other.kind))
        return tsql_is_number(one.kind) ? one : other;
    return (struct tsql_type){TSQL_NVARCHAR, longer(one.length, other.length)};
}

static struct tsql_type combine_list(const struct tsql_expression *list)
{
    struct tsql_type type = {TSQL_UNKNOWN, 0};
    for (; list != NULL; list = list->next)
        type = bind_combine(type, list->type);
    return type;
}

static struct tsql_type sum_type(struct tsql_type type)
{
    if (type.kind == TSQL_REAL || type.kind == TSQL_FLOAT)
        return (struct tsql_type){TSQL_FLOAT, 0};
    return (struct tsql_type){type.kind == TSQL_BIGINT ? TSQL_BIGINT : TSQL_INT, 0};
}

static struct tsql_type function_type(const struct bind_function *function,
                                      const struct tsql_expression *arguments)
{
    switch (function->result) {
    case RESULT_INT:
        return (struct tsql_type){TSQL_INT, 0};
    case RESULT_BIGINT:
        return (struct tsql_type){TSQL_BIGINT, 0};
    case RESULT_TEXT:
        return (struct tsql_type){TSQL_NVARCHAR, -1};
    case RESULT_FIRST:
        return arguments->type;
    case RESULT_ALL:
        return combine_list(arguments);
    case RESULT_SUM:
        return sum_type(arguments->type);
    case RESULT_LATER:
        return combine_list(arguments->next);
    }
    return (struct tsql_type){TSQL_UNKNOWN, 0};
}

/* --- names ------------------------------------------------------------------------------------ */

int bind_find_output(const struct tsql_query *query, const char *name)
{
    for (uint32_t i = 0; i < query->output_count; i++)
        if (query->outputs[i].name != NULL && tsql_same_name(query->outputs[i].name, name))
            return (int)i;
    return -1;
}

static int find_in_source(const struct tsql_source *source, const char *name)
{
    return source->table != NULL ? engine_find_column(source->table->shape, name)
                                 : bind_find_output(source->query, name);
}

/* In one scope. False: an error; a source of NULL: it is not there. */
static bool find_in_scope(struct binder *binder, const struct bind_scope *scope,
                          struct tsql_expression *column)
{
    column->source = NULL;
    for (const struct tsql_source *source = scope->sources; source != NULL; source = source->next) {
        if (column->qualifier != NULL && !tsql_same_name(source->alias, column->qualifier))
            continue;
        int found = find_in_source(source, column->name);
        if (found < 0)
            continue;
        if (column->source != NULL)
            return engine_raise(binder->session, 209, column->name);
        column->source = source;
        column->column = (uint32_t)found;
    }
    return true;
}

static struct tsql_type column_type(const struct tsql_expression *column)
{
    if (column->source->table != NULL)
        return column->source->table->shape->columns[column->column].type;
    return column->source->query->outputs[column->column].type;
}

static bool bind_column(struct binder *binder, struct tsql_expression *column)
{
    for (const struct bind_scope *scope = binder->scope; scope != NULL; scope = scope->outer) {
        if (!find_in_scope(binder, scope, column))
            return false;
        if (column->source != NULL) {
            column->type = column_type(column);
            return true;
        }
    }
    return engine_raise(binder->session, 207, column->name);
}

static bool bind_variable(struct binder *binder, struct tsql_expression *expression)
{
    const struct engine_variable *found = engine_find_variable(binder->session, expression->name);
    if (found == NULL)
        return engine_raise(binder->session, 137, expression->name);
    expression->column = (uint32_t)(found - binder->session->variables);
    expression->type = found->type;
    return true;
}

static bool bind_global(struct binder *binder, struct tsql_expression *expression)
{
    expression->type = bind_global_type(expression->name);
    return expression->type.kind != TSQL_UNKNOWN ||
           engine_raise(binder->session, 137, expression->name);
}

/* --- expressions ------------------------------------------------------------------------------ */

bool bind_list(struct binder *binder, struct tsql_expression *list)
{
    for (; list != NULL; list = list->next)
        if (!bind_value(binder, list))
            return false;
    return true;
}

bool bind_optional(struct binder *binder, struct tsql_expression *expression)
{
    return expression == NULL || bind_value(binder, expression);
}

static struct tsql_type arithmetic_type(const struct tsql_expression *expression)
{
    struct tsql_type one = expression->left->type, other = expression->right->type;
    struct tsql_type type = bind_combine(one, other);
    if (type.kind == TSQL_NVARCHAR || type.kind == TSQL_VARBINARY) {
        if (expression->op != TSQL_OP_ADD)
            return (struct tsql_type){TSQL_INT, 0};
        bool is_long = one.length < 0 || other.length < 0 || one.length + other.length > 4000;
        type.length = is_long ? -1 : one.length + other.length;
        return type;
    }
    if (type.kind < TSQL_INT)
        type.kind = type.kind == TSQL_UNKNOWN ? TSQL_UNKNOWN : TSQL_INT;
    return type;
}

static bool bind_binary(struct binder *binder, struct tsql_expression *expression)
{
    if (!bind_value(binder, expression->left) || !bind_value(binder, expression->right))
        return false;
    expression->type = arithmetic_type(expression);
    return true;
}

static bool bind_unary(struct binder *binder, struct tsql_expression *expression)
{
    if (!bind_value(binder, expression->left))
        return false;
    expression->type = expression->left->type;
    return true;
}

/* A list of when, then, when, then; `else` beside it. */
static bool bind_case(struct binder *binder, struct tsql_expression *expression)
{
    if (!bind_optional(binder, expression->left) || !bind_optional(binder, expression->third))
        return false;
    if (expression->third != NULL)
        expression->type = expression->third->type;
    for (struct tsql_expression *when = expression->right; when != NULL; when = when->next->next) {
        bool fine =
            expression->left != NULL ? bind_value(binder, when) : bind_condition(binder, when);
        if (!fine || !bind_value(binder, when->next))
            return false;
        expression->type = bind_combine(expression->type, when->next->type);
    }
    return true;
}

static uint32_t count_list(const struct tsql_expression *list)
{
    uint32_t count = 0;
    for (; list != NULL; list = list->next)
        count++;
    return count;
}

static bool bind_call(struct binder *binder, struct tsql_expression *expression)
{
    const struct bind_function *function = bind_find_function(expression->name);
    if (function == NULL)
        return engine_raise(binder->session, 195, expression->name);
    uint32_t count = count_list(expression->left);
    if (count < function->least || count > function->most)
        return engine_raise(binder->session, 102, expression->name);
    struct tsql_expression *arguments = expression->left;
    if (arguments->node != TSQL_STAR) {
        if (function->result == RESULT_LATER) {
            if (!bind_condition(binder, arguments) || !bind_list(binder, arguments->next))
                return false;
        } else if (!bind_list(binder, arguments)) {
            return false;
        }
    } else if (function->result != RESULT_INT && function->result != RESULT_BIGINT) {
        return engine_raise(binder->session, 102, "*");
    }
    expression->type = function_type(function, arguments);
    return true;
}

static bool bind_scalar_query(struct binder *binder, struct tsql_expression *expression)
{
    if (!bind_query(binder, expression->query))
        return false;
    if (expression->query->output_count != 1)
        return engine_raise(binder->session, 102, ")");
    expression->type = expression->query->outputs[0].type;
    return true;
}

bool bind_value(struct binder *binder, struct tsql_expression *expression)
{
    switch (expression->node) {
    case TSQL_NULL:
    case TSQL_LITERAL:
        return true;
    case TSQL_COLUMN:
        return bind_column(binder, expression);
    case TSQL_VARIABLE:
        return bind_variable(binder, expression);
    case TSQL_GLOBAL:
        return bind_global(binder, expression);
    case TSQL_CASE:
        return bind_case(binder, expression);
    case TSQL_CALL:
        return bind_call(binder, expression);
    case TSQL_CAST:
        return bind_value(binder, expression->left);
    case TSQL_QUERY:
        return bind_scalar_query(binder, expression);
    case TSQL_UNARY:
        if (expression->op != TSQL_OP_NOT)
            return bind_unary(binder, expression);
        break;
    case TSQL_BINARY:
        if (expression->op >= TSQL_OP_ADD)
            return bind_binary(binder, expression);
        break;
    case TSQL_STAR:
    case TSQL_IS_NULL:
    case TSQL_IN:
    case TSQL_BETWEEN:
    case TSQL_LIKE:
    case TSQL_EXISTS:
        break;
    }
    return engine_raise(binder->session, 102, "condition");
}

static bool bind_in(struct binder *binder, struct tsql_expression *expression)
{
    if (!bind_value(binder, expression->left))
        return false;
    if (expression->query == NULL)
        return bind_list(binder, expression->right);
    if (!bind_query(binder, expression->query))
        return false;
    return expression->query->output_count == 1 || engine_raise(binder->session, 102, ")");
}

bool bind_condition(struct binder *binder, struct tsql_expression *expression)
{
    struct tsql_expression *left = expression->left, *right = expression->right;
    switch (expression->node) {
    case TSQL_UNARY:
        if (expression->op == TSQL_OP_NOT)
            return bind_condition(binder, left);
        break;
    case TSQL_BINARY:
        if (expression->op == TSQL_OP_AND || expression->op == TSQL_OP_OR)
            return bind_condition(binder, left) && bind_condition(binder, right);
        if (expression->op < TSQL_OP_ADD)
            return bind_value(binder, left) && bind_value(binder, right);
        break;
    case TSQL_IS_NULL:
        return bind_value(binder, left);
    case TSQL_IN:
        return bind_in(binder, expression);
    case TSQL_BETWEEN:
    case TSQL_LIKE:
        return bind_value(binder, left) && bind_value(binder, right) &&
               bind_optional(binder, expression->third);
    case TSQL_EXISTS:
        return bind_query(binder, expression->query);
    case TSQL_NULL:
    case TSQL_LITERAL:
    case TSQL_COLUMN:
    case TSQL_STAR:
    case TSQL_VARIABLE:
    case TSQL_GLOBAL:
    case TSQL_QUERY:
    case TSQL_CASE:
    case TSQL_CALL:
    case TSQL_CAST:
        break;
    }
    return engine_raise(binder->session, 4145);
}
