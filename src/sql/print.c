/* SPDX-License-Identifier: Apache-2.0 */
/* The dialects there are, and the way into each. */
#include "sql/dialect.h"

#define DIALECT(NAME, name) extern const struct sql_dialect sql_dialect_##name;
#include "sql/dialects.def"
#undef DIALECT

static const struct sql_dialect *const dialects[DIALECT_COUNT] = {
#define DIALECT(NAME, name) [DIALECT_##NAME] = &sql_dialect_##name,
#include "sql/dialects.def"
#undef DIALECT
};

static const char *const statement_names[] = {
#define STATEMENT(kind, name) name,
#include "sql/nodes.def"
#undef STATEMENT
};

bool sql_has_dialect(enum dialect dialect)
{
    return dialects[dialect] != NULL;
}

bool sql_savepoint_begins(enum dialect dialect)
{
    return dialects[dialect]->savepoint_begins;
}

struct sql_printed sql_print(const struct sql_statement *statement, enum dialect dialect,
                             enum sql_parameters parameters, struct text *text)
{
    struct sql_writer writer = {
        .dialect = dialects[dialect], .parameters = parameters, .text = text};
    sql_put_statement_fn *put =
        writer.dialect == NULL ? NULL : writer.dialect->statements[statement->kind];
    if (put == NULL)
        sql_miss(&writer, statement_names[statement->kind]);
    else
        put(&writer, statement);
    return writer.printed;
}
