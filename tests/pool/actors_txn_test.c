/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions on actors, one rule at a time: they hold their actor, commit or leave nothing
 * behind, however they end: dropped at any moment, undone by the database, overtaken by a close.
 */
#include "actors_fixture.h"

static struct actor_write_txn *begin(const void *tag, struct request **ret_request)
{
    const struct request_options options = tagged(tag);
    struct actor_write_txn *txn = NULL;
    assert_int_equal(interplay_actors_begin_write(pool, &options, &txn, ret_request, NULL),
                     OUTCOME_OK);
    return txn;
}

static struct actor_write_txn *must_begin(const void *tag)
{
    struct request *request;
    struct actor_write_txn *txn = begin(tag, &request);
    must_end(request, OUTCOME_OK);
    assert_true(interplay_actor_write_txn_is_open(txn));
    return txn;
}

static enum outcome try_insert(struct actor_write_txn *txn, int64_t k, const void *tag,
                               struct request **ret_request)
{
    const struct request_options options = tagged(tag);
    const struct value key = value_integer(k);
    return interplay_actor_write_txn_execute(txn, &insert_row, &key, &options, ret_request, NULL);
}

static struct request *insert(struct actor_write_txn *txn, int64_t k, const void *tag)
{
    struct request *request = NULL;
    assert_int_equal(try_insert(txn, k, tag, &request), OUTCOME_OK);
    return request;
}

static struct request *commit(struct actor_write_txn *txn)
{
    struct request *request = NULL;
    assert_int_equal(interplay_actor_write_txn_commit(txn, NULL, &request, NULL), OUTCOME_OK);
    return request;
}

static struct request *run_forever(struct actor_write_txn *txn)
{
    uint64_t steps = fixture_steps();
    struct request *request = NULL;
    assert_int_equal(interplay_actor_write_txn_query(txn, &forever, NULL, NULL, &request, NULL),
                     OUTCOME_OK);
    fixture_await_steps(steps + 1);
    return request;
}

static int64_t count_inside(struct actor_write_txn *txn)
{
    struct request *request = NULL;
    assert_int_equal(interplay_actor_write_txn_query(txn, &count_rows, NULL, NULL, &request, NULL),
                     OUTCOME_OK);
    return integer_of(request);
}

/* --- holding --------------------------------------------------------------------------------- */

static void a_transaction_is_seen_when_it_commits(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    assert_int_equal(slot_view(1).state, POOL_SLOT_IN_TRANSACTION);
    assert_ptr_equal(slot_view(1).owner, txn);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    assert_int_equal(count_inside(txn), 1);
    assert_int_equal(row_count(), 0);
    must_end(commit(txn), OUTCOME_OK);
    assert_false(interplay_actor_write_txn_is_open(txn));
    assert_int_equal(slot_view(1).state, POOL_SLOT_IDLE);
    assert_int_equal(row_count(), 1);
    struct request *late = NULL;
    assert_int_equal(try_insert(txn, 2, NULL, &late), OUTCOME_MISUSE);
    assert_null(late);
    interplay_actor_write_txn_drop(txn);
}

static void a_rollback_leaves_nothing(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    struct request *request = NULL;
    assert_int_equal(interplay_actor_write_txn_rollback(txn, NULL, &request, NULL), OUTCOME_OK);
    must_end(request, OUTCOME_OK);
    assert_false(interplay_actor_write_txn_is_open(txn));
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 0);
}

/* The handle takes requests at once; who came later from outside waits until the end. */
static void requests_queue_behind_their_begin(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int tags[4];
    struct request *held = send_execute_sql("SELECT 1", &held_tag);
    fixture_await_held(1);
    struct request *requests[4];
    struct actor_write_txn *txn = begin(&tags[0], &requests[0]);
    struct request *outside = send_insert(3, &tags[3]);
    requests[1] = insert(txn, 1, &tags[1]);
    requests[2] = insert(txn, 2, &tags[2]);
    assert_false(interplay_actor_write_txn_is_open(txn));
    requests[3] = commit(txn);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    for (int i = 0; i < 4; i++)
        must_end(requests[i], OUTCOME_OK);
    must_end(outside, OUTCOME_OK);
    for (int i = 1; i < 4; i++)
        assert_true(fixture_place(&tags[i - 1], false) < fixture_place(&tags[i], true));
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 3);
}

