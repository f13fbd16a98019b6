/* SPDX-License-Identifier: Apache-2.0 */
/* Names become tables and columns, expressions get their types. */
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
    free(binder->text);
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

static int find_output(const struct tsql_query *query, const char *name)
{
    for (uint32_t i = 0; i < query->output_count; i++)
        if (query->outputs[i].name != NULL && tsql_same_name(query->outputs[i].name, name))
            return (int)i;
    return -1;
}

static int find_in_source(const struct tsql_source *source, const char *name)
{
    return source->table != NULL ? engine_find_column(source->table->shape, name)
                                 : find_output(source->query, name);
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
    const struct engine_session *session = binder->session;
    for (uint32_t i = 0; i < session->variable_count; i++) {
        if (!tsql_same_name(session->variables[i].name, expression->name))
            continue;
        expression->column = i;
        expression->type = session->variables[i].type;
        return true;
    }
    return engine_raise(binder->session, 137, expression->name);
}

static bool bind_global(struct binder *binder, struct tsql_expression *expression)
{
    expression->type = bind_global_type(expression->name);
    return expression->type.kind != TSQL_UNKNOWN ||
           engine_raise(binder->session, 137, expression->name);
}

/* --- expressions ------------------------------------------------------------------------------ */

static bool bind_values(struct binder *binder, struct tsql_expression *list)
{
    for (; list != NULL; list = list->next)
        if (!bind_value(binder, list))
            return false;
    return true;
}

