/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The database behind the server: tables of rows that are chains of versions, locks on tables, keys
 * and ranges of keys, transactions. Queries are run by SQLite, which sees the tables through a
 * module (engine_scan.c) that takes the locks as it goes; writes are made here.
 *
 * What of this a session sees and waits for is written down in docs/tds-server.md.
 */
#ifndef MSSQL_SERVER_ENGINE_H
#define MSSQL_SERVER_ENGINE_H

#include "mssql/server/tds_server.h"
#include "mssql/server/tsql.h"

#include <sqlite3.h>

/* --- tables and rows -------------------------------------------------------------------------- */

/* A version of its own, so that nobody takes it for one of SQL Server. */
#define ENGINE_VERSION "16.0.0.0"

enum { ENGINE_COLUMNS_MAX = 64, ENGINE_KEY_MAX = 16 };

struct engine_column {
    char *name;
    struct tsql_type type;
    bool is_not_null;
    bool is_gone;   /* dropped: its place stays */
    char *preset;   /* T-SQL; NULL: none */
    char *computed; /* T-SQL; NULL: it is stored */
};

struct engine_index { /* with one or more columns; only unique ones do anything */
    char *name;
    bool is_unique;
    uint32_t count;
    uint8_t columns[ENGINE_KEY_MAX];
};

struct engine_check {
    char *name, *condition; /* T-SQL */
};

/* How a table is; what changes it makes a new one. */
struct engine_shape {
    uint32_t column_count, key_count; /* key 0: rows are kept in the order of their numbers */
    struct engine_column columns[ENGINE_COLUMNS_MAX]; /* of a key first */
    uint32_t order_count;
    uint8_t order[ENGINE_COLUMNS_MAX]; /* those that are there, as they were declared */
    char *key_name;
    uint32_t index_count, check_count;
    struct engine_index *indexes;
    struct engine_check *checks;
};

struct engine_session;
struct engine_row;

struct engine_version {
    struct engine_version *older;
    struct engine_session *writer; /* NULL: it is committed */
    uint64_t commit;               /* when: position in the order of commits */
    bool is_row;                   /* false: it is removed */
    uint32_t value_count;
    struct value values[]; /* their bytes follow */
};

/* One key, with or without a row. It stays while anybody may refer to it. */
struct engine_row {
    struct engine_version *newest; /* NULL: never there */
    struct engine_lock *locks;
    uint64_t number;
    struct value key[]; /* engine_table.key_count of them, or the number; their bytes follow */
};

struct engine_table {
    struct engine_table *next;
    uint32_t number;
    char *name;
    struct engine_shape *shape;
    bool is_dropped;           /* by somebody who may still roll back, or for good */
    uint64_t shape_commit;     /* when it got its shape */
    struct engine_lock *locks; /* on the table and on ranges */
    struct engine_row **rows;  /* in the order of their keys */
    size_t row_count, row_capacity;
    uint64_t row_numbers, moves; /* rows were put in or taken out */
};

/* --- locks ------------------------------------------------------------------------------------ */

enum engine_mode {
    ENGINE_STABLE, /* Sch-S: nobody changes the table */
    ENGINE_INTEND_SHARED,
    ENGINE_INTEND_EXCLUSIVE,
    ENGINE_SHARED,
    ENGINE_UPDATE,
    ENGINE_EXCLUSIVE,
    ENGINE_CHANGE, /* Sch-M */
    ENGINE_RANGE,  /* nobody inserts into it */
    ENGINE_INSERT, /* wants a key that is in nobody else's range; is not kept */
};
enum { ENGINE_MODES = ENGINE_INSERT + 1 };

struct engine_range {
    bool has_low, has_high, low_is_open, high_is_open;
    struct value low,
        high; /* of the first column of the key; bytes are owned where a lock has it */
};

struct engine_lock {
    struct engine_lock *next_of_owner, *next_here; /* here: of the row or the table */
    struct engine_session *owner;
    struct engine_table *table;
    struct engine_row *row; /* NULL: the table, or a range of it */
    enum engine_mode mode;
    bool is_of_statement; /* ends with it */
    struct engine_range range;
};

/* What a session waits for; in the order in which they began. */
struct engine_request {
    struct engine_request *next;
    struct engine_session *session;
    struct engine_table *table;
    struct engine_row *row;
    enum engine_mode mode;
    bool is_of_statement;
    bool is_granted, is_victim;
    struct engine_lock *granted;
};

/* --- sessions --------------------------------------------------------------------------------- */

enum engine_ends { ENDS_NOTHING, ENDS_STATEMENT, ENDS_BATCH, ENDS_TRANSACTION, ENDS_SESSION };

struct engine_error {
    int32_t number; /* 0: none */
    uint8_t class_, state;
    enum engine_ends ends;
    uint32_t line;
    char text[1024];
};

