/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who waits for whom in Interplay's own TDS server, and what sessions see of each other, level by
 * level, as docs/tds-server.md says. An answer of no word: the session waits.
 */
#include "mssql/tds_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct tds_fixture fixture;
static struct tds_client *a, *b, *c;

#define EXPECT(client, sql, words) assert_string_equal(tds_client_ask(&fixture, client, sql), words)
#define EXPECT_NOW(client, words)  assert_string_equal(tds_client_answer(&fixture, client), words)
#define WAITS(client, sql)                                                                         \
    do {                                                                                           \
        EXPECT(client, sql, "");                                                                   \
        assert_true(client->is_waiting);                                                           \
    } while (0)

static void begin_with(const struct tds_server_options *options)
{
    tds_fixture_begin(&fixture, options);
    a = tds_client_new(&fixture, true);
    b = tds_client_new(&fixture, true);
    c = tds_client_new(&fixture, true);
    EXPECT(a,
           "CREATE TABLE t (k int PRIMARY KEY, v int); "
           "INSERT INTO t VALUES (1, 10), (2, 20), (5, 50)",
           "done | done 3");
}

static int begin(void **state)
{
    (void)state;
    begin_with(NULL);
    return 0;
}

static int begin_with_versions(void **state)
{
    (void)state;
    static const struct tds_server_options options = {.read_committed_snapshot = true};
    begin_with(&options);
    return 0;
}

static int end(void **state)
{
    (void)state;
    tds_fixture_end(&fixture);
    return 0;
}

static void begins(struct tds_client *client, const char *level)
{
    char sql[128];
    snprintf(sql, sizeof sql, "SET TRANSACTION ISOLATION LEVEL %s BEGIN TRAN", level);
    EXPECT(client, sql, "done | begun | done");
}

/* --- locks ------------------------------------------------------------------------------------ */

static void different_keys_do_not_wait(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    EXPECT(b, "BEGIN TRAN UPDATE t SET v = 21 WHERE k = 2", "begun | done | done 1");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT(b, "COMMIT", "committed | done");
}

static void the_same_key_waits_for_the_end(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    WAITS(b, "UPDATE t SET v = v + 100 WHERE k = 1");
    struct tds_session *blocker;
    assert_int_equal(tds_session_blockers(b->session, &blocker, 1), 1);
    assert_ptr_equal(blocker, a->session);
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "done 1");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 111 | done 1");
}

static void who_came_first_goes_first(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 0 WHERE k = 1", "begun | done | done 1");
    WAITS(c, "UPDATE t SET v = v * 10 + 3 WHERE k = 1");
    WAITS(b, "UPDATE t SET v = v * 10 + 2 WHERE k = 1");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "done 1");
    EXPECT_NOW(c, "done 1");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 32 | done 1");
}

static void a_rollback_takes_it_back(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 0 DELETE FROM t WHERE k = 5 INSERT INTO t VALUES (7, 7)",
           "begun | done | done 3 | done 1 | done 1");
    WAITS(b, "SELECT k, v FROM t");
    EXPECT(a, "ROLLBACK", "rolled-back | done");
    EXPECT_NOW(b, "columns k:int v:int | row 1 10 | row 2 20 | row 5 50 | done 3");
}

static void an_insert_waits_for_the_same_key(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN INSERT INTO t VALUES (3, 3)", "begun | done | done 1");
    EXPECT(b, "INSERT INTO t VALUES (4, 4)", "done 1");
    WAITS(b, "INSERT INTO t VALUES (3, 33)");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "error 2627 | info 3621 | done-error");
}

