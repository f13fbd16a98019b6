/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PostgreSQL's backend knows without asking the server: what a text is and does, which
 * transaction it opens or ends, what a SQLSTATE means, what connections are told of a plan's
 * settings, and that the promises fit them.
 */
#include "postgres/postgres_connection.h"
#include "postgres/postgres_promises.h"
#include "postgres/postgres_settings.h"
#include "postgres/postgres_transaction.h"

#include "isolation/judge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* --- texts ------------------------------------------------------------------------------------ */

static const struct {
    const char *sql;
    bool is_read_only, has_more;
    int parameters;
} texts[] = {
    {"SELECT 1", true, false, 0},
    {" /* a /* b */ ; */ -- ;\n select $2, '$9', \"$8\", $1;", true, false, 2},
    {"(SELECT 1) UNION (SELECT 2)", true, false, 0},
    {"SELECT 1; SELECT 2", true, true, 0},
    {"SELECT ';'; ;; ", true, false, 0},
    {"SELECT $tag$ ; $1 $tag$, $$;$$, $3", true, false, 3},
    {"SELECT E'\\'; $1', e'a'';', a$1 FROM t", true, false, 0},
    {"SELECT U&'\\0041;', B'01;', x'aa;'", true, false, 0},
    {"SELECT k FROM t FOR UPDATE", false, false, 0},
    {"SELECT k FROM t FOR SHARE NOWAIT", false, false, 0},
    {"SELECT k INTO u FROM t", false, false, 0},
    {"WITH a AS (SELECT 1) SELECT * FROM a", true, false, 0},
    {"WITH a AS (INSERT INTO t VALUES (1) RETURNING k) SELECT * FROM a", false, false, 0},
    {"EXPLAIN SELECT 1", true, false, 0},
    {"EXPLAIN ANALYZE DELETE FROM t", false, false, 0},
    {"INSERT INTO t VALUES ($1)", false, false, 1},
    {"BEGIN", true, false, 0},
    {"COMMIT PREPARED 'a'", false, false, 0},
    {"PREPARE TRANSACTION 'a'", false, false, 0},
    {"CREATE TABLE t(k int)", false, false, 0},
    {"VACUUM", false, false, 0},
    {"PREPARE f(int) AS INSERT INTO t VALUES ($1)", false, false, 0},
    {"COPY t FROM STDIN", false, false, 1},
    {"COPY t TO stdout", true, false, 0},
    {"COPY t TO '/tmp/t'", false, false, 0},
    {"COPY (DELETE FROM t RETURNING k) TO STDOUT", false, false, 0},
    {"", true, false, 0},
};

static void test_what_a_text_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const struct postgres_text text = postgres_read_text(texts[i].sql);
        if (text.has_more != texts[i].has_more || text.parameter_count != texts[i].parameters ||
            text.is_empty != (texts[i].sql[0] == '\0') ||
            (!text.is_empty && text.is_read_only != texts[i].is_read_only))
            fail_msg("%s: read only %d, more %d, %d parameters", texts[i].sql, text.is_read_only,
                     text.has_more, text.parameter_count);
    }
}

/* Whatever is cut off or never ends is read to its end, and not beyond. */
static void test_any_beginning_of_a_text_is_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t length = 0; length <= strlen(texts[i].sql); length++) {
            char *sql = strndup(texts[i].sql, length);
            assert_non_null(sql);
            const char *next = sql;
            int count = 0;
            while (postgres_next_token(&next).kind != POSTGRES_TOKEN_END)
                count++;
            assert_ptr_equal(next, sql + length);
            assert_in_range(count, 0, length);
            free(sql);
        }
}