/* What a session tells its client; all may be called only on its own flow. */
struct engine_client {
    void (*columns)(void *context, const struct tsql_output *columns, uint32_t count);
    void (*row)(void *context, const struct value *values, uint32_t count); /* may wait */
    /* A statement has ended. `command`: as DONE says it (run_batch.c). */
    void (*done)(void *context, uint16_t command, bool has_count, uint64_t count, bool failed);
    void (*message)(void *context, const struct engine_error *message);
    /* `change` as ENVCHANGE has it: 8 begun, 9 committed, 10 rolled back. */
    void (*transaction)(void *context, uint8_t change, uint64_t number);
    void (*database)(void *context, const char *name);
};

enum engine_undo_kind { UNDO_VERSION, UNDO_CREATE, UNDO_DROP, UNDO_SHAPE };

struct engine_undo {
    enum engine_undo_kind kind;
    struct engine_table *table;
    struct engine_row *row;
    struct engine_shape *shape; /* what it was */
    uint64_t shape_commit;
};

struct engine_savepoint {
    char *name;
    size_t mark;
};

struct engine_variable {
    const char *name;
    struct tsql_type type;
    struct value value; /* bytes are in the session's arena */
    bool is_output;
};

enum { ENGINE_VARIABLES_MAX = 2100 };

struct engine_session {
    struct engine_session *next;
    struct tds_server *server;
    void *host_context; /* of tds_session_new; NULL: it must not wait */
    uint32_t number;
    const struct engine_client *client;
    void *client_context;
    bool is_cancelled; /* attention has come, or the client is gone: what runs ends */
    bool is_killed;    /* an error has ended it */
    /* Transactions. */
    uint32_t depth;       /* @@TRANCOUNT */
    uint64_t transaction; /* its number */
    bool is_doomed;
    bool began_by_statement; /* a transaction of its own */
    char *transaction_name;
    size_t undo_count, savepoint_count;
    bool has_snapshot, has_statement_snapshot;
    uint64_t snapshot, statement_snapshot;
    struct engine_lock *locks;
    struct engine_request *waiting;
    /* Settings. */
    enum tsql_isolation isolation;
    bool xact_abort, no_count, implicit_transactions;
    int64_t lock_timeout_ms; /* below 0: for ever */
    int32_t deadlock_priority;
    /* What runs. */
    uint32_t variable_count;
    int64_t rows_affected; /* @@ROWCOUNT */
    int32_t last_error;    /* @@ERROR */
    struct {
        uint16_t command;
        bool has_count, is_silent; /* silent: there is no DONE */
        uint64_t count;
    } outcome;                 /* of the statement, should it succeed */
    struct engine_error error; /* raised, and not yet told */
    struct engine_error caught;
    uint32_t try_depth;
    uint32_t line;
    int32_t return_status;
    /* What a spare one keeps. */
    struct arena arena; /* of the batch */
    sqlite3 *sqlite;
    struct engine_undo *undo;
    struct engine_savepoint *savepoints;
    size_t undo_capacity, savepoint_capacity;
    struct engine_variable variables[ENGINE_VARIABLES_MAX]; /* the first variable_count of them */
};

struct tds_server {
    const struct tds_server_host *host;
    void *context;
    struct tds_server_options options, first_options; /* first: as it was made */
    char database[TSQL_NAME_MAX + 1];
    struct engine_session *sessions;
    uint32_t session_numbers;
    uint64_t transaction_numbers, commits;
    uint32_t snapshots;  /* that are in use */
    uint32_t statements; /* that run: what they look at stays */
    struct engine_table *tables;
    uint32_t table_numbers;
    struct engine_request *requests; /* that wait, the oldest first */
    struct engine_lock *free_locks;
    struct engine_session *within; /* for tds_server_execute */
    struct engine_session *spare;  /* were freed, and serve again */
    struct engine_error within_error;
};

/* --- errors (engine_errors.c) ----------------------------------------------------------------- */

/* False, always, so that failing is one statement. The first one that is raised stays. */
bool engine_raise(struct engine_session *session, int32_t number, ...);
bool engine_raise_text(struct engine_session *session, int32_t number, uint8_t class_,
                       uint8_t state, const char *text);
/* Tells it without raising it. */
void engine_tell(struct engine_session *session, int32_t number, ...);
static inline bool engine_has_failed(const struct engine_session *session)
{
    return session->error.number != 0 || session->is_cancelled;
}

/* --- values (engine_values.c) ----------------------------------------------------------------- */

/* NULLs first; numbers before texts before binary. */
int engine_compare(const struct value *one, const struct value *other);
/* How many bytes of texts the values have. */
size_t engine_value_bytes(const struct value *values, uint32_t count);
/* Copies, with the bytes at `*bytes`, which moves on. */
void engine_copy_value(struct value *to, const struct value *from, char **bytes);
/*
 * Makes a value one of the type, as an assignment does; may raise 245, 8115, 220, 8152 (with a
 * column's name 2628). New bytes are in the session's arena.
 */
bool engine_convert(struct engine_session *session, struct tsql_type type, struct value *value,
                    bool is_cast);