static void a_held_actor_serves_nobody_else(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    struct request *outside = send_insert(1, NULL);
    assert_int_equal(interplay_request_wait(outside, SHORT_MS, NULL), OUTCOME_TIMEOUT);
    assert_int_equal(count_inside(txn), 0);
    must_end(commit(txn), OUTCOME_OK);
    must_end(outside, OUTCOME_OK);
    interplay_actor_write_txn_drop(txn);
}

static void the_lane_is_bounded(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(1, 1);
    options.mailbox = 1;
    fixture_open_with(&options);
    struct actor_write_txn *txn = must_begin(NULL);
    struct request *held = insert(txn, 1, &held_tag);
    fixture_await_held(1);
    struct request *waiting = insert(txn, 2, NULL);
    struct request *third = NULL;
    const struct request_options hurried = {.send_timeout_ms = SHORT_MS};
    assert_int_equal(
        interplay_actor_write_txn_query(txn, &count_rows, NULL, &hurried, &third, NULL),
        OUTCOME_TIMEOUT);
    assert_null(third);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    must_end(waiting, OUTCOME_OK);
    must_end(commit(txn), OUTCOME_OK);
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 2);
}

/* --- drops ----------------------------------------------------------------------------------- */

/* Even with its lane full and somebody waiting for the actor. */
static void a_drop_rolls_back_before_anything_else(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(1, 1);
    options.mailbox = 1;
    fixture_open_with(&options);
    int tag, given_up, other;
    struct actor_write_txn *txn = must_begin(&tag);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    struct request *running = run_forever(txn);
    struct request *waiting = insert(txn, 2, &given_up);
    struct request *outside =
        send_execute_sql("INSERT INTO t SELECT 10 + count(*), 0 FROM t", &other);
    interplay_actor_write_txn_drop(txn);
    must_end(running, OUTCOME_INTERRUPTED);
    must_end(waiting, OUTCOME_INTERRUPTED);
    must_end(outside, OUTCOME_OK);
    assert_int_equal(integer_of(send_query_sql("SELECT k FROM t", NULL)), 10);
    assert_false(fixture_was_told(&given_up, true));
    (void)fixture_place(&given_up, false);
    struct served log[LOG_MAX];
    uint32_t count = fixture_log(log), rollbacks = 0;
    for (uint32_t i = fixture_place(&given_up, false); i < count; i++)
        rollbacks += log[i].tag == &tag && !log[i].is_begin && log[i].outcome == OUTCOME_OK;
    assert_int_equal(rollbacks, 1);
}

static void a_drop_gives_up_a_begin_that_waits(void **state)
{
    (void)state;
    fixture_open(1, 1);
    int tags[2];
    struct request *held = send_insert(1, &held_tag);
    fixture_await_held(1);
    struct request *begun, *inside;
    struct actor_write_txn *txn = begin(&tags[0], &begun);
    inside = insert(txn, 2, &tags[1]);
    interplay_actor_write_txn_drop(txn);
    must_end(begun, OUTCOME_INTERRUPTED);
    must_end(inside, OUTCOME_INTERRUPTED);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    must_insert(3);
    assert_int_equal(row_count(), 2);
    for (int i = 0; i < 2; i++) {
        assert_false(fixture_was_told(&tags[i], true));
        (void)fixture_place(&tags[i], false);
    }
}