static const struct {
    const char *sql;
    int64_t changes;
    uint32_t effects;
} effects[] = {
    {"SELECT sum(v), coalesce(max(p), '') FROM t", 0, 0},
    {"SELECT set_config('a', 'b', false)", 0, BACKEND_WROTE | BACKEND_SET},
    {"SELECT \"my function\"(1)", 0, BACKEND_WROTE | BACKEND_SET},
    {"INSERT INTO t (k, v) VALUES (1, 2) ON CONFLICT (k) DO NOTHING", 0, 0},
    {"INSERT INTO t (k) VALUES (1)", 1, BACKEND_WROTE},
    {"DELETE FROM t WHERE f(k)", 0, BACKEND_SET},
    {"SAVEPOINT a", 0, BACKEND_MOVED_TRANSACTION},
    {"COMMIT", 0, BACKEND_MOVED_TRANSACTION},
    {"BEGIN WORK", 0, BACKEND_MOVED_TRANSACTION},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", 0, BACKEND_MOVED_TRANSACTION | BACKEND_SET},
    {"START TRANSACTION READ ONLY", 0, BACKEND_MOVED_TRANSACTION | BACKEND_SET},
    {"COMMIT PREPARED 'a'", 0, BACKEND_MOVED_TRANSACTION | BACKEND_WROTE},
    {"ROLLBACK PREPARED 'a'", 0, BACKEND_MOVED_TRANSACTION},
    {"PREPARE TRANSACTION 'a'", 0, BACKEND_MOVED_TRANSACTION},
    {"SET search_path = a", 0, BACKEND_SET},
    {"DO $$ BEGIN END $$", 0, BACKEND_WROTE | BACKEND_SET},
    {"CREATE TABLE u(k varchar(3))", 0, BACKEND_WROTE},
    {"LOCK TABLE t", 0, 0},
    {"EXPLAIN ANALYZE DELETE FROM t", 0, BACKEND_WROTE},
};

static void test_what_a_text_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof effects / sizeof effects[0]; i++) {
        const struct postgres_text text = postgres_read_text(effects[i].sql);
        uint32_t done = postgres_effects(&text, effects[i].changes);
        if (done != effects[i].effects)
            fail_msg("%s: %u instead of %u", effects[i].sql, done, effects[i].effects);
    }
}

/* --- transactions ----------------------------------------------------------------------------- */

static const struct {
    const char *sql;
    enum subject_transaction kind;
    const char *name;
} transactions[] = {
    {"BEGIN", SUBJECT_BEGIN_DEFERRED, ""},
    {"begin work;", SUBJECT_BEGIN_DEFERRED, ""},
    {"START TRANSACTION", SUBJECT_BEGIN_DEFERRED, ""},
    {"BEGIN ISOLATION LEVEL SERIALIZABLE", SUBJECT_NO_TRANSACTION, ""},
    {"COMMIT", SUBJECT_COMMIT, ""},
    {"END TRANSACTION", SUBJECT_COMMIT, ""},
    {"COMMIT AND CHAIN", SUBJECT_NO_TRANSACTION, ""},
    {"COMMIT PREPARED 'a'", SUBJECT_NO_TRANSACTION, ""},
    {"ABORT", SUBJECT_ROLLBACK, ""},
    {"ROLLBACK TO SAVEPOINT S1", SUBJECT_ROLLBACK_TO, "s1"},
    {"ROLLBACK WORK TO s1", SUBJECT_ROLLBACK_TO, "s1"},
    {"SAVEPOINT \"S1\"", SUBJECT_NO_TRANSACTION, ""},
    {"RELEASE s1 /* x */", SUBJECT_RELEASE, "s1"},
    {"SAVEPOINT a b", SUBJECT_NO_TRANSACTION, ""},
    {"SELECT 1", SUBJECT_NO_TRANSACTION, ""},
};

static void test_which_transaction_a_text_moves(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof transactions / sizeof transactions[0]; i++) {
        char name[SUBJECT_WORDS_BYTES] = "";
        enum subject_transaction kind = postgres_transaction_of(transactions[i].sql, name);
        if (kind != transactions[i].kind ||
            (*transactions[i].name != '\0' && strcmp(name, transactions[i].name) != 0))
            fail_msg("%s: %d, '%s'", transactions[i].sql, (int)kind, name);
    }
}

/* --- states ----------------------------------------------------------------------------------- */

static const struct {
    const char *state;
    enum outcome outcome;
} states[] = {
    {"40001", OUTCOME_BUSY_SNAPSHOT}, {"40P01", OUTCOME_DEADLOCK},
    {"40003", OUTCOME_IN_DOUBT},      {"55P03", OUTCOME_BUSY},
    {"25P02", OUTCOME_ROLLED_BACK},   {"25006", OUTCOME_READONLY},
    {"25001", OUTCOME_SQL_ERROR},     {"23505", OUTCOME_CONSTRAINT},
    {"22012", OUTCOME_CONSTRAINT},    {"57014", OUTCOME_INTERRUPTED},
    {"57P01", OUTCOME_DIED},          {"57P03", OUTCOME_CANNOT_OPEN},
    {"08006", OUTCOME_DIED},          {"53100", OUTCOME_FULL},
    {"53200", OUTCOME_NO_MEMORY},     {"58030", OUTCOME_IO_ERROR},
    {"XX001", OUTCOME_CORRUPT},       {"XX000", OUTCOME_OTHER},
    {"42P01", OUTCOME_SQL_ERROR},     {"0A000", OUTCOME_SQL_ERROR},
    {"99999", OUTCOME_SQL_ERROR},
};

