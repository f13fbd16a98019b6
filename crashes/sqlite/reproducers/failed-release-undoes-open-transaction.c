/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A RELEASE that commits fails, undoes its transaction, and leaves sqlite3_get_autocommit() saying
 * that it is still open.
 *
 * The write fails for real: RLIMIT_FSIZE lets no file grow (a full disk does the same). COMMIT in
 * its place is right.
 */
#include "reproducer.h"

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    if (setrlimit(RLIMIT_FSIZE, &limit))
        give_up("setrlimit: %s", strerror(errno));
}

/* True when `end` has failed and a transaction is said to be open whose work is gone. */
static bool is_wrong_after(const char *path, const char *mode, const char *end)
{
    sqlite3 *db = open_uri(path);
    must("db", db, mode);
    must("db", db, "DROP TABLE IF EXISTS t0; CREATE TABLE t0(k INTEGER PRIMARY KEY, v)");
    must("db", db, "SAVEPOINT s");
    must("db", db, "INSERT INTO t0 VALUES(1, zeroblob(300000))");
    limit_files(100000);
    bool failed = !strncmp(run("db", db, end), "error", 5);
    limit_files(RLIM_INFINITY);
    if (!failed)
        give_up("%s did not fail", end);

    bool is_open = !sqlite3_get_autocommit(db);
    printf("         sqlite3_get_autocommit() = %d: %s\n", !is_open,
           is_open ? "a transaction is open" : "no transaction is open");
#if SQLITE_VERSION_NUMBER >= 3034000
    printf("         sqlite3_txn_state() = %d (0 is none)\n", sqlite3_txn_state(db, "main"));
#endif
    bool is_there = !strcmp(run("db", db, "SELECT count(*) FROM t0"), "1");
    if (is_open) {
        run("db", db, "INSERT INTO t0 VALUES(2, 'second half of the transaction')");
        run("db", db, "COMMIT");
    }
    sqlite3_close(db);
    sqlite3 *other = open_uri(path);
    run("other", other, "SELECT k, length(v) FROM t0");
    sqlite3_close(other);
    return is_open && !is_there;
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN);
    const char *path =
        begin(argc, argv,
              "after the failed RELEASE, the transaction is open and its row is there,"
              " or sqlite3_get_autocommit() says that none is open");
    bool wrong = false;
    const char *modes[] = {"PRAGMA journal_mode=delete", "PRAGMA journal_mode=wal"};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        wrong |= is_wrong_after(path, modes[i], "RELEASE s");
        printf("-- the same with COMMIT in place of RELEASE\n");
        if (is_wrong_after(path, modes[i], "COMMIT"))
            give_up("COMMIT does the same: this is not what is meant to be shown");
    }
    return finish(wrong);
}
