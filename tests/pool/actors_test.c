/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to the pool with actors, one rule at a time: results, cancelling and dropping, the order
 * in which they are served, full mailboxes.
 */
#include "actors_fixture.h"

#include <string.h>

/* --- results --------------------------------------------------------------------------------- */

static void rows_are_kept(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct value parameters[] = {value_integer(7), value_text("seven", 5)};
    char text[] = "seven";
    parameters[1] = value_text(text, 5);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_execute_sql(pool, "INSERT INTO t VALUES (?1, ?2), (8, 0.5)",
                                                  parameters, 2, NULL, &request, NULL),
                     OUTCOME_OK);
    memset(text, 'x', sizeof text); /* parameters were copied */
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    assert_int_equal(interplay_request_changes(request), 2);
    assert_int_equal(interplay_request_row_count(request), 0);
    interplay_request_drop(request);

    request = send_query_sql("SELECT k, v, NULL FROM t ORDER BY k", NULL);
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    assert_int_equal(interplay_request_row_count(request), 2);
    uint32_t columns = 0;
    const struct value *row = interplay_request_row(request, 0, &columns);
    assert_int_equal(columns, 3);
    assert_int_equal(row[0].integer, 7);
    assert_int_equal(row[1].kind, VALUE_TEXT);
    assert_int_equal(row[1].text.length, 5);
    assert_memory_equal(row[1].text.bytes, "seven", 5);
    assert_int_equal(row[2].kind, VALUE_NULL);
    row = interplay_request_row(request, 1, &columns);
    assert_int_equal(row[0].integer, 8);
    assert_int_equal(row[1].kind, VALUE_REAL);
    assert_true(row[1].real > 0.4 && row[1].real < 0.6);
    assert_null(interplay_request_row(request, 2, NULL));
    interplay_request_drop(request);
}

static void failures_come_with_details(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct pool_error error = {.outcome = OUTCOME_OK};
    struct request *request = send_query_sql("SELECT x FROM nowhere", NULL);
    assert_int_equal(interplay_request_wait(request, LONG_MS, &error), OUTCOME_SQL_ERROR);
    assert_int_equal(error.outcome, OUTCOME_SQL_ERROR);
    assert_non_null(strstr(error.message, "nowhere"));
    interplay_request_drop(request);
    must_end(send_query_sql("INSERT INTO t(k) VALUES (1)", NULL), OUTCOME_READONLY);
    assert_int_equal(row_count(), 0);
}

struct callback {
    uint32_t calls;
    enum outcome outcome; /* as the callback itself saw it */
    bool was_told;        /* the observer was told before */
};

static void on_done(void *context, struct request *request)
{
    struct callback *callback = context;
    callback->calls++;
    callback->outcome = interplay_request_wait(request, 0, NULL);
    callback->was_told = fixture_was_told(callback, false);
}

static void the_callback_is_called_once(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct callback callback = {.outcome = OUTCOME_COUNT};
    struct request_options options = tagged(&callback);
    options.on_done = on_done;
    options.context = &callback;
    struct request *request = NULL;
    assert_int_equal(interplay_actors_query_sql(pool, "SELECT x FROM nowhere", NULL, 0, &options,
                                                &request, NULL),
                     OUTCOME_OK);
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_SQL_ERROR);
    assert_true(interplay_request_is_done(request));
    interplay_request_cancel(request);
    interplay_request_drop(request);
    fixture_close(POOL_CLOSE_WAIT);
    assert_int_equal(callback.calls, 1);
    assert_int_equal(callback.outcome, OUTCOME_SQL_ERROR);
    assert_true(callback.was_told);
    assert_true(fixture_place(&callback, true) < fixture_place(&callback, false));
}

static void polling_does_not_wait(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *request = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    assert_false(interplay_request_is_done(request));
    assert_int_equal(interplay_request_wait(request, 0, NULL), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_request_wait(request, 1, NULL), OUTCOME_TIMEOUT);
    fixture_let_go();
    must_end(request, OUTCOME_OK);
}

static void a_batch_happens_or_does_not(void **state)
{
    (void)state;
    fixture_open(1, 1);
    const struct value keys[] = {value_integer(1), value_integer(2), value_integer(1)};
    const struct batch_item items[] = {
        {&insert_row, &keys[0]}, {&insert_row, &keys[1]}, {&insert_row, &keys[2]}};
    struct request *request = NULL;
    assert_int_equal(interplay_actors_execute_batch(pool, items, 3, NULL, &request, NULL),
                     OUTCOME_OK);
    must_end(request, OUTCOME_CONSTRAINT);
    assert_int_equal(row_count(), 0);
    assert_int_equal(interplay_actors_execute_batch(pool, items, 2, NULL, &request, NULL),
                     OUTCOME_OK);
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    assert_int_equal(interplay_request_changes(request), 2);
    interplay_request_drop(request);
    assert_int_equal(row_count(), 2);
}

/* --- cancelling ------------------------------------------------------------------------------ */

static void who_waits_is_given_up(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int tag;
    struct request *first = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    struct request *second = send_query(&count_rows, &tag);
    interplay_request_cancel(second);
    assert_true(interplay_request_is_done(second));
    must_end(second, OUTCOME_INTERRUPTED);
    fixture_let_go();
    must_end(first, OUTCOME_OK);
    assert_int_equal(row_count(), 0);
    assert_false(fixture_was_told(&tag, true));
    (void)fixture_place(&tag, false);
}

