/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Leases of the synchronous pool: who gets a connection and when, what happens to broken ones,
 * interrupting, dropping, closing.
 */
#include "faulty_backend.h"
#include "pool_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Runs until it is interrupted. */
static const char endless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

static enum outcome start(pthread_t *thread, void *(*body)(void *), void *argument)
{
    return pthread_create(thread, NULL, body, argument) == 0 ? OUTCOME_OK : OUTCOME_OTHER;
}

/* --- waiting --------------------------------------------------------------------------------- */

struct waiting {
    struct pool *pool;
    uint32_t timeout_ms;
    int64_t number;
    enum outcome outcome;
};

static int64_t order_of_arrival[8];
static uint32_t arrivals; /* only whoever has the only reader touches these two */

static void *wait_for_reader(void *argument)
{
    struct waiting *waiting = argument;
    struct reader *reader;
    waiting->outcome = interplay_pool_reader(waiting->pool, waiting->timeout_ms, &reader, NULL);
    if (waiting->outcome != OUTCOME_OK)
        return NULL;
    order_of_arrival[arrivals++] = waiting->number;
    (void)interplay_reader_return(reader);
    return NULL;
}

static void first_come_first_served(void **state)
{
    enum { WAITERS = 5 };
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct reader *reader = fixture_reader(pool);
    pthread_t threads[WAITERS];
    struct waiting waiting[WAITERS];
    arrivals = 0;
    for (uint32_t i = 0; i < WAITERS; i++) {
        waiting[i] = (struct waiting){pool, POOL_NO_TIMEOUT, i, OUTCOME_OTHER};
        assert_int_equal(start(&threads[i], wait_for_reader, &waiting[i]), OUTCOME_OK);
        fixture_wait_for_waiting(pool, i + 1, 0);
    }
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    for (uint32_t i = 0; i < WAITERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(arrivals, WAITERS);
    for (uint32_t i = 0; i < WAITERS; i++)
        assert_int_equal(order_of_arrival[i], i);
    fixture_close(pool);
}

static void a_freed_slot_is_not_for_who_comes_later(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct reader *reader = fixture_reader(pool), *barging = NULL;
    pthread_t thread;
    struct waiting waiting = {pool, POOL_NO_TIMEOUT, 1, OUTCOME_OTHER};
    arrivals = 0;
    assert_int_equal(start(&thread, wait_for_reader, &waiting), OUTCOME_OK);
    fixture_wait_for_waiting(pool, 1, 0);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    /* Whether it has run already or not: it has the slot, or had it. */
    assert_int_equal(interplay_pool_reader(pool, POOL_NO_TIMEOUT, &barging, NULL), OUTCOME_OK);
    assert_int_equal(arrivals, 1);
    assert_int_equal(interplay_reader_return(barging), OUTCOME_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    fixture_close(pool);
}

static void waiting_ends_with_its_timeout(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 1);
    options.acquire_timeout_ms = 20;
    struct pool *pool = fixture_open_with(&options);
    struct reader *reader = fixture_reader(pool), *second = NULL;
    struct pool_error error;
    assert_int_equal(interplay_pool_reader(pool, 0, &second, &error), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_pool_reader(pool, 10, &second, &error), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_pool_reader(pool, POOL_DEFAULT_TIMEOUT, &second, &error),
                     OUTCOME_TIMEOUT);
    assert_int_equal(error.outcome, OUTCOME_TIMEOUT);
    assert_null(second);
    assert_int_equal(fixture_view(pool).waiting_readers, 0);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(fixture_view(pool).slots[0].state, POOL_SLOT_IDLE);
    reader = fixture_reader(pool);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void connections_are_opened_when_needed(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 3, 1);
    assert_int_equal(faulty_counts.connections, 1);
    struct reader *first = fixture_reader(pool), *second = fixture_reader(pool);
    assert_int_equal(faulty_counts.connections, 3);
    assert_int_equal(interplay_reader_return(first), OUTCOME_OK);
    first = fixture_reader(pool);
    assert_int_equal(faulty_counts.connections, 3);
    struct pool_view view = fixture_view(pool);
    assert_int_equal(view.slot_count, 4);
    assert_int_equal(view.slots[0].state, POOL_SLOT_LEASED);
    assert_ptr_equal(view.slots[0].owner, first);
    assert_int_equal(view.slots[2].state, POOL_SLOT_EMPTY);
    assert_int_equal(view.slots[3].state, POOL_SLOT_IDLE);
    assert_true(view.slots[3].is_writer);
    assert_int_equal(interplay_reader_return(first), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(second), OUTCOME_OK);
    fixture_close(pool);
    assert_int_equal(faulty_counts.connections, 0);
    assert_int_equal(faulty_counts.statements, 0);
}

static void wrong_options_and_targets_fail_at_once(void **state)
{
    struct pool *pool = NULL;
    struct pool_error error;
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 0, 0);
    assert_int_equal(interplay_pool_open(&pool, &options, &error), OUTCOME_MISUSE);
    options.readers = POOL_SLOTS_MAX;
    options.writers = 1;
    assert_int_equal(interplay_pool_open(&pool, &options, &error), OUTCOME_MISUSE);
    options.readers = 1;
    options.connection.target = "/no/such/folder/db";
    assert_int_equal(interplay_pool_open(&pool, &options, &error), OUTCOME_CANNOT_OPEN);
    assert_int_equal(error.outcome, OUTCOME_CANNOT_OPEN);
    assert_null(pool);
}

