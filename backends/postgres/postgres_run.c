/* SPDX-License-Identifier: Apache-2.0 */
/* A statement from its first step to its end, and what that end makes of the connection. */
#include "postgres/postgres_connection.h"
#include "postgres/postgres_types.h"

#include <stdlib.h>
#include <string.h>

/* --- rows ------------------------------------------------------------------------------------- */

static enum outcome keep_rows(struct backend_statement *statement, PGresult *result)
{
    struct postgres_rows *rows = malloc(sizeof *rows);
    if (rows == NULL) {
        PQclear(result);
        return postgres_refuse(statement->connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    }
    *rows = (struct postgres_rows){.result = result};
    if (statement->first == NULL)
        statement->first = rows;
    else
        statement->last->next = rows;
    statement->last = rows;
    return OUTCOME_OK;
}

static void drop_first(struct backend_statement *statement)
{
    struct postgres_rows *rows = statement->first;
    statement->first = rows->next;
    PQclear(rows->result);
    free(rows);
}

/* True: there is another row in memory, which is the one at hand from now on. */
static bool next_row(struct backend_statement *statement)
{
    postgres_forget_scratch(statement);
    if (statement->first == NULL)
        return false;
    if (++statement->row < PQntuples(statement->first->result))
        return true;
    drop_first(statement);
    statement->row = 0;
    return statement->first != NULL;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* It may have been done although its answer was lost. */
static bool may_have_committed(const struct backend_statement *statement)
{
    return statement->text.ends_transaction ||
           (statement->was_outside && !statement->text.is_read_only);
}

static bool has_committed(const struct backend_connection *connection,
                          const struct backend_statement *statement)
{
    if (statement->end != OUTCOME_OK)
        return false;
    if (statement->text.prepares)
        return false;
    if (statement->was_outside)
        return !connection->in_transaction && (statement->effects & BACKEND_WROTE) != 0;
    return statement->text.ends_transaction && connection->has_written;
}

/* After the last answer. */
static void follow_transaction(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    PGTransactionStatusType status = PQtransactionStatus(connection->pg);
    connection->in_transaction = status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
    connection->has_failed = status == PQTRANS_INERROR;
    bool commits = has_committed(connection, statement);
    if (!connection->in_transaction || statement->text.ends_transaction)
        connection->has_written = false;
    else if ((statement->effects & BACKEND_WROTE) != 0)
        connection->has_written = true;
    if (commits && connection->on_commit_point != NULL)
        connection->on_commit_point(connection->context);
}

/*
 * COMMIT in a transaction that has failed is no error, and commits nothing. Nor is preparing none.
 */
static void look_at_tag(struct backend_statement *statement)
{
    if (statement->end != OUTCOME_OK || !statement->text.ends_transaction ||
        !statement->says_rollback)
        return;
    if (statement->text.prepares && statement->was_outside)
        statement->end = postgres_refuse(statement->connection, OUTCOME_SQL_ERROR, "25P01",
                                         "there is no transaction to prepare");
    else
        statement->end = postgres_refuse(statement->connection, OUTCOME_ROLLED_BACK, "25P02",
                                         "the transaction had failed, and was rolled back");
}

static void finish(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    statement->is_over = true;
    connection->running = NULL;
    postgres_end_exchange(connection);
    if (PQstatus(connection->pg) != CONNECTION_OK) {
        statement->end = postgres_lost(connection, may_have_committed(statement));
        return;
    }
    if (statement->end == OUTCOME_OK)
        statement->effects = postgres_effects(&statement->text, connection->changes);
    look_at_tag(statement);
    follow_transaction(statement);
}

/* --- answers ---------------------------------------------------------------------------------- */

static bool begins(const char *text, const char *word)
{
    return strncmp(text, word, strlen(word)) == 0;
}

/* Its command tag. */
static void take_tag(struct backend_statement *statement, PGresult *result)
{
    const char *tag = PQcmdStatus(result);
    statement->says_rollback = strcmp(tag, "ROLLBACK") == 0; /* not ROLLBACK PREPARED */
    bool counts = begins(tag, "INSERT") || begins(tag, "UPDATE") || begins(tag, "DELETE") ||
                  begins(tag, "MERGE") || statement->text.copies_in;
    statement->connection->changes = counts ? strtoll(PQcmdTuples(result), NULL, 10) : 0;
}

/* --- COPY ------------------------------------------------------------------------------------- */

/*
 * What goes in is the statement's parameter; the end of it says what became of it. Asked for once
 * more when that end could not be sent: what was sent must not be kept then.
 */
static void copy_in(struct backend_statement *statement)
{
    PGconn *pg = statement->connection->pg;
    const struct postgres_parameter *lines = &statement->parameters[0];
    const char *problem = NULL;
    if (!statement->text.copies_in || lines->bytes == NULL)
        problem = "there is nothing to copy";
    else if (statement->has_copied || PQputCopyData(pg, lines->bytes, (int)lines->length) != 1)
        problem = "it could not be sent";
    statement->has_copied = true;
    (void)PQputCopyEnd(pg, problem);
}

/* A row of one text, the line that came; NULL: no memory. */
static PGresult *row_of_line(PGconn *pg, char *line, int length)
{
    static char name[] = "line";
    PGresAttDesc column = {.name = name, .typid = POSTGRES_TEXT, .typlen = -1};
    PGresult *row = PQmakeEmptyPGresult(pg, PGRES_TUPLES_OK);
    if (row != NULL && PQsetResultAttrs(row, 1, &column) == 1 &&
        PQsetvalue(row, 0, 0, line, length) == 1)
        return row;
    PQclear(row);
    return NULL;
}

/* The next line; a false one: there is none, and what comes says whether all went well. */
static bool copy_line_out(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    char *line = NULL;
    int length = PQgetCopyData(connection->pg, &line, 0);
    statement->copies_out = length > 0;
    if (length <= 0)
        return false;
    bool has_end = line[length - 1] == '\n';
    PGresult *row = row_of_line(connection->pg, line, length - has_end);
    PQfreemem(line);
    enum outcome outcome =
        row != NULL ? keep_rows(statement, row)
                    : postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200", "out of memory");
    if (statement->end == OUTCOME_OK)
        statement->end = outcome;
    return true;
}

/* Bytes in between texts would be taken for something else. */
static enum outcome begin_copy_out(struct backend_statement *statement, const PGresult *result)
{
    statement->copies_out = true;
    statement->column_count = 1;
    if (PQbinaryTuples(result) == 0)
        return OUTCOME_OK;
    char *line = NULL;
    while (PQgetCopyData(statement->connection->pg, &line, 0) > 0)
        PQfreemem(line);
    statement->copies_out = false;
    return postgres_refuse(statement->connection, OUTCOME_SQL_ERROR, "0A000",
                           "COPY in binary is not possible here");
}

/* --- results ---------------------------------------------------------------------------------- */

static enum outcome take_rows(struct backend_statement *statement, PGresult *result)
{
    statement->column_count = PQnfields(result);
    take_tag(statement, result);
    if (PQntuples(result) > 0)
        return keep_rows(statement, result);
    PQclear(statement->shape);
    statement->shape = result;
    return OUTCOME_OK;
}

static enum outcome take_result(struct backend_statement *statement, PGresult *result)
{
    struct backend_connection *connection = statement->connection;
    ExecStatusType status = PQresultStatus(result);
    enum outcome outcome = OUTCOME_OK;
    switch (status) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        return take_rows(statement, result);
    case PGRES_COMMAND_OK:
        statement->column_count = 0;
        take_tag(statement, result);
        break;
    case PGRES_COPY_OUT:
        outcome = begin_copy_out(statement, result);
        break;
    case PGRES_COPY_IN:
        copy_in(statement);
        break;
    case PGRES_COPY_BOTH:
    case PGRES_EMPTY_QUERY:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
        outcome = postgres_failed(connection, result);
        break;
    }
    PQclear(result);
    return outcome;
}

/* The next part of the answer. The first failure is the one that counts. */
static void pull(struct backend_statement *statement)
{
    if (statement->copies_out && copy_line_out(statement))
        return;
    PGresult *result = PQgetResult(statement->connection->pg);
    postgres_cancel_answered(&statement->connection->cancel);
    if (result == NULL) {
        finish(statement);
        return;
    }
    const struct postgres_failure first = statement->connection->failure;
    enum outcome outcome = take_result(statement, result);
    if (statement->end == OUTCOME_OK)
        statement->end = outcome;
    else
        statement->connection->failure = first;
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum outcome start(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome = postgres_begin_exchange(connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    statement->has_begun = true;
    statement->is_over = statement->says_rollback = false;
    statement->copies_out = statement->has_copied = false;
    statement->was_outside = !connection->in_transaction;
    statement->end = OUTCOME_OK;
    statement->effects = 0;
    statement->row = 0;
    connection->changes = 0;
    connection->running = statement;
    if (!postgres_send(statement)) { /* the end of it tells whether the connection is gone */
        statement->end =
            postgres_refuse(connection, OUTCOME_NO_MEMORY, "53200", PQerrorMessage(connection->pg));
        connection->failure.state[0] = postgres_has_ended(connection) ? '\0' : '5';
    } else if (!connection->parameters.takes_all_rows) {
        (void)PQsetSingleRowMode(connection->pg);
    }
    return OUTCOME_OK;
}

/* A row is at hand as long as one is in memory. */
enum outcome postgres_step(struct backend_statement *statement)
{
    bool is_new = !statement->has_begun;
    enum outcome outcome = is_new ? start(statement) : OUTCOME_OK;
    if (outcome != OUTCOME_OK)
        return outcome;
    if (!is_new && next_row(statement))
        return OUTCOME_ROW;
    while (statement->first == NULL && !statement->is_over)
        pull(statement);
    return statement->first != NULL ? OUTCOME_ROW : statement->end;
}

void postgres_end_run(struct backend_statement *statement)
{
    while (statement->has_begun && !statement->is_over) {
        pull(statement);
        while (statement->first != NULL)
            drop_first(statement);
    }
    while (statement->first != NULL)
        drop_first(statement);
    PQclear(statement->shape);
    statement->shape = NULL;
    statement->row = 0;
    postgres_forget_scratch(statement);
}

void postgres_make_room(struct backend_connection *connection)
{
    while (connection->running != NULL)
        pull(connection->running);
}
