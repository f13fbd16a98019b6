/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the pool's benchmark share: a database in a temporary folder, which goes away
 * with the process, and connections to it. Whatever fails ends the process with 2.
 */
#ifndef BENCH_POOL_COMMON_H
#define BENCH_POOL_COMMON_H

#include "figures.h"

#include <interplay/pool.h>

#include <sqlite3.h>

enum { ROWS = 10000 };

#define SQL_LOOKUP "SELECT v FROM t WHERE k = ?1"

void fail(const char *what, const char *why) __attribute__((noreturn));
void must(enum outcome outcome, const char *what);
void must_sqlite(int code, int expected, const char *what);

/* Keys from 0 to ROWS - 1, in an order that jumps; what the rows have in column v. */
int64_t key_of(int i);
int64_t value_of(int64_t key);
/* A row function: adds the first column to the int64_t that is the context, wants one row. */
bool take_first(void *context, const struct value *columns, uint32_t count);

/* Write-ahead log; connections that are opened here commit with synchronous=normal. */
void make_database(void);
sqlite3 *open_plain(void);
sqlite3_stmt *prepare_plain(sqlite3 *database, const char *sql);
struct pool_options pool_options(void);
struct pool *open_pool(uint32_t readers);
void close_pool(struct pool *pool);

/* One writer beside several readers: the pool against one shared connection. Prints a table. */
void bench_mixed(void);

#endif
