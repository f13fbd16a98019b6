/* SPDX-License-Identifier: Apache-2.0 */
/* What most dialects write alike. */
#include "sql/dialect.h"

#include <string.h>

/* --- pieces ---------------------------------------------------------------------------------- */

void sql_put(struct sql_writer *writer, const char *piece)
{
    text_append(writer->text, piece);
}

void sql_put_number(struct sql_writer *writer, int64_t number)
{
    text_append_number(writer->text, number);
}

void sql_miss(struct sql_writer *writer, const char *part)
{
    if (writer->printed.missing == NULL)
        writer->printed.missing = part;
}

static void put_placeholder(struct sql_writer *writer, uint32_t number)
{
    sql_put(writer, writer->dialect->placeholder);
    sql_put_number(writer, number);
    if (writer->printed.placeholders < number)
        writer->printed.placeholders = number;
}

/* --- expressions ----------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum sql_precedence precedence;
} operators[] = {
#define OPERATOR(kind, word, precedence) {word, precedence},
#include "sql/nodes.def"
#undef OPERATOR
};

static const char *const function_names[] = {
#define FUNCTION(kind, name) name,
#include "sql/nodes.def"
#undef FUNCTION
};

static enum sql_precedence precedence_of(const struct sql_expression *expression)
{
    if (expression->kind == SQL_BINARY)
        return operators[expression->binary.operator].precedence;
    if (expression->kind == SQL_BETWEEN)
        return SQL_COMPARES;
    if (expression->kind == SQL_NUMBER && expression->number < 0)
        return SQL_ADDS; /* its sign is an operator */
    return SQL_TIGHT;
}

static void put_value(struct sql_writer *writer, const struct sql_expression *expression,
                      enum sql_precedence around)
{
    static const char *const names[] = {
#define EXPRESSION(kind, name) name,
#include "sql/nodes.def"
#undef EXPRESSION
    };
    sql_put_expression_fn *put = writer->dialect->expressions[expression->kind];
    bool needs_parentheses = precedence_of(expression) <= around;
    if (put == NULL) {
        sql_miss(writer, names[expression->kind]);
        return;
    }
    if (needs_parentheses)
        sql_put(writer, "(");
    put(writer, expression);
    if (needs_parentheses)
        sql_put(writer, ")");
}

void sql_put_expression(struct sql_writer *writer, const struct sql_expression *expression,
                        enum sql_precedence around)
{
    if (expression->parameter == 0 || writer->parameters == SQL_AS_VALUES)
        put_value(writer, expression, around);
    else if (writer->parameters == SQL_AS_PLACEHOLDERS)
        put_placeholder(writer, expression->parameter);
    else if (expression->kind == SQL_NUMBER)
        put_value(writer, expression, around);
    else
        put_placeholder(writer, writer->printed.placeholders + 1);
}

void sql_put_list(struct sql_writer *writer, const struct sql_expression *list)
{
    for (const struct sql_expression *item = list; item != NULL; item = item->next) {
        if (item != list)
            sql_put(writer, ",");
        sql_put_expression(writer, item, SQL_LOOSE);
    }
}

void sql_standard_null(struct sql_writer *writer, const struct sql_expression *expression)
{
    (void)expression;
    sql_put(writer, "NULL");
}

void sql_standard_number(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put_number(writer, expression->number);
}

void sql_standard_text(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "'");
    for (const char *rest = expression->text; *rest != '\0'; rest++) {
        const char letter[] = {*rest, '\0'};
        sql_put(writer, *rest == '\'' ? "''" : letter);
    }
    sql_put(writer, "'");
}

void sql_standard_column(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, expression->column);
}

void sql_standard_all_columns(struct sql_writer *writer, const struct sql_expression *expression)
{
    (void)expression;
    sql_put(writer, "*");
}

void sql_standard_excluded(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "excluded.");
    sql_put(writer, expression->column);
}

void sql_standard_row(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "(");
    sql_put_list(writer, expression->values);
    sql_put(writer, ")");
}

