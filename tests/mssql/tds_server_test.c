/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interplay's own TDS server by its bytes: what a client is answered to login, batches and
 * procedures, and that errors end what they say they end (engine_errors.def).
 */
#include "mssql/tds_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct tds_fixture fixture;

static int begin(void **state)
{
    (void)state;
    tds_fixture_begin(&fixture, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tds_fixture_end(&fixture);
    return 0;
}

#define EXPECT(client, sql, words) assert_string_equal(tds_client_ask(&fixture, client, sql), words)

/* --- login ------------------------------------------------------------------------------------ */

static void a_client_logs_in(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, false);
    tds_client_send_login(client, 0x74000004, 512, "interplay");
    assert_string_equal(tds_client_answer(&fixture, client),
                        "change 1 | info 5701 | change 7 | change 2 | info 5703 | login | "
                        "change 4 | done");
}

static void prelogin_says_that_there_is_no_encryption(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, false);
    static const uint8_t prelogin[] = {0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 0, 0, 0, 0, 0, 0, 0};
    tds_client_send(client, 0x12, prelogin, sizeof prelogin);
    tds_client_answer(&fixture, client);
    const uint8_t *answer = client->answer + 8;
    assert_int_equal(client->answer[0], 4);
    assert_int_equal(answer[5], 1);                                  /* ENCRYPTION */
    assert_int_equal(answer[(size_t)answer[6] << 8 | answer[7]], 2); /* not supported */
}

static void an_unknown_database_is_refused(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, false);
    tds_client_send_login(client, 0x74000004, 4096, "other");
    assert_string_equal(tds_client_answer(&fixture, client), "error 18456 | done-error");
    assert_true(client->has_ended);
}

static void an_old_version_is_refused(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, false);
    tds_client_send_login(client, 0x71000001, 4096, "");
    assert_string_equal(tds_client_answer(&fixture, client), "error 4002 | done-error");
}

static void nothing_comes_before_login(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, false);
    EXPECT(client, "SELECT 1", "error 4002 | done-error");
    assert_true(client->has_ended);
}

/* --- batches ---------------------------------------------------------------------------------- */

static void a_batch_has_several_results(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "SELECT 1", "columns :int | row 1 | done 1");
    EXPECT(client, "SELECT 1 AS a, N'x' b; SELECT c = NULL",
           "columns a:int b:nvarchar | row 1 'x' | done 1 | columns c:int | row NULL | done 1");
    EXPECT(client, "", "done");
    EXPECT(client, "DECLARE @a int = 3; SELECT @a * 2 AS b; SET @a = 4 SELECT @a AS c",
           "columns b:int | row 6 | done 1 | columns c:int | row 4 | done 1");
}

static void rows_are_written_and_read(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "CREATE TABLE [t] (k int NOT NULL PRIMARY KEY, v bigint, p nvarchar(10))",
           "done");
    EXPECT(client, "INSERT INTO t (k, v, p) VALUES (2, 20, N'two'), (1, 10, NULL)", "done 2");
    EXPECT(client, "SELECT * FROM t",
           "columns k:int v:bigint p:nvarchar | row 1 10 NULL | row 2 20 'two' | done 2");
    EXPECT(client, "UPDATE t SET v = v + 1 WHERE k >= 2", "done 1");
    EXPECT(client, "UPDATE t SET k = k + 1", "done 2");
    EXPECT(client, "SELECT TOP 1 k, v FROM t ORDER BY v DESC",
           "columns k:int v:bigint | row 3 21 | done 1");
    EXPECT(client, "DELETE FROM t WHERE k = 2", "done 1");
    EXPECT(client, "SELECT COUNT(*) AS n, SUM(v) AS s FROM t",
           "columns n:int s:bigint | row 1 21 | done 1");
}

