/* SPDX-License-Identifier: Apache-2.0 */
/* The database of the pool's benchmark, and failing. */
#include "bench_pool_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char target[80];

#define SET_UP "PRAGMA synchronous=normal;"

/* --- failing and figures ---------------------------------------------------------------------  */

void fail(const char *what, const char *why)
{
    fprintf(stderr, "bench_pool: %s: %s\n", what, why);
    exit(2);
}

void must(enum outcome outcome, const char *what)
{
    if (outcome != OUTCOME_OK)
        fail(what, interplay_outcome_names[outcome]);
}

void must_sqlite(int code, int expected, const char *what)
{
    if (code != expected)
        fail(what, sqlite3_errstr(code));
}

int64_t key_of(int i)
{
    return (int64_t)i * 7919 % ROWS;
}

int64_t value_of(int64_t key)
{
    return key * 3 + 1;
}

bool take_first(void *context, const struct value *columns, uint32_t count)
{
    int64_t *sum = context;
    *sum += count == 1 ? columns[0].integer : 0;
    return false; /* as the loop in plain C: the row is all that is wanted */
}

/* --- the database ---------------------------------------------------------------------------- */

static void remove_folder(void)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "%s%s", target, suffixes[i]);
        (void)unlink(path);
    }
    (void)rmdir(folder);
}

sqlite3 *open_plain(void)
{
    sqlite3 *database;
    must_sqlite(sqlite3_open(target, &database), SQLITE_OK, "open");
    must_sqlite(sqlite3_busy_timeout(database, 5000), SQLITE_OK, "busy timeout");
    must_sqlite(sqlite3_exec(database, SET_UP, NULL, NULL, NULL), SQLITE_OK, SET_UP);
    return database;
}

sqlite3_stmt *prepare_plain(sqlite3 *database, const char *sql)
{
    sqlite3_stmt *statement;
    must_sqlite(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK, sql);
    return statement;
}

void make_database(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/interplay-bench-XXXXXX");
    if (mkdtemp(folder) == NULL)
        fail("cannot make", folder);
    (void)snprintf(target, sizeof target, "%s/db", folder);
    (void)atexit(remove_folder);
    sqlite3 *database = open_plain();
    char fill[320];
    (void)snprintf(fill, sizeof fill,
                   "PRAGMA journal_mode=wal; CREATE TABLE t(k INTEGER PRIMARY KEY, v, w); "
                   "WITH RECURSIVE n(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM n LIMIT %d) "
                   "INSERT INTO t SELECT k, k * 3 + 1, 0 FROM n",
                   ROWS);
    must_sqlite(sqlite3_exec(database, fill, NULL, NULL, NULL), SQLITE_OK, "fill");
    must_sqlite(sqlite3_close(database), SQLITE_OK, "close");
}

struct pool_options pool_options(void)
{
    struct pool_options options = interplay_pool_defaults(&interplay_backend_sqlite, target);
    options.connection.setup = SET_UP;
    return options;
}

struct pool *open_pool(uint32_t readers)
{
    struct pool_options options = pool_options();
    options.readers = readers;
    struct pool *pool = NULL;
    must(interplay_pool_open(&pool, &options, NULL), "open the pool");
    return pool;
}

void close_pool(struct pool *pool)
{
    must(interplay_pool_close(pool, POOL_CLOSE_WAIT, POOL_DEFAULT_TIMEOUT), "close the pool");
    interplay_pool_free(pool);
}
