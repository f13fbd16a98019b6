/* SPDX-License-Identifier: Apache-2.0 */
/* Statements before they run: their text, their name on the server, what is bound to them. */
#include "postgres/postgres_connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- names on the server ---------------------------------------------------------------------- */

void postgres_name(const struct backend_statement *statement, char ret_name[POSTGRES_NAME_BYTES])
{
    (void)snprintf(ret_name, POSTGRES_NAME_BYTES, "s%" PRIu64, statement->name);
}

/*
 * Not when they are finalized: in a transaction that has failed DEALLOCATE would fail, too, and who
 * finalizes should not have to wait.
 */
static void deallocate_dropped(struct backend_connection *connection)
{
    char sql[POSTGRES_DROPPED_MAX * 40] = "";
    if (connection->dropped_count < POSTGRES_DROPPED_MAX || connection->has_failed)
        return;
    size_t length = 0;
    for (uint32_t i = 0; i < connection->dropped_count; i++)
        length += (size_t)snprintf(sql + length, sizeof sql - length, "DEALLOCATE s%" PRIu64 ";",
                                   connection->dropped[i]);
    connection->dropped_count = 0;
    (void)postgres_run_text(connection, sql);
}

/* Those that find no room stay until the session ends. */
static void drop_name(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    if (statement->name != 0 && connection->dropped_count < POSTGRES_DROPPED_MAX)
        connection->dropped[connection->dropped_count++] = statement->name;
}

/* --- asking the server ------------------------------------------------------------------------ */

static enum outcome take(struct backend_connection *connection, PGresult *result,
                         PGresult **ret_result)
{
    postgres_cancel_answered(&connection->cancel);
    bool is_fine = PQresultStatus(result) == PGRES_COMMAND_OK;
    enum outcome outcome = is_fine ? OUTCOME_OK : postgres_failed(connection, result);
    if (PQstatus(connection->pg) != CONNECTION_OK)
        outcome = postgres_lost(connection, false);
    if (outcome == OUTCOME_OK && ret_result != NULL)
        *ret_result = result;
    else
        PQclear(result);
    return outcome;
}

