/* SPDX-License-Identifier: Apache-2.0 */
/* SELECT, and what of it other statements share: TOP, FROM, hints, lists of columns. */
#include "mssql/server/tsql_lex.h"

#include <stddef.h>

/* --- FROM ------------------------------------------------------------------------------------- */

struct hint_word {
    const char *word;
    uint32_t hints;
};

static const struct hint_word hint_words[] = {
    {"NOLOCK", TSQL_HINT_NOLOCK},
    {"READUNCOMMITTED", TSQL_HINT_NOLOCK},
    {"UPDLOCK", TSQL_HINT_UPDLOCK},
    {"HOLDLOCK", TSQL_HINT_HOLDLOCK},
    {"SERIALIZABLE", TSQL_HINT_HOLDLOCK},
    {"XLOCK", TSQL_HINT_XLOCK},
    {"TABLOCK", TSQL_HINT_TABLOCK},
    {"TABLOCKX", TSQL_HINT_TABLOCKX},
    {"READCOMMITTEDLOCK", TSQL_HINT_READCOMMITTEDLOCK},
    {"ROWLOCK", 0}, /* rows are what is locked */
};

static bool take_hint(struct tsql_parser *parser, uint32_t *hints)
{
    for (size_t i = 0; i < sizeof hint_words / sizeof *hint_words; i++) {
        if (tsql_accept(parser, hint_words[i].word)) {
            *hints |= hint_words[i].hints;
            return true;
        }
    }
    return tsql_fail(parser, 321);
}

static bool take_hints(struct tsql_parser *parser, uint32_t *hints)
{
    if (!tsql_accept(parser, "WITH"))
        return true;
    if (!tsql_expect(parser, "("))
        return false;
    do {
        if (!take_hint(parser, hints))
            return false;
    } while (tsql_accept(parser, ",") || (!tsql_is(parser, ")") && !parser->failed));
    return tsql_expect(parser, ")");
}

static const char *take_alias(struct tsql_parser *parser)
{
    if (tsql_accept(parser, "AS") || tsql_is_name(parser))
        return tsql_take_name(parser);
    return NULL;
}

struct tsql_source *tsql_take_target(struct tsql_parser *parser)
{
    struct tsql_source *source = ARENA_NEW(parser->arena, struct tsql_source);
    source->name = tsql_take_object(parser);
    source->alias = source->name;
    return take_hints(parser, &source->hints) && !parser->failed ? source : NULL;
}

static struct tsql_source *take_derived(struct tsql_parser *parser)
{
    struct tsql_source *source = ARENA_NEW(parser->arena, struct tsql_source);
    source->query = tsql_take_query(parser);
    if (!tsql_expect(parser, ")"))
        return NULL;
    source->alias = take_alias(parser);
    if (source->alias == NULL)
        tsql_fail(parser, 102);
    return parser->failed ? NULL : source;
}

static struct tsql_source *take_source(struct tsql_parser *parser)
{
    if (tsql_accept(parser, "("))
        return take_derived(parser);
    struct tsql_source *source = tsql_take_target(parser);
    if (source == NULL)
        return NULL;
    const char *alias = take_alias(parser);
    if (alias != NULL)
        source->alias = alias;
    return take_hints(parser, &source->hints) && !parser->failed ? source : NULL;
}

/* The words before a joined source; TSQL_CROSS has no ON. False: there is none, or a failure. */
static bool accept_join(struct tsql_parser *parser, enum tsql_join *ret_join)
{
    *ret_join = TSQL_INNER;
    if (tsql_accept(parser, ",")) {
        *ret_join = TSQL_CROSS;
        return true;
    }
    if (tsql_accept(parser, "JOIN"))
        return true;
    if (tsql_accept(parser, "INNER"))
        return tsql_expect(parser, "JOIN");
    if (tsql_accept(parser, "CROSS"))
        *ret_join = TSQL_CROSS;
    else if (tsql_accept(parser, "LEFT"))
        *ret_join = TSQL_LEFT;
    else if (tsql_accept(parser, "FULL"))
        *ret_join = TSQL_FULL;
    else
        return false;
    if (*ret_join != TSQL_CROSS)
        (void)tsql_accept(parser, "OUTER");
    return tsql_expect(parser, "JOIN");
}

struct tsql_source *tsql_take_sources(struct tsql_parser *parser)
{
    struct tsql_source *first = take_source(parser), *last = first;
    enum tsql_join join;
    while (last != NULL && accept_join(parser, &join)) {
        last->next = take_source(parser);
        last = last->next;
        if (last == NULL)
            break;
        last->join = join;
        if (join == TSQL_CROSS)
            continue;
        if (!tsql_expect(parser, "ON"))
            return NULL;
        last->on = tsql_take_expression(parser);
    }
    return parser->failed ? NULL : first;
}

/* --- the list of SELECT ----------------------------------------------------------------------- */

