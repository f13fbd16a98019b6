/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the backend for SQL Server share: a connection of db-lib, and a statement on
 * it.
 *
 * db-lib runs one statement at a time on a connection (`running`). Where another one begins before
 * its rows were all taken, the rest of them is read into memory first.
 */
#ifndef MSSQL_MSSQL_CONNECTION_H
#define MSSQL_MSSQL_CONNECTION_H

#include "mssql/mssql_words.h"

#include <interplay/backend.h>

#include <pthread.h>
#include <sybfront.h>

#include <sybdb.h>

enum { MSSQL_MESSAGE_BYTES = 512, MSSQL_NAMES_MAX = 8, MSSQL_NAME_BYTES = 32 };

/* How statements are sent (struct backend_options.parameters). */
enum mssql_protocol {
    MSSQL_RPC,   /* with values: sp_executesql, typed; without: a batch */
    MSSQL_BATCH, /* always as one text, with values as literals */
};

struct mssql_parameters {
    enum mssql_protocol protocol;
    int packet_bytes;   /* what packets are to be at most; 0: as FreeTDS asks for */
    bool waits_forever; /* for locks, whatever the busy timeout */
};

/* Of the last call that failed. */
struct mssql_failure {
    enum outcome outcome; /* OUTCOME_OK: nothing has failed */
    int number;
    int severity;
    char message[MSSQL_MESSAGE_BYTES];
};

/*
 * Cancelling what runs, from another thread, so that it hits that and nothing else: attention is
 * sent only while a request is out, and if the answer was there before it was noticed, something
 * harmless is asked before anything else is.
 */
struct mssql_cancel {
    pthread_mutex_t mutex;
    bool is_asked; /* of the call under way */
    bool is_out;   /* a request, whose answer has not ended */
    bool is_sent;  /* attention, while it was */
};

struct backend_connection {
    DBPROCESS *process;
    struct mssql_parameters parameters;
    struct mssql_cancel cancel;
    struct mssql_failure failure;
    struct backend_statement *running; /* NULL: db-lib is idle */
    uint32_t statements;               /* not finalized yet */
    bool in_transaction;               /* while none runs */
    bool has_written;                  /* in that transaction, as far as known */
    bool has_failed;                   /* db-lib says so of the exchange at hand */
    bool is_dead;
    int64_t changes;
    void (*on_commit_point)(void *context);
    void (*on_statement)(void *context, const struct backend_told *told);
    void *context;
};

/* A row that came, and was not taken yet. */
struct mssql_row {
    struct mssql_row *next;
    uint32_t count;
    struct value *values; /* and behind them their bytes */
    char *text;           /* the last one that mssql_column_text has made */
};

struct mssql_parameter {
    struct value value;
    char *bytes; /* that it owns; NULL: none */
};

struct backend_statement {
    struct backend_connection *connection;
    char *sql;
    size_t sql_length;
    struct mssql_text text;
    struct mssql_parameter *parameters; /* as many as the text has */
    int column_count;                   /* -1: not known yet */
    /* Of the first columns; "": it has none, or a longer one. */
    char names[MSSQL_NAMES_MAX][MSSQL_NAME_BYTES];

    /* Since it was prepared or reset: */
    bool has_begun;
    bool has_rows;    /* db-lib is within a result that has some */
    bool is_over;     /* its end, which is `end`, was read */
    bool was_outside; /* of a transaction, when it began */
    enum outcome end;
    uint32_t effects; /* enum backend_effect */
    struct mssql_row *first, *last;
};

/* --- failures (mssql_errors.c) ---------------------------------------------------------------- */

/* Handlers of db-lib's, once in a process; false: it cannot be had. */
bool mssql_begin_library(void);

/* Around what opens a connection, on one thread: whoever tells of failures finds it so. */
struct mssql_opening {
    struct backend_connection *connection;
    pthread_t thread;
    struct mssql_opening *next;
};
void mssql_begin_opening(struct mssql_opening *opening);
void mssql_end_opening(struct mssql_opening *opening);

/* What an error is in words that all databases share. */
enum outcome mssql_outcome_of(int number, int severity);

/* Keeps it in the connection, if it is the first since the exchange began. */
enum outcome mssql_refuse(struct backend_connection *connection, enum outcome outcome, int number,
                          const char *message);

/* The connection is gone; `may_have_committed`: what it was asked last. */
enum outcome mssql_lost(struct backend_connection *connection, bool may_have_committed);

/* --- exchanges (mssql_exchange.c) ------------------------------------------------------------- */

/* Before anything is sent: OUTCOME_OK, or why it cannot be. */
enum outcome mssql_begin_exchange(struct backend_connection *connection);
/* After the request has been sent. */
void mssql_sent(struct backend_connection *connection);
/* After the answer has come. */
void mssql_end_exchange(struct backend_connection *connection);
/* Between exchanges; what was said of the last one stays. */
void mssql_undo_transaction(struct backend_connection *connection);
/* Asks the server to stop, and reads to the end. */
void mssql_give_up(struct backend_connection *connection);
/* From any thread. */
void mssql_cancel_ask(struct backend_connection *connection);
/* What was asked so far was meant for another call. */
void mssql_cancel_forget(struct backend_connection *connection);

/* Runs text of the backend's own, of any number of statements, and forgets what comes of it. */
enum outcome mssql_run_text(struct backend_connection *connection, const char *sql);

/* --- statements (mssql_statement.c) ----------------------------------------------------------- */

enum outcome mssql_prepare(struct backend_connection *connection, const char *sql, size_t length,
                           struct backend_statement **ret_statement);
enum outcome mssql_bind(struct backend_statement *statement, int parameter,
                        const struct value *value);
void mssql_reset(struct backend_statement *statement);
void mssql_finalize(struct backend_statement *statement);

/* --- running them (mssql_run.c, mssql_send.c) ------------------------------------------------- */

enum outcome mssql_step(struct backend_statement *statement);
/* To its end, whatever comes of it; nothing of it is left. */
void mssql_end_run(struct backend_statement *statement);
/* What comes of the statement that runs, if one does, is kept for it. */
void mssql_make_room(struct backend_connection *connection);
/* False: db-lib could not. */
bool mssql_send(struct backend_statement *statement);

/* --- rows (mssql_row.c) ----------------------------------------------------------------------- */

/* The row that db-lib has at hand. NULL: no memory. */
struct mssql_row *mssql_take_row(DBPROCESS *process);
void mssql_free_row(struct mssql_row *row);
/* Of the row at hand. */
void mssql_column(struct backend_statement *statement, int column, struct value *ret_value);
const char *mssql_column_text(struct backend_statement *statement, int column, size_t *ret_length);

#endif
