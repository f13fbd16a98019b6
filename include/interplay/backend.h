/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a database: what Interplay asks of a database and its client library, as a table of
 * functions.
 *
 * A backend is production code: it knows nothing of the simulation. Calls are blocking; in the
 * simulated world whatever they wait for becomes cooperative underneath them. A connection is used
 * by one task at a time; only `cancel` may be called from elsewhere while a call is under way.
 *
 * Ownership: who connects disconnects, who prepares finalizes. Texts that a column or a message
 * returns belong to the backend and live until the next call on the same statement or connection.
 * Texts that are bound must stay where they are until the statement is finalized. Every failure is
 * an outcome (data); nothing here aborts or prints.
 */
#ifndef INTERPLAY_BACKEND_H
#define INTERPLAY_BACKEND_H

#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a call came to, in words that all databases share. The database's own code is in
 * `error_code`.
 */
enum outcome {
    OUTCOME_OK,   /* done */
    OUTCOME_ROW,  /* a row is ready (only from step) */
    OUTCOME_BUSY, /* somebody else holds a lock; trying again may help */
    /* the transaction reads an old state and may not write: only a rollback helps */
    OUTCOME_BUSY_SNAPSHOT,
    OUTCOME_LOCKED,      /* in the way of one's own connection */
    OUTCOME_CONSTRAINT,  /* the data forbids it */
    OUTCOME_INTERRUPTED, /* cancelled */
    OUTCOME_IO_ERROR,    /* the storage failed */
    OUTCOME_FULL,        /* no room left on the storage */
    OUTCOME_NO_MEMORY,   /* an allocation failed */
    OUTCOME_CANNOT_OPEN, /* a file or a server could not be reached */
    OUTCOME_PROTOCOL,    /* too many tries to get a consistent look at shared state */
    OUTCOME_SCHEMA,      /* the schema kept changing under the statement */
    OUTCOME_SQL_ERROR,   /* the statement is wrong here: no such table, no transaction, ... */
    OUTCOME_CORRUPT,     /* the database says that it is damaged, or no database at all */
    OUTCOME_READONLY,    /* writing is not possible */
    OUTCOME_MISUSE,      /* the client library says it was called wrongly */
    /* the process that made the call is gone (simulated death, lost server) */
    OUTCOME_DIED,
    OUTCOME_TIMEOUT, /* a connection, a place in a queue or a reply did not come in time */
    OUTCOME_CLOSED,  /* the pool is closed or closing */
    /* the database undid the whole transaction earlier; the call did nothing */
    OUTCOME_ROLLED_BACK,
    /* the commit failed half-way: the transaction may be there or not */
    OUTCOME_IN_DOUBT,
    OUTCOME_OTHER, /* none of these */
    /* whom the database chose among those who wait for each other: only a rollback helps */
    OUTCOME_DEADLOCK,
    OUTCOME_COUNT
};

/* "ok", "row", "busy", ... */
extern const char *const interplay_outcome_names[OUTCOME_COUNT];

enum {
    BACKEND_PARAMETERS_BYTES = 64,
    BACKEND_STATE_BYTES = 32, /* with the terminating zero */
    BACKEND_MODES_BYTES = 96,
};

/* What a statement has done besides telling what is there; a bit set. */
enum backend_effect {
    BACKEND_WROTE = 1,             /* rows or the schema may be others than before */
    BACKEND_MOVED_TRANSACTION = 2, /* a transaction or a savepoint was opened or ended */
    /* What other statements on the connection come to may depend on what this one has set. */
    BACKEND_SET = 4,
    BACKEND_WROTE_NUMBER = 8, /* one that the database keeps beside its tables may be another */
};

/* A statement that was prepared is over: stepped to its end or not, failed or not. */
struct backend_told {
    const char *sql;  /* its text; NULL: a connection was set up */
    uint32_t effects; /* a bit set of enum backend_effect */
    /*
     * The modes that promises depend on (durability above all), as the connection says, when the
     * statement may have set one: "NAME=VALUE" with spaces between them, empty when it cannot say.
     * NULL: they are as before.
     */
    const char *modes;
};

/* How a connection is set up. */
struct backend_options {
    const char *target;       /* file name or connection string */
    const char *driver;       /* SQLite: name of the VFS; NULL: the default one */
    const char *setup;        /* statements to run after connecting, or NULL */
    uint32_t busy_timeout_ms; /* how long a statement waits for a lock; 0: not at all */
    /*
     * What is set of the connection itself, "NAME=VALUE" with spaces between them; empty: what the
     * library takes if not told. SQLite: autocheckpoint, frames in WAL; 0: never
     * (sqlite3_wal_autocheckpoint); shared_cache, 1: with all others of the process that say so
     * (SQLITE_OPEN_SHAREDCACHE).
     */
    char parameters[BACKEND_PARAMETERS_BYTES];
    /*
     * Called inside a call that commits a writing transaction, at a moment when no other connection
     * can commit before it: the order of these calls is the order of the commits (SQLite:
     * sqlite3_commit_hook). NULL: nobody listens.
     */
    void (*on_commit_point)(void *context);
    /*
     * Called when a statement ends (reset or finalize), and when a connection has been set up by a
     * text that names such modes; asking for modes may run statements of the backend's own. NULL:
     * nobody listens, and it costs nothing. A backend that never calls it is believed nothing: the
     * first statement of a person's own ends what is claimed of content.
     */
    void (*on_statement)(void *context, const struct backend_told *told);
    void *context;
};

