/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite's dialect (https://www.sqlite.org/lang.html). */
#include "sql/dialect.h"

static void put_create_table(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_standard_create_table(writer, statement);
    if (statement->create_table.is_clustered)
        sql_put(writer, " WITHOUT ROWID");
}

/* Every transaction is serializable. */
static void put_begin(struct sql_writer *writer, const struct sql_statement *statement)
{
    static const char *const words[] = {
        [SQL_LOCK_WHEN_NEEDED] = "BEGIN",
        [SQL_LOCK_AT_ONCE] = "BEGIN IMMEDIATE",
        [SQL_LOCK_READERS_OUT] = "BEGIN EXCLUSIVE",
    };
    sql_put(writer, words[statement->begin.lock]);
}

static void put_resolution(struct sql_writer *writer, const struct sql_statement *statement)
{
    static const char *const words[] = {[SQL_OR_ABORT] = "OR ABORT ",
                                        [SQL_OR_FAIL] = "OR FAIL ",
                                        [SQL_OR_IGNORE] = "OR IGNORE ",
                                        [SQL_OR_REPLACE] = "OR REPLACE "};
    sql_put(writer, words[statement->insert.resolution]);
}

static void put_digits(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "printf('%08d',");
    sql_put_list(writer, expression->call.arguments);
    sql_put(writer, ")");
}

/* There is no function for it, but a blob of zeros in hexadecimal digits has so many "00". */
static void put_repeat(struct sql_writer *writer, const struct sql_expression *expression)
{
    const struct sql_expression *text = expression->call.arguments;
    sql_put(writer, "replace(hex(zeroblob(");
    sql_put_expression(writer, text->next, SQL_LOOSE);
    sql_put(writer, ")),'00',");
    sql_put_expression(writer, text, SQL_LOOSE);
    sql_put(writer, ")");
}

const struct sql_dialect sql_dialect_sqlite = {
    .placeholder = "?",
    .savepoint_begins = true,
    .types = {[SQL_INTEGER] = "INTEGER", [SQL_BIGINT] = "INTEGER", [SQL_STRING] = "TEXT"},
    .statements =
        {
            [SQL_SELECT] = sql_standard_select,
            [SQL_INSERT] = sql_standard_insert,
            [SQL_UPDATE] = sql_standard_update,
            [SQL_DELETE] = sql_standard_delete,
            [SQL_CREATE_TABLE] = put_create_table,
            [SQL_DROP_TABLE] = sql_standard_drop_table,
            [SQL_CREATE_INDEX] = sql_standard_create_index,
            [SQL_DROP_INDEX] = sql_standard_drop_index,
            [SQL_ADD_COLUMN] = sql_standard_add_column,
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
            [SQL_RESOLUTION] = put_resolution,
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
            [SQL_REPEAT] = put_repeat,
            [SQL_COALESCE] = sql_standard_call,
        },
};
