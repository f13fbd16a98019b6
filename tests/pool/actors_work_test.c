/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions on an actor's thread: they have the synchronous pool's calls, cannot keep or close the
 * connection, and are interrupted by a cancel of their request and of no other one.
 */
#include "actors_fixture.h"

#include <string.h>

static const struct row_sink no_rows = {.on_row = NULL};

static struct request *send_reader(interplay_reader_work_fn *work, void *context, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_with_reader(pool, work, context, &options, &request, NULL),
                     OUTCOME_OK);
    return request;
}

static struct request *send_writer(interplay_writer_work_fn *work, void *context, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_with_writer(pool, work, context, &options, &request, NULL),
                     OUTCOME_OK);
    return request;
}

static bool keep_integer(void *context, const struct value *columns, uint32_t count)
{
    *(int64_t *)context = count == 1 ? columns[0].integer : -1;
    return true;
}

static enum outcome write_sql(struct writer *writer, const char *sql)
{
    return interplay_writer_execute_sql(writer, sql, NULL, 0, no_rows, NULL, NULL);
}

/* --- what a function may do ------------------------------------------------------------------- */

/* Assertions belong to the test's own thread: the first call that is not as it should be. */
static enum outcome insert_and_count(void *context, struct writer *writer, struct pool_error *error)
{
    int64_t *count = context;
    struct write_txn *txn;
    const struct value key = value_integer(2);
    const struct row_sink keep = {.on_row = keep_integer, .context = count};
    enum outcome outcome = write_sql(writer, "INSERT INTO t(k) VALUES (1)");
    if (outcome == OUTCOME_OK)
        outcome = interplay_writer_begin(writer, &txn, error);
    if (outcome == OUTCOME_OK)
        outcome = interplay_write_txn_execute(txn, &insert_row, &key, no_rows, NULL, error);
    if (outcome == OUTCOME_OK)
        outcome = interplay_write_txn_query(txn, &count_rows, NULL, keep, error);
    return outcome == OUTCOME_OK ? interplay_write_txn_commit(txn, error) : outcome;
}

static void a_writer_has_all_calls(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int64_t count = 0;
    must_end(send_writer(insert_and_count, &count, NULL), OUTCOME_OK);
    assert_int_equal(count, 2);
    assert_int_equal(row_count(), 2);
}

struct answers {
    enum outcome query, write, given_back, again;
    int64_t count;
};

static enum outcome try_all(void *context, struct reader *reader, struct pool_error *error)
{
    struct answers *answers = context;
    const struct row_sink keep = {.on_row = keep_integer, .context = &answers->count};
    answers->query = interplay_reader_query(reader, &count_rows, NULL, keep, error);
    answers->write = interplay_reader_query_sql(reader, "DELETE FROM t", NULL, 0, no_rows, NULL);
    answers->given_back = interplay_reader_return(reader);
    interplay_reader_drop(reader);
    answers->again = interplay_reader_query(reader, &count_rows, NULL, keep, error);
    return OUTCOME_OK;
}

static void a_reader_reads_and_cannot_be_given_back(void **state)
{
    (void)state;
    fixture_open(1, 1);
    must_insert(1);
    struct answers answers = {.count = -1};
    must_end(send_reader(try_all, &answers, NULL), OUTCOME_OK);
    assert_int_equal(answers.query, OUTCOME_OK);
    assert_int_equal(answers.count, 1);
    assert_int_equal(answers.write, OUTCOME_READONLY);
    assert_int_equal(answers.given_back, OUTCOME_MISUSE);
    assert_int_equal(answers.again, OUTCOME_OK);
    assert_int_equal(row_count(), 1); /* the same actor goes on */
    assert_int_equal(slot_view(0).state, POOL_SLOT_IDLE);
}

/* --- what comes of it ------------------------------------------------------------------------- */

static enum outcome leave_open(void *context, struct writer *writer, struct pool_error *error)
{
    const struct value key = value_integer(1);
    struct write_txn *txn;
    bool *is_typed = context;
    if (!*is_typed)
        return write_sql(writer, "BEGIN");
    enum outcome outcome = interplay_writer_begin(writer, &txn, error);
    return outcome == OUTCOME_OK
               ? interplay_write_txn_execute(txn, &insert_row, &key, no_rows, NULL, error)
               : outcome;
}

static void what_is_left_open_is_rolled_back(void **state)
{
    (void)state;
    fixture_open(1, 1);
    for (int i = 0; i < 2; i++) {
        bool is_typed = i == 0;
        must_end(send_writer(leave_open, &is_typed, NULL), OUTCOME_ROLLED_BACK);
        assert_int_equal(row_count(), i);
        must_insert(10 + i);
    }
}

static enum outcome fail_by_sql(void *context, struct writer *writer, struct pool_error *error)
{
    (void)context;
    return interplay_writer_execute_sql(writer, "INSERT INTO nowhere VALUES (1)", NULL, 0, no_rows,
                                        NULL, error);
}

