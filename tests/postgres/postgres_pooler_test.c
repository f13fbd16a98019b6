/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pooler's file: what it says in each mode, which statements its documentation calls unsupported,
 * and that a wrong line is refused with its place. No pooler is needed.
 */
#include "postgres/postgres_pooler.h"
#include "postgres/postgres_settings.h"

#include <interplay/error.h>
#include <interplay/subject.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct postgres_pooler read_one(const char *what)
{
    struct postgres_pooler pooler;
    struct error error = {0};
    if (postgres_pooler_read(&pooler, what, &error) != ERROR_NONE)
        fail_msg("%s: %s", what, error.message);
    return pooler;
}

/* What our own file says of these statements: as the feature map of the manual has it. */
static void test_unsupported(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool in_transaction_mode, in_statement_mode;
    } cases[] = {
        {"SELECT k FROM t0", true, true},
        {"UPDATE t0 SET v = 1", true, true},
        {"BEGIN", true, false},
        {"  /* a */ begin isolation level serializable", true, false},
        {"START TRANSACTION", true, false},
        {"COMMIT", true, true},
        {"SET LOCAL enable_sort = off", true, true},
        {"SET TRANSACTION READ ONLY", true, true},
        {"SET lock_timeout = 1", false, false},
        {"set\n\tlock_timeout = 1", false, false},
        {"SELECT 1; SET lock_timeout = 1", false, false},
        {"SELECT set_config('a.b', 'c', false)", false, false},
        {"RESET ALL", false, false},
        {"LISTEN n0", false, false},
        {"UNLISTEN n0", false, false},
        {"NOTIFY n0, '1'", true, true},
        {"DECLARE c0 CURSOR WITH HOLD FOR SELECT 1", false, false},
        {"DECLARE c0 CURSOR WITHOUT HOLD FOR SELECT 1", true, true},
        {"PREPARE a AS SELECT 1", false, false},
        {"PREPARE TRANSACTION 'a'", true, true},
        {"DEALLOCATE ALL", false, false},
        {"SELECT PG_ADVISORY_LOCK(1)", false, false},
        {"SELECT pg_try_advisory_lock_shared(1)", false, false},
        {"SELECT PG_ADVISORY_UNLOCK(1)", false, false},
        {"SELECT PG_ADVISORY_XACT_LOCK(1)", true, true},
        {"SELECT pg_try_advisory_xact_lock(1)", true, true},
        {"CREATE TEMP TABLE a (b int)", false, false},
        {"CREATE TABLE a (b int)", true, true},
    };
    struct postgres_pooler session = read_one("pgbouncer:session"),
                           transaction = read_one("pgbouncer"),
                           statement = read_one("pgbouncer:statement");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (postgres_pooler_supports(&transaction, cases[i].sql) != cases[i].in_transaction_mode ||
            postgres_pooler_supports(&statement, cases[i].sql) != cases[i].in_statement_mode ||
            !postgres_pooler_supports(&session, cases[i].sql))
            fail_msg("%s", cases[i].sql);
    }
    for (size_t i = 0; i < statement.row_count; i++)
        assert_true(statement.rows[i].is_supported || *statement.rows[i].source != '\0');
    postgres_pooler_clean_up(&session);
    postgres_pooler_clean_up(&transaction);
    postgres_pooler_clean_up(&statement);
}

static void test_modes(void **state)
{
    (void)state;
    struct postgres_pooler pooler = read_one("pgbouncer");
    assert_string_equal(pooler.mode, "transaction");
    assert_string_equal(pooler.more, "");
    assert_false(pooler.keeps_session);
    postgres_pooler_clean_up(&pooler);
    pooler = read_one("pgbouncer:session,a = 1,b = 2");
    assert_string_equal(pooler.name, "pgbouncer");
    assert_string_equal(pooler.mode, "session");
    assert_string_equal(pooler.more, "a = 1,b = 2");
    assert_true(pooler.keeps_session);
    assert_int_equal(pooler.replaced_count, 0);
    postgres_pooler_clean_up(&pooler);
    pooler = read_one("pgbouncer:transaction:3");
    assert_string_equal(pooler.mode, "transaction");
    assert_int_equal(postgres_pooler_sessions(&pooler), 3);
    postgres_pooler_clean_up(&pooler);
    pooler = read_one("pgbouncer,a = 1");
    assert_string_equal(pooler.mode, "transaction");
    postgres_pooler_clean_up(&pooler);
}

static void test_settings(void **state)
{
    (void)state;
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    settings[POSTGRES_SETTING_protocol] = 1;
    assert_false(postgres_settings_replace(settings, "protocol=prepared", "rows=all"));
    assert_false(postgres_settings_replace(settings, "protocol=prepared", "protocol=none"));
    assert_false(postgres_settings_replace(settings, "protocols=prepared", "protocol=extended"));
    assert_int_equal(settings[POSTGRES_SETTING_protocol], 1);
    assert_true(postgres_settings_replace(settings, "protocol=simple", "protocol=extended"));
    assert_int_equal(settings[POSTGRES_SETTING_protocol], 1);
    assert_true(postgres_settings_replace(settings, "protocol=prepared", "protocol=extended"));
    assert_int_equal(settings[POSTGRES_SETTING_protocol], 0);
}

/* --- files of somebody's own ------------------------------------------------------------------ */

#define WHOLE "program p\nhost {folder}\nport 1\nsessions 2\n"

static void refuses(const char *content, const char *what, const char *message)
{
    char path[] = "/tmp/pooler-XXXXXX", bytes[128];
    struct postgres_pooler pooler;
    struct error error = {0};
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, content, strlen(content)), (int)strlen(content));
    (void)close(file);
    (void)snprintf(bytes, sizeof bytes, "%s%s", path, what);
    enum error_code code = postgres_pooler_read(&pooler, bytes, &error);
    (void)unlink(path);
    if (message == NULL) {
        assert_int_equal(code, ERROR_NONE);
        postgres_pooler_clean_up(&pooler);
    } else if (code == ERROR_NONE || strstr(error.message, message) == NULL) {
        fail_msg("'%s': expected '%s', found '%s'", content, message, error.message);
    }
}

static void test_wrong_files(void **state)
{
    (void)state;
    struct postgres_pooler pooler;
    struct error error = {0};
    refuses(WHOLE, "", NULL);
    refuses(WHOLE "mode a\n    session connection\n", ":a", NULL);
    refuses("program p\n", "", "expected program, host, port and sessions");
    refuses(WHOLE "mode a\n", ":a:0", "expected program, host, port and sessions");
    refuses("program p\nhots x\n", "", ":2: expected a key");
    refuses(WHOLE "mode a\n", ":b", "expected one of its modes (a), found b");
    refuses(WHOLE "mode a\n    session maybe\n", "", ":6: expected connection, or transaction");
    refuses(WHOLE "file x\n    any\n\n    thing\nunsupported SET\n", "", ":9: expected PATTERN");
    refuses(WHOLE "file a/b\n", "", ":5: expected the name of a file");
    refuses(WHOLE "replaced protocol=prepared -- why\n", "", ":5: expected SETTING=VALUE");
    refuses(WHOLE "mode a\n    like b\nmode b\n    like a\n", "", "expected one of its modes");
    assert_int_equal(postgres_pooler_read(&pooler, "pgbouncers", &error), ERROR_USAGE);
    assert_non_null(strstr(error.message, "expected pgbouncer, or the path"));
    assert_int_not_equal(postgres_pooler_read(&pooler, "/nowhere/a:b", &error), ERROR_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_wrong_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