static void a_pool_without_writers_has_none_to_give(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct writer *writer;
    assert_int_equal(interplay_pool_writer(pool, POOL_NO_TIMEOUT, &writer, NULL), OUTCOME_MISUSE);
    fixture_close(pool);
}

static void a_broken_connection_is_replaced(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct writer *writer = fixture_writer(pool);
    faulty_plan = (struct faulty_plan){.prefix = "INSERT", .outcome = OUTCOME_DIED, .times = 1};
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_DIED);
    assert_int_equal(fixture_view(pool).slots[1].state, POOL_SLOT_BROKEN);
    /* It is never used again, not even by its holder. */
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_DIED);
    assert_int_equal(faulty_counts.steps, 1);
    (void)interplay_writer_return(writer);
    assert_int_equal(faulty_counts.connections, 0);
    struct pool_view view = fixture_view(pool);
    assert_int_equal(view.replaced, 1);
    assert_int_equal(view.slots[1].state, POOL_SLOT_EMPTY);
    writer = fixture_writer(pool);
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static void opening_that_fails_is_reported_and_the_slot_goes_on(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 1);
    struct reader *reader = NULL;
    struct pool_error error;
    faulty_plan =
        (struct faulty_plan){FAULTY_CONNECT, OUTCOME_CANNOT_OPEN, 1, FAULTY_NOTHING_HAPPENS};
    assert_int_equal(interplay_pool_reader(pool, 0, &reader, &error), OUTCOME_CANNOT_OPEN);
    assert_int_equal(error.outcome, OUTCOME_CANNOT_OPEN);
    assert_int_equal(fixture_view(pool).slots[0].state, POOL_SLOT_EMPTY);
    faulty_plan = (struct faulty_plan){FAULTY_CONNECT, OUTCOME_BUSY, 3, FAULTY_NOTHING_HAPPENS};
    reader = fixture_reader(pool); /* busy is tried again */
    faulty_plan = (struct faulty_plan){"SELECT", OUTCOME_DIED, 1, FAULTY_NOTHING_HAPPENS};
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL),
                     OUTCOME_DIED);
    /* The first in line gets the place of the broken one, cannot open it, and passes it on. */
    pthread_t threads[2];
    struct waiting waiting[2];
    arrivals = 0;
    for (uint32_t i = 0; i < 2; i++) {
        waiting[i] = (struct waiting){pool, POOL_NO_TIMEOUT, i, OUTCOME_OTHER};
        assert_int_equal(start(&threads[i], wait_for_reader, &waiting[i]), OUTCOME_OK);
        fixture_wait_for_waiting(pool, i + 1, 0);
    }
    faulty_plan =
        (struct faulty_plan){FAULTY_CONNECT, OUTCOME_CANNOT_OPEN, 1, FAULTY_NOTHING_HAPPENS};
    (void)interplay_reader_return(reader);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(waiting[0].outcome, OUTCOME_CANNOT_OPEN);
    assert_int_equal(waiting[1].outcome, OUTCOME_OK);
    fixture_close(pool);
    assert_int_equal(faulty_counts.connections, 0);
}

/* --- interrupting ---------------------------------------------------------------------------- */

struct endless_query {
    struct reader *reader;
    enum outcome outcome;
};

static void *run_endless(void *argument)
{
    struct endless_query *query = argument;
    query->outcome = interplay_reader_query_sql(query->reader, endless, NULL, 0, no_rows, NULL);
    return NULL;
}

