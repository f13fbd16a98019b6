/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_content.h"

#include "base/text.h"
#include "sim/look.h"

enum { COLUMN_TABLE, COLUMN_KEY, COLUMN_TEXT = 3 };

enum { IS_NAME = -1, IS_COLUMN = -2 }; /* in place of a table's number */

/* Somebody's database may have other tables, too. */
static const char is_of_plans[] =
    "relname ~ '^(t[0-3]|i[0-3][vp])$' AND pg_table_is_visible(pg_class.oid)";

/*
 * Names, then what computed columns add, where somebody asks, and the rows of each table: one
 * statement, so that it is one state. Of the tables of plans nothing else has a default.
 */
static void print_statement(uint32_t tables, bool with_columns, struct text *text)
{
    text_append_format(text,
                       "SELECT -1, 0::bigint, 0::bigint, relname::text FROM pg_class "
                       "WHERE %s AND relkind IN ('r', 'i', 'p', 'I')",
                       is_of_plans);
    if (with_columns)
        text_append_format(text,
                           " UNION ALL SELECT -2, substring(pg_get_expr(adbin, adrelid) from "
                           "'[0-9]+')::bigint, 0, relname::text FROM pg_attrdef JOIN pg_class ON "
                           "pg_class.oid = adrelid WHERE %s",
                           is_of_plans);
    for (int table = 0; table < SUBJECT_TABLES; table++)
        if (tables >> table & 1u)
            text_append_format(text, " UNION ALL SELECT %d, k, v, p FROM t%d", table, table);
}

/* Returns the table that a row of the answer names. */
static uint32_t take(const struct subject_look *look, struct backend_statement *statement,
                     const struct subject_sink *sink)
{
    const struct backend_ops *backend = look->backend;
    int64_t kind = backend->column_int64(statement, COLUMN_TABLE);
    if (kind >= 0) {
        look_take_row(look, statement, sink, (uint32_t)kind);
        return 0;
    }
    size_t length = 0;
    const char *name = backend->column_text(statement, COLUMN_TEXT, &length);
    uint32_t table = subject_table_named(name, length);
    if (kind == IS_COLUMN && table != 0)
        sink->column(sink->context, (uint32_t)__builtin_ctz(table),
                     backend->column_int64(statement, COLUMN_KEY));
    if (kind != IS_NAME)
        return 0;
    sink->object(sink->context, name, length);
    return table;
}

/* Returns the tables that there are. */
static uint32_t read_tables(struct subject_look *look, uint32_t tables,
                            const struct subject_sink *sink)
{
    char sql[1024];
    struct text text;
    text_init(&text, sql, sizeof sql);
    print_statement(tables, sink->column != NULL, &text);
    uint32_t found = 0;
    struct backend_statement *statement = look_prepare(look, sql);
    while (look_step(look, statement))
        found |= take(look, statement, sink);
    look_finalize(look, statement);
    return found;
}

void postgres_read_content(struct subject_instance *instance, struct subject_look *look,
                           const struct subject_sink *sink)
{
    (void)instance;
    look_guess_and_read(look, sink, read_tables);
}
