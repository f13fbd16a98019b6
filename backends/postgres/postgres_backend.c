/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL as a backend: libpq behind interplay/backend.h. Connections here; what runs on them is
 * in postgres_statement.c and postgres_run.c.
 */
#include "postgres/postgres_backend.h"

#include "postgres/postgres_connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- parameters ------------------------------------------------------------------------------- */

static bool take_word(const char **next, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(*next, word, length) != 0 || ((*next)[length] != '\0' && (*next)[length] != ' '))
        return false;
    *next += length + ((*next)[length] == ' ');
    return true;
}

static bool take_protocol(const char **next, enum postgres_protocol *ret_protocol)
{
    static const char *const names[] = {
        [POSTGRES_EXTENDED] = "protocol=extended",
        [POSTGRES_PREPARED] = "protocol=prepared",
        [POSTGRES_SIMPLE] = "protocol=simple",
    };
    int i = 0;
    while (i <= POSTGRES_SIMPLE && !take_word(next, names[i]))
        i++;
    if (i > POSTGRES_SIMPLE)
        return false;
    *ret_protocol = (enum postgres_protocol)i;
    return true;
}

static bool take_flag(const char **next, const char *word, bool *ret_flag)
{
    bool is_there = take_word(next, word);
    *ret_flag |= is_there;
    return is_there;
}

/* False: something else is asked for, which is as wrong as a statement would be. */
static bool read_parameters(const char *next, struct postgres_parameters *ret_parameters)
{
    *ret_parameters = (struct postgres_parameters){.protocol = POSTGRES_EXTENDED};
    while (*next != '\0')
        if (!take_protocol(&next, &ret_parameters->protocol) &&
            !take_flag(&next, "rows=all", &ret_parameters->takes_all_rows) &&
            !take_flag(&next, "values=binary", &ret_parameters->is_binary) &&
            !take_flag(&next, "waits=forever", &ret_parameters->waits_forever))
            return false;
    return true;
}

/* --- exchanges -------------------------------------------------------------------------------- */

enum outcome postgres_begin_exchange(struct backend_connection *connection)
{
    if (connection->is_dead)
        return postgres_refuse(connection, OUTCOME_DIED, "08003", "the connection is gone");
    postgres_make_room(connection);
    if (connection->is_dead)
        return OUTCOME_DIED;
    connection->failure = (struct postgres_failure){.state = ""};
    if (!postgres_cancel_begin(&connection->cancel))
        return postgres_refuse(connection, OUTCOME_INTERRUPTED, "57014", "cancelled");
    return OUTCOME_OK;
}

void postgres_end_exchange(struct backend_connection *connection)
{
    postgres_cancel_end(&connection->cancel);
}

enum outcome postgres_run_text(struct backend_connection *connection, const char *sql)
{
    enum outcome outcome = postgres_begin_exchange(connection);
    if (outcome != OUTCOME_OK)
        return outcome;
    PGresult *result = PQexec(connection->pg, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY)
        outcome = postgres_failed(connection, result);
    PQclear(result);
    if (PQstatus(connection->pg) != CONNECTION_OK)
        outcome = postgres_lost(connection, false);
    postgres_end_exchange(connection);
    return outcome;
}

/* --- connections ------------------------------------------------------------------------------ */

static const char *backend_version(void)
{
    static char version[32];
    int number = PQlibVersion();
    (void)snprintf(version, sizeof version, "libpq %d.%d", number / 10000, number % 10000);
    return version;
}