static void a_drop_hits_a_begin_that_runs(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *begun, *inside;
    struct actor_write_txn *txn = begin(&held_tag, &begun);
    fixture_await_held(1);
    inside = insert(txn, 1, NULL);
    interplay_actor_write_txn_drop(txn);
    fixture_let_go();
    must_end(begun, OUTCOME_INTERRUPTED);
    must_end(inside, OUTCOME_INTERRUPTED);
    must_insert(2);
    assert_int_equal(row_count(), 1);
}

static void a_cancelled_begin_fails_what_is_behind(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *held = send_insert(1, &held_tag);
    fixture_await_held(1);
    struct request *begun, *inside;
    struct actor_write_txn *txn = begin(NULL, &begun);
    inside = insert(txn, 2, NULL);
    interplay_request_cancel(begun);
    must_end(begun, OUTCOME_INTERRUPTED);
    must_end(inside, OUTCOME_ROLLED_BACK);
    assert_int_equal(try_insert(txn, 3, NULL, &inside), OUTCOME_ROLLED_BACK);
    interplay_actor_write_txn_drop(txn);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    assert_int_equal(row_count(), 1);
}

/* --- cancelled ends -------------------------------------------------------------------------- */

static void a_commit_cancelled_while_it_waits_rolls_back(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    struct request *held = insert(txn, 1, &held_tag);
    fixture_await_held(1);
    struct request *before = insert(txn, 2, NULL), *end = commit(txn),
                   *behind = insert(txn, 3, NULL);
    struct request *outside = send_insert(4, NULL);
    interplay_request_cancel(end);
    must_end(end, OUTCOME_INTERRUPTED);
    must_end(behind, OUTCOME_ROLLED_BACK);
    struct request *late = NULL;
    assert_int_equal(try_insert(txn, 5, NULL, &late), OUTCOME_ROLLED_BACK);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    must_end(before, OUTCOME_OK);
    must_end(outside, OUTCOME_OK);
    assert_false(interplay_actor_write_txn_is_open(txn));
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 1);
}

/* Taken by the actor, not begun yet. */
static void cancel_at_the_last_moment(bool is_commit, enum outcome outcome)
{
    fixture_open(1, 1);
    const struct request_options options = tagged(&held_tag);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    struct request *end = NULL;
    assert_int_equal(is_commit ? interplay_actor_write_txn_commit(txn, &options, &end, NULL)
                               : interplay_actor_write_txn_rollback(txn, &options, &end, NULL),
                     OUTCOME_OK);
    fixture_await_held(1);
    interplay_request_cancel(end);
    fixture_let_go();
    must_end(end, outcome);
    assert_false(interplay_actor_write_txn_is_open(txn));
    interplay_actor_write_txn_drop(txn);
    must_insert(2);
    assert_int_equal(row_count(), 1);
}

static void a_commit_cancelled_at_the_last_moment_rolls_back(void **state)
{
    (void)state;
    cancel_at_the_last_moment(true, OUTCOME_INTERRUPTED);
}

static void a_rollback_is_never_cancelled(void **state)
{
    (void)state;
    cancel_at_the_last_moment(false, OUTCOME_OK);
}

/* --- failures -------------------------------------------------------------------------------- */

static void a_failed_begin_fails_what_is_behind(void **state)
{
    (void)state;
    fixture_open(1, 1);
    fixture_fail("BEGIN", OUTCOME_IO_ERROR, 1);
    struct request *held = send_insert(1, &held_tag);
    fixture_await_held(1);
    struct request *begun, *inside;
    struct actor_write_txn *txn = begin(NULL, &begun);
    inside = insert(txn, 2, NULL);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    must_end(begun, OUTCOME_IO_ERROR);
    must_end(inside, OUTCOME_ROLLED_BACK);
    assert_int_equal(try_insert(txn, 3, NULL, &inside), OUTCOME_ROLLED_BACK);
    assert_false(interplay_actor_write_txn_is_open(txn));
    must_insert(4); /* while the handle is still there */
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 2);
}