void sql_standard_binary(struct sql_writer *writer, const struct sql_expression *expression)
{
    enum sql_precedence precedence = operators[expression->binary.operator].precedence;
    sql_put_expression(writer, expression->binary.left, precedence);
    sql_put(writer, operators[expression->binary.operator].word);
    sql_put_expression(writer, expression->binary.right, precedence);
}

void sql_standard_between(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put_expression(writer, expression->between.value, SQL_COMPARES);
    sql_put(writer, " BETWEEN ");
    sql_put_expression(writer, expression->between.low, SQL_COMPARES);
    sql_put(writer, " AND ");
    sql_put_expression(writer, expression->between.high, SQL_COMPARES);
}

void sql_standard_function(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put_expression_fn *put = writer->dialect->functions[expression->call.function];
    if (put == NULL)
        sql_miss(writer, function_names[expression->call.function]);
    else
        put(writer, expression);
}

void sql_standard_call(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, function_names[expression->call.function]);
    sql_put(writer, "(");
    sql_put_list(writer, expression->call.arguments);
    sql_put(writer, ")");
}

void sql_standard_count(struct sql_writer *writer, const struct sql_expression *expression)
{
    (void)expression;
    sql_put(writer, "count(*)");
}

/* --- clauses --------------------------------------------------------------------------------- */

static void put_clause(struct sql_writer *writer, enum sql_clause clause,
                       const struct sql_statement *statement)
{
    static const char *const names[] = {
#define CLAUSE(kind, name) name,
#include "sql/nodes.def"
#undef CLAUSE
    };
    if (writer->dialect->clauses[clause] == NULL)
        sql_miss(writer, names[clause]);
    else
        writer->dialect->clauses[clause](writer, statement);
}

static void put_source(struct sql_writer *writer, const struct sql_source *source)
{
    static const char *const names[] = {
#define SOURCE(kind, name) name,
#include "sql/nodes.def"
#undef SOURCE
    };
    sql_put_source_fn *put = writer->dialect->sources[source->kind];
    sql_put(writer, " FROM ");
    if (put == NULL)
        sql_miss(writer, names[source->kind]);
    else
        put(writer, source);
}

void sql_standard_table(struct sql_writer *writer, const struct sql_source *source)
{
    sql_put(writer, source->table);
}

void sql_put_where(struct sql_writer *writer, const struct sql_expression *where)
{
    if (where == NULL)
        return;
    sql_put(writer, " WHERE ");
    sql_put_expression(writer, where, SQL_LOOSE);
}

void sql_put_assignments(struct sql_writer *writer, const struct sql_assignment *assignments)
{
    const char *before = " SET ";
    for (; assignments != NULL; assignments = assignments->next) {
        sql_put(writer, before);
        sql_put(writer, assignments->column);
        sql_put(writer, "=");
        sql_put_expression(writer, assignments->value, SQL_LOOSE);
        before = ",";
    }
}

static void put_order(struct sql_writer *writer, const struct sql_order *order)
{
    const char *before = " ORDER BY ";
    for (; order != NULL; order = order->next) {
        sql_put(writer, before);
        sql_put_expression(writer, order->by, SQL_LOOSE);
        if (order->is_descending)
            sql_put(writer, " DESC");
        before = ",";
    }
}

void sql_standard_limit(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, " LIMIT ");
    sql_put_expression(writer, statement->select.limit, SQL_LOOSE);
}

void sql_standard_on_conflict(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, " ON CONFLICT(");
    sql_put(writer, statement->insert.on_conflict->key);
    sql_put(writer, ") DO UPDATE");
    sql_put_assignments(writer, statement->insert.on_conflict->assignments);
}

void sql_standard_returning(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, " RETURNING ");
    sql_put_list(writer, sql_result_columns(statement));
}

/* --- statements ------------------------------------------------------------------------------ */

