/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a backend: the plain C API behind interplay/backend.h. */
#include "sqlite/sqlite_backend.h"

#include "sqlite/sqlite_effects.h"
#include "sqlite/sqlite_session.h"

#include <interplay/backend.h>

#include <limits.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { VM_STEPS_BETWEEN_CHECKS = 1000 };

struct backend_connection {
    sqlite3 *database;
    void (*on_commit_point)(void *context);
    void (*on_statement)(void *context, const struct backend_told *told);
    void *context;
    /*
     * Besides sqlite3_interrupt, which is forgotten by the first step: a cancel that comes just
     * before that step must not be lost.
     */
    atomic_bool is_cancelled;
    /* Of a failure of the last call that SQLite itself knows nothing of; NULL: there is none. */
    const char *refusal;
    int refusal_code;
    int64_t changes_before; /* all changes ever, when the statement that ran last began */
    struct sqlite_session session;
};

struct backend_statement {
    sqlite3_stmt *sqlite;
    struct backend_connection *connection;
    bool has_begun, has_failed;
    int64_t changes_before; /* all changes ever, when it began */
};

/* --- outcomes -------------------------------------------------------------------------------- */

static enum outcome classify_extended(int code)
{
    switch (code) {
    case SQLITE_BUSY_SNAPSHOT:
        return OUTCOME_BUSY_SNAPSHOT;
    case SQLITE_IOERR_NOMEM:
        return OUTCOME_NO_MEMORY;
    default:
        return OUTCOME_OTHER;
    }
}

static enum outcome classify(int code)
{
    enum outcome outcome = classify_extended(code);
    if (outcome != OUTCOME_OTHER)
        return outcome;
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
        return OUTCOME_OK;
    case SQLITE_ROW:
        return OUTCOME_ROW;
    case SQLITE_BUSY:
        return OUTCOME_BUSY;
    case SQLITE_LOCKED:
        return OUTCOME_LOCKED;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return OUTCOME_CONSTRAINT;
    case SQLITE_INTERRUPT:
    case SQLITE_ABORT:
        return OUTCOME_INTERRUPTED;
    case SQLITE_IOERR:
        return OUTCOME_IO_ERROR;
    case SQLITE_FULL:
        return OUTCOME_FULL;
    case SQLITE_NOMEM:
        return OUTCOME_NO_MEMORY;
    case SQLITE_CANTOPEN:
        return OUTCOME_CANNOT_OPEN;
    case SQLITE_PROTOCOL:
        return OUTCOME_PROTOCOL;
    case SQLITE_SCHEMA:
        return OUTCOME_SCHEMA;
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
    case SQLITE_AUTH:
        return OUTCOME_SQL_ERROR;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return OUTCOME_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
        return OUTCOME_READONLY;
    case SQLITE_MISUSE:
        return OUTCOME_MISUSE;
    default:
        return OUTCOME_OTHER;
    }
}

enum outcome sqlite_outcome_of(int code)
{
    return classify(code);
}

/* --- telling what was done ------------------------------------------------------------------- */

static void tell(struct backend_connection *connection, const char *sql, uint32_t effects,
                 const char *names)
{
    char modes[BACKEND_MODES_BYTES];
    struct backend_told told = {.sql = sql, .effects = effects};
    if (sqlite_names_mode(names)) {
        sqlite_read_modes(connection->database, modes);
        told.modes = modes;
    }
    connection->on_statement(connection->context, &told);
}

static void tell_statement(struct backend_statement *statement)
{
    sqlite3 *database = statement->connection->database;
    (void)sqlite3_reset(statement->sqlite); /* what it does at its end counts, too */
    const struct sqlite_effects_run run = {
        .has_begun = statement->has_begun,
        .has_failed = statement->has_failed,
        .has_counted =
            statement->has_begun && sqlite3_total_changes64(database) != statement->changes_before,
    };
    const char *sql = sqlite3_sql(statement->sqlite);
    tell(statement->connection, sql, sqlite_effects(statement->sqlite, &run), sql);
}

/* --- connections ----------------------------------------------------------------------------- */

static const char *backend_version(void)
{
    static char version[160];
    (void)sqlite3_snprintf((int)sizeof version, version, "%s %s", sqlite3_libversion(),
                           sqlite3_sourceid());
    return version;
}

static int commit_hook(void *argument)
{
    const struct backend_connection *connection = argument;
    connection->on_commit_point(connection->context);
    return 0;
}

/*
 * Not by its own result: SQLite asks once more after a statement has done and committed its work,
 * and would then call it interrupted. sqlite3_interrupt is only looked at while there is work left.
 */
static int progress(void *argument)
{
    const struct backend_connection *connection = argument;
    if (atomic_load(&connection->is_cancelled))
        sqlite3_interrupt(connection->database);
    return 0;
}

