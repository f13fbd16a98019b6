/* SPDX-License-Identifier: Apache-2.0 */
/* Statements before they run: their text, and what is bound to them. */
#include "mssql/mssql_connection.h"

#include <stdlib.h>
#include <string.h>

/* --- preparing -------------------------------------------------------------------------------- */

static void clear_parameters(struct backend_statement *statement)
{
    for (int i = 0; i < statement->text.parameter_count; i++) {
        free(statement->parameters[i].bytes);
        statement->parameters[i] = (struct mssql_parameter){.value.kind = VALUE_NULL};
    }
}

static void release(struct backend_statement *statement)
{
    if (statement->parameters != NULL)
        clear_parameters(statement);
    free(statement->parameters);
    free(statement->sql);
    free(statement);
}

static struct backend_statement *new_statement(struct backend_connection *connection,
                                               const char *sql, size_t length)
{
    struct backend_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return NULL;
    statement->connection = connection;
    statement->column_count = -1;
    statement->sql_length = length;
    statement->sql = malloc(length + 1);
    if (statement->sql == NULL) {
        release(statement);
        return NULL;
    }
    memcpy(statement->sql, sql, length);
    statement->sql[length] = '\0';
    statement->text = mssql_read_text(statement->sql);
    statement->parameters =
        calloc((size_t)statement->text.parameter_count + 1, sizeof *statement->parameters);
    if (statement->parameters != NULL)
        return statement;
    release(statement);
    return NULL;
}

/* Nothing is asked of the server: a plan is made, and kept, when the text is sent. */
enum outcome mssql_prepare(struct backend_connection *connection, const char *sql, size_t length,
                           struct backend_statement **ret_statement)
{
    mssql_cancel_forget(connection); /* that was for a call that is over */
    connection->failure.outcome = OUTCOME_OK;
    if (connection->is_dead)
        return mssql_refuse(connection, OUTCOME_DIED, 0, "the connection is gone");
    struct backend_statement *statement = new_statement(connection, sql, length);
    if (statement == NULL)
        return mssql_refuse(connection, OUTCOME_NO_MEMORY, 0, "out of memory");
    if (statement->text.is_empty) {
        release(statement);
        return mssql_refuse(connection, OUTCOME_SQL_ERROR, 102, "no statement");
    }
    connection->statements++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

/* --- parameters ------------------------------------------------------------------------------- */

static bool has_bytes(const struct value *value)
{
    return value->kind == VALUE_TEXT || value->kind == VALUE_BLOB;
}

enum outcome mssql_bind(struct backend_statement *statement, int parameter,
                        const struct value *value)
{
    struct mssql_parameter next = {.value = *value};
    statement->connection->failure.outcome = OUTCOME_OK;
    if (parameter < 1 || parameter > statement->text.parameter_count)
        return mssql_refuse(statement->connection, OUTCOME_SQL_ERROR, 137, "no such parameter");
    if (has_bytes(value)) {
        next.bytes = malloc(value->text.length + 1);
        if (next.bytes == NULL)
            return mssql_refuse(statement->connection, OUTCOME_NO_MEMORY, 0, "out of memory");
        if (value->text.length > 0)
            memcpy(next.bytes, value->text.bytes, value->text.length);
        next.value.text.bytes = next.bytes;
    }
    free(statement->parameters[parameter - 1].bytes);
    statement->parameters[parameter - 1] = next;
    return OUTCOME_OK;
}

/* --- ending ----------------------------------------------------------------------------------- */

static void end(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    mssql_end_run(statement);
    if (connection->on_statement != NULL) {
        const struct backend_told told = {.sql = statement->sql, .effects = statement->effects};
        connection->on_statement(connection->context, &told);
    }
    mssql_cancel_forget(connection);
}

void mssql_reset(struct backend_statement *statement)
{
    end(statement);
    clear_parameters(statement);
    statement->has_begun = statement->is_over = false;
    statement->effects = 0;
}

void mssql_finalize(struct backend_statement *statement)
{
    end(statement);
    statement->connection->statements--;
    release(statement);
}