static void test_what_a_state_means(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        assert_int_equal(postgres_outcome_of(states[i].state, NULL), states[i].outcome);
    assert_int_equal(postgres_outcome_of("0A000", "RevalidateCachedQuery"), OUTCOME_SCHEMA);
}

/* --- settings and promises -------------------------------------------------------------------- */

static void test_what_connections_are_told(void **state)
{
    (void)state;
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    char setup[POSTGRES_SETUP_BYTES], parameters[BACKEND_PARAMETERS_BYTES];
    postgres_settings_setup(settings, setup);
    assert_string_equal(setup, "SET default_transaction_isolation = 'read committed';"
                               "SET synchronous_commit = on");
    postgres_settings_parameters(settings, parameters);
    assert_string_equal(parameters, "protocol=extended waits=forever");
    for (int i = 0; i < SUBJECT_SETTINGS_MAX; i++)
        settings[i] = 1;
    settings[POSTGRES_SETTING_isolation_level] = settings[POSTGRES_SETTING_protocol] =
        settings[POSTGRES_SETTING_synchronous_commit] = 2;
    postgres_settings_setup(settings, setup);
    assert_string_equal(setup, "SET default_transaction_isolation = 'serializable';"
                               "SET default_transaction_read_only = on;"
                               "SET default_transaction_deferrable = on;"
                               "SET synchronous_commit = off");
    postgres_settings_parameters(settings, parameters);
    assert_string_equal(parameters, "protocol=simple rows=all values=binary waits=forever");
    assert_true(postgres_settings_of_modes("synchronous_commit=local", settings));
    assert_int_equal(settings[POSTGRES_SETTING_synchronous_commit], 1);
    assert_false(postgres_settings_of_modes("synchronous_commit=remote_apply", settings));
    assert_false(postgres_settings_of_modes("", settings));
}

static const struct promises *promises_with(enum postgres_isolation level, int32_t read_only,
                                            int32_t *settings)
{
    settings[POSTGRES_SETTING_isolation_level] = (int32_t)level;
    settings[POSTGRES_SETTING_read_only] = read_only;
    const struct promises *now = postgres_promises.instead(settings);
    return now == NULL ? &postgres_promises : now;
}

/* Appendix A of the manual, and 13.2: only who keeps a snapshot finds it too old. */
static void test_promises_by_level(void **state)
{
    (void)state;
    for (int level = 0; level < 3; level++) {
        for (int read_only = 0; read_only < 2; read_only++) {
            int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
            const struct promises *promises =
                promises_with((enum postgres_isolation)level, read_only, settings);
            const struct isolation_promise *promise = promised_isolation(promises, settings);
            assert_non_null(isolation_level_named(promise->level));
            assert_int_equal(promise->statements != NULL, level == POSTGRES_READ_COMMITTED);
            assert_true(promise->statements == NULL ||
                        isolation_level_named(promise->statements) != NULL);
            assert_true(promises->failure_ends_transaction);
            assert_int_equal(promises->permits[OUTCOME_BUSY_SNAPSHOT] != 0,
                             level != POSTGRES_READ_COMMITTED);
            assert_int_equal(promises->permits[OUTCOME_READONLY] != 0, read_only);
            assert_int_equal(promises->rows == VIEW_OF_STATEMENT, level == POSTGRES_READ_COMMITTED);
            assert_int_equal(promises->permits[OUTCOME_CORRUPT] | promises->permits[OUTCOME_OTHER],
                             0);
        }
    }
}

static void test_promises_by_synchronous_commit(void **state)
{
    (void)state;
    int32_t settings[SUBJECT_SETTINGS_MAX] = {0};
    for (int32_t i = 0; i < 3; i++) {
        settings[POSTGRES_SETTING_synchronous_commit] = i;
        const struct durability_promise *promise =
            promised_durability(&postgres_promises, settings);
        assert_int_equal(promise->power_loss, i == 2 ? SURVIVES_SYNCED : SURVIVES_ALL);
        assert_int_equal(promise->process_death, promise->power_loss);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_text_is),
        cmocka_unit_test(test_any_beginning_of_a_text_is_read),
        cmocka_unit_test(test_what_a_text_does),
        cmocka_unit_test(test_which_transaction_a_text_moves),
        cmocka_unit_test(test_what_a_state_means),
        cmocka_unit_test(test_what_connections_are_told),
        cmocka_unit_test(test_promises_by_level),
        cmocka_unit_test(test_promises_by_synchronous_commit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