static void a_cycle_costs_the_cheaper_one(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1 UPDATE t SET v = 51 WHERE k = 5",
           "begun | done | done 1 | done 1");
    EXPECT(b, "BEGIN TRAN UPDATE t SET v = 22 WHERE k = 2", "begun | done | done 1");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1; SELECT 1");
    EXPECT(a, "UPDATE t SET v = 21 WHERE k = 2", "done 1");
    EXPECT_NOW(b, "error 1205 | rolled-back | done-error");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT(b, "SELECT @@TRANCOUNT AS n, v FROM t WHERE k = 2",
           "columns n:int v:int | row 0 21 | done 1");
}

static void a_priority_saves_from_that(void **state)
{
    (void)state;
    EXPECT(b, "SET DEADLOCK_PRIORITY HIGH", "done");
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1 UPDATE t SET v = 51 WHERE k = 5",
           "begun | done | done 1 | done 1");
    EXPECT(b, "BEGIN TRAN UPDATE t SET v = 22 WHERE k = 2", "begun | done | done 1");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1");
    EXPECT(a, "UPDATE t SET v = 21 WHERE k = 2", "error 1205 | rolled-back | done-error");
    EXPECT_NOW(b, "done 1");
}

static void a_caught_deadlock_lets_the_other_go_on(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1 UPDATE t SET v = 51 WHERE k = 5",
           "begun | done | done 1 | done 1");
    EXPECT(b, "BEGIN TRAN UPDATE t SET v = 22 WHERE k = 2", "begun | done | done 1");
    WAITS(b, "BEGIN TRY UPDATE t SET v = 12 WHERE k = 1 END TRY BEGIN CATCH "
             "SELECT ERROR_NUMBER() AS e, XACT_STATE() AS x ROLLBACK END CATCH");
    EXPECT(a, "UPDATE t SET v = 21 WHERE k = 2", "done 1");
    EXPECT_NOW(b, "columns e:int x:smallint | row 1205 -1 | done 1 | rolled-back | done");
}

static void a_lock_timeout_ends_the_statement(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    EXPECT(b, "SET LOCK_TIMEOUT 0 BEGIN TRAN", "done | begun | done");
    EXPECT(b, "UPDATE t SET v = 12 WHERE k = 1; SELECT XACT_STATE() AS x",
           "error 1222 | info 3621 | done-error | columns x:smallint | row 1 | done 1");
    EXPECT(b, "SET LOCK_TIMEOUT 50", "done");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1");
    tds_fixture_pass(&fixture, 49);
    EXPECT_NOW(b, "");
    tds_fixture_pass(&fixture, 1);
    EXPECT_NOW(b, "error 1222 | info 3621 | done-error");
}

static void attention_ends_a_wait(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    EXPECT(b, "BEGIN TRAN UPDATE t SET v = 22 WHERE k = 2", "begun | done | done 1");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1; SELECT 1");
    tds_client_send_attention(b);
    EXPECT_NOW(b, "done-error | done-attention");
    EXPECT(b, "SELECT @@TRANCOUNT AS n, v FROM t WHERE k = 2",
           "columns n:int v:int | row 1 22 | done 1");
    EXPECT(a, "COMMIT", "committed | done");
}

static void with_xact_abort_attention_ends_the_transaction(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    EXPECT(b, "SET XACT_ABORT ON BEGIN TRAN UPDATE t SET v = 22 WHERE k = 2",
           "done | begun | done | done 1");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1");
    tds_client_send_attention(b);
    EXPECT_NOW(b, "rolled-back | done-error | done-attention");
    EXPECT(b, "SELECT v FROM t WHERE k = 2", "columns v:int | row 20 | done 1");
}

static void attention_to_nobody_is_acknowledged(void **state)
{
    (void)state;
    tds_client_send_attention(b);
    EXPECT_NOW(b, "done-attention");
    EXPECT(b, "SELECT 1 AS n", "columns n:int | row 1 | done 1");
}

static void who_is_gone_is_rolled_back(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    WAITS(b, "SELECT v FROM t WHERE k = 1");
    tds_session_hang_up(a->session);
    a->is_woken = true;
    EXPECT_NOW(b, "columns v:int | row 10 | done 1");
    assert_true(a->has_ended);
}

