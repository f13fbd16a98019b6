/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions of the synchronous pool: nothing stays open, the database's word counts, what meets
 * busy is tried again as often as is said, and writers take turns.
 */
#include "faulty_backend.h"
#include "pool_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void fail_steps(const char *prefix, enum outcome outcome, uint32_t times,
                       enum faulty_effect effect)
{
    faulty_reset();
    faulty_plan = (struct faulty_plan){prefix, outcome, times, effect};
}

static uint64_t replaced(struct pool *pool)
{
    return fixture_view(pool).replaced;
}

/* --- commit and rollback --------------------------------------------------------------------- */

static void what_is_committed_stays_and_what_is_not_does_not(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(writer);
    assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
    struct pool_slot_view view = fixture_view(pool).slots[1];
    assert_int_equal(view.state, POOL_SLOT_IN_TRANSACTION);
    assert_ptr_equal(view.owner, txn);
    assert_true(interplay_writer_in_transaction(writer));
    assert_int_equal(fixture_sum(pool), 0);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
    assert_false(interplay_writer_in_transaction(writer));
    assert_int_equal(fixture_sum(pool), 1);
    txn = fixture_begin(writer);
    assert_int_equal(fixture_txn_insert(txn, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_rollback(txn, NULL), OUTCOME_OK);
    assert_ptr_equal(fixture_view(pool).slots[1].owner, writer);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 1);
    fixture_close(pool);
}

static void leaving_without_a_commit_rolls_back(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(fixture_txn_insert(fixture_begin(writer), 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    writer = fixture_writer(pool);
    assert_false(interplay_writer_in_transaction(writer));
    assert_int_equal(fixture_txn_insert(fixture_begin(writer), 1, 1), OUTCOME_OK);
    interplay_writer_drop(writer);
    /* Behind the pool's back, too. */
    writer = fixture_writer(pool);
    assert_int_equal(fixture_execute(writer, "BEGIN"), OUTCOME_OK);
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 0);
    assert_int_equal(replaced(pool), 0);
    fixture_close(pool);
}

static void a_lease_has_one_transaction_at_a_time(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(writer), *second = NULL;
    assert_int_equal(interplay_writer_begin(writer, &second, NULL), OUTCOME_MISUSE);
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_MISUSE);
    assert_int_equal(interplay_writer_execute_batch(writer, NULL, 0, NULL, NULL), OUTCOME_MISUSE);
    assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_MISUSE);
    assert_int_equal(fixture_txn_insert(txn, 2, 2), OUTCOME_MISUSE);
    /* A begin behind the pool's back. */
    assert_int_equal(fixture_execute(writer, "BEGIN"), OUTCOME_OK);
    assert_int_equal(interplay_writer_begin(writer, &second, NULL), OUTCOME_MISUSE);
    assert_int_equal(fixture_execute(writer, "COMMIT"), OUTCOME_OK);
    /* And an end. */
    txn = fixture_begin(writer);
    assert_int_equal(interplay_write_txn_execute_sql(txn, "COMMIT", NULL, 0, no_rows, NULL, NULL),
                     OUTCOME_MISUSE);
    assert_int_equal(fixture_txn_insert(txn, 2, 2), OUTCOME_MISUSE);
    assert_int_equal(fixture_insert(writer, 2, 2), OUTCOME_MISUSE); /* the handle is still there */
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_MISUSE);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 1);
    fixture_close(pool);
}

static void a_read_transaction_keeps_its_view(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct reader *reader = fixture_reader(pool);
    struct writer *writer = fixture_writer(pool);
    struct read_txn *txn = NULL;
    int64_t sum = -1;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_reader_begin(reader, &txn, NULL), OUTCOME_OK);
    assert_int_equal(interplay_read_txn_query(txn, &select_sum, NULL, keep, NULL), OUTCOME_OK);
    assert_int_equal(fixture_insert(writer, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_read_txn_query(txn, &select_sum, NULL, keep, NULL), OUTCOME_OK);
    assert_int_equal(sum, 1);
    assert_int_equal(interplay_read_txn_query_sql(txn, "DELETE FROM t", NULL, 0, no_rows, NULL),
                     OUTCOME_READONLY);
    assert_true(interplay_reader_in_transaction(reader));
    assert_int_equal(interplay_read_txn_end(txn), OUTCOME_OK);
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, keep, NULL), OUTCOME_OK);
    assert_int_equal(sum, 3);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

