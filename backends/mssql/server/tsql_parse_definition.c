/* SPDX-License-Identifier: Apache-2.0 */
/* CREATE, DROP and ALTER TABLE, indexes, and the declarations of variables. */
#include "mssql/server/tsql_lex.h"

#include <stddef.h>

/* --- columns ---------------------------------------------------------------------------------- */

static bool skip_key_kind(struct tsql_parser *parser)
{
    if (!tsql_accept(parser, "CLUSTERED"))
        (void)tsql_accept(parser, "NONCLUSTERED");
    return !parser->failed;
}

static struct tsql_name *take_key_names(struct tsql_parser *parser)
{
    struct tsql_name *first = NULL, **end = &first;
    if (!tsql_expect(parser, "("))
        return NULL;
    do {
        *end = ARENA_NEW(parser->arena, struct tsql_name);
        (*end)->name = tsql_take_name(parser);
        if (!tsql_accept(parser, "ASC"))
            (void)tsql_accept(parser, "DESC");
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return tsql_expect(parser, ")") ? first : NULL;
}

static bool take_check(struct tsql_parser *parser, struct tsql_statement *statement,
                       const char *name)
{
    struct tsql_check *check = ARENA_NEW(parser->arena, struct tsql_check);
    check->name = name;
    if (statement == NULL || !tsql_expect(parser, "("))
        return tsql_fail(parser, 102);
    check->condition = tsql_take_expression(parser);
    check->next = statement->checks;
    statement->checks = check;
    return tsql_expect(parser, ")");
}

/* What may follow a column's type, in any order. `statement` gets its CHECKs. */
static bool take_column_rules(struct tsql_parser *parser, struct tsql_statement *statement,
                              struct tsql_column *column)
{
    const char *name = NULL;
    for (;;) {
        if (tsql_accept(parser, "CONSTRAINT")) {
            name = tsql_take_name(parser);
        } else if (tsql_accept(parser, "NOT")) {
            column->is_not_null = tsql_expect(parser, "NULL");
        } else if (tsql_accept(parser, "NULL")) {
            continue;
        } else if (tsql_accept(parser, "PRIMARY")) {
            column->is_key = tsql_expect(parser, "KEY") && skip_key_kind(parser);
            statement->key_name = name;
        } else if (tsql_accept(parser, "UNIQUE")) {
            column->is_unique = skip_key_kind(parser);
        } else if (tsql_accept(parser, "DEFAULT")) {
            column->preset = tsql_take_value(parser);
        } else if (tsql_accept(parser, "COLLATE")) {
            (void)tsql_take_name(parser);
        } else if (!tsql_accept(parser, "CHECK")) {
            return !parser->failed;
        } else if (!take_check(parser, statement, name)) {
            return false;
        }
        if (parser->failed)
            return false;
    }
}

static struct tsql_column *take_column(struct tsql_parser *parser, struct tsql_statement *statement)
{
    struct tsql_column *column = ARENA_NEW(parser->arena, struct tsql_column);
    column->name = tsql_take_name(parser);
    if (tsql_accept(parser, "AS")) {
        column->computed = tsql_take_value(parser);
        (void)tsql_accept(parser, "PERSISTED");
        return parser->failed ? NULL : column;
    }
    return column->name != NULL && tsql_take_type(parser, &column->type) &&
                   take_column_rules(parser, statement, column)
               ? column
               : NULL;
}

/* --- tables ----------------------------------------------------------------------------------- */

/* PRIMARY KEY (…), UNIQUE (…) of one column, CHECK (…). */
static bool take_table_rule(struct tsql_parser *parser, struct tsql_statement *statement)
{
    const char *name = tsql_accept(parser, "CONSTRAINT") ? tsql_take_name(parser) : NULL;
    if (tsql_accept(parser, "CHECK"))
        return take_check(parser, statement, name);
    bool is_key = tsql_accept(parser, "PRIMARY");
    if (is_key ? !tsql_expect(parser, "KEY") : !tsql_expect(parser, "UNIQUE"))
        return false;
    if (!skip_key_kind(parser))
        return false;
    struct tsql_name *names = take_key_names(parser);
    if (is_key) {
        statement->names = names;
        statement->key_name = name;
        return names != NULL;
    }
    for (struct tsql_column *column = statement->columns; names != NULL && column != NULL;
         column = column->next)
        column->is_unique |= names->next == NULL && tsql_same_name(column->name, names->name);
    return names != NULL;
}

static bool is_table_rule(const struct tsql_parser *parser)
{
    return tsql_is(parser, "CONSTRAINT") || tsql_is(parser, "PRIMARY") ||
           tsql_is(parser, "UNIQUE") || tsql_is(parser, "CHECK");
}

static bool take_create_table(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_CREATE_TABLE;
    statement->name = tsql_take_object(parser);
    struct tsql_column **end = &statement->columns;
    if (!tsql_expect(parser, "("))
        return false;
    do {
        if (is_table_rule(parser)) {
            if (!take_table_rule(parser, statement))
                return false;
            continue;
        }
        *end = take_column(parser, statement);
        if (*end == NULL)
            return false;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return tsql_expect(parser, ")");
}

static bool take_alter_table(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->name = tsql_take_object(parser);
    if (tsql_accept(parser, "DROP")) {
        statement->kind = TSQL_DROP_COLUMN;
        statement->columns = ARENA_NEW(parser->arena, struct tsql_column);
        if (!tsql_expect(parser, "COLUMN"))
            return false;
        statement->columns->name = tsql_take_name(parser);
        return !parser->failed;
    }
    statement->kind = TSQL_ADD_COLUMN;
    if (!tsql_expect(parser, "ADD"))
        return false;
    statement->columns = take_column(parser, statement);
    return statement->columns != NULL;
}

/* ALTER DATABASE name SET option ON|OFF */
static bool take_alter_database(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_SET_DATABASE;
    (void)tsql_take_name(parser);
    if (!tsql_expect(parser, "SET"))
        return false;
    statement->name = tsql_take_name(parser);
    statement->on = tsql_accept(parser, "ON");
    if (!statement->on && !tsql_accept(parser, "OFF"))
        return tsql_fail(parser, 102);
    if (tsql_accept(parser, "WITH")) /* ROLLBACK IMMEDIATE, NO_WAIT: nobody is in the way */
        while (tsql_accept(parser, "ROLLBACK") || tsql_accept(parser, "IMMEDIATE") ||
               tsql_accept(parser, "NO_WAIT"))
            continue;
    return !parser->failed;
}

/* --- indexes ---------------------------------------------------------------------------------- */

static bool take_create_index(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->kind = TSQL_CREATE_INDEX;
    statement->is_unique = tsql_accept(parser, "UNIQUE");
    if (!skip_key_kind(parser) || !tsql_expect(parser, "INDEX"))
        return false;
    statement->index = tsql_take_name(parser);
    if (!tsql_expect(parser, "ON"))
        return false;
    statement->name = tsql_take_object(parser);
    statement->names = take_key_names(parser);
    return statement->names != NULL;
}

static bool take_if_exists(struct tsql_parser *parser, struct tsql_statement *statement)
{
    statement->if_exists = tsql_accept(parser, "IF");
    return !statement->if_exists || tsql_expect(parser, "EXISTS");
}

static bool take_drop(struct tsql_parser *parser, struct tsql_statement *statement)
{
    bool is_index = tsql_accept(parser, "INDEX");
    statement->kind = is_index ? TSQL_DROP_INDEX : TSQL_DROP_TABLE;
    if ((!is_index && !tsql_expect(parser, "TABLE")) || !take_if_exists(parser, statement))
        return false;
    if (!is_index) {
        statement->name = tsql_take_object(parser);
        return !parser->failed;
    }
    statement->index = tsql_take_name(parser);
    if (!tsql_expect(parser, "ON"))
        return false;
    statement->name = tsql_take_object(parser);
    return !parser->failed;
}

/* --- all of them ------------------------------------------------------------------------------ */

struct tsql_statement *tsql_take_definition(struct tsql_parser *parser, struct tsql_statement *at)
{
    bool fine;
    if (tsql_accept(parser, "DROP"))
        fine = take_drop(parser, at);
    else if (tsql_accept(parser, "ALTER"))
        fine = tsql_accept(parser, "DATABASE")
                   ? take_alter_database(parser, at)
                   : tsql_expect(parser, "TABLE") && take_alter_table(parser, at);
    else if (!tsql_expect(parser, "CREATE"))
        fine = false;
    else
        fine = tsql_accept(parser, "TABLE") ? take_create_table(parser, at)
                                            : take_create_index(parser, at);
    return fine ? at : NULL;
}

/* @name [AS] type [= value] [OUTPUT], of DECLARE and of parameters. */
static struct tsql_column *take_variable(struct tsql_parser *parser)
{
    struct tsql_column *column = ARENA_NEW(parser->arena, struct tsql_column);
    column->name = parser->lexer.text;
    if (parser->lexer.token != TSQL_AT_NAME || column->name[1] == '@') {
        tsql_fail(parser, 102);
        return NULL;
    }
    tsql_next(parser);
    (void)tsql_accept(parser, "AS");
    if (!tsql_take_type(parser, &column->type))
        return NULL;
    if (tsql_accept(parser, "="))
        column->preset = tsql_take_expression(parser);
    if (!tsql_accept(parser, "OUTPUT"))
        (void)tsql_accept(parser, "OUT");
    return parser->failed ? NULL : column;
}

struct tsql_column *tsql_take_declaration(struct tsql_parser *parser)
{
    struct tsql_column *first = NULL, **end = &first;
    do {
        *end = take_variable(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    } while (tsql_accept(parser, ","));
    return first;
}
