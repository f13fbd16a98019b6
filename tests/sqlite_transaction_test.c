/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a text is taken for a statement on transactions only where SQLite takes it for just
 * that: all sequences of up to five words and marks are tried on SQLite itself, from each of the
 * states in which they differ. And that the ways in which people write them are known.
 */
#include "sqlite/sqlite_transaction.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

/* --- what SQLite makes of it ------------------------------------------------------------------ */

static sqlite3 *database;

static int run_sql(const char *sql)
{
    return sqlite3_exec(database, sql, NULL, NULL, NULL);
}

static int64_t rows(void)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(database, "SELECT count(*) FROM t", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t count = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return count;
}

/* Outside of any, as what the text must leave its connection: a transaction that may write, ... */
static bool opens(enum subject_transaction kind)
{
    static const int states[SUBJECT_TRANSACTION_COUNT] = {
        [SUBJECT_BEGIN_DEFERRED] = SQLITE_TXN_NONE,
        [SUBJECT_BEGIN_IMMEDIATE] = SQLITE_TXN_WRITE,
        [SUBJECT_BEGIN_EXCLUSIVE] = SQLITE_TXN_WRITE,
        [SUBJECT_SAVEPOINT] = SQLITE_TXN_NONE,
    };
    return sqlite3_get_autocommit(database) == 0 &&
           sqlite3_txn_state(database, "main") == states[kind];
}

/* In a transaction with a row, a savepoint of that name, and one more row: how many remain. */
static int64_t remaining(const char *text, const char *name, bool *ret_is_open)
{
    char savepoint[SUBJECT_WORDS_BYTES + 16];
    (void)snprintf(savepoint, sizeof savepoint, "SAVEPOINT %s", name);
    (void)run_sql("DELETE FROM t; BEGIN; INSERT INTO t VALUES(1)");
    assert_int_equal(run_sql(savepoint), SQLITE_OK);
    (void)run_sql("INSERT INTO t VALUES(2)");
    int code = run_sql(text);
    *ret_is_open = sqlite3_get_autocommit(database) == 0;
    int64_t count = code == SQLITE_OK ? rows() : -1;
    (void)run_sql("ROLLBACK");
    return count;
}

static bool is_of_kind(const char *text, enum subject_transaction kind, const char *name)
{
    static const struct {
        int64_t remaining;
        bool is_open;
    } after[SUBJECT_TRANSACTION_COUNT] = {
        [SUBJECT_BEGIN_DEFERRED] = {-1, true},  [SUBJECT_BEGIN_IMMEDIATE] = {-1, true},
        [SUBJECT_BEGIN_EXCLUSIVE] = {-1, true}, [SUBJECT_COMMIT] = {2, false},
        [SUBJECT_ROLLBACK] = {0, false},        [SUBJECT_SAVEPOINT] = {2, true},
        [SUBJECT_RELEASE] = {2, true},          [SUBJECT_ROLLBACK_TO] = {1, true},
    };
    bool is_opener = kind == SUBJECT_SAVEPOINT || kind <= SUBJECT_BEGIN_EXCLUSIVE, is_open;
    bool is_right = (run_sql(text) == SQLITE_OK) == is_opener && (!is_opener || opens(kind));
    (void)run_sql("ROLLBACK");
    int64_t count = remaining(text, name, &is_open);
    return is_right && count == after[kind].remaining && is_open == after[kind].is_open;
}

static enum subject_transaction kind_of(const char *text, char *ret_name)
{
    (void)strcpy(ret_name, "nobody");
    return sqlite_transaction_of(text, ret_name);
}

/* True: it is known. */
static bool try_text(const char *text)
{
    char name[SUBJECT_WORDS_BYTES];
    enum subject_transaction kind = kind_of(text, name);
    if (kind != SUBJECT_NO_TRANSACTION && !is_of_kind(text, kind, name))
        fail_msg("[%s] is not of kind %d", text, (int)kind);
    return kind != SUBJECT_NO_TRANSACTION;
}

/* --- all of them ------------------------------------------------------------------------------ */