void sql_standard_select(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_select *select = &statement->select;
    sql_put(writer, "SELECT ");
    sql_put_list(writer, select->columns);
    put_source(writer, select->from);
    sql_put_where(writer, select->where);
    put_order(writer, select->order);
    if (select->limit != NULL)
        put_clause(writer, SQL_LIMIT, statement);
}

void sql_standard_insert(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_insert *insert = &statement->insert;
    sql_put(writer, "INSERT ");
    if (insert->resolution != SQL_OR_ABORT)
        put_clause(writer, SQL_RESOLUTION, statement);
    sql_put(writer, "INTO ");
    sql_put(writer, insert->table);
    sql_put(writer, " VALUES");
    sql_put_list(writer, insert->rows);
    if (insert->on_conflict != NULL)
        put_clause(writer, SQL_ON_CONFLICT, statement);
    if (insert->returning != NULL)
        put_clause(writer, SQL_RETURNING, statement);
}

void sql_standard_update(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_update *update = &statement->update;
    sql_put(writer, "UPDATE ");
    sql_put(writer, update->table);
    sql_put_assignments(writer, update->assignments);
    sql_put_where(writer, update->where);
    if (update->returning != NULL)
        put_clause(writer, SQL_RETURNING, statement);
}

void sql_standard_delete(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_delete *delete = &statement->delete;
    sql_put(writer, "DELETE FROM ");
    sql_put(writer, delete->table);
    sql_put_where(writer, delete->where);
    if (delete->returning != NULL)
        put_clause(writer, SQL_RETURNING, statement);
}

static void put_column_definition(struct sql_writer *writer,
                                  const struct sql_column_definition *column)
{
    sql_put(writer, column->name);
    sql_put(writer, " ");
    sql_put(writer, writer->dialect->types[column->type]);
    if (column->is_primary_key)
        sql_put(writer, " PRIMARY KEY");
}

void sql_standard_create_table(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_create_table *create = &statement->create_table;
    sql_put(writer, "CREATE TABLE ");
    sql_put(writer, create->table);
    const char *before = "(";
    for (const struct sql_column_definition *column = create->columns; column != NULL;
         column = column->next) {
        sql_put(writer, before);
        put_column_definition(writer, column);
        before = ", ";
    }
    sql_put(writer, ")");
}

void sql_standard_drop_table(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "DROP TABLE ");
    sql_put(writer, statement->table);
}

void sql_standard_create_index(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "CREATE INDEX ");
    sql_put(writer, statement->index.index);
    sql_put(writer, " ON ");
    sql_put(writer, statement->index.table);
    sql_put(writer, "(");
    sql_put(writer, statement->index.column);
    sql_put(writer, ")");
}

void sql_standard_drop_index(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "DROP INDEX ");
    sql_put(writer, statement->index.index);
}

void sql_standard_add_column(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_add_column *add = &statement->add_column;
    sql_put(writer, "ALTER TABLE ");
    sql_put(writer, add->table);
    sql_put(writer, " ADD COLUMN ");
    sql_put(writer, add->column);
    sql_put(writer, " ");
    sql_put(writer, writer->dialect->types[add->type]);
    sql_put(writer, " GENERATED ALWAYS AS (");
    sql_put_expression(writer, add->value, SQL_LOOSE);
    sql_put(writer, ")");
}

void sql_standard_drop_column(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "ALTER TABLE ");
    sql_put(writer, statement->drop_column.table);
    sql_put(writer, " DROP COLUMN ");
    sql_put(writer, statement->drop_column.column);
}

void sql_standard_begin(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "BEGIN");
}

void sql_standard_commit(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "COMMIT");
}

void sql_standard_rollback(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "ROLLBACK");
}

void sql_standard_savepoint(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "SAVEPOINT ");
    sql_put(writer, statement->savepoint);
}

void sql_standard_release(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "RELEASE ");
    sql_put(writer, statement->savepoint);
}

void sql_standard_rollback_to(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "ROLLBACK TO ");
    sql_put(writer, statement->savepoint);
}

void sql_standard_words(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, statement->words);
}
