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

enum { CANARY_SQL_BYTES = 160, CANARY_STATEMENTS_MAX = 64, CANARY_ANSWERS_MAX = 64 };

struct canary_statement {
    struct backend_statement *statement; /* NULL: free */
    struct backend_connection *connection;
    char sql[CANARY_SQL_BYTES]; /* its beginning */
    bool is_altered;            /* `number` and `is_null` stand for what it returned */
    bool is_null;
    int64_t number;
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

/* True when the statement is known and its text begins so. */
bool canary_begins(const struct canary_statement *statement, const char *beginning);

/* True in every n-th call in a plan. */
bool canary_every(uint32_t n);

/* True on the coroutine of a task. */
bool canary_in_task(void);

/* Runs one statement to its end. */
enum outcome canary_execute(struct backend_connection *connection, const char *sql);

/* vfs_canaries.c */
void canary_install_skipped_sync(struct fuzz_setup *setup);
void canary_install_lost_page(struct fuzz_setup *setup);
void canary_install_freelist_count(struct fuzz_setup *setup);

#endif