static void subqueries_and_joins_are_run(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client,
           "CREATE TABLE t (k int PRIMARY KEY, v int) CREATE TABLE u (a int, b nvarchar(9))",
           "done | done");
    EXPECT(client,
           "INSERT INTO t VALUES (1, 10), (2, 20) INSERT INTO u VALUES (1, N'x'), (1, N'y'), (3, "
           "N'z')",
           "done 2 | done 3");
    EXPECT(client, "SELECT t.k, u.b FROM t LEFT JOIN u ON u.a = t.k ORDER BY t.k, u.b DESC",
           "columns k:int b:nvarchar | row 1 'y' | row 1 'x' | row 2 NULL | done 3");
    EXPECT(client, "SELECT k, (SELECT COUNT(*) FROM u WHERE a = t.k) AS n FROM t",
           "columns k:int n:int | row 1 2 | row 2 0 | done 2");
    EXPECT(client, "SELECT k FROM t WHERE EXISTS (SELECT 1 FROM u WHERE a = k) OR v IN (20)",
           "columns k:int | row 1 | row 2 | done 2");
    EXPECT(client, "SELECT (SELECT b FROM u WHERE a = t.k) AS b FROM t WHERE k = 2",
           "columns b:nvarchar | row NULL | done 1");
    EXPECT(client, "SELECT (SELECT b FROM u WHERE a = t.k) AS b FROM t WHERE k = 1",
           "columns b:nvarchar | error 512 | done-error");
    EXPECT(client, "SELECT a, MAX(b) AS m FROM u GROUP BY a HAVING COUNT(*) > 1",
           "columns a:int m:nvarchar | row 1 'y' | done 1");
    EXPECT(client, "UPDATE t SET v = u.a FROM t JOIN u ON u.a = t.k; DELETE FROM u WHERE a = 3",
           "done 1 | done 1");
    EXPECT(client, "SELECT v FROM t UNION ALL SELECT a FROM u ORDER BY 1",
           "columns v:int | row 1 | row 1 | row 1 | row 20 | done 4");
}

static void definitions_are_part_of_the_transaction(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client,
           "CREATE TABLE t (v int DEFAULT 7, k int PRIMARY KEY) INSERT INTO t (k) VALUES (1)",
           "done | done 1");
    EXPECT(client, "BEGIN TRAN ALTER TABLE t ADD x AS (v + k) SELECT * FROM t",
           "begun | done | done | columns v:int k:int x:int | row 7 1 8 | done 1");
    EXPECT(client, "DROP TABLE t SELECT * FROM t", "done | error 208 | done-error");
    EXPECT(client, "ROLLBACK SELECT * FROM t",
           "rolled-back | done | columns v:int k:int | row 7 1 | done 1");
    EXPECT(client, "ALTER TABLE t ADD y int NOT NULL DEFAULT 3 SELECT y FROM t",
           "done | columns y:int | row 3 | done 1");
    EXPECT(client, "CREATE UNIQUE INDEX i ON t (v) INSERT INTO t (k) VALUES (2)",
           "done | error 2601 | info 3621 | done-error");
    EXPECT(client, "ALTER TABLE t DROP COLUMN y; DROP INDEX i ON t; INSERT INTO t VALUES (7, 2)",
           "done | done | done 1");
    EXPECT(client, "DROP TABLE IF EXISTS nix; DROP TABLE nix", "done | error 3701 | done-error");
}

static void who_finds_no_row_inserts_one(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    static const char upsert[] = "UPDATE t SET v = 5 WHERE k = 1 "
                                 "IF @@ROWCOUNT = 0 INSERT INTO t VALUES (1, 4)";
    EXPECT(client, "CREATE TABLE t (k int PRIMARY KEY, v int)", "done");
    EXPECT(client, upsert, "done 0 | done 1");
    EXPECT(client, upsert, "done 1");
    EXPECT(client, "SELECT v FROM t", "columns v:int | row 5 | done 1");
}

