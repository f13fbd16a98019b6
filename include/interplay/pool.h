/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection pool for production use, in plain C and POSIX threads.
 *
 * Two pools with the same rules. `struct pool` is synchronous: a thread checks a connection out,
 * works, returns it. `struct actor_pool` is asynchronous: each connection has a thread of its own
 * (an actor), calls become requests that can be waited for, polled, cancelled and dropped.
 *
 * Types carry the rules: a reader or a read transaction has no function that writes, so that
 * writing through one does not compile. Whoever leaves a transaction without a commit has rolled
 * back.
 *
 * SQLite: opening the pool switches the database to write-ahead logging; reads run on readers
 * (connections that refuse to write), writes on writers, one by default; several writers of one
 * pool take turns, so that a pool's own connections never meet SQLITE_BUSY. Write transactions
 * begin immediate, read transactions deferred.
 *
 * Threads: a pool may be used by any number of threads. A lease (reader, writer, transaction), a
 * request and a stream belong to one thread at a time; only the functions that say so may be called
 * from others. Ownership: what a function hands out is given back by exactly one of the functions
 * named at its type. Options are copied, with their texts; statements must outlive the pool (they
 * are meant to be static const). Nothing here prints, aborts, or keeps state outside of the pool.
 *
 * Failures are outcomes (interplay/backend.h). What a pool adds: OUTCOME_TIMEOUT (nothing came free
 * in time), OUTCOME_CLOSED (the pool is closed), OUTCOME_ROLLED_BACK (the database has undone the
 * transaction already, the call did nothing), OUTCOME_IN_DOUBT (a commit failed half-way). Details
 * go into `struct pool_error`, which the caller owns and may leave out (NULL); it is written only
 * on failure.
 */
#ifndef INTERPLAY_POOL_H
#define INTERPLAY_POOL_H

#include <interplay/backend.h>
#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INTERPLAY_RESULT __attribute__((warn_unused_result))

enum {
    POOL_SLOTS_MAX = 64,      /* readers and writers together */
    POOL_PARAMETERS_MAX = 16, /* of a statement */
    POOL_COLUMNS_MAX = 32,
};

struct pool_error {
    enum outcome outcome;
    int code;                        /* the database's own, 0 if it did not come from there */
    char state[BACKEND_STATE_BYTES]; /* so is this: SQLSTATE, or the name of the code; "" */
    char message[256];
};

/* --- statements ------------------------------------------------------------------------------ */

/*
 * A statement known beforehand: declare it `static const`. Its address is the key under which each
 * connection keeps it prepared. Placeholders are ?1, ?2, ... whatever the database's dialect; they
 * are translated ($1 for PostgreSQL, @p1 for SQL Server; what stands in quotes or comments stays as
 * it is). Parameters and columns are checked against what is declared here: a call with another
 * kind of value is OUTCOME_MISUSE (VALUE_NULL always fits).
 */
struct statement {
    const char *sql; /* one statement */
    uint8_t parameter_count;
    uint8_t column_count;
    uint8_t parameters[POOL_PARAMETERS_MAX]; /* enum value_kind each; VALUE_NULL: any kind */
    uint8_t columns[POOL_COLUMNS_MAX];       /* enum value_kind each; VALUE_NULL: any kind */
};

/* One that only reads: the database is asked whether that is true when it is prepared. */
struct read_statement {
    struct statement statement;
};

/* One that may write. */
struct write_statement {
    struct statement statement;
};

/*
 * Gets each row; `columns` and what they point to live until it returns. False: no more rows are
 * wanted, the call then ends with OUTCOME_OK.
 */
typedef bool (*interplay_row_fn)(void *context, const struct value *columns, uint32_t count);

struct row_sink {
    interplay_row_fn on_row; /* NULL: rows are thrown away */
    void *context;
    uint32_t *ret_columns; /* NULL; or, on success: how many columns rows have, even if none came */
    /*
     * NULL; or called with the names of the columns before the first row, and at the end where none
     * came; not where the backend does not know them. They live until it returns.
     */
    void (*on_names)(void *context, const char *const *names, uint32_t count);
};

/* --- options --------------------------------------------------------------------------------- */

/*
 * Told what the actors do, for metrics and tracing, on their threads, or on the one that gives up a
 * request that still waits. May be NULL each.
 */