static void a_dropped_table_is_waited_for(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN DROP TABLE t", "begun | done | done");
    WAITS(b, "SELECT v FROM t WHERE k = 1");
    WAITS(c, "SELECT v FROM t WHERE k = 2");
    EXPECT(a, "ROLLBACK", "rolled-back | done");
    EXPECT_NOW(b, "columns v:int | row 10 | done 1");
    EXPECT_NOW(c, "columns v:int | row 20 | done 1");
    EXPECT(a, "BEGIN TRAN DROP TABLE t", "begun | done | done");
    WAITS(b, "SELECT v FROM t WHERE k = 1");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "error 208 | done-error");
}

/* --- levels ----------------------------------------------------------------------------------- */

static void read_uncommitted_sees_what_is_not_committed(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    begins(b, "READ UNCOMMITTED");
    EXPECT(b, "SELECT v FROM t WHERE k = 1", "columns v:int | row 11 | done 1");
    EXPECT(c, "SELECT v FROM t WITH (NOLOCK) WHERE k = 1", "columns v:int | row 11 | done 1");
}

static void read_committed_lets_go_of_what_it_has_read(void **state)
{
    (void)state;
    begins(a, "READ COMMITTED");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 10 | done 1");
    EXPECT(b, "UPDATE t SET v = 11 WHERE k = 1", "done 1");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 11 | done 1");
}

static void repeatable_read_keeps_it(void **state)
{
    (void)state;
    begins(a, "REPEATABLE READ");
    EXPECT(a, "SELECT v FROM t WHERE k <= 2", "columns v:int | row 10 | row 20 | done 2");
    EXPECT(b, "INSERT INTO t VALUES (0, 0)", "done 1");
    WAITS(b, "UPDATE t SET v = 11 WHERE k = 1");
    EXPECT(a, "SELECT COUNT(*) AS n FROM t WHERE k <= 1", "columns n:int | row 2 | done 1");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "done 1");
}

static void serializable_keeps_the_range(void **state)
{
    (void)state;
    begins(a, "SERIALIZABLE");
    EXPECT(a, "SELECT v FROM t WHERE k BETWEEN 2 AND 4", "columns v:int | row 20 | done 1");
    EXPECT(b, "INSERT INTO t VALUES (6, 6)", "done 1");
    EXPECT(b, "UPDATE t SET v = 51 WHERE k = 5", "done 1");
    WAITS(b, "INSERT INTO t VALUES (3, 3)");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "done 1");
}

static void two_who_read_and_write_the_same_range_deadlock(void **state)
{
    (void)state;
    begins(a, "SERIALIZABLE");
    begins(b, "SERIALIZABLE");
    EXPECT(a, "SELECT v FROM t WHERE k = 3", "columns v:int | done 0");
    EXPECT(b, "SELECT v FROM t WHERE k = 3", "columns v:int | done 0");
    WAITS(a, "INSERT INTO t VALUES (3, 3)");
    EXPECT(b, "INSERT INTO t VALUES (3, 33)", "error 1205 | rolled-back | done-error");
    EXPECT_NOW(a, "done 1");
}

static void a_snapshot_stays(void **state)
{
    (void)state;
    begins(a, "SNAPSHOT");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 10 | done 1");
    EXPECT(b,
           "UPDATE t SET v = 11 WHERE k = 1 DELETE FROM t WHERE k = 2 INSERT INTO t VALUES (9, 9)",
           "done 1 | done 1 | done 1");
    EXPECT(a, "SELECT k, v FROM t",
           "columns k:int v:int | row 1 10 | row 2 20 | row 5 50 | done 3");
    EXPECT(a, "UPDATE t SET v = 52 WHERE k = 5", "done 1");
    EXPECT(a, "UPDATE t SET v = 12 WHERE k = 1", "error 3960 | rolled-back | done-error");
    EXPECT(a, "SELECT k, v FROM t", "columns k:int v:int | row 1 11 | row 5 50 | row 9 9 | done 3");
}

