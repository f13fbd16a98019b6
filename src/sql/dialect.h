/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the writers of dialects: a dialect is a table of what it can write, with a function for each
 * kind of node; NULL: it has no words for that kind. Kinds that most dialects write alike are in
 * sql/standard.c. sql/dialects.def lists the dialects.
 */
#ifndef SQL_DIALECT_H
#define SQL_DIALECT_H

#include "sql/print.h"

enum sql_clause {
#define CLAUSE(kind, name) SQL_##kind,
#include "sql/nodes.def"
#undef CLAUSE
    SQL_CLAUSES
};

/* From loosely to tightly bound. */
enum sql_precedence { SQL_LOOSE, SQL_COMPARES, SQL_ADDS, SQL_CASTS, SQL_TIGHT };

struct sql_writer {
    const struct sql_dialect *dialect;
    enum sql_parameters parameters;
    struct text *text;
    struct sql_printed printed;
};

typedef void sql_put_statement_fn(struct sql_writer *writer, const struct sql_statement *statement);
typedef void sql_put_expression_fn(struct sql_writer *writer,
                                   const struct sql_expression *expression);

typedef void sql_put_source_fn(struct sql_writer *writer, const struct sql_source *source);

struct sql_dialect {
    const char *placeholder; /* what stands before the number of a parameter */
    bool savepoint_begins;   /* one outside of a transaction begins it */
    const char *types[SQL_TYPES];
    sql_put_statement_fn *statements[SQL_STATEMENT_KINDS];
    sql_put_statement_fn *clauses[SQL_CLAUSES]; /* of a statement that has the clause */
    sql_put_source_fn *sources[SQL_SOURCE_KINDS];
    sql_put_expression_fn *expressions[SQL_EXPRESSION_KINDS];
    sql_put_expression_fn *functions[SQL_FUNCTIONS];
};

/* --- pieces ---------------------------------------------------------------------------------- */

void sql_put(struct sql_writer *writer, const char *piece);
void sql_put_number(struct sql_writer *writer, int64_t number);

/* In parentheses where it binds no tighter than `around`. */
void sql_put_expression(struct sql_writer *writer, const struct sql_expression *expression,
                        enum sql_precedence around);
void sql_put_list(struct sql_writer *writer, const struct sql_expression *list);
void sql_put_assignments(struct sql_writer *writer, const struct sql_assignment *assignments);

/* Nothing where the part is not there. */
void sql_put_where(struct sql_writer *writer, const struct sql_expression *where);

/* Takes note of a part that the dialect cannot write. */
void sql_miss(struct sql_writer *writer, const char *part);

/* --- what most dialects write alike ---------------------------------------------------------- */

sql_put_statement_fn sql_standard_select, sql_standard_insert, sql_standard_update,
    sql_standard_delete, sql_standard_create_table, sql_standard_drop_table,
    sql_standard_create_index, sql_standard_drop_index, sql_standard_add_column,
    sql_standard_drop_column, sql_standard_begin, sql_standard_commit, sql_standard_rollback,
    sql_standard_savepoint, sql_standard_release, sql_standard_rollback_to, sql_standard_words;
/* Not standard, but PostgreSQL's, and then others'. */
sql_put_statement_fn sql_standard_limit, sql_standard_on_conflict, sql_standard_returning;
sql_put_source_fn sql_standard_table;
sql_put_expression_fn sql_standard_null, sql_standard_number, sql_standard_text,
    sql_standard_column, sql_standard_all_columns, sql_standard_excluded, sql_standard_row,
    sql_standard_binary, sql_standard_between, sql_standard_function;
/* For the table of functions: name(argument, ...), and count(*). */
sql_put_expression_fn sql_standard_call, sql_standard_count;

#endif