/* They are for people, and nobody of ours reads standard error. */
static void ignore_notice(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

static enum outcome set_up(struct backend_connection *connection,
                           const struct backend_options *options)
{
    char wait[48];
    (void)PQsetNoticeReceiver(connection->pg, ignore_notice, NULL);
    (void)snprintf(wait, sizeof wait, "SET lock_timeout = %u", options->busy_timeout_ms);
    enum outcome outcome = OUTCOME_OK;
    if (options->busy_timeout_ms > 0 && !connection->parameters.waits_forever)
        outcome = postgres_run_text(connection, wait);
    if (outcome == OUTCOME_OK && options->setup != NULL)
        outcome = postgres_run_text(connection, options->setup);
    connection->on_commit_point = options->on_commit_point;
    connection->on_statement = options->on_statement;
    connection->context = options->context;
    if (outcome == OUTCOME_OK && options->setup != NULL && connection->on_statement != NULL)
        postgres_tell_setup(connection, options->setup);
    return outcome;
}

static PGconn *connect_pg(const char *target)
{
    const char *const names[] = {"dbname", "client_encoding", "fallback_application_name", NULL};
    const char *const values[] = {target == NULL ? "" : target, "UTF8", "interplay", NULL};
    return PQconnectdbParams(names, values, 1);
}

/* Which of it failed only libpq's words say. */
static enum outcome outcome_of_connecting(PGconn *pg)
{
    if (pg == NULL)
        return OUTCOME_NO_MEMORY;
    if (PQstatus(pg) == CONNECTION_OK)
        return OUTCOME_OK;
    const char *said = PQerrorMessage(pg);
    bool had_no_memory =
        strstr(said, "out of memory") != NULL || strstr(said, "cannot allocate memory") != NULL;
    return had_no_memory ? OUTCOME_NO_MEMORY : OUTCOME_CANNOT_OPEN;
}

static void release(struct backend_connection *connection)
{
    postgres_cancel_clean_up(&connection->cancel);
    PQfinish(connection->pg);
    free(connection);
}

static enum outcome backend_connect(struct backend_connection **ret_connection,
                                    const struct backend_options *options)
{
    struct postgres_parameters parameters;
    if (!read_parameters(options->parameters, &parameters))
        return OUTCOME_SQL_ERROR;
    struct backend_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return OUTCOME_NO_MEMORY;
    connection->parameters = parameters;
    connection->pg = connect_pg(options->target);
    enum outcome outcome = outcome_of_connecting(connection->pg);
    if (outcome == OUTCOME_OK && !postgres_cancel_init(&connection->cancel, connection->pg))
        outcome = OUTCOME_NO_MEMORY;
    if (outcome != OUTCOME_OK) {
        PQfinish(connection->pg);
        free(connection);
        return outcome;
    }
    outcome = set_up(connection, options);
    if (outcome != OUTCOME_OK) {
        release(connection);
        return outcome;
    }
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome backend_disconnect(struct backend_connection *connection)
{
    if (connection->statements > 0)
        return postgres_refuse(connection, OUTCOME_BUSY, "55006", "statements are not finalized");
    release(connection);
    return OUTCOME_OK;
}

static int64_t backend_changes(struct backend_connection *connection)
{
    return connection->changes;
}

static bool backend_in_transaction(struct backend_connection *connection)
{
    return connection->in_transaction;
}

static void backend_cancel(struct backend_connection *connection)
{
    postgres_cancel_ask(&connection->cancel);
}

/* There are no numbers. */
static int backend_error_code(struct backend_connection *connection)
{
    (void)connection;
    return 0;
}

static const char *backend_error_state(struct backend_connection *connection)
{
    return connection->failure.state;
}

static const char *backend_error_message(struct backend_connection *connection)
{
    return connection->failure.message;
}

static const char *backend_session_change(struct backend_connection *connection)
{
    return connection->is_dead ? NULL
                               : postgres_session_change(&connection->session, connection->pg);
}

/* --- statements ------------------------------------------------------------------------------- */

static enum outcome backend_bind_int64(struct backend_statement *statement, int parameter,
                                       int64_t value)
{
    const struct value bound = value_integer(value);
    return postgres_bind(statement, parameter, &bound);
}

static enum outcome backend_bind_text(struct backend_statement *statement, int parameter,
                                      const char *text, size_t length)
{
    const struct value bound = value_text(text, length);
    return postgres_bind(statement, parameter, &bound);
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
    const struct postgres_rows *rows = statement->first;
    return PQfname(rows != NULL ? rows->result : statement->shape, column);
}

static bool backend_column_is_null(struct backend_statement *statement, int column)
{
    struct value value;
    postgres_column(statement, column, &value);
    return value.kind == VALUE_NULL;
}

static int64_t backend_column_int64(struct backend_statement *statement, int column)
{
    struct value value;
    postgres_column(statement, column, &value);
    return value.kind == VALUE_INTEGER ? value.integer : 0;
}

const struct backend_ops interplay_backend_postgres = {
    .name = "postgres",
    .dialect = DIALECT_POSTGRES,
    .capabilities = BACKEND_CAN_CANCEL | BACKEND_HAS_MODEL,
    .version = backend_version,
    .connect = backend_connect,
    .disconnect = backend_disconnect,
    .prepare = postgres_prepare,
    .bind_int64 = backend_bind_int64,
    .bind_text = backend_bind_text,
    .bind = postgres_bind,
    .parameter_count = backend_parameter_count,
    .is_read_only = backend_is_read_only,
    .step = postgres_step,
    .column_count = backend_column_count,
    .column_name = backend_column_name,
    .column_is_null = backend_column_is_null,
    .column_int64 = backend_column_int64,
    .column_text = postgres_column_text,
    .column = postgres_column,
    .reset = postgres_reset,
    .finalize = postgres_finalize,
    .changes = backend_changes,
    .in_transaction = backend_in_transaction,
    .cancel = backend_cancel,
    .error_code = backend_error_code,
    .error_state = backend_error_state,
    .error_message = backend_error_message,
    .session_change = backend_session_change,
};