static void a_snapshot_is_taken_at_the_first_look_at_a_table(void **state)
{
    (void)state;
    begins(a, "SNAPSHOT");
    EXPECT(a, "IF @@TRANCOUNT = 1 SELECT 1 AS n", "columns n:int | row 1 | done 1");
    EXPECT(b, "UPDATE t SET v = 11 WHERE k = 1", "done 1");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "columns v:int | row 11 | done 1");
}

static void an_implicit_transaction_begins_with_a_table(void **state)
{
    (void)state;
    EXPECT(a, "SET IMPLICIT_TRANSACTIONS ON SELECT @@TRANCOUNT AS n",
           "done | columns n:int | row 0 | done 1");
    EXPECT(a, "SELECT v FROM t WHERE k = 1", "begun | columns v:int | row 10 | done 1");
    EXPECT(a, "UPDATE t SET v = 11 WHERE k = 1 ROLLBACK", "done 1 | rolled-back | done");
    EXPECT(a, "SET IMPLICIT_TRANSACTIONS OFF SELECT v FROM t WHERE k = 1",
           "done | columns v:int | row 10 | done 1");
}

static void the_second_writer_of_a_snapshot_waits_and_fails(void **state)
{
    (void)state;
    begins(a, "SNAPSHOT");
    begins(b, "SNAPSHOT");
    EXPECT(a, "UPDATE t SET v = 11 WHERE k = 1", "done 1");
    EXPECT(b, "SELECT v FROM t WHERE k = 1", "columns v:int | row 10 | done 1");
    WAITS(b, "UPDATE t SET v = 12 WHERE k = 1");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "error 3960 | rolled-back | done-error");
}

static void with_versions_readers_do_not_wait(void **state)
{
    (void)state;
    EXPECT(a, "BEGIN TRAN UPDATE t SET v = 11 WHERE k = 1", "begun | done | done 1");
    EXPECT(b, "SELECT v FROM t WHERE k = 1", "columns v:int | row 10 | done 1");
    WAITS(b, "UPDATE t SET v = v + 100 WHERE v < 15");
    EXPECT(a, "COMMIT", "committed | done");
    EXPECT_NOW(b, "done 1");
    EXPECT(b, "SELECT v FROM t WHERE k = 1", "columns v:int | row 111 | done 1");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)
    static const struct CMUnitTest tests[] = {
        TEST(different_keys_do_not_wait),
        TEST(the_same_key_waits_for_the_end),
        TEST(who_came_first_goes_first),
        TEST(a_rollback_takes_it_back),
        TEST(an_insert_waits_for_the_same_key),
        TEST(a_cycle_costs_the_cheaper_one),
        TEST(a_priority_saves_from_that),
        TEST(a_caught_deadlock_lets_the_other_go_on),
        TEST(a_lock_timeout_ends_the_statement),
        TEST(attention_ends_a_wait),
        TEST(with_xact_abort_attention_ends_the_transaction),
        TEST(attention_to_nobody_is_acknowledged),
        TEST(who_is_gone_is_rolled_back),
        TEST(a_dropped_table_is_waited_for),
        TEST(read_uncommitted_sees_what_is_not_committed),
        TEST(read_committed_lets_go_of_what_it_has_read),
        TEST(repeatable_read_keeps_it),
        TEST(serializable_keeps_the_range),
        TEST(two_who_read_and_write_the_same_range_deadlock),
        TEST(a_snapshot_stays),
        TEST(a_snapshot_is_taken_at_the_first_look_at_a_table),
        TEST(an_implicit_transaction_begins_with_a_table),
        TEST(the_second_writer_of_a_snapshot_waits_and_fails),
        cmocka_unit_test_setup_teardown(with_versions_readers_do_not_wait, begin_with_versions,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
