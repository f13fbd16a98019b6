/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_content.h"

#include "base/text.h"

#include <stdio.h>

enum { COLUMN_TABLE, COLUMN_KEY, COLUMN_VALUE, COLUMN_TEXT };

enum { IS_NAME = -1 }; /* in place of a table's number */

/* The tables that there are, and the rows of those that there should be: under locks that stay, so
 * that all of it is one state. */
static void print_statement(uint32_t tables, struct text *text)
{
    const char *before = "";
    for (int table = 0; table < SUBJECT_TABLES; table++) {
        text_append_format(text,
                           "%sSELECT -1, 0, CAST(0 AS bigint), CAST(N't%d' AS nvarchar(max)) WHERE "
                           "OBJECT_ID(N't%d') IS NOT NULL",
                           before, table, table);
        before = " UNION ALL ";
        if (tables >> table & 1u)
            text_append_format(text, " UNION ALL SELECT %d, k, v, p FROM t%d WITH (HOLDLOCK)",
                               table, table);
    }
}

/* Returns the table that a row of the answer names. */
static uint32_t take(const struct subject_look *look, struct backend_statement *statement,
                     const struct subject_sink *sink)
{
    struct value columns[COLUMN_TEXT + 1];
    for (int i = 0; i <= COLUMN_TEXT; i++)
        look->backend->column(statement, i, &columns[i]);
    if (columns[COLUMN_TABLE].integer != IS_NAME) {
        sink->row(sink->context, (uint32_t)columns[COLUMN_TABLE].integer, columns + COLUMN_KEY);
        return 0;
    }
    const struct value *name = &columns[COLUMN_TEXT];
    sink->object(sink->context, name->text.bytes, name->text.length);
    return subject_table_named(name->text.bytes, name->text.length);
}

/* Returns the tables that there are. */
static uint32_t read_tables(struct subject_look *look, uint32_t tables,
                            const struct subject_sink *sink)
{
    char sql[2048];
    struct text text;
    uint32_t found = 0;
    struct backend_statement *statement = NULL;
    text_init(&text, sql, sizeof sql);
    print_statement(tables, &text);
    look->outcome = look->backend->prepare(look->connection, sql, text.length, &statement);
    if (look->outcome == OUTCOME_OK)
        look->outcome = look->backend->step(statement);
    while (look->outcome == OUTCOME_ROW) {
        found |= take(look, statement, sink);
        look->outcome = look->backend->step(statement);
    }
    if (look->outcome != OUTCOME_OK)
        (void)snprintf(look->message, sizeof look->message, "%s",
                       look->backend->error_message(look->connection));
    if (statement != NULL)
        look->backend->finalize(statement);
    return found;
}

/* A wrong guess at the tables fails or shows in the names, and is put right. */
void mssql_read_content(struct subject_instance *instance, struct subject_look *look,
                        const struct subject_sink *sink)
{
    (void)instance;
    uint32_t guess = sink->tables;
    for (int attempt = 0; attempt < 3; attempt++) {
        sink->begin(sink->context);
        uint32_t found = read_tables(look, guess, sink);
        bool is_wrong =
            look->outcome == OUTCOME_SQL_ERROR || (look->outcome == OUTCOME_OK && found != guess);
        if (!is_wrong)
            return;
        guess = look->outcome == OUTCOME_OK ? found : 0;
    }
}
