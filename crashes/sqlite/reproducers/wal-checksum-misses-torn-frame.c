/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A power loss in the midst of writing a transaction to the log: half of it is taken for whole,
 * since the checksum of a torn frame is right.
 *
 * The log is used a second time, so under the new frames lie old ones. Of the last frame, what
 * lies before a multiple of 4096 bytes in the file (a page of the page cache) reached the disk,
 * and nothing after it. Both images of the log were really there; a new connection recovers what
 * is put together of them. Rows are 20 bytes, so that the byte that changes is always the top one
 * of its 32-bit word, and it changes by 64: six such rows cancel out in the checksum, whatever
 * else is in the page.
 */
#include "reproducer.h"

enum { PAGE = 4096, LOG_HEADER = 32, FRAME = 24 + PAGE };

struct image {
    char *bytes;
    long size;
};

static struct image read_image(const char *path)
{
    struct image image = {0};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) || (image.size = ftell(file)) < 0)
        give_up("%s: %s", path, strerror(errno));
    rewind(file);
    image.bytes = malloc((size_t)image.size + 1);
    if (!image.bytes || fread(image.bytes, 1, (size_t)image.size, file) != (size_t)image.size)
        give_up("%s: cannot be read", path);
    fclose(file);
    return image;
}

static void write_image(const char *path, const char *bytes, long size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, (size_t)size, file) != (size_t)size || fclose(file))
        give_up("%s: %s", path, strerror(errno));
}

static void quietly(sqlite3 *db, const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        give_up("%s: %s", sql, sqlite3_errmsg(db));
}

static int number(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) || sqlite3_step(statement) != SQLITE_ROW)
        give_up("%s: %s", sql, sqlite3_errmsg(db));
    int value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* How many rows a new connection finds old, that is with 64 added; the rest is new. */
static int old_rows_after_recovery(struct image database, const char *log, long log_size)
{
    char path[450], log_path[460], shm_path[460];
    snprintf(path, sizeof path, "%s/recovered.db", reproducer_folder);
    snprintf(log_path, sizeof log_path, "%s-wal", path);
    snprintf(shm_path, sizeof shm_path, "%s-shm", path);
    unlink(shm_path);
    write_image(path, database.bytes, database.size);
    write_image(log_path, log, log_size);
    sqlite3 *db = open_uri(path);
    quietly(db, "PRAGMA synchronous=off"); /* no second loss of power */
    int old = number(db, "SELECT count(*) FROM t0 WHERE v >= 64");
    sqlite3_close(db);
    return old;
}

/*
 * Commits twice over the same frames of the log, loses power in the second, and tells how many
 * rows are old after recovery. Sets ret_tear to the place of the tear.
 */
static int old_rows_after_loss(const char *path, const char *synchronous, int rows, long *ret_tear)
{
    char sql[300], log_path[450];
    snprintf(log_path, sizeof log_path, "%s-wal", path);
    unlink(path);
    sqlite3 *db = open_uri(path);
    quietly(db, "PRAGMA page_size=4096; PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; "
                "PRAGMA synchronous=off");
    snprintf(sql, sizeof sql,
             "CREATE TABLE t0(k INTEGER PRIMARY KEY, v INTEGER, p TEXT);"
             "WITH r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n<%d)"
             " INSERT INTO t0 SELECT 1000+n, 10+n%%50, 'xxxxxxxxxxxx' FROM r",
             rows);
    quietly(db, sql);
    quietly(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    quietly(db, "UPDATE t0 SET v = v + 64");
    quietly(db, "PRAGMA wal_checkpoint(PASSIVE)");
    struct image old = read_image(log_path);
    snprintf(sql, sizeof sql, "PRAGMA synchronous=%s; UPDATE t0 SET v = v - 64", synchronous);
    quietly(db, sql);
    struct image new = read_image(log_path), database = read_image(path);
    sqlite3_close(db);
    if (new.size != old.size || (new.size - LOG_HEADER) % FRAME)
        give_up("the second transaction does not lie on the first one in the log");

    long tear = new.size / PAGE *PAGE;
    *ret_tear = tear;
    memcpy(new.bytes + tear, old.bytes + tear, (size_t)(new.size - tear));
    int old_rows = old_rows_after_recovery(database, new.bytes, new.size);
    free(old.bytes);
    free(new.bytes);
    free(database.bytes);
    return old_rows;
}

/* How many of `tried` power losses left half a transaction. */
static int count_halves(const char *path, const char *synchronous, int *ret_tried)
{
    int halves = 0, tried = 0;
    for (int rows = 600; rows < 3000; rows += 80) {
        long tear;
        int old = old_rows_after_loss(path, synchronous, rows, &tear);
        tried++;
        if (old > 0 && old < rows && ++halves == 1)
            printf("synchronous=%s, %d rows, log torn at %ld: recovery leaves %d rows old and %d "
                   "new\n",
                   synchronous, rows, tear, old, rows - old);
    }
    printf("synchronous=%s: %d of %d power losses leave half a transaction\n", synchronous, halves,
           tried);
    *ret_tried = tried;
    return halves;
}

int main(int argc, char **argv)
{
    const char *path = begin(argc, argv, "after each power loss, all rows are old or all are new");
    int tried;
    int halves = count_halves(path, "normal", &tried);
    halves += count_halves(path, "full", &tried);
    return finish(halves > 0);
}