struct parameters {
    int autocheckpoint; /* -1: as it is */
    int shared_cache;
};

static bool take_number(const char **next, const char *name, int most, int *ret_number)
{
    size_t length = strlen(name);
    if (strncmp(*next, name, length) != 0)
        return false;
    char *end;
    long number = strtol(*next + length, &end, 10);
    if (end == *next + length || (*end != '\0' && *end != ' ') || number < 0 || number > most)
        return false;
    *next = *end == ' ' ? end + 1 : end;
    *ret_number = (int)number;
    return true;
}

/* False: something else is asked for, which is as wrong as a statement would be. */
static bool read_parameters(const char *next, struct parameters *ret_parameters)
{
    *ret_parameters = (struct parameters){.autocheckpoint = -1};
    while (*next != '\0')
        if (!take_number(&next, "autocheckpoint=", INT_MAX, &ret_parameters->autocheckpoint) &&
            !take_number(&next, "shared_cache=", 1, &ret_parameters->shared_cache))
            return false;
    return true;
}

static int set_up(struct backend_connection *connection, const struct backend_options *options,
                  const struct parameters *parameters)
{
    sqlite3 *database = connection->database;
    int code = sqlite3_extended_result_codes(database, 1);
    if (code == SQLITE_OK && options->busy_timeout_ms > 0)
        code = sqlite3_busy_timeout(database, (int)options->busy_timeout_ms);
    if (code == SQLITE_OK && parameters->autocheckpoint >= 0)
        code = sqlite3_wal_autocheckpoint(database, parameters->autocheckpoint);
    sqlite3_progress_handler(database, VM_STEPS_BETWEEN_CHECKS, progress, connection);
    connection->on_statement = options->on_statement;
    connection->context = options->context;
    if (options->on_commit_point != NULL) {
        connection->on_commit_point = options->on_commit_point;
        (void)sqlite3_commit_hook(database, commit_hook, connection);
    }
    if (code == SQLITE_OK && options->setup != NULL)
        code = sqlite3_exec(database, options->setup, NULL, NULL, NULL);
    if (code == SQLITE_OK && options->setup != NULL && connection->on_statement != NULL &&
        sqlite_names_mode(options->setup))
        tell(connection, NULL, 0, options->setup);
    return code;
}

static enum outcome backend_connect(struct backend_connection **ret_connection,
                                    const struct backend_options *options)
{
    /* First of all: sqlite3_malloc refuses where the library cannot start. */
    struct backend_connection *connection = sqlite3_malloc(sizeof *connection);
    if (connection == NULL)
        return OUTCOME_NO_MEMORY;
    *connection = (struct backend_connection){.database = NULL};
    struct parameters parameters;
    bool is_known = read_parameters(options->parameters, &parameters);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    if (parameters.shared_cache != 0)
        flags |= SQLITE_OPEN_SHAREDCACHE;
    int code = sqlite3_open_v2(options->target, &connection->database, flags, options->driver);
    if (code == SQLITE_OK)
        code = is_known ? set_up(connection, options, &parameters) : SQLITE_ERROR;
    if (code != SQLITE_OK) {
        (void)sqlite3_close(connection->database);
        sqlite3_free(connection);
        return classify(code);
    }
    *ret_connection = connection;
    return OUTCOME_OK;
}

static enum outcome backend_disconnect(struct backend_connection *connection)
{
    int code = sqlite3_close(connection->database);
    if (code != SQLITE_OK)
        return classify(code);
    sqlite3_free(connection);
    return OUTCOME_OK;
}

/*
 * sqlite3_changes64 alone would repeat an older statement's number after one that changes nothing.
 */
static int64_t backend_changes(struct backend_connection *connection)
{
    if (sqlite3_total_changes64(connection->database) == connection->changes_before)
        return 0;
    return sqlite3_changes64(connection->database);
}

static bool backend_in_transaction(struct backend_connection *connection)
{
    return !sqlite3_get_autocommit(connection->database);
}

static const char *backend_session_change(struct backend_connection *connection)
{
    return sqlite_session_change(connection->database, &connection->session);
}

static void backend_cancel(struct backend_connection *connection)
{
    atomic_store(&connection->is_cancelled, true);
    sqlite3_interrupt(connection->database);
}

static int backend_error_code(struct backend_connection *connection)
{
    return connection->refusal != NULL ? connection->refusal_code
                                       : sqlite3_extended_errcode(connection->database);
}

static const char *name_of(int code)
{
    switch (code) {
#define CODE(name)                                                                                 \
    case name:                                                                                     \
        return #name;
#include "sqlite/sqlite_codes.def"
#undef CODE
    default:
        return NULL;
    }
}

static const char *backend_error_state(struct backend_connection *connection)
{
    int code = backend_error_code(connection);
    const char *name = name_of(code);
    if (name == NULL)
        name = name_of(code & 0xff);
    return name == NULL ? "" : name;
}

