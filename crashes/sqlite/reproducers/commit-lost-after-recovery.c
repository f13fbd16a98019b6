/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without powersafe overwrite (psow=0), two power losses take an acknowledged commit: WAL,
 * synchronous=full.
 *
 * Both power losses leave what the documentation reckons with: the first takes what was written to
 * the log after its last sync; the second garbles the sector in which a write had begun. The VFS
 * of the machine does all the work; a wrapper around it notes the writes and syncs of the log, and
 * the states are put together from files that were really there.
 */
#include "reproducer.h"

struct log_calls {
    sqlite3_int64 first_write; /* -1: none yet */
    sqlite3_int64 end;         /* of what was written */
    sqlite3_int64 synced;      /* how much of that the last sync covers */
};
static struct log_calls calls;
static const sqlite3_io_methods *real;

static int note_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    printf("         the log is written: %d bytes at %lld\n", size, (long long)offset);
    if (calls.first_write < 0)
        calls.first_write = offset;
    if (offset + size > calls.end)
        calls.end = offset + size;
    return real->xWrite(file, data, size, offset);
}

static int note_sync(sqlite3_file *file, int flags)
{
    printf("         the log is synced\n");
    calls.synced = calls.end;
    return real->xSync(file, flags);
}

/* Runs a statement of a connection on `path`, and notes what it does to the log. */
static void commit_noting(sqlite3 *db, const char *sql)
{
    static sqlite3_io_methods noting;
    sqlite3_file *log;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) || !log->pMethods)
        give_up("the log is not open");
    real = log->pMethods;
    noting = *real;
    noting.xWrite = note_write;
    noting.xSync = note_sync;
    log->pMethods = &noting;
    calls = (struct log_calls){.first_write = -1};
    must("db", db, sql);
    log->pMethods = real;
    if (calls.first_write < 0)
        give_up("nothing was written to the log");
}

static sqlite3 *connect_to(const char *folder)
{
    char uri[500];
    snprintf(uri, sizeof uri, "file:%s/a.db?psow=0", folder);
    sqlite3 *db = open_uri(uri);
    must("db", db, "PRAGMA synchronous=full");
    return db;
}

/* The files of one folder into another; of the log, the first `log_size` bytes. */
static void copy_files(const char *from, const char *to, sqlite3_int64 log_size)
{
    char command[1500];
    snprintf(command, sizeof command,
             "mkdir -p '%s' && cp '%s/a.db' '%s'"
             " && head -c %lld '%s/a.db-wal' >'%s/a.db-wal'",
             to, from, to, (long long)log_size, from, to);
    if (system(command) != 0)
        give_up("cannot copy to %s", to);
}

/* Nobody knows what is in this sector now. */
static void garble(const char *folder, sqlite3_int64 offset, int size)
{
    char path[500];
    snprintf(path, sizeof path, "%s/a.db-wal", folder);
    FILE *log = fopen(path, "r+");
    if (!log || fseek(log, (long)offset, SEEK_SET))
        give_up("%s: %s", path, strerror(errno));
    for (int i = 0; i < size; i++)
        fputc(0xee, log);
    fclose(log);
}

static int sector_size_of(sqlite3 *db)
{
    sqlite3_file *file;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    return file->pMethods->xSectorSize(file);
}

/* A commit begins; a power loss garbles the sector of its first write. What is left is in `to`. */
static void lose_power_in_next_commit(sqlite3 *db, const char *from, const char *to,
                                      sqlite3_int64 log_size)
{
    copy_files(from, to, log_size);
    commit_noting(db, "INSERT INTO t0 VALUES(2, 'second')");
    int sector = sector_size_of(db);
    sqlite3_int64 begins = calls.first_write / sector * sector;
    printf("-- power loss in the write at %lld: its sector, %lld to %lld, is garbled\n",
           (long long)calls.first_write, (long long)begins, (long long)begins + sector);
    garble(to, begins, sector);
}

static bool row_is_there(const char *folder)
{
    sqlite3 *db = connect_to(folder);
    bool is_there = !strcmp(run("new", db, "SELECT count(*) FROM t0 WHERE k=1"), "1");
    run("new", db, "PRAGMA integrity_check");
    sqlite3_close(db);
    return is_there;
}

int main(int argc, char **argv)
{
    begin(argc, argv,
          "the row that was acknowledged with synchronous=full is there after both power losses");
    char first[450], second[450], third[450], control[450];
    snprintf(first, sizeof first, "%s/1", reproducer_folder);
    snprintf(second, sizeof second, "%s/2", reproducer_folder);
    snprintf(third, sizeof third, "%s/3", reproducer_folder);
    snprintf(control, sizeof control, "%s/control", reproducer_folder);
    if (mkdir(first, 0700))
        give_up("%s: %s", first, strerror(errno));

    sqlite3 *db = connect_to(first);
    must("db", db, "PRAGMA journal_mode=WAL");
    must("db", db, "CREATE TABLE t0(k INTEGER PRIMARY KEY, v)");
    must("db", db, "PRAGMA wal_checkpoint(TRUNCATE)");
    commit_noting(db, "INSERT INTO t0 VALUES(1, 'acknowledged')");
    struct log_calls commit = calls;
    printf("-- power loss: of the log, what was synced is left: %lld of %lld bytes\n",
           (long long)commit.synced, (long long)commit.end);
    copy_files(first, second, commit.synced);

    sqlite3 *recovered = connect_to(second);
    must("db", recovered, "SELECT * FROM t0");
    lose_power_in_next_commit(recovered, second, third, commit.synced);
    sqlite3_close(recovered);
    bool is_there = row_is_there(third);

    printf("-- the same without the first power loss\n");
    lose_power_in_next_commit(db, first, control, commit.end);
    sqlite3_close(db);
    if (!row_is_there(control))
        give_up("one power loss is enough: this is not what is meant to be shown");
    return finish(!is_there);
}
