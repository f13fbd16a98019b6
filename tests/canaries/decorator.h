/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the canaries share: the honest backend, a copy of it to break, and for each statement under
 * way whose it is and what it says.
 */
#ifndef CANARY_DECORATOR_H
#define CANARY_DECORATOR_H

#include "canary.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    CANARY_SQL_BYTES = 160,
    CANARY_STATEMENTS_MAX = 64,
    CANARY_ANSWERS_MAX = 64,
    CANARY_SESSIONS_MAX = 32
};

struct canary_statement {
    struct backend_statement *statement;   /* NULL: free */
    struct backend_connection *connection; /* that was asked */
    struct backend_connection *answering;  /* that it was prepared on */
    char sql[CANARY_SQL_BYTES];            /* its beginning */
    bool has_row;                          /* one has come */
    bool is_altered;                       /* `number` and `is_null` stand for what it returned */
    bool is_null;
    int64_t number;
};

/* A task's connection, with what its transaction has done, where a canary keeps account of that. */
struct canary_session {
    struct backend_connection *connection; /* NULL: free */
    struct backend_connection *helper;     /* another one, which goes with it; NULL: none yet */
    struct backend_options options;        /* of that */
    uint32_t statements;                   /* that were prepared on it and not finalized */
    uint32_t tables_read;                  /* by its transaction: a bit set */
    bool has_written;                      /* its transaction has */
};

/* An answer that an aggregate once gave. */
struct canary_answer {
    char sql[CANARY_SQL_BYTES];
    bool is_null;
    int64_t number;
};

/* Everything that a canary may remember, forgotten before each plan. */
struct canary_memory {
    uint32_t times; /* of whatever the canary counts */
    struct canary_statement statements[CANARY_STATEMENTS_MAX];
    struct canary_session sessions[CANARY_SESSIONS_MAX];
    struct canary_answer answers[CANARY_ANSWERS_MAX];
    size_t answer_count;
    struct backend_connection *leaked, *forgetful;
    struct backend_connection *updated; /* it has updated, or committed, last */
    char number_sql[CANARY_SQL_BYTES];  /* the statement that set a number last */
};

extern struct canary_memory canary_memory;

/* The backend that is broken: calls pass through `honest` unless a canary replaces them. */
extern const struct backend_ops *const honest;
struct backend_ops *canary_decorate(struct fuzz_setup *setup);
struct backend_ops *canary_decorated(void); /* the same, later */

/* NULL outside of tasks and for statements that are not known. */
struct canary_statement *canary_statement(struct backend_statement *statement);

/* NULL for connections that are not a task's. */
struct canary_session *canary_session(const struct backend_connection *connection);

/* Who is to answer the statement that `connection` is asked; NULL: always that one. */
typedef struct backend_connection *canary_answering_fn(struct backend_connection *connection,
                                                       const char *sql);
extern canary_answering_fn *canary_answering;

/* True when the statement is known and its text begins so. */
bool canary_begins(const struct canary_statement *statement, const char *beginning);

/* True in every n-th call in a plan. */
bool canary_every(uint32_t n);

/* True on the coroutine of a task. */
bool canary_in_task(void);

/* Runs one statement to its end. */
enum outcome canary_execute(struct backend_connection *connection, const char *sql);

/* isolation_canaries.c */
void canary_install_dirty_read(struct fuzz_setup *setup);
void canary_install_moving_snapshot(struct fuzz_setup *setup);
void canary_install_lost_update(struct fuzz_setup *setup);
void canary_install_write_skew(struct fuzz_setup *setup);
void canary_install_fractured_read(struct fuzz_setup *setup);
void canary_install_unrepeatable_range(struct fuzz_setup *setup);

/* vfs_canaries.c */
void canary_install_skipped_sync(struct fuzz_setup *setup);
void canary_install_lost_page(struct fuzz_setup *setup);
void canary_install_freelist_count(struct fuzz_setup *setup);

#endif