static enum outcome take_description(struct backend_statement *statement, const PGresult *result)
{
    int count = PQnparams(result);
    if (count > statement->text.parameter_count)
        return postgres_refuse(statement->connection, OUTCOME_MISUSE, "42P02",
                               "the server counts other parameters");
    statement->column_count = PQnfields(result);
    statement->types = calloc((size_t)statement->text.parameter_count + 1, sizeof(Oid));
    if (statement->types == NULL)
        return postgres_refuse(statement->connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    for (int i = 0; i < count; i++)
        statement->types[i] = PQparamtype(result, i);
    return OUTCOME_OK;
}

static enum outcome describe(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    char name[POSTGRES_NAME_BYTES];
    postgres_name(statement, name);
    PGresult *description = NULL;
    enum outcome outcome =
        take(connection, PQprepare(connection->pg, name, statement->sql, 0, NULL), NULL);
    if (outcome != OUTCOME_OK) {
        statement->name = 0; /* the server has none */
        return outcome;
    }
    outcome = take(connection, PQdescribePrepared(connection->pg, name), &description);
    if (outcome == OUTCOME_OK)
        outcome = take_description(statement, description);
    PQclear(description);
    return outcome;
}

/* What a failure makes of the transaction it is in. */
static void note_failure(struct backend_connection *connection)
{
    if (!connection->is_dead)
        connection->has_failed = PQtransactionStatus(connection->pg) == PQTRANS_INERROR;
}

static enum outcome prepare_on_server(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    deallocate_dropped(connection);
    enum outcome outcome = postgres_begin_exchange(connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    statement->name = ++connection->names;
    outcome = describe(statement);
    postgres_end_exchange(connection);
    if (outcome != OUTCOME_OK)
        note_failure(connection);
    return outcome;
}

/* --- preparing -------------------------------------------------------------------------------- */

static void release(struct backend_statement *statement)
{
    for (int i = 0; statement->parameters != NULL && i < statement->text.parameter_count; i++)
        free(statement->parameters[i].bytes);
    free(statement->parameters);
    free(statement->types);
    free(statement->sql);
    free(statement);
}

static enum outcome refuse_text(struct backend_connection *connection,
                                const struct postgres_text *text)
{
    if (text->is_empty)
        return postgres_refuse(connection, OUTCOME_SQL_ERROR, "42601", "no statement");
    if (text->has_more)
        return postgres_refuse(connection, OUTCOME_SQL_ERROR, "42601", "more than one statement");
    if (text->parameter_count > UINT16_MAX)
        return postgres_refuse(connection, OUTCOME_SQL_ERROR, "54023", "too many parameters");
    return OUTCOME_OK;
}

static struct backend_statement *new_statement(struct backend_connection *connection,
                                               const char *sql, size_t length)
{
    struct backend_statement *statement = calloc(1, sizeof *statement);
    if (statement == NULL)
        return NULL;
    statement->connection = connection;
    statement->column_count = -1;
    statement->sql = malloc(length + 1);
    if (statement->sql == NULL) {
        release(statement);
        return NULL;
    }
    memcpy(statement->sql, sql, length);
    statement->sql[length] = '\0';
    statement->text = postgres_read_text(statement->sql);
    return statement;
}

/* What ends a transaction has to work in one that has failed, and nobody gains by its plan. */
static bool has_name(const struct backend_statement *statement)
{
    return statement->connection->parameters.protocol == POSTGRES_PREPARED &&
           statement->text.word >= POSTGRES_WORD_close;
}

static enum outcome complete(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome = refuse_text(connection, &statement->text);
    if (outcome != OUTCOME_OK)
        return outcome;
    statement->parameters =
        calloc((size_t)statement->text.parameter_count + 1, sizeof *statement->parameters);
    if (statement->parameters == NULL)
        return postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    return has_name(statement) ? prepare_on_server(statement) : OUTCOME_OK;
}

enum outcome postgres_prepare(struct backend_connection *connection, const char *sql, size_t length,
                              struct backend_statement **ret_statement)
{
    postgres_cancel_forget(&connection->cancel); /* that was for a call that is over */
    if (connection->is_dead)
        return postgres_refuse(connection, OUTCOME_DIED, "08003", "the connection is gone");
    struct backend_statement *statement = new_statement(connection, sql, length);
    if (statement == NULL)
        return postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    enum outcome outcome = complete(statement);
    if (outcome != OUTCOME_OK) {
        drop_name(statement);
        release(statement);
        postgres_cancel_forget(&connection->cancel);
        return outcome;
    }
    connection->statements++;
    *ret_statement = statement;
    return OUTCOME_OK;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* As text, but for what is no text. NULL: no memory. */
static char *copy_value(const struct value *value, size_t *ret_length)
{
    char number[32];
    const char *bytes = number;
    size_t length;
    if (value->kind == VALUE_INTEGER || value->kind == VALUE_REAL) {
        length = postgres_number_text(value, number, sizeof number);
    } else {
        bytes = value->text.bytes;
        length = value->text.length;
    }
    char *copy = malloc(length + 1);
    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    *ret_length = length;
    return copy;
}

/* libpq would send what is before the zero, and not say so. */
static bool has_zero(const struct value *value)
{
    return value->kind == VALUE_TEXT && value->text.length > 0 &&
           memchr(value->text.bytes, '\0', value->text.length) != NULL;
}

enum outcome postgres_bind(struct backend_statement *statement, int parameter,
                           const struct value *value)
{
    struct backend_connection *connection = statement->connection;
    if (parameter < 1 || parameter > statement->text.parameter_count)
        return postgres_refuse(connection, OUTCOME_SQL_ERROR, "42P02", "no such parameter");
    if (has_zero(value))
        return postgres_refuse(connection, OUTCOME_CONSTRAINT, "22021",
                               "a text cannot hold the character 0");
    struct postgres_parameter *bound = &statement->parameters[parameter - 1];
    struct postgres_parameter next = {.kind = value->kind};
    if (value->kind == VALUE_INTEGER)
        next.integer = value->integer;
    if (value->kind != VALUE_NULL && (next.bytes = copy_value(value, &next.length)) == NULL)
        return postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    free(bound->bytes);
    *bound = next;
    return OUTCOME_OK;
}

/* --- ending ----------------------------------------------------------------------------------- */

static void end(struct backend_statement *statement)
{
    postgres_end_run(statement);
    if (statement->connection->on_statement != NULL)
        postgres_tell_statement(statement);
    postgres_cancel_forget(&statement->connection->cancel);
}

void postgres_reset(struct backend_statement *statement)
{
    end(statement);
    for (int i = 0; i < statement->text.parameter_count; i++) {
        free(statement->parameters[i].bytes);
        statement->parameters[i] = (struct postgres_parameter){.kind = VALUE_NULL};
    }
    statement->has_begun = statement->is_over = statement->says_rollback = false;
    statement->effects = 0;
}

void postgres_finalize(struct backend_statement *statement)
{
    end(statement);
    drop_name(statement);
    statement->connection->statements--;
    release(statement);
}