static void cancelling_hits_what_runs_and_nothing_else(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct reader *reader = fixture_reader(pool);
    interplay_reader_cancel(reader); /* nothing runs */
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL), OUTCOME_OK);
    struct endless_query query = {reader, OUTCOME_OTHER};
    for (int i = 0; i < 50; i++) {
        pthread_t thread;
        assert_int_equal(start(&thread, run_endless, &query), OUTCOME_OK);
        fixture_wait_for_busy(pool, reader);
        interplay_reader_cancel(reader);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(query.outcome, OUTCOME_INTERRUPTED);
        assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL),
                         OUTCOME_OK);
    }
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(fixture_view(pool).replaced, 0);
    fixture_close(pool);
}

static void a_dropped_lease_comes_back_by_itself(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct reader *reader = fixture_reader(pool);
    struct endless_query query = {reader, OUTCOME_OTHER};
    pthread_t thread;
    assert_int_equal(start(&thread, run_endless, &query), OUTCOME_OK);
    fixture_wait_for_busy(pool, reader);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_MISUSE); /* it is in use */
    interplay_reader_drop(reader);
    struct reader *next = NULL;
    assert_int_equal(interplay_pool_reader(pool, POOL_NO_TIMEOUT, &next, NULL), OUTCOME_OK);
    assert_int_equal(interplay_reader_query(next, &select_sum, NULL, no_rows, NULL), OUTCOME_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(query.outcome, OUTCOME_INTERRUPTED);
    interplay_reader_drop(next);
    assert_int_equal(fixture_view(pool).slots[0].state, POOL_SLOT_IDLE);
    fixture_close(pool);
}

static bool query_again(void *context, const struct value *columns, uint32_t count)
{
    (void)columns;
    (void)count;
    struct endless_query *query = context;
    query->outcome = interplay_reader_query(query->reader, &select_sum, NULL, no_rows, NULL);
    return true;
}

static void a_row_function_cannot_use_its_own_lease(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct endless_query query = {fixture_reader(pool), OUTCOME_OTHER};
    const struct row_sink again = {.on_row = query_again, .context = &query};
    assert_int_equal(interplay_reader_query(query.reader, &select_sum, NULL, again, NULL),
                     OUTCOME_OK);
    assert_int_equal(query.outcome, OUTCOME_MISUSE);
    assert_int_equal(interplay_reader_return(query.reader), OUTCOME_OK);
    fixture_close(pool);
}

/* --- closing --------------------------------------------------------------------------------- */

static void closing_waits_for_leases_and_refuses_new_ones(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct reader *reader = fixture_reader(pool), *late = NULL;
    struct waiting waiting = {pool, POOL_NO_TIMEOUT, 0, OUTCOME_OTHER};
    pthread_t thread;
    assert_int_equal(start(&thread, wait_for_reader, &waiting), OUTCOME_OK);
    fixture_wait_for_waiting(pool, 1, 0);
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_WAIT, 10), OUTCOME_TIMEOUT);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(waiting.outcome, OUTCOME_CLOSED);
    assert_int_equal(interplay_pool_reader(pool, POOL_NO_TIMEOUT, &late, NULL), OUTCOME_CLOSED);
    assert_true(fixture_view(pool).is_closed);
    /* The lease that is out goes on. */
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_WAIT, 0), OUTCOME_OK);
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_WAIT, 0), OUTCOME_CLOSED);
    assert_int_equal(interplay_pool_reader(pool, 0, &late, NULL), OUTCOME_CLOSED);
    interplay_pool_free(pool);
}

static void *run_endless_and_return(void *argument)
{
    (void)run_endless(argument);
    const struct endless_query *query = argument;
    (void)interplay_reader_return(query->reader);
    return NULL;
}

static void closing_can_interrupt(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct endless_query query = {fixture_reader(pool), OUTCOME_OTHER};
    pthread_t thread;
    assert_int_equal(start(&thread, run_endless_and_return, &query), OUTCOME_OK);
    fixture_wait_for_busy(pool, query.reader);
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_WAIT, 10), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_INTERRUPT, POOL_NO_TIMEOUT), OUTCOME_OK);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(query.outcome, OUTCOME_INTERRUPTED);
    interplay_pool_free(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(first_come_first_served),
        TEST(a_freed_slot_is_not_for_who_comes_later),
        TEST(waiting_ends_with_its_timeout),
        TEST(connections_are_opened_when_needed),
        TEST(wrong_options_and_targets_fail_at_once),
        TEST(a_pool_without_writers_has_none_to_give),
        TEST(a_broken_connection_is_replaced),
        TEST(opening_that_fails_is_reported_and_the_slot_goes_on),
        TEST(cancelling_hits_what_runs_and_nothing_else),
        TEST(a_dropped_lease_comes_back_by_itself),
        TEST(a_row_function_cannot_use_its_own_lease),
        TEST(closing_waits_for_leases_and_refuses_new_ones),
        TEST(closing_can_interrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
