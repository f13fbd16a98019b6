/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A kept statement commits alone, outside of its transaction, and reports success; the transaction
 * is gone.
 *
 * BEGIN, CREATE TABLE, INSERT, then a kept UPDATE that needs a statement journal. The schema has
 * changed, so sqlite3_step() prepares it anew and runs it again. One allocation of that call
 * fails: first the first one, then the second, and so on.
 */
#include "reproducer.h"

static sqlite3_mem_methods real;
static int failing_call; /* 0: none */
static int calls;
static bool has_failed;

static bool fails_now(void)
{
    bool fails = failing_call && ++calls == failing_call;
    has_failed |= fails;
    return fails;
}

static void *failing_malloc(int size)
{
    return fails_now() ? NULL : real.xMalloc(size);
}

static void *failing_realloc(void *memory, int size)
{
    return fails_now() ? NULL : real.xRealloc(memory, size);
}

static int count_commit(void *commits)
{
    ++*(int *)commits;
    return 0;
}

/* True when the call is wrong whose Nth allocation fails; has_failed is false when it has none. */
static bool is_wrong(const char *path, int n)
{
    sqlite3 *db = open_uri(path);
    sqlite3_exec(db,
                 "DROP TABLE IF EXISTS t1; DROP TABLE IF EXISTS t0;"
                 "CREATE TABLE t0(k INTEGER PRIMARY KEY, v NOT NULL);"
                 "INSERT INTO t0 VALUES(1,'a'),(2,'b'),(3,'c')",
                 NULL, NULL, NULL);
    sqlite3_stmt *update;
    if (sqlite3_prepare_v2(db, "UPDATE t0 SET v = v || 'x'", -1, &update, NULL))
        give_up("prepare: %s", sqlite3_errmsg(db));
    sqlite3_step(update);
    sqlite3_reset(update);
    sqlite3_exec(db,
                 "BEGIN IMMEDIATE; CREATE TABLE t1(x);"
                 "INSERT INTO t0 VALUES(9,'in transaction')",
                 NULL, NULL, NULL);
    int commits = 0;
    sqlite3_commit_hook(db, count_commit, &commits);

    calls = 0;
    has_failed = false;
    failing_call = n;
    int stepped = sqlite3_step(update);
    failing_call = 0;
    int is_autocommit = sqlite3_get_autocommit(db);

    bool wrong = stepped == SQLITE_DONE && is_autocommit;
    if (wrong) {
        printf("allocation %d of sqlite3_step() fails: step() = %d (%s), commits within it %d, "
               "autocommit afterwards %d\n",
               n, stepped, sqlite3_errstr(stepped), commits, is_autocommit);
        sqlite3 *other = open_uri(path);
        run("other", other, "SELECT k, v FROM t0");
        run("other", other, "SELECT count(*) FROM sqlite_master WHERE name = 't1'");
        sqlite3_close(other);
    }
    sqlite3_finalize(update);
    sqlite3_close(db);
    return wrong;
}

int main(int argc, char **argv)
{
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real);
    sqlite3_mem_methods failing = real;
    failing.xMalloc = failing_malloc;
    failing.xRealloc = failing_realloc;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &failing);
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* so that each allocation is a call */
    const char *path = begin(argc, argv,
                             "when memory runs out in the statement, it fails (SQLITE_NOMEM) and "
                             "the transaction is undone,"
                             " or it succeeds inside of the transaction");
    int wrong = 0, tried = 0;
    do {
        wrong += is_wrong(path, tried + 1);
        tried += has_failed;
    } while (has_failed && tried < 1000);
    if (tried == 0)
        give_up("sqlite3_step() allocated nothing");
    printf("%d of %d failing allocations: success is reported, the UPDATE is committed alone, the "
           "rest of the transaction is gone\n",
           wrong, tried);
    return finish(wrong > 0);
}
