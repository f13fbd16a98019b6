/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The WAL-reset bug: an acknowledged row is lost when a commit restarts the log in the midst of
 * another connection's checkpoint.
 *
 * The checkpoint is only made slow. SQLite calls xUnfetch between its look at the log's header and
 * the copying; there, a commit of the other connection gets its turn. Everything else is the VFS
 * of the machine.
 */
#include "reproducer.h"

static sqlite3 *writer;
static const sqlite3_io_methods *real;
static bool is_slow;

static int slow_unfetch(sqlite3_file *file, sqlite3_int64 offset, void *page)
{
    if (is_slow && !page) {
        is_slow = false;
        printf("-- the checkpoint has read the header of the log, and is slow\n");
        run("writer", writer, "UPDATE t0 SET v='restarts the log' WHERE k=1");
        printf("-- the checkpoint goes on\n");
    }
    return real->xUnfetch(file, offset, page);
}

static void make_slow(sqlite3 *db)
{
    static sqlite3_io_methods slow;
    sqlite3_file *file;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) ||
        file->pMethods->iVersion < 3)
        give_up("the VFS has no xUnfetch");
    real = file->pMethods;
    slow = *real;
    slow.xUnfetch = slow_unfetch;
    file->pMethods = &slow;
    is_slow = true;
}

int main(int argc, char **argv)
{
    const char *path = begin(argc, argv, "a row whose UPDATE was acknowledged is there afterwards");
    writer = open_uri(path);
    must("writer", writer, "PRAGMA journal_mode=WAL");
    must("writer", writer, "CREATE TABLE t0(k INTEGER PRIMARY KEY, v); CREATE TABLE pad(x)");
    must("writer", writer, "INSERT INTO t0 VALUES(1,'a'),(2,'b')");
    sqlite3 *slow = open_uri(path), *other = open_uri(path);
    must("slow", slow, "SELECT count(*) FROM t0");
    must("writer", writer, "INSERT INTO pad VALUES(zeroblob(20000))");
    must("other", other,
         "PRAGMA wal_checkpoint(PASSIVE)"); /* all is copied: the next commit restarts the log */
    make_slow(slow);
    must("slow", slow, "PRAGMA wal_checkpoint(PASSIVE)");
    if (is_slow)
        give_up("the checkpoint did not call xUnfetch");
    must("writer", writer, "UPDATE t0 SET v='acknowledged' WHERE k=2");
    must("writer", writer, "INSERT INTO pad VALUES(zeroblob(5000))");
    sqlite3_close(slow);
    sqlite3_close(other);
    sqlite3_close(writer);

    sqlite3 *db = open_uri(path);
    bool is_sound = !strcmp(run("new", db, "PRAGMA integrity_check(3)"), "ok");
    bool is_there = !strcmp(run("new", db, "SELECT v FROM t0 WHERE k=2"), "acknowledged");
    sqlite3_close(db);
    return finish(!is_sound || !is_there);
}
