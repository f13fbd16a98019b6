/* SPDX-License-Identifier: Apache-2.0 */
#include "mssql/mssql_content.h"

#include "base/text.h"
#include "sim/look.h"

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
    text_init(&text, sql, sizeof sql);
    print_statement(tables, &text);
    uint32_t found = 0;
    struct backend_statement *statement = look_prepare(look, sql);
    while (look_step(look, statement))
        found |= take(look, statement, sink);
    look_finalize(look, statement);
    return found;
}

void mssql_read_content(struct subject_instance *instance, struct subject_look *look,
                        const struct subject_sink *sink)
{
    (void)instance;
    look_guess_and_read(look, sink, read_tables);
}
