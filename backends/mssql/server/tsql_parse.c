/* SPDX-License-Identifier: Apache-2.0 */
/* Batches and statements: writes and control of flow; the rest is in the files beside this one. */
#include "mssql/server/tsql_lex.h"

#include <stddef.h>

static struct tsql_statement *take_statement(struct tsql_parser *parser);

/* --- writes ----------------------------------------------------------------------------------- */

static bool take_output(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (!tsql_accept(parser, "OUTPUT"))
        return true;
    statement->output = tsql_take_items(parser);
    return statement->output != NULL;
}

static struct tsql_name *take_columns(struct tsql_parser *parser)
{
    struct tsql_name *first = NULL, **end = &first;
    do {
        *end = ARENA_NEW(parser->arena, struct tsql_name);
        (*end)->name = tsql_take_name(parser);
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return tsql_expect(parser, ")") ? first : NULL;
}

/* DEFAULT in a row is a node without anything. */
static struct tsql_expression *take_row_value(struct tsql_parser *parser)
{
    if (!tsql_accept(parser, "DEFAULT"))
        return tsql_take_expression(parser);
    struct tsql_expression *made = ARENA_NEW(parser->arena, struct tsql_expression);
    made->node = TSQL_STAR;
    return made;
}

static struct tsql_expression *take_row(struct tsql_parser *parser)
{
    struct tsql_expression *row = ARENA_NEW(parser->arena, struct tsql_expression);
    struct tsql_expression **end = &row->left;
    if (!tsql_expect(parser, "("))
        return NULL;
    do {
        *end = take_row_value(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return tsql_expect(parser, ")") ? row : NULL;
}

static bool take_rows(struct tsql_parser *parser, struct tsql_statement *statement)
{
    struct tsql_expression **end = &statement->rows;
    do {
        *end = take_row(parser);
        if (*end == NULL)
            return false;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return true;
}

static bool take_insert(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_INSERT;
    (void)tsql_accept(parser, "INTO");
    statement->target = tsql_take_target(parser);
    if (tsql_accept(parser, "("))
        statement->names = take_columns(parser);
    if (!take_output(parser, statement))
        return false;
    if (tsql_accept(parser, "VALUES"))
        return take_rows(parser, statement);
    if (tsql_accept(parser, "DEFAULT")) {
        statement->rows = ARENA_NEW(parser->arena, struct tsql_expression);
        return tsql_expect(parser, "VALUES");
    }
    statement->query = tsql_take_query(parser);
    return statement->query != NULL;
}

static bool take_assignments(struct tsql_parser *parser, struct tsql_statement *statement)
{
    struct tsql_assignment **end = &statement->assignments;
    if (!tsql_expect(parser, "SET"))
        return false;
    do {
        *end = ARENA_NEW(parser->arena, struct tsql_assignment);
        (*end)->name = tsql_take_object(parser);
        if (!tsql_expect(parser, "="))
            return false;
        (*end)->expression = take_row_value(parser);
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return !parser->failed;
}

/* FROM, where the target may stand by its alias, and WHERE; the target is a source of its own. */
static bool take_condition(struct tsql_parser *parser, struct tsql_statement *statement)
{
    struct tsql_query *query = statement->query;
    query->from = statement->target;
    if (tsql_accept(parser, "FROM")) {
        query->from = tsql_take_sources(parser);
        for (struct tsql_source *source = query->from; source != NULL; source = source->next)
            if (source->alias != NULL && tsql_same_name(source->alias, statement->target->name))
                statement->target = source;
    }
    if (tsql_accept(parser, "WHERE"))
        query->where = tsql_take_expression(parser);
    return !parser->failed;
}

static bool take_update(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_UPDATE;
    statement->query = ARENA_NEW(parser->arena, struct tsql_query);
    statement->query->top = tsql_take_top(parser);
    statement->target = tsql_take_target(parser);
    return statement->target != NULL && take_assignments(parser, statement) &&
           take_output(parser, statement) && take_condition(parser, statement);
}

static bool take_delete(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_DELETE;
    statement->query = ARENA_NEW(parser->arena, struct tsql_query);
    statement->query->top = tsql_take_top(parser);
    (void)tsql_accept(parser, "FROM");
    statement->target = tsql_take_target(parser);
    return statement->target != NULL && take_output(parser, statement) &&
           take_condition(parser, statement);
}

/* --- control of flow -------------------------------------------------------------------------- */

/* Statements up to END, which is taken, too. */
static bool take_body(struct tsql_parser *parser, struct tsql_statement **ret_body)
{
    struct tsql_statement **end = ret_body;
    while (!tsql_is(parser, "END")) {
        if (tsql_accept(parser, ";"))
            continue;
        *end = take_statement(parser);
        if (*end == NULL)
            return false;
        end = &(*end)->next;
    }
    return tsql_expect(parser, "END");
}

static bool take_try(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_TRY;
    tsql_next(parser);
    if (!tsql_expect(parser, "TRY") || !take_body(parser, &statement->body) ||
        !tsql_expect(parser, "TRY"))
        return false;
    (void)tsql_accept(parser, ";");
    return tsql_expect(parser, "BEGIN") && tsql_expect(parser, "CATCH") &&
           take_body(parser, &statement->otherwise) && tsql_expect(parser, "CATCH");
}

static bool take_begin(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (tsql_is_before(parser, "TRAN") || tsql_is_before(parser, "TRANSACTION"))
        return tsql_take_session(parser, statement);
    if (tsql_is_before(parser, "TRY"))
        return take_try(parser, statement);
    statement->kind = TSQL_BLOCK;
    tsql_next(parser);
    return take_body(parser, &statement->body);
}

static bool take_if(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_IF;
    statement->condition = tsql_take_expression(parser);
    statement->body = take_statement(parser);
    while (tsql_is(parser, ";") && tsql_is_before(parser, "ELSE"))
        tsql_next(parser);
    if (tsql_accept(parser, "ELSE"))
        statement->otherwise = take_statement(parser);
    return !parser->failed;
}

static bool take_while(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_WHILE;
    statement->condition = tsql_take_expression(parser);
    statement->body = take_statement(parser);
    return !parser->failed;
}

static bool take_return(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_RETURN;
    if (parser->lexer.token == TSQL_NUMBER || tsql_is(parser, "-"))
        return tsql_take_integer(parser, &statement->number);
    return true;
}

static bool take_truncate(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_TRUNCATE;
    if (!tsql_expect(parser, "TABLE"))
        return false;
    statement->name = tsql_take_object(parser);
    return !parser->failed;
}

/* --- statements ------------------------------------------------------------------------------- */

static bool take_by_word(struct tsql_parser *parser, struct tsql_statement *statement)
{
    if (tsql_is(parser, "SELECT")) {
        statement->kind = TSQL_SELECT;
        statement->query = tsql_take_query(parser);
        return statement->query != NULL;
    }
    if (tsql_is(parser, "BEGIN"))
        return take_begin(parser, statement);
    if (tsql_is(parser, "CREATE") || tsql_is(parser, "DROP") || tsql_is(parser, "ALTER"))
        return tsql_take_definition(parser, statement) != NULL;
    static const struct {
        const char *word;
        bool (*take)(struct tsql_parser *parser, struct tsql_statement *statement);
    } words[] = {{"INSERT", take_insert},     {"UPDATE", take_update}, {"DELETE", take_delete},
                 {"TRUNCATE", take_truncate}, {"IF", take_if},         {"WHILE", take_while},
                 {"RETURN", take_return}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (tsql_accept(parser, words[i].word))
            return words[i].take(parser, statement);
    if (tsql_accept(parser, "BREAK") || tsql_is(parser, "CONTINUE")) {
        statement->kind = tsql_accept(parser, "CONTINUE") ? TSQL_CONTINUE : TSQL_BREAK;
        return !parser->failed;
    }
    return tsql_take_session(parser, statement);
}

static struct tsql_statement *take_statement(struct tsql_parser *parser)
{
    if (!tsql_enter(parser))
        return NULL;
    struct tsql_statement *statement = ARENA_NEW(parser->arena, struct tsql_statement);
    statement->line = parser->lexer.token_line;
    bool fine = take_by_word(parser, statement);
    tsql_leave(parser);
    return fine && !parser->failed ? statement : NULL;
}

static void begin(struct tsql_parser *parser, struct arena *arena, const char *sql, size_t length,
                  struct tsql_problem *problem)
{
    *parser = (struct tsql_parser){.arena = arena, .problem = problem};
    tsql_lex_begin(&parser->lexer, arena, sql, length);
    tsql_next(parser);
}

bool tsql_parse(struct arena *arena, const char *sql, size_t length,
                struct tsql_statement **ret_batch, struct tsql_problem *ret_problem)
{
    struct tsql_statement *first = NULL, **end = &first;
    struct tsql_parser parser;
    if (length > TSQL_BATCH_BYTES_MAX) {
        *ret_problem = (struct tsql_problem){.line = 1, .number = 191};
        return false;
    }
    begin(&parser, arena, sql, length, ret_problem);
    while (!parser.failed && parser.lexer.token != TSQL_END) {
        if (tsql_accept(&parser, ";"))
            continue;
        *end = take_statement(&parser);
        if (*end != NULL)
            end = &(*end)->next;
    }
    if (!parser.failed)
        *ret_batch = first;
    return !parser.failed;
}

bool tsql_parse_parameters(struct arena *arena, const char *sql, size_t length,
                           struct tsql_column **ret_columns, struct tsql_problem *ret_problem)
{
    struct tsql_parser parser;
    struct tsql_column *columns = NULL;
    begin(&parser, arena, sql, length, ret_problem);
    if (parser.lexer.token != TSQL_END)
        columns = tsql_take_declaration(&parser);
    if (!parser.failed && parser.lexer.token != TSQL_END)
        tsql_fail(&parser, 102);
    if (!parser.failed)
        *ret_columns = columns;
    return !parser.failed;
}
