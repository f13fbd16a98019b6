/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A power loss after VACUUM has returned corrupts the database, where the storage kept the later
 * of two unsynced changes (the file was cut) and not the earlier one (the journal was removed).
 *
 * journal_mode=delete, synchronous=full. The journal is kept under a second name (link) before
 * SQLite removes it; afterwards it gets its name back. This is a state that POSIX allows after a
 * power loss; ext4 in its usual mode keeps the order of the two.
 */
#include "reproducer.h"

static sqlite3_vfs keeping;
static sqlite3_vfs *real;
static char kept[450];
static bool removal_is_synced; /* then a power loss cannot bring the journal back */

static int keep_journal(sqlite3_vfs *vfs, const char *name, int sync_dir)
{
    (void)vfs;
    if (strstr(name, "a.db-journal")) {
        unlink(kept);
        if (link(name, kept))
            give_up("link: %s", strerror(errno));
        removal_is_synced = sync_dir != 0;
    }
    return real->xDelete(real, name, sync_dir);
}

int main(int argc, char **argv)
{
    const char *path = begin(
        argc, argv, "after the power loss the database is sound, with the content that it had");
    char journal[450];
    snprintf(kept, sizeof kept, "%s/kept", reproducer_folder);
    snprintf(journal, sizeof journal, "%s-journal", path);
    real = sqlite3_vfs_find(NULL);
    keeping = *real;
    keeping.zName = "keeping";
    keeping.xDelete = keep_journal;
    sqlite3_vfs_register(&keeping, 1);

    sqlite3 *db = open_uri(path);
    must("db", db, "PRAGMA page_size=1024");
    must("db", db, "PRAGMA journal_mode=delete");
    must("db", db, "PRAGMA synchronous=full");
    must("db", db,
         "CREATE TABLE t0(k INTEGER PRIMARY KEY, v, p); CREATE INDEX i0 ON t0(v); CREATE TABLE "
         "t1(x)");
    must("db", db,
         "WITH r(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM r WHERE n<60)"
         " INSERT INTO t0 SELECT n, n, hex(zeroblob(300)) FROM r");
    must("db", db, "INSERT INTO t1 SELECT p FROM t0");
    must("db", db, "DELETE FROM t0 WHERE k%3");
    must("db", db, "VACUUM");
    sqlite3_close(db);
    if (removal_is_synced) {
        printf("the removal of the journal is synced\n");
        return finish(false);
    }
    if (rename(kept, journal))
        give_up("rename: %s", strerror(errno));
    printf("-- power loss: the file has been cut, the journal is still there\n");

    sqlite3_vfs_register(real, 1);
    db = open_uri(path);
    bool is_sound = !strcmp(run("new", db, "PRAGMA integrity_check(3)"), "ok");
    bool is_there = !strcmp(run("new", db, "SELECT count(*), sum(length(p)) FROM t0"), "20 12000");
    is_there &= !strcmp(run("new", db, "SELECT count(*), sum(length(x)) FROM t1"), "60 36000");
    sqlite3_close(db);
    return finish(!is_sound || !is_there);
}