/* --- the database's word --------------------------------------------------------------------- */

static void a_transaction_that_the_database_ended_runs_nothing_more(void **state)
{
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    for (int ends = 0; ends < 3; ends++) {
        struct writer *writer = fixture_writer(pool);
        struct write_txn *txn = fixture_begin(writer);
        assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
        fail_steps("INSERT", OUTCOME_FULL, 1, FAULTY_ROLLS_BACK);
        assert_int_equal(fixture_txn_insert(txn, 2, 2), OUTCOME_FULL);
        struct pool_error error;
        const struct value parameters[] = {value_integer(3), value_integer(3)};
        assert_int_equal(
            interplay_write_txn_execute(txn, &insert_row, parameters, no_rows, NULL, &error),
            OUTCOME_ROLLED_BACK);
        assert_int_equal(error.outcome, OUTCOME_ROLLED_BACK);
        assert_int_equal(faulty_counts.steps, 1); /* it was not run */
        if (ends == 0)
            assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_ROLLED_BACK);
        if (ends == 1)
            assert_int_equal(interplay_write_txn_rollback(txn, NULL), OUTCOME_ROLLED_BACK);
        enum outcome at_return = ends == 2 ? OUTCOME_ROLLED_BACK : OUTCOME_OK;
        assert_int_equal(interplay_writer_return(writer), at_return);
        assert_int_equal(fixture_sum(pool), 0);
    }
    assert_int_equal(replaced(pool), 0);
    fixture_close(pool);
}

static void a_commit_that_fails_half_way_is_in_doubt(void **state)
{
    static const struct {
        enum outcome outcome;
        enum faulty_effect effect;
    } commits[] = {
        {OUTCOME_IO_ERROR, FAULTY_ROLLS_BACK},
        {OUTCOME_IO_ERROR, FAULTY_IT_HAPPENS},
        {OUTCOME_DIED, FAULTY_IT_HAPPENS},
        {OUTCOME_DIED, FAULTY_NOTHING_HAPPENS},
    };
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    int64_t happened = 0;
    for (uint32_t i = 0; i < sizeof commits / sizeof commits[0]; i++) {
        struct writer *writer = fixture_writer(pool);
        struct write_txn *txn = fixture_begin(writer);
        assert_int_equal(fixture_txn_insert(txn, i, 1), OUTCOME_OK);
        fail_steps("COMMIT", commits[i].outcome, 1, commits[i].effect);
        struct pool_error error;
        assert_int_equal(interplay_write_txn_commit(txn, &error), OUTCOME_IN_DOUBT);
        assert_int_equal(error.outcome, OUTCOME_IN_DOUBT);
        assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
        assert_int_equal(replaced(pool), i + 1);
        happened += commits[i].effect == FAULTY_IT_HAPPENS;
        assert_int_equal(fixture_sum(pool), happened);
    }
    fixture_close(pool);
}

static void a_commit_that_fails_as_a_whole_did_not_happen(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 1);
    options.connection.setup = "PRAGMA foreign_keys=1";
    struct pool *pool = fixture_open_with(&options);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(fixture_execute(writer, "CREATE TABLE child(k REFERENCES t(k)"
                                             " DEFERRABLE INITIALLY DEFERRED)"),
                     OUTCOME_OK);
    struct write_txn *txn = fixture_begin(writer);
    assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_execute_sql(txn, "INSERT INTO child VALUES (77)", NULL, 0,
                                                     no_rows, NULL, NULL),
                     OUTCOME_OK);
    struct pool_error error;
    assert_int_equal(interplay_write_txn_commit(txn, &error), OUTCOME_CONSTRAINT);
    assert_int_equal(error.outcome, OUTCOME_CONSTRAINT);
    assert_string_equal(error.message, "FOREIGN KEY constraint failed");
    assert_false(interplay_writer_in_transaction(writer));
    assert_int_equal(fixture_insert(writer, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 2);
    assert_int_equal(replaced(pool), 0);
    fixture_close(pool);
}

