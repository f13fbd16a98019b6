/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the PostgreSQL backend share: a connection of libpq, and a statement on it.
 *
 * libpq runs one statement at a time on a connection (`running`). Where another one begins before
 * its rows were all taken, the rest of them is read into memory first.
 */
#ifndef POSTGRES_POSTGRES_CONNECTION_H
#define POSTGRES_POSTGRES_CONNECTION_H

#include "postgres/postgres_cancel.h"
#include "postgres/postgres_session.h"
#include "postgres/postgres_words.h"

#include <interplay/backend.h>

#include <libpq-fe.h>

enum { POSTGRES_MESSAGE_BYTES = 512, POSTGRES_DROPPED_MAX = 16, POSTGRES_NAME_BYTES = 24 };

/* How statements are sent (struct backend_options.parameters). */
enum postgres_protocol {
    /* Parse, Bind and Execute at once, without a name: nothing is asked before the first step. */
    POSTGRES_EXTENDED,
    POSTGRES_PREPARED, /* Parse and Describe when prepared, under a name */
    POSTGRES_SIMPLE,   /* as one text, with values as literals */
};

struct postgres_parameters {
    enum postgres_protocol protocol;
    bool takes_all_rows; /* at once, not one by one */
    bool is_binary;      /* what values come in */
    bool waits_forever;  /* whatever the busy timeout */
};

/* Of the last call that failed. */
struct postgres_failure {
    char state[BACKEND_STATE_BYTES]; /* SQLSTATE */
    char message[POSTGRES_MESSAGE_BYTES];
};

struct backend_connection {
    PGconn *pg;
    struct postgres_parameters parameters;
    struct postgres_cancel cancel;
    struct postgres_session session;
    struct postgres_failure failure;
    struct backend_statement *running; /* NULL: libpq is idle */
    uint32_t statements;               /* not finalized yet */
    bool in_transaction;               /* an explicit one, failed or not; while none runs */
    bool has_failed;                   /* that transaction: it can only be rolled back */
    bool has_written;                  /* that transaction, as far as known */
    bool is_dead;
    int64_t changes;
    uint64_t names;                         /* of prepared statements so far */
    uint64_t dropped[POSTGRES_DROPPED_MAX]; /* those that the server is to forget */
    uint32_t dropped_count;
    void (*on_commit_point)(void *context);
    void (*on_statement)(void *context, const struct backend_told *told);
    void *context;
};

/* Rows that came, and were not all taken. */
struct postgres_rows {
    PGresult *result;
    struct postgres_rows *next;
};

struct postgres_parameter {
    char *bytes; /* NULL: SQL's NULL; terminated */
    size_t length;
    enum value_kind kind;
    int64_t integer;
};

struct backend_statement {
    struct backend_connection *connection;
    char *sql;
    struct postgres_text text;
    uint64_t name;                         /* on the server; 0: it has none */
    struct postgres_parameter *parameters; /* as many as the text has */
    Oid *types;       /* of parameters, as the server says; NULL: it was not asked */
    int column_count; /* -1: not known yet */

    /* Since it was prepared or reset: */
    bool has_begun;
    bool is_over;     /* its end, which is `end`, was read */
    bool was_outside; /* of a transaction, when it began */
    enum outcome end;
    bool copies_out;    /* lines of a COPY are still to come */
    bool has_copied;    /* what it copies in was sent */
    bool says_rollback; /* its command tag does */
    uint32_t effects;   /* enum backend_effect */
    struct postgres_rows *first, *last;
    int row;         /* of the first */
    PGresult *shape; /* how the end of rows, or none at all, tells of their columns; or NULL */
    struct postgres_scratch *scratch;
};

/* --- failures (postgres_errors.c) ------------------------------------------------------------- */

/* What a SQLSTATE is in words that all databases share; `routine` is the server's, or NULL. */
enum outcome postgres_outcome_of(const char *state, const char *routine);

/* Keeps what the result says in the connection. */
enum outcome postgres_failed(struct backend_connection *connection, const PGresult *result);

/* The same, of what the backend itself has to say. */
enum outcome postgres_refuse(struct backend_connection *connection, enum outcome outcome,
                             const char *state, const char *message);

/* The connection is gone; `may_have_committed`: what it was asked last. */
enum outcome postgres_lost(struct backend_connection *connection, bool may_have_committed);
/* Whether it is; libpq may find out only now. */
bool postgres_has_ended(struct backend_connection *connection);

/* --- exchanges (postgres_backend.c) ----------------------------------------------------------- */

/* Before anything is sent: OUTCOME_OK, or why it cannot be. */
enum outcome postgres_begin_exchange(struct backend_connection *connection);
/* After the answer has come. */
void postgres_end_exchange(struct backend_connection *connection);

/* Runs text of the backend's own, of any number of statements, and forgets what comes of it. */
enum outcome postgres_run_text(struct backend_connection *connection, const char *sql);

/* --- statements (postgres_statement.c) -------------------------------------------------------- */

enum outcome postgres_prepare(struct backend_connection *connection, const char *sql, size_t length,
                              struct backend_statement **ret_statement);
enum outcome postgres_bind(struct backend_statement *statement, int parameter,
                           const struct value *value);
/* What the server calls it, if it has a name there. */
void postgres_name(const struct backend_statement *statement, char ret_name[POSTGRES_NAME_BYTES]);
void postgres_reset(struct backend_statement *statement);
void postgres_finalize(struct backend_statement *statement);

/* --- running them (postgres_run.c, postgres_send.c) ------------------------------------------- */

enum outcome postgres_step(struct backend_statement *statement);
/* To its end, whatever comes of it; nothing of it is left. */
void postgres_end_run(struct backend_statement *statement);
/* What comes of the statement that runs, if one does, is kept for it. */
void postgres_make_room(struct backend_connection *connection);
/* False: libpq could not. */
bool postgres_send(struct backend_statement *statement);

/* --- telling what was done (postgres_tell.c) -------------------------------------------------- */

void postgres_tell_setup(struct backend_connection *connection, const char *setup);
void postgres_tell_statement(struct backend_statement *statement);

/* --- values (postgres_column.c) --------------------------------------------------------------- */

/* Of the row at hand. */
void postgres_column(struct backend_statement *statement, int column, struct value *ret_value);
const char *postgres_column_text(struct backend_statement *statement, int column,
                                 size_t *ret_length);
/* Digits of a number; as snprintf. */
size_t postgres_number_text(const struct value *value, char *text, size_t capacity);
void postgres_forget_scratch(struct backend_statement *statement);

#endif
