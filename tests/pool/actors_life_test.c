/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of a pool with actors, one rule at a time: its connections come and go, opening fails
 * cleanly, closing waits or interrupts.
 */
#include "actors_fixture.h"

#include <dirent.h>
#include <time.h>

/* --- connections ----------------------------------------------------------------------------- */

static void connections_are_opened_when_needed(void **state)
{
    (void)state;
    fixture_open(3, 1);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(slot_view(i).state, POOL_SLOT_EMPTY);
    assert_int_equal(row_count(), 0);
    uint32_t empty = 0;
    for (uint32_t i = 0; i < 3; i++)
        empty += slot_view(i).state == POOL_SLOT_EMPTY;
    assert_int_equal(empty, 2);
    assert_int_equal(slot_view(3).state, POOL_SLOT_IDLE);
    assert_true(slot_view(3).is_writer);
}

static void a_broken_connection_is_replaced(void **state)
{
    (void)state;
    fixture_open(1, 1);
    must_insert(1);
    assert_int_equal(row_count(), 1);
    fixture_fail("SELECT 'dies'", OUTCOME_DIED, 1);
    must_end(send_query_sql("SELECT 'dies'", NULL), OUTCOME_DIED);
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.slots[0].state, POOL_SLOT_EMPTY);
    assert_int_equal(view.replaced, 1);
    uint64_t prepares = view.prepares;
    assert_int_equal(row_count(), 1);
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.slots[0].state, POOL_SLOT_IDLE);
    assert_int_equal(view.prepares, prepares + 1);
    assert_int_equal(row_count(), 1);
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.prepares, prepares + 1);
    assert_int_equal(view.slots[0].statements, 1);
}

static void a_transaction_of_ones_own_is_undone(void **state)
{
    (void)state;
    fixture_open(1, 1);
    must_execute_sql("BEGIN");
    must_execute_sql("BEGIN"); /* would fail inside another one */
    must_insert(1);
    assert_int_equal(row_count(), 1);
}

/* --- opening and closing --------------------------------------------------------------------- */

static uint32_t threads(void)
{
    DIR *folder = opendir("/proc/self/task");
    assert_non_null(folder);
    uint32_t count = 0;
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* A thread that was joined may be listed for a moment. */
static void assert_threads(uint32_t expected)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < LONG_MS && threads() != expected; i++)
        (void)nanosleep(&pause, NULL);
    assert_int_equal(threads(), expected);
}

static void a_wrong_target_fails_at_once(void **state)
{
    (void)state;
    uint32_t before = threads();
    struct pool_options options = fixture_options(2, 1);
    options.connection.target = "/nowhere/at/all/db";
    struct pool_error error = {.outcome = OUTCOME_OK};
    struct actor_pool *none = NULL;
    assert_int_equal(interplay_actors_open(&none, &options, &error), OUTCOME_CANNOT_OPEN);
    assert_int_equal(error.outcome, OUTCOME_CANNOT_OPEN);
    options.writers = 0;
    assert_int_equal(interplay_actors_open(&none, &options, &error), OUTCOME_CANNOT_OPEN);
    options.readers = 0;
    assert_int_equal(interplay_actors_open(&none, &options, &error), OUTCOME_MISUSE);
    assert_null(none);
    assert_threads(before);
}

static void a_role_without_connections_refuses(void **state)
{
    (void)state;
    fixture_open(0, 1);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_query(pool, &count_rows, NULL, NULL, &request, NULL),
                     OUTCOME_MISUSE);
    assert_null(request);
}

static void a_closing_pool_serves_what_it_accepted(void **state)
{
    (void)state;
    fixture_open(1, 1);
    uint32_t before = threads();
    struct request *held = send_insert(1, &held_tag);
    fixture_await_held(1);
    struct request *waiting = send_insert(2, NULL);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, SHORT_MS), OUTCOME_TIMEOUT);
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_true(view.is_closed);
    struct request *refused = NULL;
    const struct value key = value_integer(3);
    assert_int_equal(interplay_actors_execute(pool, &insert_row, &key, NULL, &refused, NULL),
                     OUTCOME_CLOSED);
    fixture_let_go();
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, LONG_MS), OUTCOME_OK);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, 0), OUTCOME_OK);
    assert_threads(before - 2);
    must_end(held, OUTCOME_OK); /* handles outlive the threads */
    must_end(waiting, OUTCOME_OK);
    assert_null(refused);
}

static void a_close_may_interrupt(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(1, 1);
    options.mailbox = 1;
    fixture_open_with(&options);
    uint64_t steps = fixture_steps();
    struct request *running = send_query(&forever, NULL);
    fixture_await_steps(steps + 1);
    int tag;
    struct request *waiting = send_query(&count_rows, &tag);
    struct sender sender;
    start_senders(&sender, 1, 1);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_INTERRUPT, LONG_MS), OUTCOME_OK);
    join_sender(&sender);
    assert_int_equal(sender.sent, OUTCOME_CLOSED);
    must_end(running, OUTCOME_INTERRUPTED);
    must_end(waiting, OUTCOME_INTERRUPTED);
    assert_false(fixture_was_told(&tag, true));
    (void)fixture_place(&tag, false);
    assert_false(fixture_was_told(&sender, false));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(connections_are_opened_when_needed),
        TEST(a_broken_connection_is_replaced),
        TEST(a_transaction_of_ones_own_is_undone),
        TEST(a_wrong_target_fails_at_once),
        TEST(a_role_without_connections_refuses),
        TEST(a_closing_pool_serves_what_it_accepted),
        TEST(a_close_may_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