static const char *backend_error_message(struct backend_connection *connection)
{
    return connection->refusal != NULL ? connection->refusal : sqlite3_errmsg(connection->database);
}

/* --- statements ------------------------------------------------------------------------------ */

/*
 * The first and the last thing that a call does: a cancel that came before was meant for another.
 */
static void forget_cancel(struct backend_connection *connection)
{
    atomic_store(&connection->is_cancelled, false);
}

static int refuse(struct backend_connection *connection, int code, const char *reason)
{
    connection->refusal_code = code;
    connection->refusal = reason;
    return code;
}

/* Whether anything but spaces and comments follows; SQLite would not run that and not say so. */
static bool has_more(sqlite3 *database, const char *rest, const char *end)
{
    while (rest < end && (*rest == ';' || *rest == ' ' || *rest == '\n'))
        rest++;
    if (rest == end)
        return false;
    sqlite3_stmt *next = NULL;
    int code = sqlite3_prepare_v2(database, rest, (int)(end - rest), &next, NULL);
    bool is_statement = code != SQLITE_OK || next != NULL;
    (void)sqlite3_finalize(next);
    return is_statement;
}

static int prepare_one(struct backend_connection *connection, const char *sql, size_t length,
                       sqlite3_stmt **ret_statement)
{
    sqlite3_stmt *statement = NULL;
    const char *rest;
    int code = sqlite3_prepare_v2(connection->database, sql, (int)length, &statement, &rest);
    if (code != SQLITE_OK)
        return code;
    if (statement == NULL)
        return refuse(connection, SQLITE_ERROR, "no statement");
    if (has_more(connection->database, rest, sql + length)) {
        (void)sqlite3_finalize(statement);
        return refuse(connection, SQLITE_ERROR, "more than one statement");
    }
    *ret_statement = statement;
    return SQLITE_OK;
}

static enum outcome backend_prepare(struct backend_connection *connection, const char *sql,
                                    size_t length, struct backend_statement **ret_statement)
{
    connection->refusal = NULL;
    forget_cancel(connection);
    struct backend_statement *statement = sqlite3_malloc(sizeof *statement);
    if (statement == NULL)
        return classify(refuse(connection, SQLITE_NOMEM, "out of memory"));
    *statement = (struct backend_statement){.connection = connection};
    int code = prepare_one(connection, sql, length, &statement->sqlite);
    if (code != SQLITE_OK) {
        sqlite3_free(statement);
        forget_cancel(connection);
        return classify(code);
    }
    *ret_statement = statement;
    return OUTCOME_OK;
}

static enum outcome backend_bind_int64(struct backend_statement *statement, int parameter,
                                       int64_t value)
{
    return classify(sqlite3_bind_int64(statement->sqlite, parameter, value));
}

static enum outcome backend_bind_text(struct backend_statement *statement, int parameter,
                                      const char *text, size_t length)
{
    return classify(sqlite3_bind_text64(statement->sqlite, parameter, text, length, SQLITE_STATIC,
                                        SQLITE_UTF8));
}

static const char *not_null(const char *bytes)
{
    return bytes == NULL ? "" : bytes;
}

static enum outcome backend_bind(struct backend_statement *statement, int parameter,
                                 const struct value *value)
{
    sqlite3_stmt *sqlite = statement->sqlite;
    switch (value->kind) {
    case VALUE_NULL:
        return classify(sqlite3_bind_null(sqlite, parameter));
    case VALUE_INTEGER:
        return classify(sqlite3_bind_int64(sqlite, parameter, value->integer));
    case VALUE_REAL:
        return classify(sqlite3_bind_double(sqlite, parameter, value->real));
    case VALUE_TEXT:
        /* A null pointer would bind NULL: an empty value may come without bytes. */
        return classify(sqlite3_bind_text64(sqlite, parameter, not_null(value->text.bytes),
                                            value->text.length, SQLITE_STATIC, SQLITE_UTF8));
    case VALUE_BLOB:
        return classify(sqlite3_bind_blob64(sqlite, parameter, not_null(value->text.bytes),
                                            value->text.length, SQLITE_STATIC));
    }
    return OUTCOME_MISUSE;
}

static int backend_parameter_count(struct backend_statement *statement)
{
    return sqlite3_bind_parameter_count(statement->sqlite);
}

static bool backend_is_read_only(struct backend_statement *statement)
{
    return sqlite3_stmt_readonly(statement->sqlite) != 0;
}