static void a_commit_that_meets_busy_can_be_tried_again(void **state)
{
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(writer);
    assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
    fail_steps("COMMIT", OUTCOME_BUSY, 1, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_BUSY);
    assert_int_equal(faulty_counts.steps, 1);
    assert_int_equal(fixture_txn_insert(txn, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 3);
    fixture_close(pool);
}

static void a_rollback_that_cannot_be_done_costs_the_connection(void **state)
{
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    static const struct {
        enum outcome outcome;
        uint32_t times, steps;
        uint64_t replaced;
    } rollbacks[] = {
        {OUTCOME_BUSY, 3, 4, 0},
        {OUTCOME_BUSY, 4, 4, 1},
        {OUTCOME_IO_ERROR, 1, 1, 2},
    };
    for (uint32_t i = 0; i < sizeof rollbacks / sizeof rollbacks[0]; i++) {
        struct writer *writer = fixture_writer(pool);
        assert_int_equal(fixture_txn_insert(fixture_begin(writer), 1, 1), OUTCOME_OK);
        fail_steps("ROLLBACK", rollbacks[i].outcome, rollbacks[i].times, FAULTY_NOTHING_HAPPENS);
        uint64_t before = replaced(pool);
        enum outcome outcome = interplay_writer_return(writer);
        assert_int_equal(faulty_counts.steps, rollbacks[i].steps);
        assert_int_equal(replaced(pool), rollbacks[i].replaced);
        assert_int_equal(outcome, replaced(pool) > before ? rollbacks[i].outcome : OUTCOME_OK);
        assert_int_equal(fixture_sum(pool), 0);
    }
    fixture_close(pool);
}

/* --- busy ------------------------------------------------------------------------------------ */

static void a_write_that_meets_busy_is_tried_again(void **state)
{
    static const struct {
        const char *prefix;
        enum outcome outcome;
        uint32_t times, steps;
        enum outcome result;
    } writes[] = {
        {"INSERT", OUTCOME_BUSY, 3, 4, OUTCOME_OK},
        {"INSERT", OUTCOME_BUSY, 4, 4, OUTCOME_BUSY},
        {"INSERT", OUTCOME_BUSY_SNAPSHOT, 1, 1, OUTCOME_BUSY_SNAPSHOT},
        {"INSERT", OUTCOME_LOCKED, 1, 1, OUTCOME_LOCKED},
    };
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct writer *writer = fixture_writer(pool);
    for (uint32_t i = 0; i < sizeof writes / sizeof writes[0]; i++) {
        fail_steps(writes[i].prefix, writes[i].outcome, writes[i].times, FAULTY_NOTHING_HAPPENS);
        assert_int_equal(fixture_insert(writer, i, 1), writes[i].result);
        assert_int_equal(faulty_counts.steps, writes[i].steps);
    }
    struct write_txn *txn = NULL;
    fail_steps("BEGIN", OUTCOME_BUSY, 3, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(interplay_writer_begin(writer, &txn, NULL), OUTCOME_OK);
    assert_int_equal(faulty_counts.steps, 4);
    /* Inside of a transaction nothing is: it would have to be repeated as a whole. */
    fail_steps("INSERT", OUTCOME_BUSY, 1, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(fixture_txn_insert(txn, 9, 9), OUTCOME_BUSY);
    assert_int_equal(faulty_counts.steps, 1);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 1);
    fixture_close(pool);
}

static void reads_are_not_tried_again(void **state)
{
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct reader *reader = fixture_reader(pool);
    fail_steps("SELECT", OUTCOME_BUSY, 1, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL),
                     OUTCOME_BUSY);
    assert_int_equal(faulty_counts.steps, 1);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void a_batch_happens_as_a_whole_or_not_at_all(void **state)
{
    const struct value first[] = {value_integer(1), value_integer(10)};
    const struct value second[] = {value_integer(2), value_integer(20)};
    const struct value both[] = {value_integer(1), value_integer(5)};
    const struct batch_item good[] = {
        {&insert_row, first}, {&insert_row, second}, {&update_row, both}};
    const struct batch_item bad[] = {{&update_row, both}, {&insert_row, second}};
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct writer *writer = fixture_writer(pool);
    int64_t changes = -1;
    assert_int_equal(interplay_writer_execute_batch(writer, good, 3, &changes, NULL), OUTCOME_OK);
    assert_int_equal(changes, 3);
    assert_int_equal(fixture_sum(pool), 35);
    struct pool_error error;
    changes = -1;
    assert_int_equal(interplay_writer_execute_batch(writer, bad, 2, &changes, &error),
                     OUTCOME_CONSTRAINT);
    assert_int_equal(error.outcome, OUTCOME_CONSTRAINT);
    assert_int_equal(changes, -1);
    fail_steps("COMMIT", OUTCOME_BUSY, 1, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(interplay_writer_execute_batch(writer, bad, 1, NULL, NULL), OUTCOME_BUSY);
    assert_false(interplay_writer_in_transaction(writer));
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 35);
    fixture_close(pool);
}

/* --- several writers ------------------------------------------------------------------------- */

struct writing {
    struct writer *writer;
    enum outcome outcome;
};

static void *write_one(void *argument)
{
    struct writing *writing = argument;
    writing->outcome = fixture_insert(writing->writer, 2, 2);
    return NULL;
}

/* With no patience of the database's own: without the gate the second writer would meet busy. */
static struct pool *open_with_two_writers(void **state, uint32_t acquire_timeout_ms)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 2);
    options.connection.busy_timeout_ms = 0;
    options.busy_retries = 0;
    options.acquire_timeout_ms = acquire_timeout_ms;
    return fixture_open_with(&options);
}

