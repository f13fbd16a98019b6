/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said of a statement by looking at its tree. */
#include "sql/tree.h"

static uint32_t length(const struct sql_expression *list)
{
    uint32_t count = 0;
    for (; list != NULL && list->kind != SQL_ALL_COLUMNS; list = list->next)
        count++;
    return count;
}

const struct sql_expression *sql_result_columns(const struct sql_statement *statement)
{
    if (statement->kind == SQL_SELECT)
        return statement->select.columns;
    if (statement->kind == SQL_INSERT)
        return statement->insert.returning;
    if (statement->kind == SQL_UPDATE)
        return statement->update.returning;
    return statement->kind == SQL_DELETE ? statement->delete.returning : NULL;
}

uint32_t sql_column_count(const struct sql_statement *statement)
{
    return length(sql_result_columns(statement));
}

bool sql_is_write(const struct sql_statement *statement)
{
    return statement->kind == SQL_INSERT || statement->kind == SQL_UPDATE ||
           statement->kind == SQL_DELETE;
}
