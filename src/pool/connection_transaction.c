/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions of a connection. Two words count: what the pool began, and what the database says.
 * It may end a transaction by itself (SQLite does after some storage failures), and then nobody
 * must believe that later statements were part of it.
 */
#include "pool/connection_internal.h"

#include "pool/deadline.h"
#include "pool/failure.h"

#include <string.h>

static const char *control_text(const struct connection *connection, enum control control)
{
    switch (control) {
    case CONTROL_COMMIT:
        return "COMMIT";
    case CONTROL_ROLLBACK:
        return "ROLLBACK";
    case CONTROL_BEGIN:
    case CONTROL_COUNT:
        break;
    }
    switch (connection->backend->dialect) {
    case DIALECT_SQLITE:
        return connection->is_writer ? "BEGIN IMMEDIATE" : "BEGIN DEFERRED";
    case DIALECT_MSSQL:
        return "BEGIN TRANSACTION";
    case DIALECT_NONE:
    case DIALECT_POSTGRES:
        break;
    }
    return "BEGIN";
}

static enum outcome step_control(struct connection *connection, struct backend_statement *statement,
                                 struct pool_error *error)
{
    enum outcome outcome;
    do
        outcome = connection->backend->step(statement);
    while (outcome == OUTCOME_ROW);
    if (outcome != OUTCOME_OK)
        (void)connection_failed(connection, outcome, error);
    return outcome;
}

static enum outcome run_control(struct connection *connection, enum control control,
                                struct pool_error *error)
{
    struct backend_statement **statement = &connection->control[control];
    enum outcome outcome = OUTCOME_OK;
    if (*statement == NULL)
        outcome =
            connection_prepare(connection, control_text(connection, control), statement, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    if (control == CONTROL_ROLLBACK) { /* cleaning up is never interrupted */
        outcome = step_control(connection, *statement, error);
    } else if (connection_start_stepping(connection)) {
        outcome = step_control(connection, *statement, error);
        connection_stop_stepping(connection);
    } else {
        return failure_set(error, OUTCOME_INTERRUPTED, "interrupted");
    }
    connection->backend->reset(*statement);
    return outcome;
}

/* --- begin ----------------------------------------------------------------------------------- */

static enum outcome begin(struct connection *connection, struct pool_error *error)
{
    if (connection->is_broken)
        return connection_refuse_broken(error);
    if (connection->in_transaction || connection_in_transaction(connection))
        return failure_set(error, OUTCOME_MISUSE, "a transaction is open already");
    enum outcome outcome = connection_take_gate(connection, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    uint32_t tries = 0;
    do
        outcome = run_control(connection, CONTROL_BEGIN, error);
    while (outcome == OUTCOME_BUSY && connection_back_off(connection, ++tries));
    connection->in_transaction = outcome == OUTCOME_OK;
    return outcome;
}

enum outcome connection_begin(struct connection *connection, struct pool_error *error)
{
    if (!connection_enter(connection))
        return connection_refuse_nested(error);
    enum outcome outcome = begin(connection, error);
    connection_settle(connection);
    connection_leave(connection);
    return outcome;
}

/* --- rollback -------------------------------------------------------------------------------- */

/* Nothing is open afterwards, or the connection is broken. */
static enum outcome undo(struct connection *connection, struct pool_error *error)
{
    static const uint32_t pauses_ms[] = {10, 25, 50};
    const size_t pause_count = sizeof pauses_ms / sizeof pauses_ms[0];
    enum outcome outcome = run_control(connection, CONTROL_ROLLBACK, error);
    for (size_t i = 0; outcome == OUTCOME_BUSY && i < pause_count; i++) {
        deadline_sleep(pauses_ms[i]);
        outcome = run_control(connection, CONTROL_ROLLBACK, error);
    }
    if (outcome != OUTCOME_OK || connection_in_transaction(connection))
        connection->is_broken = true;
    return outcome;
}

static enum outcome roll_back(struct connection *connection, struct pool_error *error)
{
    bool was_begun = connection->in_transaction;
    connection->in_transaction = false;
    if (connection->is_broken) /* closing it undoes what is open */
        return was_begun ? connection_refuse_broken(error) : OUTCOME_OK;
    if (connection_in_transaction(connection))
        return undo(connection, error);
    if (was_begun)
        return failure_set(error, OUTCOME_ROLLED_BACK,
                           "the database has rolled the transaction back by itself");
    return OUTCOME_OK;
}

/* The usual case when a connection is given back; nobody else can change any of it. */
static bool has_nothing_open(struct connection *connection)
{
    return !connection->in_transaction && !connection->is_broken && !connection->holds_gate &&
           !connection->call.is_stepping && !connection_in_transaction(connection);
}

enum outcome connection_rollback(struct connection *connection, struct pool_error *error)
{
    if (has_nothing_open(connection))
        return OUTCOME_OK;
    if (!connection_enter(connection))
        return connection_refuse_nested(error);
    enum outcome outcome = roll_back(connection, error);
    connection_settle(connection);
    connection_leave(connection);
    return outcome;
}

/* --- commit ---------------------------------------------------------------------------------- */

static enum outcome in_doubt(struct connection *connection, struct pool_error *error)
{
    connection->in_transaction = false;
    connection->is_broken = true;
    if (error != NULL)
        error->outcome = OUTCOME_IN_DOUBT; /* its text says what went wrong */
    return OUTCOME_IN_DOUBT;
}

/* The database says itself that it has not committed. */
static bool is_certain(enum outcome outcome)
{
    return outcome == OUTCOME_BUSY_SNAPSHOT || outcome == OUTCOME_CONSTRAINT ||
           outcome == OUTCOME_DEADLOCK || outcome == OUTCOME_ROLLED_BACK;
}

static enum outcome commit(struct connection *connection, struct pool_error *error)
{
    if (!connection->in_transaction)
        return failure_set(error, OUTCOME_MISUSE, "no transaction is open");
    if (connection->is_broken || !connection_in_transaction(connection))
        return roll_back(connection, error);
    enum outcome outcome = run_control(connection, CONTROL_COMMIT, error);
    if (outcome == OUTCOME_BUSY)
        return outcome;
    if (outcome == OUTCOME_DIED || outcome == OUTCOME_TIMEOUT)
        return in_doubt(connection, error);
    if (outcome != OUTCOME_OK && !is_certain(outcome) && !connection_in_transaction(connection))
        return in_doubt(connection, error);
    connection->in_transaction = false;
    if (!connection_in_transaction(connection))
        return outcome;
    (void)undo(connection, NULL); /* where that fails, closing the connection undoes it */
    return outcome != OUTCOME_OK ? outcome
                                 : failure_set(error, OUTCOME_ROLLED_BACK,
                                               "the database said done, and had not committed");
}

enum outcome connection_commit(struct connection *connection, struct pool_error *error)
{
    if (!connection_enter(connection))
        return connection_refuse_nested(error);
    enum outcome outcome = commit(connection, error);
    connection_settle(connection);
    connection_leave(connection);
    return outcome;
}
