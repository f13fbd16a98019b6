/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's dialect (its manual, part VI, "SQL Commands"). Rows stand in no order of a key, and
 * locks are taken when they are needed: those wishes it has no words for.
 */
#include "sql/dialect.h"

static void put_begin(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "BEGIN");
    if (statement->begin.isolation == SQL_ISOLATION_SERIALIZABLE)
        sql_put(writer, " ISOLATION LEVEL SERIALIZABLE");
}

/* Those that are computed when they are read came with version 18. */
static void put_add_column(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_standard_add_column(writer, statement);
    sql_put(writer, " STORED");
}

static void put_digits(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "lpad(");
    sql_put_expression(writer, expression->call.arguments, SQL_CASTS);
    sql_put(writer, "::text,8,'0')");
}

const struct sql_dialect sql_dialect_postgres = {
    .placeholder = "$",
    .types = {[SQL_INTEGER] = "integer", [SQL_BIGINT] = "bigint", [SQL_STRING] = "text"},
    .statements =
        {
            [SQL_SELECT] = sql_standard_select,
            [SQL_INSERT] = sql_standard_insert,
            [SQL_UPDATE] = sql_standard_update,
            [SQL_DELETE] = sql_standard_delete,
            [SQL_CREATE_TABLE] = sql_standard_create_table,
            [SQL_DROP_TABLE] = sql_standard_drop_table,
            [SQL_CREATE_INDEX] = sql_standard_create_index,
            [SQL_DROP_INDEX] = sql_standard_drop_index,
            [SQL_ADD_COLUMN] = put_add_column,
            [SQL_DROP_COLUMN] = sql_standard_drop_column,
            [SQL_BEGIN] = put_begin,
            [SQL_COMMIT] = sql_standard_commit,
            [SQL_ROLLBACK] = sql_standard_rollback,
            [SQL_SAVEPOINT] = sql_standard_savepoint,
            [SQL_RELEASE] = sql_standard_release,
            [SQL_ROLLBACK_TO] = sql_standard_rollback_to,
            [SQL_WORDS] = sql_standard_words,
        },
    .clauses =
        {
            [SQL_LIMIT] = sql_standard_limit,
            [SQL_ON_CONFLICT] = sql_standard_on_conflict,
            [SQL_RETURNING] = sql_standard_returning,
        },
    .sources = {[SQL_TABLE] = sql_standard_table},
    .expressions =
        {
            [SQL_NULL] = sql_standard_null,
            [SQL_NUMBER] = sql_standard_number,
            [SQL_TEXT] = sql_standard_text,
            [SQL_COLUMN] = sql_standard_column,
            [SQL_ALL_COLUMNS] = sql_standard_all_columns,
            [SQL_EXCLUDED] = sql_standard_excluded,
            [SQL_ROW] = sql_standard_row,
            [SQL_BINARY] = sql_standard_binary,
            [SQL_BETWEEN] = sql_standard_between,
            [SQL_FUNCTION] = sql_standard_function,
        },
    .functions =
        {
            [SQL_COUNT] = sql_standard_count,
            [SQL_SUM] = sql_standard_call,
            [SQL_MIN] = sql_standard_call,
            [SQL_MAX] = sql_standard_call,
            [SQL_DIGITS] = put_digits,
            [SQL_REPEAT] = sql_standard_call,
            [SQL_COALESCE] = sql_standard_call,
        },
};
