/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A full disk leaves a corrupt database: journal_mode=memory, and a page that is spilled from the
 * cache cannot be written.
 *
 * The write fails for real: RLIMIT_FSIZE lets the file grow by 20 kB and no more.
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

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN);
    const char *path = begin(
        argc, argv,
        "the UPDATE fails and changes nothing: the process goes on, and has its journal in memory");
    sqlite3 *db = open_uri(path);
    must("db", db, "CREATE TABLE t0(k INTEGER PRIMARY KEY, v, p); CREATE INDEX i0 ON t0(v)");
    must("db", db,
         "WITH r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n<400)"
         " INSERT INTO t0 SELECT n, n, hex(zeroblob(200)) FROM r");
    sqlite3_close(db);
    struct stat size;
    if (stat(path, &size))
        give_up("%s: %s", path, strerror(errno));

    db = open_uri(path);
    must("db", db, "PRAGMA journal_mode=memory");
    must("db", db, "PRAGMA cache_size=1");
    must("db", db, "SELECT count(*) FROM t0");
    limit_files((rlim_t)size.st_size + 20000);
    bool failed = !strncmp(run("db", db, "UPDATE t0 SET v=v+1000, p=p||p||p"), "error", 5);
    limit_files(RLIM_INFINITY);
    if (!failed)
        give_up("the UPDATE did not fail");
    sqlite3_close(db);

    db = open_uri(path);
    bool is_sound = !strcmp(run("new", db, "PRAGMA integrity_check(3)"), "ok");
    const char *changed = run("new", db, "SELECT count(*) FROM t0 NOT INDEXED WHERE v>1000");
    bool is_unchanged = !strcmp(changed, "0");
    sqlite3_close(db);
    return finish(!is_sound || !is_unchanged);
}