static void writers_of_a_pool_take_turns(void **state)
{
    struct pool *pool = open_with_two_writers(state, 30000);
    struct writer *first = fixture_writer(pool);
    struct writing second = {fixture_writer(pool), OUTCOME_OTHER};
    /* A transaction of the pool's; and one behind its back, that writes before anybody else. */
    for (int raw = 0; raw < 2; raw++) {
        struct write_txn *txn = NULL;
        if (raw)
            assert_int_equal(fixture_execute(first, "BEGIN IMMEDIATE"), OUTCOME_OK);
        else
            txn = fixture_begin(first);
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, write_one, &second), 0);
        fixture_wait_for_busy(pool, second.writer);
        if (raw)
            assert_int_equal(fixture_execute(first, "DELETE FROM t"), OUTCOME_OK);
        else
            assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_OK);
        if (raw)
            assert_int_equal(fixture_execute(first, "COMMIT"), OUTCOME_OK);
        else
            assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(second.outcome, OUTCOME_OK);
    }
    assert_int_equal(interplay_writer_return(first), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(second.writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 2);
    fixture_close(pool);
}

static void waiting_for_a_turn_has_an_end(void **state)
{
    struct pool *pool = open_with_two_writers(state, 20);
    struct writer *first = fixture_writer(pool), *second = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(first), *other = NULL;
    assert_int_equal(fixture_insert(second, 2, 2), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_writer_begin(second, &other, NULL), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_writer_query(second, &select_sum, NULL, no_rows, NULL), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_rollback(txn, NULL), OUTCOME_OK);
    assert_int_equal(fixture_insert(second, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(first), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(second), OUTCOME_OK);
    fixture_close(pool);
}

static void a_broken_writer_gives_its_turn_back(void **state)
{
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 2);
    struct writer *first = fixture_writer(pool), *second = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(first);
    fail_steps("INSERT", OUTCOME_DIED, 1, FAULTY_NOTHING_HAPPENS);
    assert_int_equal(fixture_txn_insert(txn, 1, 1), OUTCOME_DIED);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_DIED);
    (void)interplay_writer_return(first);
    assert_int_equal(replaced(pool), 1);
    assert_int_equal(fixture_insert(second, 2, 2), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(second), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 2);
    fixture_close(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_committed_stays_and_what_is_not_does_not),
        TEST(leaving_without_a_commit_rolls_back),
        TEST(a_lease_has_one_transaction_at_a_time),
        TEST(a_read_transaction_keeps_its_view),
        TEST(a_transaction_that_the_database_ended_runs_nothing_more),
        TEST(a_commit_that_fails_half_way_is_in_doubt),
        TEST(a_commit_that_fails_as_a_whole_did_not_happen),
        TEST(a_commit_that_meets_busy_can_be_tried_again),
        TEST(a_rollback_that_cannot_be_done_costs_the_connection),
        TEST(a_write_that_meets_busy_is_tried_again),
        TEST(reads_are_not_tried_again),
        TEST(a_batch_happens_as_a_whole_or_not_at_all),
        TEST(writers_of_a_pool_take_turns),
        TEST(waiting_for_a_turn_has_an_end),
        TEST(a_broken_writer_gives_its_turn_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
