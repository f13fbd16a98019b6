/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL Server as a backend: db-lib behind interplay/backend.h. Connections here; what runs on them
 * is in mssql_statement.c and mssql_run.c.
 */
#include "mssql/mssql_backend.h"

#include "mssql/mssql_below.h"
#include "mssql/mssql_connection.h"
#include "mssql/mssql_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syberror.h>

/* --- parameters ------------------------------------------------------------------------------- */

static bool take_word(const char **next, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*next, word, length) != 0 || ((*next)[length] != '\0' && (*next)[length] != ' '))
        return false;
    *next += length + ((*next)[length] == ' ');
    return true;
}

static bool take_packet(const char **next, int *ret_bytes)
{
    static const char name[] = "packet=";
    if (strncmp(*next, name, sizeof name - 1) != 0)
        return false;
    char *end;
    long bytes = strtol(*next + sizeof name - 1, &end, 10);
    if (bytes < 512 || bytes > 32767 || (*end != '\0' && *end != ' '))
        return false;
    *ret_bytes = (int)bytes;
    *next = end + (*end == ' ');
    return true;
}

/* False: something else is asked for, which is as wrong as a statement would be. */
static bool read_parameters(const char *next, struct mssql_parameters *ret_parameters)
{
    *ret_parameters = (struct mssql_parameters){.protocol = MSSQL_RPC};
    while (*next != '\0') {
        if (take_word(&next, "protocol=rpc"))
            ret_parameters->protocol = MSSQL_RPC;
        else if (take_word(&next, "protocol=batch"))
            ret_parameters->protocol = MSSQL_BATCH;
        else if (take_word(&next, "waits=forever"))
            ret_parameters->waits_forever = true;
        else if (!take_packet(&next, &ret_parameters->packet_bytes))
            return false;
    }
    return true;
}

/* --- connecting ------------------------------------------------------------------------------- */

/* Where the other end is known when this is compiled, it is said. */
#ifndef MSSQL_SPEAKS_TO
#define MSSQL_SPEAKS_TO ""
#endif

static const char *backend_version(void)
{
    static char version[96];
    (void)snprintf(version, sizeof version, MSSQL_SPEAKS_TO "%s", dbversion());
    return version;
}

/* NULL: no memory, or something is too long. The host's own name is nobody's affair. */
static LOGINREC *make_login(const struct mssql_target *target, int packet_bytes)
{
    LOGINREC *login = dblogin();
    if (login == NULL)
        return NULL;
    bool is_fine =
        DBSETLUSER(login, target->user) == SUCCEED &&
        DBSETLPWD(login, target->password) == SUCCEED && DBSETLAPP(login, "interplay") == SUCCEED &&
        DBSETLHOST(login, "interplay") == SUCCEED && DBSETLCHARSET(login, "UTF-8") == SUCCEED &&
        dbsetlversion(login, DBVERSION_74) == SUCCEED &&
        (target->database[0] == '\0' || DBSETLDBNAME(login, target->database) == SUCCEED) &&
        (packet_bytes == 0 || DBSETLPACKET(login, packet_bytes) == SUCCEED);
    if (is_fine)
        return login;
    dbloginfree(login);
    return NULL;
}

/* Why it could not be is in the connection; where nobody says why, there was no memory. */
static enum outcome open_process(struct backend_connection *connection,
                                 const struct mssql_target *target)
{
    char server[2 * MSSQL_WORD_BYTES];
    (void)snprintf(server, sizeof server, "%s:%s", target->server,
                   target->port[0] == '\0' ? "1433" : target->port);
    struct mssql_opening opening = {.connection = connection};
    LOGINREC *login = make_login(target, connection->parameters.packet_bytes);
    if (login == NULL)
        return OUTCOME_NO_MEMORY;
    mssql_begin_opening(&opening);
    connection->process = dbopen(login, server);
    mssql_end_opening(&opening);
    dbloginfree(login);
    if (connection->process != NULL)
        return OUTCOME_OK;
    bool has_reason = connection->failure.number != 0 && connection->failure.number != SYBEMEM;
    return has_reason ? OUTCOME_CANNOT_OPEN : OUTCOME_NO_MEMORY;
}

/* As other clients of SQL Server's have it, and large values whole. */
static const char session_setup[] =
    "SET ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL, "
    "QUOTED_IDENTIFIER ON SET TEXTSIZE 2147483647 SET LOCK_TIMEOUT %lld";

static enum outcome set_up(struct backend_connection *connection,
                           const struct backend_options *options)
{
    char sql[sizeof session_setup + 32];
    long long timeout_ms =
        connection->parameters.waits_forever ? -1 : (long long)options->busy_timeout_ms;
    (void)snprintf(sql, sizeof sql, session_setup, timeout_ms);
    enum outcome outcome = mssql_run_text(connection, sql);
    if (outcome == OUTCOME_OK && options->setup != NULL && options->setup[0] != '\0')
        outcome = mssql_run_text(connection, options->setup);
    connection->on_commit_point = options->on_commit_point;
    connection->on_statement = options->on_statement;
    connection->context = options->context;
    return outcome;
}