struct pool_observer {
    void (*on_serve)(void *context, void *tag); /* a request's work begins */
    /* it has ended, or was given up before it began; `error->outcome` is OUTCOME_OK on success */
    void (*on_served)(void *context, void *tag, const struct pool_error *error, int64_t changes);
    void *context;
};

struct pool_options {
    const struct backend_ops *backend;
    /*
     * target and driver of all connections; `setup` runs on each of them after the pool's own
     * settings. busy_timeout_ms: how long a statement waits for somebody outside of the pool.
     */
    struct backend_options connection;
    uint32_t readers;            /* connections that only read, opened when first needed */
    uint32_t writers;            /* connections that write */
    uint32_t acquire_timeout_ms; /* for calls that say POOL_DEFAULT_TIMEOUT */
    uint32_t statement_cache;    /* prepared statements kept by each connection; 0: none */
    uint32_t busy_retries;       /* of a write that still meets busy, after 10, 20, 40 ... ms */
    uint32_t mailbox;            /* actors: requests that may wait for readers, for writers, and
                                    inside a transaction; whoever sends one more waits */
    uint32_t stream_rows;        /* actors: rows that a read stream holds ready */
    uint32_t mutate_stream_rows; /* the same of a stream of a writing statement */
    struct pool_observer observer;
};

#define POOL_DEFAULT_TIMEOUT UINT32_MAX
#define POOL_NO_TIMEOUT      (UINT32_MAX - 1)

/*
 * A reader for each processor that is online, 1 writer, acquire timeout 30 s, busy timeout 5 s, 3
 * retries, 256 statements, mailbox 64, streams of 8 and 32 rows; `target` stays the caller's until
 * the pool is open.
 */
struct pool_options interplay_pool_defaults(const struct backend_ops *backend, const char *target);

/* --- what a pool looks like ------------------------------------------------------------------ */

enum pool_slot_state {
    POOL_SLOT_EMPTY,          /* no connection yet, or a broken one was removed */
    POOL_SLOT_IDLE,           /* a connection waits for work */
    POOL_SLOT_LEASED,         /* somebody has it; no transaction is open */
    POOL_SLOT_IN_TRANSACTION, /* somebody has it, inside a transaction */
    POOL_SLOT_BUSY,           /* a statement runs on it */
    POOL_SLOT_BROKEN,         /* will be replaced */
};

struct pool_slot_view {
    bool is_writer;
    enum pool_slot_state state;
    const void
        *owner; /* the reader, writer, transaction, stream or request that holds it, or NULL */
    uint32_t statements; /* prepared and kept */
};

struct pool_view {
    uint32_t slot_count; /* readers first */
    struct pool_slot_view slots[POOL_SLOTS_MAX];
    uint32_t waiting_readers, waiting_writers; /* calls or requests that wait for a slot */
    uint64_t prepares;                         /* statements that the database prepared, ever */
    uint64_t replaced;                         /* broken connections that were removed, ever */
    bool is_closed;
};

enum pool_close_mode {
    POOL_CLOSE_WAIT,      /* leases and requests under way come to their end */
    POOL_CLOSE_INTERRUPT, /* running statements are interrupted, waiting requests given up */
};

/* --- the synchronous pool -------------------------------------------------------------------- */

struct pool;
struct reader;    /* ends with interplay_reader_return or _drop */
struct writer;    /* ends with interplay_writer_return or _drop */
struct read_txn;  /* ends with interplay_read_txn_end; its reader stays */
struct write_txn; /* ends with interplay_write_txn_commit or _rollback; its writer stays */

/*
 * Opens a pool. One connection is opened at once (a writer, if there are any), so that a wrong
 * target fails here; without writers SQLite is neither switched to WAL nor read, and a file that is
 * no database shows at the first query only.
 */
enum outcome interplay_pool_open(struct pool **ret_pool, const struct pool_options *options,
                                 struct pool_error *error) INTERPLAY_RESULT;

/*
 * No new leases from now on, whoever waits for one gets OUTCOME_CLOSED; then waits until all leases
 * are back and closes the connections. OUTCOME_TIMEOUT when some are still out: the pool stays
 * closed for new ones, and this may be called again. OUTCOME_OK: only interplay_pool_free is left
 * (another close comes to OUTCOME_CLOSED).
 */