static void parameters_are_typed(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    tds_client_send_execute(client, "SELECT @a + 1 AS a, @b AS b", "@a int, @b nvarchar(20)", "in",
                            41, "text");
    assert_string_equal(tds_client_answer(&fixture, client),
                        "columns a:int b:nvarchar | row 42 'text' | done 1 | status 0 | done");
    tds_client_send_execute(client, "SELECT @c", "@a int", "i", 1);
    assert_string_equal(tds_client_answer(&fixture, client),
                        "error 137 | done-error | status 0 | done");
    tds_client_send_execute(client, "SELECT 1", "@a int, @b int", "i", 1);
    assert_string_equal(tds_client_answer(&fixture, client), "error 8178 | done-error");
}

/* --- errors ----------------------------------------------------------------------------------- */

static void errors_end_what_they_say(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "CREATE TABLE t (k int PRIMARY KEY, v int NOT NULL, CHECK (v < 100))", "done");
    /* The statement: the batch goes on. */
    EXPECT(client,
           "INSERT INTO t VALUES (1, 1); INSERT INTO t VALUES (2, 2), (1, 1); SELECT 1 AS a",
           "done 1 | error 2627 | info 3621 | done-error | columns a:int | row 1 | done 1");
    EXPECT(client, "SELECT COUNT(*) AS n FROM t", "columns n:int | row 1 | done 1");
    EXPECT(client, "INSERT INTO t VALUES (3, NULL)", "error 515 | info 3621 | done-error");
    EXPECT(client, "UPDATE t SET v = 100", "error 547 | info 3621 | done-error");
    EXPECT(client, "SELECT 1 / 0", "columns :int | error 8134 | done-error");
    EXPECT(client, "SELECT 2147483647 + 1", "columns :int | error 8115 | done-error");
    /* The batch. */
    EXPECT(client, "SELECT * FROM nix; SELECT 1", "error 208 | done-error");
    EXPECT(client, "SELECT nix FROM t; SELECT 1", "error 207 | done-error");
    EXPECT(client, "SELECT 1; SELEC 2", "error 102 | done-error");
    EXPECT(client, "SELECT (1", "error 102 | done-error");
    EXPECT(client, "SELECT N'abc", "error 105 | done-error");
    EXPECT(client, "SELECT 1 WHERE 1", "error 4145 | done-error");
    /* The transaction. */
    EXPECT(client, "BEGIN TRAN; INSERT INTO t VALUES (5, 5); SELECT CAST(N'x' AS int); SELECT 1",
           "begun | done | done 1 | columns :int | error 245 | rolled-back | done-error");
    EXPECT(client, "SELECT @@TRANCOUNT AS n, COUNT(*) AS m FROM t",
           "columns n:int m:int | row 0 1 | done 1");
}

static void with_xact_abort_an_error_ends_the_transaction(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "CREATE TABLE t (k int PRIMARY KEY)", "done");
    EXPECT(client, "SET XACT_ABORT ON; INSERT INTO t VALUES (1); BEGIN TRAN",
           "done | done 1 | begun | done");
    EXPECT(client, "INSERT INTO t VALUES (2); INSERT INTO t VALUES (1); SELECT 1",
           "done 1 | error 2627 | rolled-back | done-error");
    EXPECT(client, "SELECT k FROM t", "columns k:int | row 1 | done 1");
}

static void a_doomed_transaction_can_only_be_rolled_back(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "CREATE TABLE t (k int PRIMARY KEY); INSERT INTO t VALUES (1)", "done | done 1");
    EXPECT(client,
           "SET XACT_ABORT ON; BEGIN TRAN; BEGIN TRY INSERT INTO t VALUES (1) END TRY "
           "BEGIN CATCH SELECT ERROR_NUMBER() AS e, XACT_STATE() AS x; INSERT INTO t VALUES (2) "
           "END CATCH",
           "done | begun | done | columns e:int x:smallint | row 2627 -1 | done 1 | error 3930 | "
           "done-error | rolled-back | error 3998 | done");
}