struct tsql_expression *tsql_take_top(struct tsql_parser *parser)
{
    if (!tsql_accept(parser, "TOP"))
        return NULL;
    if (tsql_accept(parser, "(")) {
        struct tsql_expression *count = tsql_take_expression(parser);
        return tsql_expect(parser, ")") ? count : NULL;
    }
    if (parser->lexer.token != TSQL_NUMBER) {
        tsql_fail(parser, 102);
        return NULL;
    }
    return tsql_take_value(parser);
}

/* @v = expression, alias = expression, expression [AS] alias. */
static struct tsql_item *take_item(struct tsql_parser *parser)
{
    struct tsql_item *item = ARENA_NEW(parser->arena, struct tsql_item);
    if (tsql_accept(parser, "*")) {
        item->expression = ARENA_NEW(parser->arena, struct tsql_expression);
        item->expression->node = TSQL_STAR;
        return item;
    }
    bool is_variable = parser->lexer.token == TSQL_AT_NAME, is_name = tsql_is_name(parser);
    if ((is_variable || is_name) && tsql_is_before(parser, "=")) {
        *(is_variable ? &item->variable : &item->alias) = parser->lexer.text;
        tsql_next(parser);
        tsql_next(parser);
        item->expression = tsql_take_expression(parser);
        return item->expression == NULL ? NULL : item;
    }
    item->expression = tsql_take_expression(parser);
    item->alias = take_alias(parser);
    return parser->failed ? NULL : item;
}

struct tsql_item *tsql_take_items(struct tsql_parser *parser)
{
    struct tsql_item *first = NULL, **end = &first;
    do {
        *end = take_item(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return first;
}

/* --- SELECT ----------------------------------------------------------------------------------- */

static bool take_order(struct tsql_parser *parser, struct tsql_query *query)
{
    if (!tsql_accept(parser, "ORDER"))
        return true;
    struct tsql_order **end = &query->order;
    if (!tsql_expect(parser, "BY"))
        return false;
    do {
        *end = ARENA_NEW(parser->arena, struct tsql_order);
        (*end)->expression = tsql_take_expression(parser);
        (*end)->is_descending = tsql_accept(parser, "DESC");
        if (!(*end)->is_descending)
            (void)tsql_accept(parser, "ASC");
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return !parser->failed;
}

static bool expect_rows(struct tsql_parser *parser)
{
    return tsql_accept(parser, "ROWS") || tsql_expect(parser, "ROW");
}

static bool take_offset(struct tsql_parser *parser, struct tsql_query *query)
{
    if (query->order == NULL || !tsql_accept(parser, "OFFSET"))
        return true;
    query->offset = tsql_take_value(parser);
    if (!expect_rows(parser) || !tsql_accept(parser, "FETCH"))
        return !parser->failed;
    if (!tsql_accept(parser, "NEXT") && !tsql_expect(parser, "FIRST"))
        return false;
    query->fetch = tsql_take_value(parser);
    return expect_rows(parser) && tsql_expect(parser, "ONLY");
}

static bool take_grouping(struct tsql_parser *parser, struct tsql_query *query)
{
    if (tsql_accept(parser, "GROUP")) {
        if (!tsql_expect(parser, "BY"))
            return false;
        query->group_by = tsql_take_list(parser);
    }
    if (tsql_accept(parser, "HAVING"))
        query->having = tsql_take_expression(parser);
    return !parser->failed;
}

/* One SELECT, up to its HAVING. */
static struct tsql_query *take_one(struct tsql_parser *parser)
{
    struct tsql_query *query = ARENA_NEW(parser->arena, struct tsql_query);
    if (!tsql_expect(parser, "SELECT"))
        return NULL;
    query->distinct = tsql_accept(parser, "DISTINCT");
    if (!query->distinct)
        (void)tsql_accept(parser, "ALL");
    query->top = tsql_take_top(parser);
    query->items = tsql_take_items(parser);
    if (tsql_accept(parser, "FROM"))
        query->from = tsql_take_sources(parser);
    if (tsql_accept(parser, "WHERE"))
        query->where = tsql_take_expression(parser);
    return take_grouping(parser, query) ? query : NULL;
}

static enum tsql_set accept_set(struct tsql_parser *parser)
{
    if (tsql_accept(parser, "UNION"))
        return tsql_accept(parser, "ALL") ? TSQL_UNION_ALL : TSQL_UNION;
    if (tsql_accept(parser, "EXCEPT"))
        return TSQL_EXCEPT;
    return tsql_accept(parser, "INTERSECT") ? TSQL_INTERSECT : TSQL_SET_NONE;
}

struct tsql_query *tsql_take_query(struct tsql_parser *parser)
{
    if (!tsql_enter(parser))
        return NULL;
    struct tsql_query *first = take_one(parser), *last = first;
    while (last != NULL && (last->set = accept_set(parser)) != TSQL_SET_NONE) {
        last->next = take_one(parser);
        last = last->next;
    }
    if (last != NULL && take_order(parser, first))
        (void)take_offset(parser, first);
    tsql_leave(parser);
    return parser->failed ? NULL : first;
}
