/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite as a backend: the plain C API behind interplay/backend.h. */
#include <interplay/backend.h>

#include <sqlite3.h>

struct backend_connection {
    sqlite3 *database;
    void (*on_commit_point)(void *context);
    void *context;
};

/* A statement is SQLite's own. */
static sqlite3_stmt *sqlite_statement(struct backend_statement *statement)
{
    return (sqlite3_stmt *)statement;
}

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

static int set_up(struct backend_connection *connection, const struct backend_options *options)
{
    sqlite3 *database = connection->database;
    int code = sqlite3_extended_result_codes(database, 1);
    if (code == SQLITE_OK && options->busy_timeout_ms > 0)
        code = sqlite3_busy_timeout(database, (int)options->busy_timeout_ms);
    if (code == SQLITE_OK && options->autocheckpoint_frames >= 0)
        code = sqlite3_wal_autocheckpoint(database, options->autocheckpoint_frames);
    if (options->on_commit_point != NULL) {
        connection->on_commit_point = options->on_commit_point;
        connection->context = options->context;
        (void)sqlite3_commit_hook(database, commit_hook, connection);
    }
    if (code == SQLITE_OK && options->setup != NULL)
        code = sqlite3_exec(database, options->setup, NULL, NULL, NULL);
    return code;
}

static enum outcome backend_connect(struct backend_connection **ret_connection,
                                    const struct backend_options *options)
{
    /* First of all: sqlite3_malloc refuses where the library cannot start. */
    struct backend_connection *connection = sqlite3_malloc(sizeof *connection);
    if (connection == NULL)
        return OUTCOME_NO_MEMORY;
    *connection = (struct backend_connection){0};
    int code = sqlite3_open_v2(options->target, &connection->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, options->driver);
    if (code == SQLITE_OK)
        code = set_up(connection, options);
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

static int64_t backend_changes(struct backend_connection *connection)
{
    return sqlite3_changes64(connection->database);
}

static bool backend_in_transaction(struct backend_connection *connection)
{
    return !sqlite3_get_autocommit(connection->database);
}

static void backend_cancel(struct backend_connection *connection)
{
    sqlite3_interrupt(connection->database);
}

static int backend_error_code(struct backend_connection *connection)
{
    return sqlite3_extended_errcode(connection->database);
}

static const char *backend_error_message(struct backend_connection *connection)
{
    return sqlite3_errmsg(connection->database);
}

/* --- statements ------------------------------------------------------------------------------ */

static enum outcome backend_prepare(struct backend_connection *connection, const char *sql,
                                    size_t length, struct backend_statement **ret_statement)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(connection->database, sql, (int)length, &statement, NULL);
    if (code != SQLITE_OK)
        return classify(code);
    *ret_statement = (struct backend_statement *)statement;
    return OUTCOME_OK;
}

static enum outcome backend_bind_int64(struct backend_statement *statement, int parameter,
                                       int64_t value)
{
    return classify(sqlite3_bind_int64(sqlite_statement(statement), parameter, value));
}

static enum outcome backend_bind_text(struct backend_statement *statement, int parameter,
                                      const char *text, size_t length)
{
    return classify(sqlite3_bind_text64(sqlite_statement(statement), parameter, text, length,
                                        SQLITE_STATIC, SQLITE_UTF8));
}

static enum outcome backend_step(struct backend_statement *statement)
{
    return classify(sqlite3_step(sqlite_statement(statement)));
}

static int backend_column_count(struct backend_statement *statement)
{
    return sqlite3_column_count(sqlite_statement(statement));
}

static bool backend_column_is_null(struct backend_statement *statement, int column)
{
    return sqlite3_column_type(sqlite_statement(statement), column) == SQLITE_NULL;
}

static int64_t backend_column_int64(struct backend_statement *statement, int column)
{
    return sqlite3_column_int64(sqlite_statement(statement), column);
}

static const char *backend_column_text(struct backend_statement *statement, int column,
                                       size_t *ret_length)
{
    /* Text first: asking for the length may convert. */
    const unsigned char *text = sqlite3_column_text(sqlite_statement(statement), column);
    if (ret_length != NULL)
        *ret_length =
            text == NULL ? 0 : (size_t)sqlite3_column_bytes(sqlite_statement(statement), column);
    return (const char *)text;
}

static void backend_finalize(struct backend_statement *statement)
{
    (void)sqlite3_finalize(sqlite_statement(statement));
}

const struct backend_ops interplay_backend_sqlite = {
    .name = "sqlite",
    .version = backend_version,
    .connect = backend_connect,
    .disconnect = backend_disconnect,
    .prepare = backend_prepare,
    .bind_int64 = backend_bind_int64,
    .bind_text = backend_bind_text,
    .step = backend_step,
    .column_count = backend_column_count,
    .column_is_null = backend_column_is_null,
    .column_int64 = backend_column_int64,
    .column_text = backend_column_text,
    .finalize = backend_finalize,
    .changes = backend_changes,
    .in_transaction = backend_in_transaction,
    .cancel = backend_cancel,
    .error_code = backend_error_code,
    .error_message = backend_error_message,
};