enum outcome interplay_pool_close(struct pool *pool, enum pool_close_mode mode,
                                  uint32_t timeout_ms) INTERPLAY_RESULT;

/* After a close that succeeded, when no thread is inside a call any more. NULL is allowed. */
void interplay_pool_free(struct pool *pool);

/* A look at all slots at one moment. */
void interplay_pool_inspect(struct pool *pool, struct pool_view *ret_view);

/* First come, first served. OUTCOME_TIMEOUT after `timeout_ms`; 0: does not wait. */
enum outcome interplay_pool_reader(struct pool *pool, uint32_t timeout_ms,
                                   struct reader **ret_reader,
                                   struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_pool_writer(struct pool *pool, uint32_t timeout_ms,
                                   struct writer **ret_writer,
                                   struct pool_error *error) INTERPLAY_RESULT;

/*
 * Gives the connection back; a transaction that is still open is rolled back, and a connection on
 * which that fails is replaced. The outcome is the rollback's, for who wants to know.
 */
enum outcome interplay_reader_return(struct reader *reader);
enum outcome interplay_writer_return(struct writer *writer);

/* The same, interrupting a statement that still runs; for clean-up where nobody waits. */
void interplay_reader_drop(struct reader *reader);
void interplay_writer_drop(struct writer *writer);

/*
 * From any thread while the lease is out: interrupts the statement that runs on it, if one does;
 * never one that begins after the cancel did.
 */
void interplay_reader_cancel(struct reader *reader);
void interplay_writer_cancel(struct writer *writer);

/* True while the database has a transaction open on the connection. */
bool interplay_reader_in_transaction(struct reader *reader);
bool interplay_writer_in_transaction(struct writer *writer);

/*
 * Statements. `parameters` has statement.parameter_count values (ad-hoc: `count`). Outside of a
 * transaction each statement is one of its own. While a transaction of the lease is open,
 * statements go through the transaction: OUTCOME_MISUSE here.
 */
enum outcome interplay_reader_query(struct reader *reader, const struct read_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_writer_query(struct writer *writer, const struct read_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_writer_execute(struct writer *writer,
                                      const struct write_statement *statement,
                                      const struct value *parameters, struct row_sink rows,
                                      int64_t *ret_changes,
                                      struct pool_error *error) INTERPLAY_RESULT;

/*
 * Ad-hoc SQL: prepared each time, never kept. What writes is refused where only reading is allowed.
 */
enum outcome interplay_reader_query_sql(struct reader *reader, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        struct row_sink rows,
                                        struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_writer_execute_sql(struct writer *writer, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          struct row_sink rows, int64_t *ret_changes,
                                          struct pool_error *error) INTERPLAY_RESULT;

struct batch_item {
    const struct write_statement *statement;
    const struct value *parameters;
};

/* All items in one transaction: all of them happen, or none. `ret_changes` is the sum. */
enum outcome interplay_writer_execute_batch(struct writer *writer, const struct batch_item *items,
                                            size_t count, int64_t *ret_changes,
                                            struct pool_error *error) INTERPLAY_RESULT;

/*
 * Calls without a checkout: each waits for a reader (or writer), as long as the options say, runs
 * the one statement on it, and gives it back. What a statement has opened (a BEGIN of one's own) is
 * rolled back.
 */
enum outcome interplay_pool_query(struct pool *pool, const struct read_statement *statement,
                                  const struct value *parameters, struct row_sink rows,
                                  struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_pool_query_sql(struct pool *pool, const char *sql,
                                      const struct value *parameters, uint32_t count,
                                      struct row_sink rows,
                                      struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_pool_execute(struct pool *pool, const struct write_statement *statement,
                                    const struct value *parameters, struct row_sink rows,
                                    int64_t *ret_changes,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_pool_execute_sql(struct pool *pool, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        struct row_sink rows, int64_t *ret_changes,
                                        struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_pool_execute_batch(struct pool *pool, const struct batch_item *items,
                                          size_t count, int64_t *ret_changes,
                                          struct pool_error *error) INTERPLAY_RESULT;

/* Transactions; one at a time on a lease (else OUTCOME_MISUSE). */
enum outcome interplay_reader_begin(struct reader *reader, struct read_txn **ret_txn,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_read_txn_query(struct read_txn *txn, const struct read_statement *statement,
                                      const struct value *parameters, struct row_sink rows,
                                      struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_read_txn_query_sql(struct read_txn *txn, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          struct row_sink rows,
                                          struct pool_error *error) INTERPLAY_RESULT;
/* Nothing was written, so it does not matter whether this counts as commit or rollback. */
enum outcome interplay_read_txn_end(struct read_txn *txn);

enum outcome interplay_writer_begin(struct writer *writer, struct write_txn **ret_txn,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_write_txn_query(struct write_txn *txn,
                                       const struct read_statement *statement,
                                       const struct value *parameters, struct row_sink rows,
                                       struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_write_txn_execute(struct write_txn *txn,
                                         const struct write_statement *statement,
                                         const struct value *parameters, struct row_sink rows,
                                         int64_t *ret_changes,
                                         struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_write_txn_execute_sql(struct write_txn *txn, const char *sql,
                                             const struct value *parameters, uint32_t count,
                                             struct row_sink rows, int64_t *ret_changes,
                                             struct pool_error *error) INTERPLAY_RESULT;
/*
 * The transaction is over whatever comes back, but for OUTCOME_BUSY: then it is still open, and a
 * commit may be tried again. OUTCOME_IN_DOUBT: nobody knows whether it happened; the connection is
 * replaced. Any other failure: it did not happen.
 */
enum outcome interplay_write_txn_commit(struct write_txn *txn,
                                        struct pool_error *error) INTERPLAY_RESULT;
/*
 * The transaction is over. A rollback that meets busy is tried again after 10, 25 and 50 ms; where
 * it cannot be done the connection is replaced, which undoes the transaction too.
 */
enum outcome interplay_write_txn_rollback(struct write_txn *txn, struct pool_error *error);

/* --- the asynchronous pool ------------------------------------------------------------------- */

struct actor_pool;
struct request;         /* ends with interplay_request_drop */
struct stream;          /* ends with interplay_stream_drop */
struct actor_read_txn;  /* ends with interplay_actor_read_txn_drop */
struct actor_write_txn; /* ends with interplay_actor_write_txn_drop */

/* One thread a connection; they start here. */
enum outcome interplay_actors_open(struct actor_pool **ret_pool, const struct pool_options *options,
                                   struct pool_error *error) INTERPLAY_RESULT;
/*
 * As interplay_pool_close; OUTCOME_OK: all threads have ended. Waiting, it lets transactions that
 * were begun go on to their end; interrupting, it rolls them back, and calls on their handles get
 * OUTCOME_ROLLED_BACK.
 */
enum outcome interplay_actors_close(struct actor_pool *pool, enum pool_close_mode mode,
                                    uint32_t timeout_ms) INTERPLAY_RESULT;
/* When all requests, streams and transactions were dropped. */
void interplay_actors_free(struct actor_pool *pool);
void interplay_actors_inspect(struct actor_pool *pool, struct pool_view *ret_view);

/* How a request is sent; zero is a good default. */
struct request_options {
    uint32_t send_timeout_ms; /* to wait for room in the mailbox; 0: the pool's acquire timeout */
    void *tag;                /* handed to the observer */
    bool keeps_names;         /* of columns, to be asked for */
    /*
     * Called once, when the request has ended: on the actor's thread, or on the one that gives up a
     * request that still waits (cancel, drop, close). Must not call the pool, but for
     * interplay_request_wait with timeout 0 and what reads results, nor wait for a lock that is
     * held around such a call. Who waits for the request wakes up after it has returned.
     */
    void (*on_done)(void *context, struct request *request);
    void *context;
};

/*
 * Sends a statement; parameters are copied. Outside of transactions any free actor serves it, first
 * come, first served. Rows are kept in the request.
 */
enum outcome interplay_actors_query(struct actor_pool *pool, const struct read_statement *statement,
                                    const struct value *parameters,
                                    const struct request_options *options,
                                    struct request **ret_request,
                                    struct pool_error *error) INTERPLAY_RESULT;
enum outcome
interplay_actors_execute(struct actor_pool *pool, const struct write_statement *statement,
                         const struct value *parameters, const struct request_options *options,
                         struct request **ret_request, struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actors_query_sql(struct actor_pool *pool, const char *sql,
                                        const struct value *parameters, uint32_t count,
                                        const struct request_options *options,
                                        struct request **ret_request,
                                        struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actors_execute_sql(struct actor_pool *pool, const char *sql,
                                          const struct value *parameters, uint32_t count,
                                          const struct request_options *options,
                                          struct request **ret_request,
                                          struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actors_execute_batch(struct actor_pool *pool, const struct batch_item *items,
                                            size_t count, const struct request_options *options,
                                            struct request **ret_request,
                                            struct pool_error *error) INTERPLAY_RESULT;

/*
 * Functions that run on an actor's thread, with all that the synchronous pool lets one do with a
 * reader or writer: statements one after the other, transactions, rows that are not copied. The
 * handle lives until the function returns, and is the function's alone: interplay_reader_return is
 * OUTCOME_MISUSE, interplay_reader_drop does nothing. What the function returns (and wrote into
 * `error`) is what the request comes to; a transaction that it leaves open is rolled back, and
 * OUTCOME_OK then becomes OUTCOME_ROLLED_BACK.
 *
 * A cancel interrupts the statement under way, and each that the function begins after that, until
 * it returns; it is not stopped otherwise. It must not wait for other requests of this pool: the
 * actor that would serve them may be its own. `context` is used until the request has ended, even
 * if it was dropped (`on_done` tells).
 */
typedef enum outcome interplay_reader_work_fn(void *context, struct reader *reader,
                                              struct pool_error *error);
typedef enum outcome interplay_writer_work_fn(void *context, struct writer *writer,
                                              struct pool_error *error);
enum outcome interplay_actors_with_reader(struct actor_pool *pool, interplay_reader_work_fn *work,
                                          void *context, const struct request_options *options,
                                          struct request **ret_request,
                                          struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actors_with_writer(struct actor_pool *pool, interplay_writer_work_fn *work,
                                          void *context, const struct request_options *options,
                                          struct request **ret_request,
                                          struct pool_error *error) INTERPLAY_RESULT;

/*
 * A transaction holds its actor from the moment that its begin is served until it has ended. The
 * handle is there at once; requests sent through it are served in order, after the begin. If the
 * begin fails, or the connection is lost, they fail with OUTCOME_ROLLED_BACK; after the end that
 * was asked for, with OUTCOME_MISUSE. Cancelling the begin, or dropping its request before it has
 * ended, makes it fail.
 */
enum outcome interplay_actors_begin_read(struct actor_pool *pool,
                                         const struct request_options *options,
                                         struct actor_read_txn **ret_txn,
                                         struct request **ret_request,
                                         struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_read_txn_query(struct actor_read_txn *txn,
                                            const struct read_statement *statement,
                                            const struct value *parameters,
                                            const struct request_options *options,
                                            struct request **ret_request,
                                            struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_read_txn_query_sql(struct actor_read_txn *txn, const char *sql,
                                                const struct value *parameters, uint32_t count,
                                                const struct request_options *options,
                                                struct request **ret_request,
                                                struct pool_error *error) INTERPLAY_RESULT;
/* The handle is gone; the transaction ends when what was sent through it has been served. */
void interplay_actor_read_txn_drop(struct actor_read_txn *txn);
bool interplay_actor_read_txn_is_open(struct actor_read_txn *txn);

enum outcome interplay_actors_begin_write(struct actor_pool *pool,
                                          const struct request_options *options,
                                          struct actor_write_txn **ret_txn,
                                          struct request **ret_request,
                                          struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_write_txn_query(struct actor_write_txn *txn,
                                             const struct read_statement *statement,
                                             const struct value *parameters,
                                             const struct request_options *options,
                                             struct request **ret_request,
                                             struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_write_txn_execute(struct actor_write_txn *txn,
                                               const struct write_statement *statement,
                                               const struct value *parameters,
                                               const struct request_options *options,
                                               struct request **ret_request,
                                               struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_write_txn_execute_sql(struct actor_write_txn *txn, const char *sql,
                                                   const struct value *parameters, uint32_t count,
                                                   const struct request_options *options,
                                                   struct request **ret_request,
                                                   struct pool_error *error) INTERPLAY_RESULT;
/*
 * Commit and rollback are requests, with outcomes as in the synchronous pool. Cancelled before they
 * are served, they end the transaction with a rollback, too.
 */
enum outcome interplay_actor_write_txn_commit(struct actor_write_txn *txn,
                                              const struct request_options *options,
                                              struct request **ret_request,
                                              struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actor_write_txn_rollback(struct actor_write_txn *txn,
                                                const struct request_options *options,
                                                struct request **ret_request,
                                                struct pool_error *error) INTERPLAY_RESULT;
/*
 * The handle is gone; if the transaction is still open, what runs in it is interrupted, what waits
 * in it is given up, and a rollback is served before anything else on that actor.
 */
void interplay_actor_write_txn_drop(struct actor_write_txn *txn);
/* True from the begin's success until the database has ended the transaction, whoever asked. */
bool interplay_actor_write_txn_is_open(struct actor_write_txn *txn);

/* Requests. */

/* Waits for the end; OUTCOME_TIMEOUT: it is still under way. Else its outcome. */
enum outcome interplay_request_wait(struct request *request, uint32_t timeout_ms,
                                    struct pool_error *error) INTERPLAY_RESULT;
/* True when it has ended; does not wait. */
bool interplay_request_is_done(struct request *request);
/*
 * From any thread while the request is not dropped: a request that waits is given up, one that runs
 * is interrupted (outcome: interrupted), one that has ended stays as it is. Never hits another
 * request; the actor serves the next one without any repair.
 */
void interplay_request_cancel(struct request *request);
/* Ends the handle, cancelling first what has not ended. Does not wait. */
void interplay_request_drop(struct request *request);

/* Of a request that has ended: they live until it is dropped. */
int64_t interplay_request_changes(struct request *request);
uint64_t interplay_request_row_count(struct request *request);
/* How many columns its rows have, even if none came; 0: it failed, or returns no rows. */
uint32_t interplay_request_column_count(struct request *request);
/* From 0; NULL: it is not known, or there was no memory, or names were not to be kept. */
const char *interplay_request_column_name(struct request *request, uint32_t column);
/* Row `index` from 0; NULL beyond the end. */
const struct value *interplay_request_row(struct request *request, uint64_t index,
                                          uint32_t *ret_columns);

/*
 * Streams: rows over a bounded channel; the actor waits when it is full and is held until the
 * stream ends. Not available inside transactions. Their tag and `on_done` are those of the
 * statement.
 */
enum outcome
interplay_actors_stream(struct actor_pool *pool, const struct read_statement *statement,
                        const struct value *parameters, const struct request_options *options,
                        struct stream **ret_stream, struct pool_error *error) INTERPLAY_RESULT;
/*
 * A writing statement that returns rows (INSERT ... RETURNING). Dropped before its end: in doubt.
 */
enum outcome interplay_actors_mutate_stream(struct actor_pool *pool,
                                            const struct write_statement *statement,
                                            const struct value *parameters,
                                            const struct request_options *options,
                                            struct stream **ret_stream,
                                            struct pool_error *error) INTERPLAY_RESULT;
/* The same for ad-hoc SQL: prepared each time, never kept. */
enum outcome interplay_actors_stream_sql(struct actor_pool *pool, const char *sql,
                                         const struct value *parameters, uint32_t count,
                                         const struct request_options *options,
                                         struct stream **ret_stream,
                                         struct pool_error *error) INTERPLAY_RESULT;
enum outcome interplay_actors_mutate_stream_sql(struct actor_pool *pool, const char *sql,
                                                const struct value *parameters, uint32_t count,
                                                const struct request_options *options,
                                                struct stream **ret_stream,
                                                struct pool_error *error) INTERPLAY_RESULT;
/*
 * OUTCOME_ROW with a row that lives until the next call; OUTCOME_OK at the end, with the number of
 * columns that rows have, even if none came; OUTCOME_TIMEOUT: no row came in time, asking again is
 * fine; or the statement's failure.
 */
enum outcome interplay_stream_next(struct stream *stream, uint32_t timeout_ms,
                                   const struct value **ret_row, uint32_t *ret_columns,
                                   struct pool_error *error) INTERPLAY_RESULT;
/* As of a request; when a row or the end has come. */
const char *interplay_stream_column_name(struct stream *stream, uint32_t column);
/*
 * From any thread: interrupts the statement; after the rows that are ready the stream then ends
 * with OUTCOME_INTERRUPTED. Nothing when the statement has ended already.
 */
void interplay_stream_cancel(struct stream *stream);
/* Ends the stream, interrupting the statement if it has not ended. Does not wait. */
void interplay_stream_drop(struct stream *stream);

#endif
