/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SQL of a stranger's plan, or a connection that takes URIs, can reach in the simulated world:
 * nothing of the real one. Each statement ends in an ordinary error or works on simulated files,
 * and no file comes into being in the current folder or the one for temporary files.
 */
#include "sim/world.h"
#include "sqlite/sqlite_sim.h"

#include <dirent.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sqlite_sim *sim;
static char folder[] = "/tmp/interplay-reach-XXXXXX";

static sqlite3 *open_with_uris(void)
{
    sqlite3 *database;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_URI;
    sqlite_sim_reset(sim, &(struct sqlite_sim_options){.page_size = 512, .wal = true});
    assert_int_equal(sqlite3_open_v2(SQLITE_SIM_DATABASE, &database, flags, sqlite_sim_vfs(sim)),
                     SQLITE_OK);
    return database;
}

static void nothing_is_in_the_folder(const char *sql)
{
    DIR *open = opendir(".");
    assert_non_null(open);
    for (struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open))
        if (entry->d_name[0] != '.')
            fail_msg("%s has made %s", sql, entry->d_name);
    closedir(open);
}

struct attempt {
    const char *sql; /* %s: the folder */
    bool works;
};

static const struct attempt attempts[] = {
    {"ATTACH 'plain' AS a; CREATE TABLE a.x(y)", true},
    {"ATTACH '%s/absolute' AS a; CREATE TABLE a.x(y)", true},
    {"ATTACH 'file:uri' AS a; CREATE TABLE a.x(y)", true},
    {"ATTACH 'file:%s/uri?mode=rwc' AS a; CREATE TABLE a.x(y)", true},
    {"ATTACH 'file:%s/unix?vfs=unix' AS a; CREATE TABLE a.x(y)", false},
    {"ATTACH 'file:%s/none?vfs=unix-none' AS a; CREATE TABLE a.x(y)", false},
    {"ATTACH 'file:%s/dot?vfs=unix-dotfile' AS a; CREATE TABLE a.x(y)", false},
    {"ATTACH 'file:%s/excl?vfs=unix-excl' AS a; CREATE TABLE a.x(y)", false},
    {"ATTACH 'file:shared?mode=memory&cache=shared' AS a; CREATE TABLE a.x(y)", true},
    {"ATTACH '' AS a; CREATE TABLE a.x(y)", true},
    {"VACUUM INTO 'copy'", true},
    {"VACUUM INTO '%s/copy'", true},
    {"VACUUM INTO 'file:%s/copy-uri?vfs=unix'", false},
    {"SELECT load_extension('%s/none.so')", false},
    {"SELECT load_extension('libm.so.6')", false},
    {"SELECT writefile('%s/written', 'x')", false},
    {"SELECT readfile('/etc/passwd')", false},
    {"SELECT edit('x', 'touch %s/edited')", false},
    {"SELECT name FROM fsdir('/')", false},
    {"CREATE VIRTUAL TABLE temp.z USING zipfile('%s/zip')", false},
    {"PRAGMA temp_store_directory='%s'", false},
    {"PRAGMA temp_store_directory='" SQLITE_SIM_DATABASE "'", false},
    {"PRAGMA data_store_directory='%s'", true},  /* of Windows only: nothing */
    {"PRAGMA lock_proxy_file='%s/proxy'", true}, /* of Apple's only: nothing */
    {"PRAGMA temp_store=file; PRAGMA cache_size=1; CREATE TEMP TABLE x(y); WITH RECURSIVE c(n) AS "
     "(VALUES(1) UNION ALL SELECT n+1 FROM c WHERE n<2000) INSERT INTO temp.x SELECT "
     "randomblob(900) FROM c; CREATE INDEX temp.z ON x(y)",
     true},
};

static void nothing_outside_is_touched(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof attempts / sizeof attempts[0]; i++) {
        sqlite3 *database = open_with_uris();
        char *sql = strdup(attempts[i].sql);
        const char *place = strstr(sql, "%s");
        if (place != NULL) {
            char *with_folder = malloc(strlen(sql) + sizeof folder);
            assert_non_null(with_folder);
            (void)sprintf(with_folder, "%.*s%s%s", (int)(place - sql), sql, folder, place + 2);
            free(sql);
            sql = with_folder;
        }
        bool works = sqlite3_exec(database, sql, NULL, NULL, NULL) == SQLITE_OK;
        if (works != attempts[i].works)
            fail_msg("%s: %s", sql, sqlite3_errmsg(database));
        nothing_is_in_the_folder(sql);
        assert_null(sqlite3_temp_directory);
        assert_int_equal(sqlite3_close(database), SQLITE_OK);
        free(sql);
    }
}

static void an_extension_is_refused_even_where_they_are_enabled(void **state)
{
    (void)state;
    sqlite3 *database = open_with_uris();
    assert_int_equal(sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_enable_load_extension(database, 1), SQLITE_OK);
    assert_int_not_equal(
        sqlite3_exec(database, "SELECT load_extension('libm.so.6')", NULL, NULL, NULL), SQLITE_OK);
    assert_string_equal(sqlite3_errmsg(database), "the simulated world has no extensions");
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void no_way_to_the_file_system_is_registered(void **state)
{
    (void)state;
    for (sqlite3_vfs *vfs = sqlite3_vfs_find(NULL); vfs != NULL; vfs = vfs->pNext)
        assert_true(strcmp(vfs->zName, "memdb") == 0 ||
                    strncmp(vfs->zName, "interplay-", strlen("interplay-")) == 0);
    assert_string_equal(sqlite3_vfs_find(NULL)->zName, sqlite_sim_vfs(sim));
}

static int set_up(void **state)
{
    (void)state;
    struct error error = {0};
    world_enter(world_open());
    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        return -1;
    return sqlite_sim_open(&sim, "CREATE TABLE t0(k)", &error) == ERROR_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite_sim_close(sim);
    world_close(world);
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_outside_is_touched),
        cmocka_unit_test(an_extension_is_refused_even_where_they_are_enabled),
        cmocka_unit_test(no_way_to_the_file_system_is_registered),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