size_t engine_text_units(const struct value *text); /* UTF-16 units */
struct value engine_from_sqlite(sqlite3_value *value);
void engine_give_sqlite(sqlite3_context *context, const struct value *value);
void engine_copy_to_arena(struct engine_session *session, struct value *value);

/* --- tables (engine_table.c) ------------------------------------------------------------------ */

/* By its name, dropped ones aside unless somebody else may roll that back; NULL: there is none. */
struct engine_table *engine_find_table(struct engine_session *session, const char *name);
struct engine_table *engine_table_numbered(struct tds_server *server, int64_t number);
struct engine_table *engine_add_table(struct tds_server *server, const char *name);
void engine_free_shape(struct engine_shape *shape);
void engine_free_tables(struct tds_server *server);
int engine_find_column(const struct engine_shape *shape, const char *name); /* -1: none */

/* The place of the first row with at least this key; `is_after`: with a greater one. */
size_t engine_find_place(const struct engine_table *table, const struct value *key, uint32_t count,
                         bool is_after);
/* The row of this key (of a table without key: a new one), made where it is not there. */
struct engine_row *engine_take_row(struct engine_table *table, const struct value *values);
uint32_t engine_key_count(const struct engine_table *table); /* at least 1 */

/* The version that the session sees now, by its isolation level and hints; NULL: no row. */
const struct engine_version *engine_see(const struct engine_session *session,
                                        const struct engine_row *row, uint32_t hints);
/* NULL where the column was added later. */
const struct value *engine_value_of(const struct engine_version *version, uint32_t column);
/* Gives a row that is locked exclusively a new version; values NULL: it is removed. */
bool engine_write(struct engine_session *session, struct engine_table *table,
                  struct engine_row *row, const struct value *values);

/* --- locks (engine_lock.c) -------------------------------------------------------------------- */

/* False: an error was raised, or the session was cancelled. */
bool engine_lock_table(struct engine_session *session, struct engine_table *table,
                       enum engine_mode mode, bool is_of_statement);
/* `ret_lock` (may be NULL): the lock, if it is a new one, for engine_unlock; NULL otherwise. */
bool engine_lock_row(struct engine_session *session, struct engine_table *table,
                     struct engine_row *row, enum engine_mode mode, bool is_of_statement,
                     struct engine_lock **ret_lock);
void engine_lock_range(struct engine_session *session, struct engine_table *table,
                       const struct engine_range *range);
/* Waits until the row's key is in nobody else's range. */
bool engine_lock_insert(struct engine_session *session, struct engine_table *table,
                        struct engine_row *row);
void engine_unlock(struct engine_lock *lock);
void engine_unlock_all(struct engine_session *session, bool only_of_statement);
size_t engine_blockers(const struct engine_session *session, struct engine_session **ret_sessions,
                       size_t capacity);

/* Waits until something happens; false: the session was cancelled meanwhile. */
bool engine_wait(struct engine_session *session, enum tds_wait why, uint64_t until_ns);
/* The same for a moment, so that attention is seen. */
bool engine_wait_briefly(struct engine_session *session);
uint64_t engine_now_ns(const struct tds_server *server);

/* --- transactions (engine_transaction.c) ------------------------------------------------------ */

void engine_begin(struct engine_session *session, const char *name);
void engine_commit(struct engine_session *session);
void engine_rollback(struct engine_session *session);
bool engine_save(struct engine_session *session, const char *name);
bool engine_rollback_to(struct engine_session *session, const char *name);
/*
 * Around each statement; in no transaction it has its own. What one that failed has written since
 * `mark`, which its beginning returned, is undone.
 */
size_t engine_begin_statement(struct engine_session *session);
/* Before it looks at a table: an implicit transaction begins, a snapshot is taken. */
bool engine_touch(struct engine_session *session);
void engine_end_statement(struct engine_session *session, size_t mark, bool failed);
void engine_undo_to(struct engine_session *session, size_t mark);
void engine_add_undo(struct engine_session *session, struct engine_undo undo);

/* --- queries (engine_scan.c, run_query.c) ----------------------------------------------------- */

void engine_open_sqlite(struct engine_session *session);
void engine_add_functions(struct engine_session *session); /* engine_functions.c */

/* --- sessions (engine_session.c) -------------------------------------------------------------- */

struct engine_session *engine_session_new(struct tds_server *server, void *host_context,
                                          const struct engine_client *client, void *client_context);
void engine_session_free(struct engine_session *session);
void engine_free_spare_sessions(struct tds_server *server);
/* As after login; an open transaction is rolled back (RESETCONNECTION). */
void engine_session_reset(struct engine_session *session);

struct engine_variable *engine_find_variable(struct engine_session *session,
                                             const char *name); /* NULL: there is none */

/* Its own one, or one that each SQL Server has. */
bool engine_has_database(const struct tds_server *server, const char *name);

/* --- running (run_*.c) ------------------------------------------------------------------------ */

/* Runs a batch; parameters are variables that were set before. */
void engine_run(struct engine_session *session, const char *sql, size_t length);

#endif