struct backend_connection;
struct backend_statement;

/* How SQL is written. */
enum dialect {
    DIALECT_NONE, /* no database behind it: the first word of a statement is all that matters */
    DIALECT_SQLITE,
    DIALECT_POSTGRES,
    DIALECT_MSSQL,
};
enum { DIALECT_COUNT = DIALECT_MSSQL + 1 };

/* What a backend can do; a bit set. */
enum backend_capability {
    BACKEND_CAN_CANCEL = 1, /* `cancel` may be called from another thread during a call */
    BACKEND_HAS_MODEL = 2,  /* runs the plan's SQL for real: results can be predicted */
    BACKEND_ONE_WRITER = 4, /* who writes excludes other writers: a pool makes them take turns */
    /* Tells the run itself who uses a connection or a statement after its end (sim/handles.h). */
    BACKEND_NOTICES_MISUSE = 8,
};

struct backend_ops {
    const char *name;
    enum dialect dialect;
    uint32_t capabilities; /* bit set of enum backend_capability */

    /*
     * Version and source of the library that is linked, "3.40.1 2022-12-28 14:03:47 df5c253c...";
     * static.
     */
    const char *(*version)(void);

    /*
     * On failure `*ret_connection` stays untouched and everything is released. SQLite reads nothing
     * of the database here unless `setup` does.
     */
    enum outcome (*connect)(struct backend_connection **ret_connection,
                            const struct backend_options *options);

    /*
     * Rolls back what is open and releases everything; OUTCOME_BUSY when statements were not
     * finalized (the connection is then still there).
     */
    enum outcome (*disconnect)(struct backend_connection *connection);

    /* `sql` holds one statement. On failure nothing is to be finalized. */
    enum outcome (*prepare)(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement);

    /* Parameters count from 1. */
    enum outcome (*bind_int64)(struct backend_statement *statement, int parameter, int64_t value);
    enum outcome (*bind_text)(struct backend_statement *statement, int parameter, const char *text,
                              size_t length);
    /*
     * Any kind; text and blob must stay where they are until the statement is reset or finalized.
     */
    enum outcome (*bind)(struct backend_statement *statement, int parameter,
                         const struct value *value);
    int (*parameter_count)(struct backend_statement *statement);

    /* True when running it cannot change the database. */
    bool (*is_read_only)(struct backend_statement *statement);

    /* OUTCOME_ROW, OUTCOME_OK at the end, or a failure. */
    enum outcome (*step)(struct backend_statement *statement);

    /* Below 0: it is not known before the first step. */
    int (*column_count)(struct backend_statement *statement);
    /*
     * Asked where a row is at hand or the statement has come to its end; lives until the next step,
     * reset or finalize. NULL: it is not known. NULL itself: it never is.
     */
    const char *(*column_name)(struct backend_statement *statement, int column);
    bool (*column_is_null)(struct backend_statement *statement, int column);
    int64_t (*column_int64)(struct backend_statement *statement, int column);
    const char *(*column_text)(struct backend_statement *statement, int column, size_t *ret_length);

    /*
     * Any kind; the bytes live until the next step, reset or finalize. A null pointer as the bytes
     * of text or blob: there was no memory for them (those of an empty one are not null).
     */
    void (*column)(struct backend_statement *statement, int column, struct value *ret_value);

    /* Ends the run of the statement, forgets its parameters; it can be bound and stepped again. */
    void (*reset)(struct backend_statement *statement);

    /* Releases the statement; the outcome of its last step was already reported. */
    void (*finalize)(struct backend_statement *statement);

    /* Rows that the statement that ran last on this connection inserted, updated or deleted. */
    int64_t (*changes)(struct backend_connection *connection);

    /* True inside an explicit transaction. */
    bool (*in_transaction)(struct backend_connection *connection);

    /*
     * Interrupts the call under way; if that has not begun to step yet, its first step is
     * interrupted; prepare, reset and finalize forget it.
     */
    void (*cancel)(struct backend_connection *connection);

    /*
     * Of the last failure on the connection: the database's own (extended) code, 0 where it has no
     * numbers; its state, a short word (SQLSTATE, or a name), "" where it has none, at most
     * BACKEND_STATE_BYTES; and its text.
     */
    int (*error_code)(struct backend_connection *connection);
    const char *(*error_state)(struct backend_connection *connection);
    const char *(*error_message)(struct backend_connection *connection);

    /*
     * What of the connection's session (settings, temporary schema, attached databases) is not as
     * it was when this was first called on it: a word or two for a signature, without values, and
     * "" if nothing. It must neither wait for anybody nor be in anybody's way; what it cannot know
     * so, it leaves out. NULL: it cannot say now. The text lives until the next call. For the
     * harness, between two owners of a connection; NULL itself: it never can.
     */
    const char *(*session_change)(struct backend_connection *connection);
};

extern const struct backend_ops interplay_backend_sqlite;

/*
 * No database: connections are idle, in a transaction, busy or broken, and statements do nothing.
 * For testing pools: what goes wrong is injected by the plan.
 */
extern const struct backend_ops interplay_backend_memory;

#endif
