/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a backend without a database understands: the first word of a statement, and of one that is
 * kept prepared how many rows it is to return.
 */
#include "sql/dialect.h"

static void put_read(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "SELECT");
    if (writer->parameters != SQL_AS_PLACEHOLDERS)
        return;
    sql_put(writer, " ?1");
    writer->printed.placeholders = 1;
}

static void put_write(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "UPDATE");
}

static void put_alter(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "ALTER");
}

const struct sql_dialect sql_dialect_none = {
    .statements =
        {
            [SQL_SELECT] = put_read,
            [SQL_INSERT] = put_write,
            [SQL_UPDATE] = put_write,
            [SQL_DELETE] = put_write,
            [SQL_CREATE_TABLE] = sql_standard_create_table,
            [SQL_DROP_TABLE] = sql_standard_drop_table,
            [SQL_CREATE_INDEX] = sql_standard_create_index,
            [SQL_DROP_INDEX] = sql_standard_drop_index,
            [SQL_ADD_COLUMN] = put_alter,
            [SQL_DROP_COLUMN] = put_alter,
            [SQL_BEGIN] = sql_standard_begin,
            [SQL_COMMIT] = sql_standard_commit,
            [SQL_ROLLBACK] = sql_standard_rollback,
            [SQL_WORDS] = sql_standard_words,
        },
    .types = {[SQL_INTEGER] = "INTEGER", [SQL_BIGINT] = "INTEGER", [SQL_STRING] = "TEXT"},
};
