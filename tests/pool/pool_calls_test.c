/* SPDX-License-Identifier: Apache-2.0 */
/* Calls without a checkout: what reads goes to readers, the rest to writers, and none is kept. */
#include "pool_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_idle(struct pool *pool)
{
    struct pool_view view = fixture_view(pool);
    for (uint32_t i = 0; i < view.slot_count; i++)
        assert_true(view.slots[i].state == POOL_SLOT_IDLE ||
                    view.slots[i].state == POOL_SLOT_EMPTY);
}

static int64_t value_of(struct pool *pool, int64_t key)
{
    int64_t value = -1;
    const struct value parameter = value_integer(key);
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &value};
    assert_int_equal(interplay_pool_query(pool, &select_value, &parameter, keep, NULL), OUTCOME_OK);
    return value;
}

static void each_finds_its_connection(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    const struct value rows[] = {value_integer(1), value_integer(10), value_integer(2),
                                 value_integer(20)};
    const struct batch_item items[] = {{&insert_row, &rows[0]}, {&insert_row, &rows[2]}};
    int64_t changes = 0;
    assert_int_equal(interplay_pool_execute_batch(pool, items, 2, &changes, NULL), OUTCOME_OK);
    assert_int_equal(changes, 2);
    assert_int_equal(interplay_pool_execute_sql(pool, "UPDATE t SET v = v + 1", NULL, 0, no_rows,
                                                &changes, NULL),
                     OUTCOME_OK);
    assert_int_equal(changes, 2);
    assert_int_equal(value_of(pool, 1), 11);
    assert_int_equal(value_of(pool, 2), 21);
    assert_int_equal(interplay_pool_query_sql(pool, "DELETE FROM t", NULL, 0, no_rows, NULL),
                     OUTCOME_READONLY);
    const struct value again[] = {value_integer(1), value_integer(0)};
    assert_int_equal(interplay_pool_execute(pool, &insert_row, again, no_rows, NULL, NULL),
                     OUTCOME_CONSTRAINT);
    expect_idle(pool);
    fixture_close(pool);
}

static void nothing_stays_open(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    assert_int_equal(interplay_pool_execute_sql(pool, "BEGIN", NULL, 0, no_rows, NULL, NULL),
                     OUTCOME_OK);
    expect_idle(pool);
    struct writer *writer = fixture_writer(pool);
    assert_false(interplay_writer_in_transaction(writer));
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static void who_finds_none_waits_and_is_told(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 0, 1);
    struct pool *pool = NULL;
    struct pool_error error = {0};
    options.acquire_timeout_ms = 20;
    assert_int_equal(interplay_pool_open(&pool, &options, NULL), OUTCOME_OK);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(interplay_pool_execute_sql(pool, "SELECT 1", NULL, 0, no_rows, NULL, &error),
                     OUTCOME_TIMEOUT);
    assert_int_equal(error.outcome, OUTCOME_TIMEOUT);
    assert_int_equal(interplay_pool_query_sql(pool, "SELECT 1", NULL, 0, no_rows, &error),
                     OUTCOME_MISUSE);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static void there_is_a_reader_for_each_processor(void **state)
{
    (void)state;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t readers = interplay_pool_defaults(&interplay_backend_sqlite, "x").readers;
    assert_int_equal(readers, processors < POOL_SLOTS_MAX ? processors : POOL_SLOTS_MAX - 1);
}

/* --- many at a time --------------------------------------------------------------------------- */

enum { THREADS = 6, ROUNDS = 100 };

static void *add_and_read(void *context)
{
    struct pool *pool = context;
    uintptr_t failures = 0;
    for (int i = 0; i < ROUNDS; i++) {
        failures += interplay_pool_execute_sql(pool, "UPDATE t SET v = v + 1", NULL, 0, no_rows,
                                               NULL, NULL) != OUTCOME_OK;
        failures += interplay_pool_query(pool, &select_sum, NULL, no_rows, NULL) != OUTCOME_OK;
    }
    return (void *)failures;
}

static void many_threads_share_it(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 2, 1);
    pthread_t threads[THREADS];
    const struct value row[] = {value_integer(1), value_integer(0)};
    assert_int_equal(interplay_pool_execute(pool, &insert_row, row, no_rows, NULL, NULL),
                     OUTCOME_OK);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_read, pool), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failures;
        assert_int_equal(pthread_join(threads[i], &failures), 0);
        assert_null(failures);
    }
    assert_int_equal(value_of(pool, 1), THREADS * ROUNDS);
    expect_idle(pool);
    fixture_close(pool);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_finds_its_connection),
        TEST(nothing_stays_open),
        TEST(who_finds_none_waits_and_is_told),
        TEST(there_is_a_reader_for_each_processor),
        TEST(many_threads_share_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