static bool bind_optional(struct binder *binder, struct tsql_expression *expression)
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
            if (!bind_condition(binder, arguments) || !bind_values(binder, arguments->next))
                return false;
        } else if (!bind_values(binder, arguments)) {
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
        return bind_values(binder, expression->right);
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

/* --- sources ---------------------------------------------------------------------------------- */

static enum engine_mode table_mode(const struct engine_session *session,
                                   const struct tsql_source *source)
{
    if (source->hints & TSQL_HINT_TABLOCKX)
        return ENGINE_EXCLUSIVE;
    if (source->hints & TSQL_HINT_TABLOCK)
        return source->is_target ? ENGINE_EXCLUSIVE : ENGINE_SHARED;
    if (source->is_target || (source->hints & (TSQL_HINT_UPDLOCK | TSQL_HINT_XLOCK)) != 0)
        return ENGINE_INTEND_EXCLUSIVE;
    bool reads_versions = session->has_statement_snapshot || session->isolation == TSQL_SNAPSHOT ||
                          session->isolation == TSQL_READ_UNCOMMITTED ||
                          (source->hints & TSQL_HINT_NOLOCK) != 0;
    return reads_versions ? ENGINE_STABLE : ENGINE_INTEND_SHARED;
}

/* By name, locked; one that is dropped while it was waited for is looked for again. */
static bool bind_table(struct binder *binder, struct tsql_source *source)
{
    struct engine_session *session = binder->session;
    if (!engine_touch(session))
        return false;
    enum engine_mode mode = table_mode(session, source);
    bool is_of_statement =
        mode < ENGINE_INTEND_EXCLUSIVE && session->isolation <= TSQL_READ_COMMITTED;
    do {
        source->table = engine_find_table(session, source->name);
        if (source->table == NULL)
            return engine_raise(session, 208, source->name);
        if (!engine_lock_table(session, source->table, mode, is_of_statement))
            return false;
    } while (source->table->is_dropped);
    if (session->isolation == TSQL_SNAPSHOT && session->has_snapshot &&
        source->table->shape_commit > session->snapshot)
        return engine_raise(session, 3961, session->server->database);
    return true;
}

static bool bind_source(struct binder *binder, struct tsql_source *source)
{
    source->number = ++binder->sources;
    if (source->query == NULL)
        return bind_table(binder, source);
    if (!bind_query(binder, source->query))
        return false;
    for (uint32_t i = 0; i < source->query->output_count; i++)
        if (source->query->outputs[i].name == NULL)
            return engine_raise(binder->session, 102, source->alias);
    return true;
}

/* Enters a scope with these sources; left by bind_leave, also after an error. */
bool bind_sources(struct binder *binder, struct bind_scope *scope, struct tsql_source *sources)
{
    for (struct tsql_source *source = sources; source != NULL; source = source->next)
        if (!bind_source(binder, source))
            return false;
    *scope = (struct bind_scope){.outer = binder->scope, .sources = sources};
    binder->scope = scope;
    bool fine = true;
    for (struct tsql_source *source = sources; fine && source != NULL; source = source->next)
        fine = source->on == NULL || bind_condition(binder, source->on);
    if (!fine)
        bind_leave(binder);
    return fine;
}

void bind_leave(struct binder *binder)
{
    binder->scope = binder->scope->outer;
}

/* --- queries ---------------------------------------------------------------------------------- */

/* A column of its own for each of a source's. */
static struct tsql_item *expand_source(struct binder *binder, const struct tsql_source *source,
                                       struct tsql_item **end)
{
    const struct engine_shape *shape = source->table == NULL ? NULL : source->table->shape;
    uint32_t count = shape == NULL ? source->query->output_count : shape->order_count;
    struct tsql_item *last = NULL;
    for (uint32_t i = 0; i < count; i++) {
        struct tsql_item *item = ARENA_NEW(&binder->session->arena, struct tsql_item);
        item->expression = ARENA_NEW(&binder->session->arena, struct tsql_expression);
        item->expression->node = TSQL_COLUMN;
        item->expression->qualifier = source->alias;
        item->expression->name =
            shape == NULL ? source->query->outputs[i].name : shape->columns[shape->order[i]].name;
        *end = last = item;
        end = &item->next;
    }
    return last;
}

static bool expand_star(struct binder *binder, struct tsql_item **at)
{
    struct tsql_item *star = *at, *rest = star->next, **end = at, *last = NULL;
    for (const struct tsql_source *source = binder->scope->sources; source != NULL;
         source = source->next) {
        if (star->expression->qualifier != NULL &&
            !tsql_same_name(star->expression->qualifier, source->alias))
            continue;
        last = expand_source(binder, source, end);
        if (last != NULL)
            end = &last->next;
    }
    if (last == NULL)
        return engine_raise(binder->session, 102, "*");
    last->next = rest;
    return true;
}

static const char *item_name(const struct tsql_item *item)
{
    if (item->alias != NULL)
        return item->alias;
    return item->expression->node == TSQL_COLUMN ? item->expression->name : NULL;
}

static bool bind_items(struct binder *binder, struct tsql_query *query)
{
    query->output_count = 0;
    for (struct tsql_item **at = &query->items; *at != NULL; at = &(*at)->next) {
        if ((*at)->expression->node == TSQL_STAR && !expand_star(binder, at))
            return false;
        if (!bind_value(binder, (*at)->expression))
            return false;
        query->output_count++;
    }
    query->outputs = ARENA_ARRAY(&binder->session->arena, struct tsql_output, query->output_count);
    struct tsql_output *output = query->outputs;
    for (const struct tsql_item *item = query->items; item != NULL; item = item->next, output++) {
        output->name = item_name(item);
        output->type = item->expression->type;
    }
    return true;
}

static bool bind_one(struct binder *binder, struct tsql_query *query)
{
    return bind_items(binder, query) && bind_optional(binder, query->top) &&
           (query->where == NULL || bind_condition(binder, query->where)) &&
           bind_values(binder, query->group_by) &&
           (query->having == NULL || bind_condition(binder, query->having));
}

/* A number or a name that an item has stands for the item; anything else is an expression. */
static bool bind_order(struct binder *binder, const struct tsql_query *query)
{
    for (struct tsql_order *order = query->order; order != NULL; order = order->next) {
        struct tsql_expression *by = order->expression;
        if (by->node == TSQL_LITERAL && by->value.kind == VALUE_INTEGER) {
            if (by->value.integer < 1 || by->value.integer > query->output_count)
                return engine_raise(binder->session, 108);
            continue;
        }
        int place =
            by->node == TSQL_COLUMN && by->qualifier == NULL ? find_output(query, by->name) : -1;
        if (place >= 0) {
            by->node = TSQL_LITERAL;
            by->value = value_integer(place + 1);
        } else if (!bind_value(binder, by)) {
            return false;
        }
    }
    return bind_optional(binder, query->offset) && bind_optional(binder, query->fetch);
}

static bool bind_next(struct binder *binder, struct tsql_query *query)
{
    for (struct tsql_query *next = query->next; next != NULL; next = next->next) {
        struct bind_scope scope;
        if (!bind_sources(binder, &scope, next->from))
            return false;
        bool fine = bind_one(binder, next);
        bind_leave(binder);
        if (!fine)
            return false;
        if (next->output_count != query->output_count)
            return engine_raise(binder->session, 205);
        for (uint32_t i = 0; i < query->output_count; i++)
            query->outputs[i].type = bind_combine(query->outputs[i].type, next->outputs[i].type);
    }
    return true;
}

bool bind_query(struct binder *binder, struct tsql_query *query)
{
    struct bind_scope scope;
    if (!bind_sources(binder, &scope, query->from))
        return false;
    bool fine = bind_one(binder, query) && bind_order(binder, query);
    bind_leave(binder);
    return fine && bind_next(binder, query);
}
