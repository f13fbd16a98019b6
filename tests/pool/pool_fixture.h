/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What tests of the pool start from: a folder of their own with an SQLite database in it, a table
 * t(k, v), and short ways to say the usual things. Asserts: main thread only.
 */
#ifndef POOL_FIXTURE_H
#define POOL_FIXTURE_H

#include <interplay/pool.h>

struct fixture {
    char folder[64];
    char target[80];
};

int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/* Opens a pool with the table; few connections, short waits, no retries against `backend`. */
struct pool *fixture_open(const struct fixture *fixture, const struct backend_ops *backend,
                          uint32_t readers, uint32_t writers);
struct pool *fixture_open_with(const struct pool_options *options);
struct pool_options fixture_options(const struct fixture *fixture,
                                    const struct backend_ops *backend, uint32_t readers,
                                    uint32_t writers);
/* Everything must be back. */
void fixture_close(struct pool *pool);

struct reader *fixture_reader(struct pool *pool);
struct writer *fixture_writer(struct pool *pool);
struct write_txn *fixture_begin(struct writer *writer);

/* t(k, v) by known statements and on a fresh connection: the sum of all v. */
extern const struct write_statement insert_row, update_row;
extern const struct read_statement select_value, select_sum;
enum outcome fixture_insert(struct writer *writer, int64_t k, int64_t v);
enum outcome fixture_txn_insert(struct write_txn *txn, int64_t k, int64_t v);
enum outcome fixture_execute(struct writer *writer, const char *sql);
int64_t fixture_sum(struct pool *pool);

extern const struct row_sink no_rows; /* nobody takes any */

/* A row function that keeps the first column of the last row, which must be an integer. */
bool fixture_keep_integer(void *context, const struct value *columns, uint32_t count);

struct pool_view fixture_view(struct pool *pool);
/* Waits until so many calls wait for a reader and a writer. */
void fixture_wait_for_waiting(struct pool *pool, uint32_t readers, uint32_t writers);
/* Waits until a statement runs for `owner`, a lease or a transaction. */
void fixture_wait_for_busy(struct pool *pool, const void *owner);

#endif
