/* SPDX-License-Identifier: Apache-2.0 */
/* A statement from its first step to its end, and what that end makes of the connection. */
#include "mssql/mssql_connection.h"

#include <stdio.h>
#include <string.h>

/* --- rows ------------------------------------------------------------------------------------- */

static void drop_first(struct backend_statement *statement)
{
    struct mssql_row *row = statement->first;
    statement->first = row->next;
    mssql_free_row(row);
}

static void keep_row(struct backend_statement *statement)
{
    struct mssql_row *row = mssql_take_row(statement->connection->process);
    if (row == NULL) {
        (void)mssql_refuse(statement->connection, OUTCOME_NO_MEMORY, 0, "out of memory");
        return;
    }
    if (statement->first == NULL)
        statement->first = row;
    else
        statement->last->next = row;
    statement->last = row;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* It may have been done although its answer was lost. */
static bool may_have_committed(const struct backend_statement *statement)
{
    return statement->text.ends_transaction ||
           (statement->was_outside && !statement->text.is_read_only);
}

static bool has_committed(const struct backend_statement *statement)
{
    const struct backend_connection *connection = statement->connection;
    if (statement->end != OUTCOME_OK || connection->in_transaction)
        return false;
    if (statement->was_outside)
        return (statement->effects & BACKEND_WROTE) != 0;
    return statement->text.ends_transaction && connection->has_written;
}

/* After the last answer. */
static void follow_transaction(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    bool commits = has_committed(statement);
    if (!connection->in_transaction)
        connection->has_written = false;
    else
        connection->has_written |= (statement->effects & BACKEND_WROTE) != 0;
    if (commits && connection->on_commit_point != NULL)
        connection->on_commit_point(connection->context);
}

/*
 * db-lib throws away what is left of an answer when it has been asked to stop, or could not read
 * on: whether the statement was done nobody knows. What may have been committed is in doubt; a
 * transaction in which something may have been done goes.
 */
static void settle_broken_off(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    bool was_told = connection->failure.number != 0;
    if (!connection->has_failed || was_told || statement->text.effects == 0)
        return;
    if (connection->in_transaction)
        mssql_undo_transaction(connection);
    else if (may_have_committed(statement))
        connection->failure.outcome = OUTCOME_IN_DOUBT;
}

static void finish(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    statement->is_over = true;
    statement->has_rows = false;
    connection->running = NULL;
    mssql_end_exchange(connection);
    if (!connection->is_dead)
        settle_broken_off(statement);
    statement->end = connection->failure.outcome;
    if (connection->is_dead) {
        statement->end = mssql_lost(connection, may_have_committed(statement));
        return;
    }
    if (statement->end == OUTCOME_OK)
        statement->effects = mssql_effects(&statement->text, connection->changes);
    follow_transaction(statement);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What is counted of a statement that reads are its rows. */
static void take_count(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    DBINT count = DBCOUNT(connection->process);
    if (count >= 0 && (statement->text.effects & BACKEND_WROTE) != 0)
        connection->changes = count;
}

/* db-lib forgets them with the result, which may have no rows. */
static void keep_names(struct backend_statement *statement)
{
    for (int i = 0; i < statement->column_count && i < MSSQL_NAMES_MAX; i++) {
        const char *name = dbcolname(statement->connection->process, i + 1);
        bool fits = name != NULL && strlen(name) < MSSQL_NAME_BYTES;
        (void)snprintf(statement->names[i], MSSQL_NAME_BYTES, "%s", fits ? name : "");
    }
}

/*
 * The next part of the answer. db-lib calls a result that ends in an error a success, and one after
 * which more comes a failure: what the server has said counts (mssql_errors.c).
 */
static void pull_result(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    RETCODE code = dbresults(connection->process);
    connection->has_failed |= code == FAIL;
    if (!DBDEAD(connection->process))
        take_count(statement);
    if (code == NO_MORE_RESULTS || DBDEAD(connection->process)) {
        finish(statement);
        return;
    }
    statement->column_count = dbnumcols(connection->process);
    keep_names(statement);
    statement->has_rows = code == SUCCEED && statement->column_count > 0;
}

static void pull_row(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    RETCODE code = dbnextrow(connection->process);
    if (code == REG_ROW) {
        keep_row(statement);
        return;
    }
    statement->has_rows = false;
    if (code == NO_MORE_ROWS) {
        take_count(statement);
        return;
    }
    connection->has_failed = true;
    mssql_give_up(connection);
    finish(statement);
}

static void pull(struct backend_statement *statement)
{
    if (statement->has_rows)
        pull_row(statement);
    else
        pull_result(statement);
}

/* --- steps ------------------------------------------------------------------------------------ */

static enum outcome start(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    enum outcome outcome = mssql_begin_exchange(connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    statement->has_begun = true;
    statement->is_over = statement->has_rows = false;
    statement->was_outside = !connection->in_transaction;
    statement->effects = 0;
    connection->changes = 0;
    connection->running = statement;
    if (mssql_send(statement)) {
        mssql_sent(connection);
        connection->has_failed = dbsqlok(connection->process) == FAIL;
        return OUTCOME_OK;
    }
    (void)mssql_refuse(connection, OUTCOME_NO_MEMORY, 0, "the statement could not be sent");
    finish(statement);
    return OUTCOME_OK;
}

/* A row is at hand as long as one is in memory. */
enum outcome mssql_step(struct backend_statement *statement)
{
    bool is_new = !statement->has_begun;
    enum outcome outcome = is_new ? start(statement) : OUTCOME_OK;
    if (outcome != OUTCOME_OK)
        return outcome;
    if (!is_new && statement->first != NULL)
        drop_first(statement);
    while (statement->first == NULL && !statement->is_over)
        pull(statement);
    return statement->first != NULL ? OUTCOME_ROW : statement->end;
}

void mssql_end_run(struct backend_statement *statement)
{
    while (statement->has_begun && !statement->is_over) {
        pull(statement);
        while (statement->first != NULL)
            drop_first(statement);
    }
    while (statement->first != NULL)
        drop_first(statement);
}

void mssql_make_room(struct backend_connection *connection)
{
    while (connection->running != NULL)
        pull(connection->running);
}
