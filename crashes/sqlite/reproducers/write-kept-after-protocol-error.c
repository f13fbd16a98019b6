/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement fails with SQLITE_PROTOCOL, and the COMMIT after it keeps half of it: a corrupt
 * database.
 *
 * Another process is stopped (SIGSTOP; a debugger or a suspended virtual machine does the same)
 * while it moves a read mark of the log, which it holds exclusively for that. The failing process
 * uses SQLite and the VFS as they are. It takes ten seconds: so long SQLite tries.
 */
#include "reproducer.h"

/* xShmLock's slots: WRITE, CKPT, RECOVER, and read mark 0, which never moves. */
enum { FIRST_READ_MARK = 4 };

static const sqlite3_io_methods *real;
static bool stops;

static int stopping_lock(sqlite3_file *file, int slot, int count, int flags)
{
    int gives_back = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE;
    if (stops && flags == gives_back && slot >= FIRST_READ_MARK && count == 1) {
        stops = false;
        printf("-- the other process is stopped; it holds read mark %d\n", slot - 3);
        raise(SIGSTOP);
    }
    return real->xShmLock(file, slot, count, flags);
}

/* A process that commits, and is stopped in the midst of its next read. */
static void be_stopped(const char *path, int ready, int go)
{
    static sqlite3_io_methods stopping;
    sqlite3 *db = open_uri(path);
    must("stopped", db, "INSERT INTO t0 VALUES(9001, 1, 'x')");
    sqlite3_file *file;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    real = file->pMethods;
    stopping = *real;
    stopping.xShmLock = stopping_lock;
    file->pMethods = &stopping;
    char byte = 0;
    if (write(ready, &byte, 1) != 1 || read(go, &byte, 1) != 1)
        _exit(COULD_NOT_BE_TRIED);
    stops = true;
    run("stopped", db, "SELECT count(*) FROM t0");
    sqlite3_close(db);
    _exit(0);
}

static void prepare(const char *path)
{
    sqlite3 *db = open_uri(path);
    must("setup", db, "PRAGMA journal_mode=WAL");
    must("setup", db, "CREATE TABLE t0(k INTEGER PRIMARY KEY, v, p); CREATE INDEX i0 ON t0(v)");
    must("setup", db,
         "WITH r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n<400)"
         " INSERT INTO t0 SELECT n, n, hex(zeroblob(200)) FROM r");
    must("setup", db, "PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(db);
}

int main(int argc, char **argv)
{
    const char *path =
        begin(argc, argv,
              "a statement that failed leaves nothing behind when the transaction is committed");
    prepare(path);
    int ready[2], go[2];
    if (pipe(ready) || pipe(go))
        give_up("pipe: %s", strerror(errno));
    pid_t other = fork();
    if (other == 0)
        be_stopped(path, ready[1], go[0]);
    char byte;
    if (other < 0 || read(ready[0], &byte, 1) != 1)
        give_up("no second process");

    sqlite3 *db = open_uri(path), *checkpointer = open_uri(path);
    must("db", db,
         "PRAGMA cache_size=1"); /* so that the statement spills, and meets the log in its midst */
    must("db", db, "SELECT count(*) FROM t0");
    must("third", checkpointer, "INSERT INTO t0 VALUES(9002, 2, 'y')");
    int status;
    if (write(go[1], &byte, 1) != 1 || waitpid(other, &status, WUNTRACED) != other ||
        !WIFSTOPPED(status))
        give_up("the other process was not stopped");
    must("third", checkpointer,
         "PRAGMA wal_checkpoint(PASSIVE)"); /* so that the next write restarts the log */
    run("db", db, "BEGIN");
    int before = atoi(run("db", db, "SELECT count(*) FROM t0 NOT INDEXED"));
    bool failed = !strncmp(run("db", db, "DELETE FROM t0"), "error 15", 8);
    run("db", db, "COMMIT");
    kill(other, SIGCONT);
    waitpid(other, &status, 0);
    sqlite3_close(db);
    sqlite3_close(checkpointer);

    db = open_uri(path);
    bool is_sound = !strcmp(run("new", db, "PRAGMA integrity_check(3)"), "ok");
    int after = atoi(run("new", db, "SELECT count(*) FROM t0 NOT INDEXED"));
    sqlite3_close(db);
    if (!failed)
        printf("the DELETE did not fail with SQLITE_PROTOCOL\n");
    return finish(!is_sound || (failed && after != before));
}