static void what_runs_is_interrupted(void **state)
{
    (void)state;
    fixture_open(1, 1);
    uint64_t steps = fixture_steps();
    struct request *request = send_query(&forever, NULL);
    fixture_await_steps(steps + 1);
    assert_int_equal(slot_view(0).state, POOL_SLOT_BUSY);
    assert_ptr_equal(slot_view(0).owner, request);
    interplay_request_cancel(request);
    must_end(request, OUTCOME_INTERRUPTED);
    assert_int_equal(row_count(), 0);
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.replaced, 0);
}

/* Between being taken and its first step: an interrupt of the database alone would be lost. */
static void what_is_about_to_run_is_interrupted(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *request = send_query(&forever, &held_tag);
    fixture_await_held(1);
    interplay_request_cancel(request);
    fixture_let_go();
    must_end(request, OUTCOME_INTERRUPTED);
    assert_int_equal(row_count(), 0);
}

static void a_cancel_never_hits_the_next_one(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *first = send_query(&count_rows, NULL);
    assert_int_equal(interplay_request_wait(first, LONG_MS, NULL), OUTCOME_OK);
    uint64_t steps = fixture_steps();
    struct request *second = send_query(&forever, NULL);
    fixture_await_steps(steps + 1);
    interplay_request_cancel(first);
    assert_int_equal(interplay_request_wait(second, SHORT_MS, NULL), OUTCOME_TIMEOUT);
    interplay_request_drop(first);
    assert_int_equal(interplay_request_wait(second, SHORT_MS, NULL), OUTCOME_TIMEOUT);
    interplay_request_cancel(second);
    must_end(second, OUTCOME_INTERRUPTED);
}

static void a_drop_cancels(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int running, waiting;
    uint64_t steps = fixture_steps();
    struct request *first = send_query(&forever, &running);
    fixture_await_steps(steps + 1);
    struct request *second = send_query(&forever, &waiting);
    interplay_request_drop(second);
    interplay_request_drop(first);
    assert_int_equal(row_count(), 0);
    assert_false(fixture_was_told(&waiting, true));
    struct served log[LOG_MAX];
    (void)fixture_log(log);
    assert_int_equal(log[fixture_place(&waiting, false)].outcome, OUTCOME_INTERRUPTED);
    assert_int_equal(log[fixture_place(&running, false)].outcome, OUTCOME_INTERRUPTED);
}

/* --- order ----------------------------------------------------------------------------------- */

static void first_come_first_served(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int tags[5];
    struct request *requests[5];
    struct request *first = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    for (int i = 0; i < 5; i++)
        requests[i] = send_query(&count_rows, &tags[i]);
    fixture_let_go();
    must_end(first, OUTCOME_OK);
    for (int i = 0; i < 5; i++)
        must_end(requests[i], OUTCOME_OK);
    for (int i = 1; i < 5; i++)
        assert_true(fixture_place(&tags[i - 1], true) < fixture_place(&tags[i], true));
}

static void nobody_waits_while_an_actor_is_free(void **state)
{
    (void)state;
    fixture_open(3, 1);
    struct request *held[2];
    for (uint32_t i = 0; i < 2; i++) {
        held[i] = send_query(&count_rows, &held_tag);
        fixture_await_held(i + 1);
    }
    for (int i = 0; i < 10; i++)
        assert_int_equal(row_count(), 0);
    fixture_let_go();
    must_end(held[0], OUTCOME_OK);
    must_end(held[1], OUTCOME_OK);
}

static void a_full_mailbox_times_out(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(1, 1);
    options.mailbox = 1;
    fixture_open_with(&options);
    struct request *first = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    struct request *second = send_query(&count_rows, NULL);
    struct request *third = NULL;
    struct pool_error error = {.outcome = OUTCOME_OK};
    struct request_options hurried = {.send_timeout_ms = SHORT_MS};
    assert_int_equal(interplay_actors_query(pool, &count_rows, NULL, &hurried, &third, &error),
                     OUTCOME_TIMEOUT);
    assert_null(third);
    assert_int_equal(error.outcome, OUTCOME_TIMEOUT);
    interplay_request_cancel(second); /* makes room */
    assert_int_equal(interplay_actors_query(pool, &count_rows, NULL, &hurried, &third, &error),
                     OUTCOME_OK);
    fixture_let_go();
    must_end(first, OUTCOME_OK);
    must_end(second, OUTCOME_INTERRUPTED);
    must_end(third, OUTCOME_OK);
}

static void senders_wait_in_turn(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(1, 1);
    options.mailbox = 2;
    fixture_open_with(&options);
    struct request *first = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    struct sender senders[6];
    start_senders(senders, 6, 0);
    fixture_let_go();
    must_end(first, OUTCOME_OK);
    for (int i = 0; i < 6; i++) {
        join_sender(&senders[i]);
        assert_int_equal(senders[i].sent, OUTCOME_OK);
        assert_int_equal(senders[i].ended, OUTCOME_OK);
    }
    for (int i = 1; i < 6; i++)
        assert_true(fixture_place(&senders[i - 1], true) < fixture_place(&senders[i], true));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_kept),
        TEST(failures_come_with_details),
        TEST(the_callback_is_called_once),
        TEST(polling_does_not_wait),
        TEST(a_batch_happens_or_does_not),
        TEST(who_waits_is_given_up),
        TEST(what_runs_is_interrupted),
        TEST(what_is_about_to_run_is_interrupted),
        TEST(a_cancel_never_hits_the_next_one),
        TEST(a_drop_cancels),
        TEST(first_come_first_served),
        TEST(nobody_waits_while_an_actor_is_free),
        TEST(a_full_mailbox_times_out),
        TEST(senders_wait_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