static void a_busy_commit_may_be_tried_again(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    fixture_fail("COMMIT", OUTCOME_BUSY, 1);
    must_end(commit(txn), OUTCOME_BUSY);
    assert_true(interplay_actor_write_txn_is_open(txn));
    assert_int_equal(slot_view(1).state, POOL_SLOT_IN_TRANSACTION);
    must_end(insert(txn, 2, NULL), OUTCOME_OK);
    must_end(commit(txn), OUTCOME_OK);
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 2);
}

static void a_commit_in_doubt_replaces_the_connection(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    fixture_fail("COMMIT", OUTCOME_DIED, 1);
    must_end(commit(txn), OUTCOME_IN_DOUBT);
    assert_false(interplay_actor_write_txn_is_open(txn));
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.replaced, 1);
    must_insert(2); /* while the handle is still there */
    interplay_actor_write_txn_drop(txn);
}

/* The connection dies inside: what was done is undone, the actor works on with another one. */
static void a_lost_connection_ends_the_transaction(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    fixture_fail("SELECT 'dies'", OUTCOME_DIED, 1);
    struct request *request = NULL;
    assert_int_equal(
        interplay_actor_write_txn_execute_sql(txn, "SELECT 'dies'", NULL, 0, NULL, &request, NULL),
        OUTCOME_OK);
    must_end(request, OUTCOME_DIED);
    assert_false(interplay_actor_write_txn_is_open(txn));
    assert_int_equal(interplay_actor_write_txn_commit(txn, NULL, &request, NULL),
                     OUTCOME_ROLLED_BACK);
    interplay_actor_write_txn_drop(txn);
    must_insert(2);
    assert_int_equal(row_count(), 1);
}

/* ON CONFLICT ROLLBACK: the database ends the transaction, nobody asked. */
static void the_database_may_end_it(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    struct request *request = NULL;
    assert_int_equal(
        interplay_actor_write_txn_execute_sql(txn, "INSERT OR ROLLBACK INTO t(k) VALUES (1)", NULL,
                                              0, NULL, &request, NULL),
        OUTCOME_OK);
    must_end(request, OUTCOME_CONSTRAINT);
    assert_false(interplay_actor_write_txn_is_open(txn));
    must_end(insert(txn, 2, NULL), OUTCOME_ROLLED_BACK);
    must_end(commit(txn), OUTCOME_ROLLED_BACK);
    interplay_actor_write_txn_drop(txn);
    assert_int_equal(row_count(), 0);
    assert_int_equal(slot_view(1).state, POOL_SLOT_IDLE);
}

/* --- reading --------------------------------------------------------------------------------- */

static struct request *read_inside(struct actor_read_txn *txn, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(
        interplay_actor_read_txn_query(txn, &count_rows, NULL, &options, &request, NULL),
        OUTCOME_OK);
    return request;
}

static void a_read_transaction_sees_one_state(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_read_txn *txn = NULL;
    struct request *begun = NULL;
    assert_int_equal(interplay_actors_begin_read(pool, NULL, &txn, &begun, NULL), OUTCOME_OK);
    must_end(begun, OUTCOME_OK);
    assert_int_equal(integer_of(read_inside(txn, NULL)), 0);
    must_insert(1);
    assert_int_equal(integer_of(read_inside(txn, NULL)), 0);
    assert_true(interplay_actor_read_txn_is_open(txn));
    struct request *writing = NULL;
    assert_int_equal(interplay_actor_read_txn_query_sql(txn, "INSERT INTO t(k) VALUES (2)", NULL, 0,
                                                        NULL, &writing, NULL),
                     OUTCOME_OK);
    must_end(writing, OUTCOME_READONLY);
    interplay_actor_read_txn_drop(txn);
    assert_int_equal(row_count(), 1);
}

