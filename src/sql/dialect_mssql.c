/* SPDX-License-Identifier: Apache-2.0 */
/*
 * T-SQL, SQL Server's dialect (its documentation, "Transact-SQL reference"). Rows stand in no order
 * of a key, and locks are taken when they are needed: those wishes it has no words for. A savepoint
 * is never released, and there is no insert that heeds a row in its way: MERGE is several
 * statements to its locks. Columns that are computed are left out as long as the harness cannot see
 * which ones there are.
 */
#include "sql/dialect.h"

static void put_begin(struct sql_writer *writer, const struct sql_statement *statement)
{
    if (statement->begin.isolation == SQL_ISOLATION_SERIALIZABLE)
        sql_put(writer, "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE ");
    sql_put(writer, "BEGIN TRAN");
}

static void put_commit(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "COMMIT TRAN");
}

static void put_rollback(struct sql_writer *writer, const struct sql_statement *statement)
{
    (void)statement;
    sql_put(writer, "ROLLBACK TRAN");
}

static void put_savepoint(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "SAVE TRAN ");
    sql_put(writer, statement->savepoint);
}

static void put_rollback_to(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, "ROLLBACK TRAN ");
    sql_put(writer, statement->savepoint);
}

/* With an order only, as wherever a limit means something. */
static void put_limit(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_put(writer, " OFFSET 0 ROWS FETCH NEXT ");
    sql_put_expression(writer, statement->select.limit, SQL_LOOSE);
    sql_put(writer, " ROWS ONLY");
}

/* OUTPUT stands before WHERE: the clause is written there, and not at the end. */
static void put_output(struct sql_writer *writer, const struct sql_expression *returning,
                       const char *rows)
{
    const char *before = " OUTPUT ";
    for (; returning != NULL; returning = returning->next) {
        sql_put(writer, before);
        sql_put(writer, rows);
        sql_put_expression(writer, returning, SQL_LOOSE);
        before = ",";
    }
}

static void put_update(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_update *update = &statement->update;
    sql_put(writer, "UPDATE ");
    sql_put(writer, update->table);
    sql_put_assignments(writer, update->assignments);
    put_output(writer, update->returning, "inserted.");
    sql_put_where(writer, update->where);
}

static void put_delete(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_delete *delete = &statement->delete;
    sql_put(writer, "DELETE FROM ");
    sql_put(writer, delete->table);
    put_output(writer, delete->returning, "deleted.");
    sql_put_where(writer, delete->where);
}

static void put_insert(struct sql_writer *writer, const struct sql_statement *statement)
{
    const struct sql_insert *insert = &statement->insert;
    if (insert->resolution != SQL_OR_ABORT)
        sql_miss(writer, "INSERT OR");
    if (insert->on_conflict != NULL)
        sql_miss(writer, "ON CONFLICT");
    sql_put(writer, "INSERT INTO ");
    sql_put(writer, insert->table);
    put_output(writer, insert->returning, "inserted.");
    sql_put(writer, " VALUES");
    sql_put_list(writer, insert->rows);
}

static void put_drop_index(struct sql_writer *writer, const struct sql_statement *statement)
{
    sql_standard_drop_index(writer, statement);
    sql_put(writer, " ON ");
    sql_put(writer, statement->index.table);
}

/* Texts are added, too. */
static void put_binary(struct sql_writer *writer, const struct sql_expression *expression)
{
    if (expression->binary.operator!= SQL_CONCATENATE) {
        sql_standard_binary(writer, expression);
        return;
    }
    sql_put_expression(writer, expression->binary.left, SQL_ADDS);
    sql_put(writer, "+");
    sql_put_expression(writer, expression->binary.right, SQL_ADDS);
}

/* A text that may be long: what is made of texts that are not is cut at 8000 bytes. */
static void put_long(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "CAST(");
    sql_put_expression(writer, expression, SQL_LOOSE);
    sql_put(writer, " AS nvarchar(max))");
}

static void put_text(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "N");
    sql_standard_text(writer, expression);
}

static void put_digits(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "RIGHT('00000000'+CAST(");
    sql_put_expression(writer, expression->call.arguments, SQL_LOOSE);
    sql_put(writer, " AS nvarchar(20)),8)");
}

static void put_repeat(struct sql_writer *writer, const struct sql_expression *expression)
{
    sql_put(writer, "REPLICATE(");
    put_long(writer, expression->call.arguments);
    sql_put(writer, ",");
    sql_put_expression(writer, expression->call.arguments->next, SQL_LOOSE);
    sql_put(writer, ")");
}

const struct sql_dialect sql_dialect_mssql = {
    .placeholder = "@p",
    .types = {[SQL_INTEGER] = "int", [SQL_BIGINT] = "bigint", [SQL_STRING] = "nvarchar(max)"},
    .statements =
        {
            [SQL_SELECT] = sql_standard_select,
            [SQL_INSERT] = put_insert,
            [SQL_UPDATE] = put_update,
            [SQL_DELETE] = put_delete,
            [SQL_CREATE_TABLE] = sql_standard_create_table,
            [SQL_DROP_TABLE] = sql_standard_drop_table,
            [SQL_CREATE_INDEX] = sql_standard_create_index,
            [SQL_DROP_INDEX] = put_drop_index,
            [SQL_BEGIN] = put_begin,
            [SQL_COMMIT] = put_commit,
            [SQL_ROLLBACK] = put_rollback,
            [SQL_SAVEPOINT] = put_savepoint,
            [SQL_ROLLBACK_TO] = put_rollback_to,
            [SQL_WORDS] = sql_standard_words,
        },
    .clauses = {[SQL_LIMIT] = put_limit},
    .sources = {[SQL_TABLE] = sql_standard_table},
    .expressions =
        {
            [SQL_NULL] = sql_standard_null,
            [SQL_NUMBER] = sql_standard_number,
            [SQL_TEXT] = put_text,
            [SQL_COLUMN] = sql_standard_column,
            [SQL_ALL_COLUMNS] = sql_standard_all_columns,
            [SQL_ROW] = sql_standard_row,
            [SQL_BINARY] = put_binary,
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