static void a_failure_is_the_requests(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct pool_error error = {.outcome = OUTCOME_OK};
    struct request *request = send_writer(fail_by_sql, NULL, NULL);
    assert_int_equal(interplay_request_wait(request, LONG_MS, &error), OUTCOME_SQL_ERROR);
    assert_non_null(strstr(error.message, "nowhere"));
    interplay_request_drop(request);
}

static void there_must_be_such_an_actor(void **state)
{
    (void)state;
    fixture_open(0, 1);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_with_reader(pool, try_all, NULL, NULL, &request, NULL),
                     OUTCOME_MISUSE);
}

/* --- cancelling ------------------------------------------------------------------------------- */

static enum outcome run_on(void *context, struct reader *reader, struct pool_error *error)
{
    struct answers *answers = context;
    answers->query = interplay_reader_query(reader, &forever, NULL, no_rows, error);
    answers->again = interplay_reader_query(reader, &count_rows, NULL, no_rows, error);
    return answers->again;
}

static void a_cancel_interrupts_all_that_follows(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct answers answers = {.query = OUTCOME_OK};
    uint64_t steps = fixture_steps();
    struct request *request = send_reader(run_on, &answers, NULL);
    fixture_await_steps(steps + 1);
    interplay_request_cancel(request);
    must_end(request, OUTCOME_INTERRUPTED);
    assert_int_equal(answers.query, OUTCOME_INTERRUPTED);
    assert_int_equal(answers.again, OUTCOME_INTERRUPTED);
    assert_int_equal(row_count(), 0); /* the next request on the same connection is not hit */
}

static void what_is_cancelled_in_time_is_not_called(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct answers answers = {.query = OUTCOME_IN_DOUBT, .again = OUTCOME_IN_DOUBT};
    struct request *held = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    struct request *request = send_reader(run_on, &answers, NULL);
    interplay_request_cancel(request);
    fixture_let_go();
    must_end(request, OUTCOME_INTERRUPTED);
    must_end(held, OUTCOME_OK);
    assert_int_equal(answers.query, OUTCOME_IN_DOUBT);
}

/* --- many at a time --------------------------------------------------------------------------- */

enum { THREADS = 6, ROUNDS = 30 };

static enum outcome add_one(void *context, struct writer *writer, struct pool_error *error)
{
    (void)context;
    int64_t value = -1;
    struct write_txn *txn;
    const struct row_sink keep = {.on_row = keep_integer, .context = &value};
    enum outcome outcome = interplay_writer_begin(writer, &txn, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = interplay_write_txn_execute_sql(txn, "SELECT v FROM t", NULL, 0, keep, NULL, error);
    const struct value next = value_integer(value + 1);
    if (outcome == OUTCOME_OK)
        outcome = interplay_write_txn_execute_sql(txn, "UPDATE t SET v = ?1", &next, 1, no_rows,
                                                  NULL, error);
    return outcome == OUTCOME_OK ? interplay_write_txn_commit(txn, error) : outcome;
}

struct adder {
    pthread_t thread;
    uint32_t number;
    int64_t added, unknown;
};

/* Every fifth is cancelled at once: it has happened or not, as its outcome says. */
static void *add(void *context)
{
    struct adder *adder = context;
    for (uint32_t i = 0; i < ROUNDS; i++) {
        struct request *request = NULL;
        if (interplay_actors_with_writer(pool, add_one, NULL, NULL, &request, NULL) != OUTCOME_OK)
            continue;
        if ((adder->number + i) % 5 == 0)
            interplay_request_cancel(request);
        enum outcome outcome = interplay_request_wait(request, LONG_MS, NULL);
        adder->added += outcome == OUTCOME_OK;
        adder->unknown += outcome != OUTCOME_OK && outcome != OUTCOME_INTERRUPTED;
        interplay_request_drop(request);
    }
    return NULL;
}

static void nothing_is_lost_with_many_threads(void **state)
{
    (void)state;
    struct adder adders[THREADS] = {0};
    int64_t added = 0, value = -1;
    fixture_open(2, 2);
    must_execute_sql("INSERT INTO t(k, v) VALUES (1, 0)");
    for (uint32_t i = 0; i < THREADS; i++) {
        adders[i].number = i;
        assert_int_equal(pthread_create(&adders[i].thread, NULL, add, &adders[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(adders[i].thread, NULL), 0);
        assert_int_equal(adders[i].unknown, 0);
        added += adders[i].added;
    }
    value = integer_of(send_query_sql("SELECT v FROM t", NULL));
    assert_int_equal(value, added);
    assert_true(added >= THREADS * ROUNDS / 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_writer_has_all_calls),
        TEST(a_reader_reads_and_cannot_be_given_back),
        TEST(what_is_left_open_is_rolled_back),
        TEST(a_failure_is_the_requests),
        TEST(there_must_be_such_an_actor),
        TEST(a_cancel_interrupts_all_that_follows),
        TEST(what_is_cancelled_in_time_is_not_called),
        TEST(nothing_is_lost_with_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