/* What was sent before the end is served, even if the begin has not been yet. */
static void a_read_transaction_ends_in_turn(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct request *held = send_query(&count_rows, &held_tag);
    fixture_await_held(1);
    struct actor_read_txn *txn = NULL, *unused = NULL;
    struct request *begun = NULL, *never = NULL;
    assert_int_equal(interplay_actors_begin_read(pool, NULL, &txn, &begun, NULL), OUTCOME_OK);
    assert_int_equal(interplay_actors_begin_read(pool, NULL, &unused, &never, NULL), OUTCOME_OK);
    struct request *inside = read_inside(txn, NULL);
    interplay_actor_read_txn_drop(txn);
    interplay_actor_read_txn_drop(unused);
    fixture_let_go();
    must_end(held, OUTCOME_OK);
    must_end(begun, OUTCOME_OK);
    must_end(never, OUTCOME_INTERRUPTED);
    assert_int_equal(integer_of(inside), 0);
    assert_int_equal(row_count(), 0);
}

/* --- closing --------------------------------------------------------------------------------- */

static void a_close_waits_for_transactions(void **state)
{
    (void)state;
    fixture_open(1, 1);
    struct actor_write_txn *txn = must_begin(NULL);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, SHORT_MS), OUTCOME_TIMEOUT);
    struct actor_write_txn *late = NULL;
    struct request *refused = NULL;
    assert_int_equal(interplay_actors_begin_write(pool, NULL, &late, &refused, NULL),
                     OUTCOME_CLOSED);
    assert_null(late);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    must_end(commit(txn), OUTCOME_OK);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, LONG_MS), OUTCOME_OK);
    interplay_actor_write_txn_drop(txn);
    fixture_close(POOL_CLOSE_WAIT);
}

static void a_close_may_roll_back(void **state)
{
    (void)state;
    fixture_open(1, 2);
    struct actor_write_txn *txn = must_begin(NULL);
    must_end(insert(txn, 1, NULL), OUTCOME_OK);
    struct request *running = run_forever(txn);
    struct request *waiting = insert(txn, 2, NULL);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, SHORT_MS), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_INTERRUPT, LONG_MS), OUTCOME_OK);
    must_end(running, OUTCOME_INTERRUPTED);
    must_end(waiting, OUTCOME_INTERRUPTED);
    assert_false(interplay_actor_write_txn_is_open(txn));
    struct request *late = NULL;
    assert_int_equal(try_insert(txn, 3, NULL, &late), OUTCOME_ROLLED_BACK);
    interplay_actor_write_txn_drop(txn);
    interplay_actors_free(pool);
    const struct pool_options options = fixture_options(1, 1);
    assert_int_equal(interplay_actors_open(&pool, &options, NULL), OUTCOME_OK);
    assert_int_equal(row_count(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_is_seen_when_it_commits),
        TEST(a_rollback_leaves_nothing),
        TEST(requests_queue_behind_their_begin),
        TEST(a_held_actor_serves_nobody_else),
        TEST(the_lane_is_bounded),
        TEST(a_drop_rolls_back_before_anything_else),
        TEST(a_drop_gives_up_a_begin_that_waits),
        TEST(a_drop_hits_a_begin_that_runs),
        TEST(a_cancelled_begin_fails_what_is_behind),
        TEST(a_commit_cancelled_while_it_waits_rolls_back),
        TEST(a_commit_cancelled_at_the_last_moment_rolls_back),
        TEST(a_rollback_is_never_cancelled),
        TEST(a_failed_begin_fails_what_is_behind),
        TEST(a_busy_commit_may_be_tried_again),
        TEST(a_commit_in_doubt_replaces_the_connection),
        TEST(a_lost_connection_ends_the_transaction),
        TEST(the_database_may_end_it),
        TEST(a_read_transaction_sees_one_state),
        TEST(a_read_transaction_ends_in_turn),
        TEST(a_close_waits_for_transactions),
        TEST(a_close_may_roll_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