static const char *const words[] = {"begin", "Deferred",   "IMMEDIATE", "exclusive", "transaction",
                                    "end",   "commit",     "rollback",  "to",        "savepoint",
                                    "S_1",   "release",    ";",         "/**/",      "/*",
                                    "--\n",  "\"quoted\"", "1",         "select",    "$"};
enum { WORDS = sizeof words / sizeof words[0], LENGTH_MAX = 5 };

static uint32_t try_all(char *text, size_t length, uint32_t left)
{
    uint32_t known = 0;
    for (size_t i = 0; i < WORDS; i++) {
        (void)sprintf(text + length, "%s%s", length == 0 ? "" : " ", words[i]);
        known += try_text(text);
        if (left > 1)
            known += try_all(text, strlen(text), left - 1);
    }
    return known;
}

static void test_what_is_known_is_what_sqlite_does(void **state)
{
    (void)state;
    char text[128] = "";
    assert_true(try_all(text, 0, LENGTH_MAX) > 1000);
}

/* --- the usual ones, and the doubtful ones ---------------------------------------------------- */

static void test_how_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum subject_transaction kind;
        const char *name;
    } cases[] = {
        {"BEGIN", SUBJECT_BEGIN_DEFERRED, "nobody"},
        {"begin transaction;", SUBJECT_BEGIN_DEFERRED, "nobody"},
        {"BEGIN DEFERRED", SUBJECT_BEGIN_DEFERRED, "nobody"},
        {" /* it */ -- is\n ; BEGIN\tIMMEDIATE", SUBJECT_BEGIN_IMMEDIATE, "nobody"},
        {"BEGIN/**/EXCLUSIVE TRANSACTION", SUBJECT_BEGIN_EXCLUSIVE, "nobody"},
        {"COMMIT", SUBJECT_COMMIT, "nobody"},
        {"END TRANSACTION -- done", SUBJECT_COMMIT, "nobody"},
        {"ROLLBACK", SUBJECT_ROLLBACK, "nobody"},
        {"SAVEPOINT Sp_1", SUBJECT_SAVEPOINT, "sp_1"},
        {"RELEASE SAVEPOINT sp_1;", SUBJECT_RELEASE, "sp_1"},
        {"release SP_1", SUBJECT_RELEASE, "sp_1"},
        {"ROLLBACK TRANSACTION TO SAVEPOINT sp_1", SUBJECT_ROLLBACK_TO, "sp_1"},
        {"rollback to sp_1", SUBJECT_ROLLBACK_TO, "sp_1"},
        {"BEGIN; SELECT 1", SUBJECT_NO_TRANSACTION, NULL},
        {"BEGIN ; IMMEDIATE", SUBJECT_NO_TRANSACTION, NULL},
        {"EXPLAIN BEGIN", SUBJECT_NO_TRANSACTION, NULL},
        {"BEGIN CONCURRENT", SUBJECT_NO_TRANSACTION, NULL},
        {"BEGINNING", SUBJECT_NO_TRANSACTION, NULL},
        {"SAVEPOINT 's'", SUBJECT_NO_TRANSACTION, NULL},
        {"SAVEPOINT s$", SUBJECT_NO_TRANSACTION, NULL},
        {"SAVEPOINT s\xc3\xa4", SUBJECT_NO_TRANSACTION, NULL},
        {"SAVEPOINT table", SUBJECT_NO_TRANSACTION, NULL},
        {"SAVEPOINT a123456789012345678901234567890123", SUBJECT_NO_TRANSACTION, NULL},
        {"", SUBJECT_NO_TRANSACTION, NULL},
        {"SELECT 1", SUBJECT_NO_TRANSACTION, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[SUBJECT_WORDS_BYTES];
        if (kind_of(cases[i].text, name) != cases[i].kind ||
            (cases[i].name != NULL && strcmp(name, cases[i].name) != 0))
            fail_msg("[%s]: %d %s", cases[i].text, (int)kind_of(cases[i].text, name), name);
        (void)try_text(cases[i].text);
    }
}

int main(void)
{
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(run_sql("CREATE TABLE t(a)"), SQLITE_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_known_is_what_sqlite_does),
        cmocka_unit_test(test_how_people_write_them),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)sqlite3_close(database);
    return failed;
}
