/* SPDX-License-Identifier: Apache-2.0 */
/* Names of tables become tables, which are locked; queries get their columns. */
#include "mssql/server/bind.h"

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
           bind_list(binder, query->group_by) &&
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
        int place = by->node == TSQL_COLUMN && by->qualifier == NULL
                        ? bind_find_output(query, by->name)
                        : -1;
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