static enum outcome backend_step(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    bool is_cancelled = atomic_load(&connection->is_cancelled);
    if (is_cancelled && !statement->has_begun)
        return classify(refuse(connection, SQLITE_INTERRUPT, "interrupted"));
    /* One that has begun must learn of it: merely left, it would commit when it is reset. */
    if (is_cancelled)
        sqlite3_interrupt(connection->database);
    connection->refusal = NULL;
    if (!statement->has_begun)
        statement->changes_before = connection->changes_before =
            sqlite3_total_changes64(connection->database);
    statement->has_begun = true;
    enum outcome outcome = classify(sqlite3_step(statement->sqlite));
    statement->has_failed = outcome != OUTCOME_OK && outcome != OUTCOME_ROW;
    return outcome;
}

static int backend_column_count(struct backend_statement *statement)
{
    return sqlite3_column_count(statement->sqlite);
}

static const char *backend_column_name(struct backend_statement *statement, int column)
{
    return sqlite3_column_name(statement->sqlite, column);
}

static bool backend_column_is_null(struct backend_statement *statement, int column)
{
    return sqlite3_column_type(statement->sqlite, column) == SQLITE_NULL;
}

static int64_t backend_column_int64(struct backend_statement *statement, int column)
{
    return sqlite3_column_int64(statement->sqlite, column);
}

static const char *backend_column_text(struct backend_statement *statement, int column,
                                       size_t *ret_length)
{
    /* Text first: asking for the length may convert. */
    const unsigned char *text = sqlite3_column_text(statement->sqlite, column);
    if (ret_length != NULL)
        *ret_length = text == NULL ? 0 : (size_t)sqlite3_column_bytes(statement->sqlite, column);
    return (const char *)text;
}

/* What cannot be had for want of memory keeps a null pointer. */
static void read_bytes(struct backend_statement *statement, int column, struct value *value)
{
    sqlite3_stmt *sqlite = statement->sqlite;
    const char *bytes = value->kind == VALUE_TEXT
                            ? (const char *)sqlite3_column_text(sqlite, column)
                            : sqlite3_column_blob(sqlite, column);
    size_t length = (size_t)sqlite3_column_bytes(sqlite, column);
    bool is_empty_blob = bytes == NULL && length == 0 && value->kind == VALUE_BLOB;
    value->text.bytes = is_empty_blob ? "" : bytes;
    value->text.length = bytes == NULL ? 0 : length;
}

static void backend_column(struct backend_statement *statement, int column, struct value *ret_value)
{
    sqlite3_stmt *sqlite = statement->sqlite;
    switch (sqlite3_column_type(sqlite, column)) {
    case SQLITE_INTEGER:
        *ret_value = value_integer(sqlite3_column_int64(sqlite, column));
        return;
    case SQLITE_FLOAT:
        *ret_value =
            (struct value){.kind = VALUE_REAL, .real = sqlite3_column_double(sqlite, column)};
        return;
    case SQLITE_TEXT:
        ret_value->kind = VALUE_TEXT;
        read_bytes(statement, column, ret_value);
        return;
    case SQLITE_BLOB:
        ret_value->kind = VALUE_BLOB;
        read_bytes(statement, column, ret_value);
        return;
    default:
        *ret_value = (struct value){.kind = VALUE_NULL};
        return;
    }
}

static void backend_reset(struct backend_statement *statement)
{
    if (statement->connection->on_statement != NULL)
        tell_statement(statement);
    (void)sqlite3_reset(statement->sqlite);
    (void)sqlite3_clear_bindings(statement->sqlite);
    statement->has_begun = false;
    statement->connection->refusal = NULL;
    forget_cancel(statement->connection);
}

static void backend_finalize(struct backend_statement *statement)
{
    struct backend_connection *connection = statement->connection;
    if (connection->on_statement != NULL)
        tell_statement(statement);
    (void)sqlite3_finalize(statement->sqlite);
    sqlite3_free(statement);
    forget_cancel(connection);
}

const struct backend_ops interplay_backend_sqlite = {
    .name = "sqlite",
    .dialect = DIALECT_SQLITE,
    .capabilities = BACKEND_CAN_CANCEL | BACKEND_HAS_MODEL | BACKEND_ONE_WRITER,
    .version = backend_version,
    .connect = backend_connect,
    .disconnect = backend_disconnect,
    .prepare = backend_prepare,
    .bind_int64 = backend_bind_int64,
    .bind_text = backend_bind_text,
    .bind = backend_bind,
    .parameter_count = backend_parameter_count,
    .is_read_only = backend_is_read_only,
    .step = backend_step,
    .column_count = backend_column_count,
    .column_name = backend_column_name,
    .column_is_null = backend_column_is_null,
    .column_int64 = backend_column_int64,
    .column_text = backend_column_text,
    .column = backend_column,
    .reset = backend_reset,
    .finalize = backend_finalize,
    .changes = backend_changes,
    .in_transaction = backend_in_transaction,
    .cancel = backend_cancel,
    .error_code = backend_error_code,
    .error_state = backend_error_state,
    .error_message = backend_error_message,
    .session_change = backend_session_change,
};