static void release(struct backend_connection *connection)
{
    if (connection->process != NULL)
        dbclose(connection->process);
    (void)pthread_mutex_destroy(&connection->cancel.mutex);
    free(connection);
}

static enum outcome backend_connect(struct backend_connection **ret_connection,
                                    const struct backend_options *options)
{
    struct mssql_parameters parameters;
    struct mssql_target target;
    if (!read_parameters(options->parameters, &parameters))
        return OUTCOME_SQL_ERROR;
    if (!mssql_read_target(options->target, &target))
        return OUTCOME_CANNOT_OPEN;
    struct backend_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL || !mssql_begin_library()) {
        free(connection);
        return OUTCOME_NO_MEMORY;
    }
    connection->parameters = parameters;
    (void)pthread_mutex_init(&connection->cancel.mutex, NULL);
    enum outcome outcome = open_process(connection, &target);
    if (outcome == OUTCOME_OK) {
        dbsetuserdata(connection->process, (BYTE *)connection);
        mssql_wait_without_asking(connection->process);
        outcome = set_up(connection, options);
    }
    if (outcome != OUTCOME_OK) {
        release(connection);
        return outcome;
    }
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome backend_disconnect(struct backend_connection *connection)
{
    if (connection->statements > 0) {
        connection->failure.outcome = OUTCOME_OK;
        return mssql_refuse(connection, OUTCOME_BUSY, 0, "statements are not finalized");
    }
    release(connection);
    return OUTCOME_OK;
}

/* --- what it says of itself ------------------------------------------------------------------- */

static int64_t backend_changes(struct backend_connection *connection)
{
    return connection->changes;
}

static bool backend_in_transaction(struct backend_connection *connection)
{
    return connection->in_transaction;
}

static int backend_error_code(struct backend_connection *connection)
{
    return connection->failure.number;
}

/* There are numbers. */
static const char *backend_error_state(struct backend_connection *connection)
{
    (void)connection;
    return "";
}

static const char *backend_error_message(struct backend_connection *connection)
{
    return connection->failure.message;
}

/* --- statements ------------------------------------------------------------------------------- */

static enum outcome backend_bind_int64(struct backend_statement *statement, int parameter,
                                       int64_t value)
{
    const struct value bound = value_integer(value);
    return mssql_bind(statement, parameter, &bound);
}

static enum outcome backend_bind_text(struct backend_statement *statement, int parameter,
                                      const char *text, size_t length)
{
    const struct value bound = value_text(text, length);
    return mssql_bind(statement, parameter, &bound);
}

static int backend_parameter_count(struct backend_statement *statement)
{
    return statement->text.parameter_count;
}

static bool backend_is_read_only(struct backend_statement *statement)
{
    return statement->text.is_read_only;
}

static int backend_column_count(struct backend_statement *statement)
{
    return statement->column_count;
}

static const char *backend_column_name(struct backend_statement *statement, int column)
{
    bool is_kept = column >= 0 && column < statement->column_count && column < MSSQL_NAMES_MAX;
    return is_kept && statement->names[column][0] != '\0' ? statement->names[column] : NULL;
}

static bool backend_column_is_null(struct backend_statement *statement, int column)
{
    struct value value;
    mssql_column(statement, column, &value);
    return value.kind == VALUE_NULL;
}

static int64_t backend_column_int64(struct backend_statement *statement, int column)
{
    struct value value;
    mssql_column(statement, column, &value);
    return value.kind == VALUE_INTEGER ? value.integer : 0;
}

const struct backend_ops interplay_backend_mssql = {
    .name = "mssql",
    .dialect = DIALECT_MSSQL,
    .capabilities = BACKEND_CAN_CANCEL | BACKEND_HAS_MODEL,
    .version = backend_version,
    .connect = backend_connect,
    .disconnect = backend_disconnect,
    .prepare = mssql_prepare,
    .bind_int64 = backend_bind_int64,
    .bind_text = backend_bind_text,
    .bind = mssql_bind,
    .parameter_count = backend_parameter_count,
    .is_read_only = backend_is_read_only,
    .step = mssql_step,
    .column_count = backend_column_count,
    .column_name = backend_column_name,
    .column_is_null = backend_column_is_null,
    .column_int64 = backend_column_int64,
    .column_text = mssql_column_text,
    .column = mssql_column,
    .reset = mssql_reset,
    .finalize = mssql_finalize,
    .changes = backend_changes,
    .in_transaction = backend_in_transaction,
    .cancel = mssql_cancel_ask,
    .error_code = backend_error_code,
    .error_state = backend_error_state,
    .error_message = backend_error_message,
};
