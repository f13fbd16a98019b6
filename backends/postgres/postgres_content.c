/* SPDX-License-Identifier: Apache-2.0 */
#include "postgres/postgres_content.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { COLUMN_TABLE, COLUMN_KEY, COLUMN_VALUE, COLUMN_TEXT };

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
    int64_t table = backend->column_int64(statement, COLUMN_TABLE);
    size_t length = 0;
    const char *text = backend->column_is_null(statement, COLUMN_TEXT)
                           ? NULL
                           : backend->column_text(statement, COLUMN_TEXT, &length);
    if (table == IS_COLUMN && subject_table_named(text, length) != 0)
        sink->column(sink->context, (uint32_t)__builtin_ctz(subject_table_named(text, length)),
                     backend->column_int64(statement, COLUMN_KEY));
    if (table == IS_NAME) {
        sink->object(sink->context, text, length);
        return subject_table_named(text, length);
    }
    if (table < 0)
        return 0;
    const struct value columns[SUBJECT_COLUMNS] = {
        value_integer(backend->column_int64(statement, COLUMN_KEY)),
        value_integer(backend->column_int64(statement, COLUMN_VALUE)),
        text == NULL ? (struct value){.kind = VALUE_NULL} : value_text(text, length)};
    sink->row(sink->context, (uint32_t)table, columns);
    return 0;
}

/* Returns the tables that there are. */
static uint32_t read_tables(struct subject_look *look, uint32_t tables,
                            const struct subject_sink *sink)
{
    char sql[1024];
    struct text text;
    uint32_t found = 0;
    struct backend_statement *statement = NULL;
    text_init(&text, sql, sizeof sql);
    print_statement(tables, sink->column != NULL, &text);
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
void postgres_read_content(struct subject_instance *instance, struct subject_look *look,
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
