/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pool with actors on a SQLite file of its own, for the tests of one program: a backend that
 * counts steps and fails where it is told to, an observer that writes down what is served and can
 * hold an actor just before it works, and calls that must succeed.
 */
#ifndef ACTORS_FIXTURE_H
#define ACTORS_FIXTURE_H

#include <interplay/pool.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { LONG_MS = 20000, SHORT_MS = 100, LOG_MAX = 256 };

#define FOREVER_SQL                                                                                \
    "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"

extern const struct read_statement count_rows;  /* of table t: one integer */
extern const struct write_statement insert_row; /* (k integer) into table t */
extern const struct read_statement forever;     /* runs until it is interrupted */

/* --- the pool -------------------------------------------------------------------------------- */

extern struct actor_pool *pool;

int fixture_set_up(void **state);    /* a new folder with a database, no pool yet */
int fixture_tear_down(void **state); /* closes the pool, if there is one */

struct pool_options fixture_options(uint32_t readers, uint32_t writers);
void fixture_open(uint32_t readers, uint32_t writers);
void fixture_open_with(const struct pool_options *options);
void fixture_close(enum pool_close_mode mode);

/* --- the backend ----------------------------------------------------------------------------- */

/* While `sql` is not NULL, preparing what begins with it fails. `times` 0: without end. */
void fixture_fail(const char *sql, enum outcome outcome, uint32_t times);

uint64_t fixture_steps(void);
/* Waits until so many steps have begun, ever. */
void fixture_await_steps(uint64_t steps);

/* --- the observer ---------------------------------------------------------------------------- */

/* A tag with which requests are held when their work begins, until fixture_let_go. */
extern char held_tag;
void fixture_await_held(uint32_t count);
void fixture_let_go(void);

struct served {
    const void *tag;
    bool is_begin; /* on_serve, else on_served */
    enum outcome outcome;
};
/* What was told so far. */
uint32_t fixture_log(struct served *log);
/* Place of the entry in the log; fails the test if it is not there exactly once. */
uint32_t fixture_place(const void *tag, bool is_begin);
bool fixture_was_told(const void *tag, bool is_begin);

/* --- calls that must succeed ----------------------------------------------------------------- */

struct request_options tagged(const void *tag);
struct request *send_query(const struct read_statement *statement, const void *tag);
struct request *send_query_sql(const char *sql, const void *tag);
struct request *send_insert(int64_t k, const void *tag);
struct request *send_execute_sql(const char *sql, const void *tag);

/* Waits for a request and drops it. */
void must_end(struct request *request, enum outcome outcome);
int64_t integer_of(struct request *request); /* of its only row; drops it */

void must_insert(int64_t k);
int64_t row_count(void);
void must_execute_sql(const char *sql);
struct pool_slot_view slot_view(uint32_t index);
/* Waits until so many requests wait for readers and writers. */
void await_waiting(uint32_t readers, uint32_t writers);

/* --- threads that send ----------------------------------------------------------------------- */

/* Sends count_rows with itself as the tag, waits for the end. */
struct sender {
    pthread_t thread;
    enum outcome sent, ended;
};

/* One after the other, each when the one before it waits; so many wait already. */
void start_senders(struct sender *senders, uint32_t count, uint32_t waiting_before);
void join_sender(const struct sender *sender);

#endif