static void savepoints_are_rolled_back_to(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    EXPECT(client, "CREATE TABLE t (k int PRIMARY KEY)", "done");
    EXPECT(client, "SAVE TRAN a", "error 628 | done-error");
    EXPECT(client, "BEGIN TRAN INSERT INTO t VALUES (1) SAVE TRAN a INSERT INTO t VALUES (2)",
           "begun | done | done 1 | done | done 1");
    EXPECT(client, "ROLLBACK TRAN b", "error 6401 | done-error");
    EXPECT(client, "ROLLBACK TRAN a COMMIT", "done | committed | done");
    EXPECT(client, "SELECT k FROM t", "columns k:int | row 1 | done 1");
    EXPECT(client, "COMMIT", "error 3902 | done-error");
    EXPECT(client, "ROLLBACK", "error 3903 | done-error");
}

/* --- a server that lies ----------------------------------------------------------------------- */

/* Each lie is told once, where it was asked for, and nothing else is otherwise. */
static void a_lie_strikes_once(void **state)
{
    (void)state;
    static const char sql[] = "SELECT k FROM (SELECT 1 AS k UNION ALL SELECT 2) AS t";
    static const char *const words[TDS_LIE_COUNT] = {
        [TDS_LIE_ERROR_IN_RESULT] = "columns k:int | row 1 | error 50001 | done-error",
        [TDS_LIE_DONE_ALONE] = "done 1 | columns k:int | row 1 | row 2 | done 2",
        [TDS_LIE_ENVCHANGE_IN_ROWS] = "columns k:int | row 1 | committed | row 2 | done 2",
        [TDS_LIE_WRONG_COUNT] = "columns k:int | row 1 | row 2 | done 3",
    };
    struct tds_client *client = tds_client_new(&fixture, true);
    for (int lie = 0; lie < TDS_LIE_COUNT; lie++) {
        if (words[lie] == NULL)
            continue;
        fixture.lie = (enum tds_lie)lie;
        EXPECT(client, sql, words[lie]);
        EXPECT(client, sql, "columns k:int | row 1 | row 2 | done 2");
    }
}

static void a_lie_may_close_the_connection(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    fixture.lie = TDS_LIE_CLOSE_IN_RESULT;
    tds_client_ask(&fixture, client, "SELECT 1");
    assert_true(client->has_ended);
    client = tds_client_new(&fixture, false);
    fixture.lie = TDS_LIE_CLOSE_AFTER_LOGIN;
    tds_client_send_login(client, 0x74000004, 4096, "");
    tds_client_answer(&fixture, client);
    assert_true(client->has_ended);
}

static void attention_may_be_acknowledged_twice(void **state)
{
    (void)state;
    struct tds_client *client = tds_client_new(&fixture, true);
    fixture.lie = TDS_LIE_ATTENTION_TWICE;
    tds_client_send_attention(client);
    assert_string_equal(tds_client_answer(&fixture, client), "done-attention | done-attention");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    static const struct CMUnitTest tests[] = {
        TEST(a_client_logs_in),
        TEST(prelogin_says_that_there_is_no_encryption),
        TEST(an_unknown_database_is_refused),
        TEST(an_old_version_is_refused),
        TEST(nothing_comes_before_login),
        TEST(a_batch_has_several_results),
        TEST(rows_are_written_and_read),
        TEST(subqueries_and_joins_are_run),
        TEST(definitions_are_part_of_the_transaction),
        TEST(who_finds_no_row_inserts_one),
        TEST(parameters_are_typed),
        TEST(errors_end_what_they_say),
        TEST(with_xact_abort_an_error_ends_the_transaction),
        TEST(a_doomed_transaction_can_only_be_rolled_back),
        TEST(savepoints_are_rolled_back_to),
        TEST(a_lie_strikes_once),
        TEST(a_lie_may_close_the_connection),
        TEST(attention_may_be_acknowledged_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
