/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool with actors when something cannot be had: each allocation, thread and condition of a
 * short life of a pool fails once. Nothing crashes, hangs or leaks, a call that did not do its work
 * says so, and what was told as done is there. Mutexes always succeed: SQLite does not look.
 *
 * Linked with --wrap for malloc, calloc, realloc, free, pthread_create and pthread_cond_init.
 */
#include "actors_fixture.h"

#include <stdatomic.h>
#include <stdlib.h>

void *__real_malloc(size_t size_bytes);
void *__real_calloc(size_t count, size_t size_bytes);
void *__real_realloc(void *block, size_t size_bytes);
void __real_free(void *block);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*main_function)(void *), void *argument);
int __real_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);
void *__wrap_malloc(size_t size_bytes);
void *__wrap_calloc(size_t count, size_t size_bytes);
void *__wrap_realloc(void *block, size_t size_bytes);
void __wrap_free(void *block);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*main_function)(void *), void *argument);
int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes);

/* --- what fails ------------------------------------------------------------------------------ */

enum { NO_ROOM = 12 /* ENOMEM */ };

/* Threads share these: which one meets the failure may differ, how many there are hardly. */
static atomic_int_fast64_t until_failure = -1; /* negative: none is to come */
static atomic_int_fast64_t live;

static bool fails_now(void)
{
    return atomic_load(&until_failure) >= 0 && atomic_fetch_sub(&until_failure, 1) == 0;
}

static void *count_live(void *block)
{
    atomic_fetch_add(&live, block != NULL);
    return block;
}

void *__wrap_malloc(size_t size_bytes)
{
    return fails_now() ? NULL : count_live(__real_malloc(size_bytes));
}

void *__wrap_calloc(size_t count, size_t size_bytes)
{
    return fails_now() ? NULL : count_live(__real_calloc(count, size_bytes));
}

void *__wrap_realloc(void *block, size_t size_bytes)
{
    if (fails_now())
        return NULL;
    return block == NULL ? count_live(__real_realloc(block, size_bytes))
                         : __real_realloc(block, size_bytes);
}

void __wrap_free(void *block)
{
    atomic_fetch_sub(&live, block != NULL);
    __real_free(block);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*main_function)(void *), void *argument)
{
    return fails_now() ? NO_ROOM
                       : __real_pthread_create(thread, attributes, main_function, argument);
}

int __wrap_pthread_cond_init(pthread_cond_t *condition, const pthread_condattr_t *attributes)
{
    return fails_now() ? NO_ROOM : __real_pthread_cond_init(condition, attributes);
}

/* --- the life of a pool ---------------------------------------------------------------------- */

static const struct read_statement keys = {
    {.sql = "SELECT k FROM t", .column_count = 1, .columns = {VALUE_INTEGER}}};

static bool is_excusable(enum outcome outcome)
{
    return outcome == OUTCOME_OK || outcome == OUTCOME_NO_MEMORY || outcome == OUTCOME_ROLLED_BACK;
}

/* True: it was sent and succeeded. */
static bool succeeds(enum outcome sent, struct request *request)
{
    enum outcome outcome = sent;
    if (sent == OUTCOME_OK) {
        outcome = interplay_request_wait(request, LONG_MS, NULL);
        interplay_request_drop(request);
    }
    assert_true(is_excusable(outcome));
    return outcome == OUTCOME_OK;
}

static int64_t write_alone(void)
{
    const struct value rows[] = {value_integer(1), value_integer(2), value_integer(4)};
    const struct batch_item items[] = {{&insert_row, &rows[1]}, {&insert_row, &rows[2]}};
    struct request *request = NULL;
    int64_t sum = 0;
    enum outcome sent = interplay_actors_execute(pool, &insert_row, &rows[0], NULL, &request, NULL);
    if (succeeds(sent, request))
        sum += 1;
    sent = interplay_actors_execute_batch(pool, items, 2, NULL, &request, NULL);
    if (succeeds(sent, request))
        sum += 2 + 4;
    return sum;
}

/* The drop at the end must work whatever has failed before. */
static int64_t write_in_transaction(bool commits)
{
    const struct value row = value_integer(commits ? 8 : 16);
    struct actor_write_txn *txn = NULL;
    struct request *begun = NULL, *request = NULL;
    enum outcome sent = interplay_actors_begin_write(pool, NULL, &txn, &begun, NULL);
    if (!succeeds(sent, begun)) {
        if (sent == OUTCOME_OK)
            interplay_actor_write_txn_drop(txn);
        return 0;
    }
    sent = interplay_actor_write_txn_execute(txn, &insert_row, &row, NULL, &request, NULL);
    bool is_inserted = succeeds(sent, request);
    bool is_committed = false;
    if (commits) {
        sent = interplay_actor_write_txn_commit(txn, NULL, &request, NULL);
        is_committed = succeeds(sent, request);
    }
    interplay_actor_write_txn_drop(txn);
    return is_inserted && is_committed ? row.integer : 0;
}

/* All rows, or the failure is reported. */
static void read_all(int64_t sum)
{
    struct stream *stream = NULL;
    enum outcome outcome = interplay_actors_stream(pool, &keys, NULL, NULL, &stream, NULL);
    int64_t found = 0;
    if (outcome == OUTCOME_OK) {
        const struct value *row = NULL;
        uint32_t columns;
        while ((outcome = interplay_stream_next(stream, LONG_MS, &row, &columns, NULL)) ==
               OUTCOME_ROW)
            found += row[0].integer;
        interplay_stream_drop(stream);
    }
    assert_true(outcome == OUTCOME_NO_MEMORY || (outcome == OUTCOME_OK && found == sum));
    struct request *request = NULL;
    outcome = interplay_actors_query(pool, &keys, NULL, NULL, &request, NULL);
    (void)succeeds(outcome, request);
}

/* False when nothing failed any more. */
static bool live_once(const struct pool_options *options, int_fast64_t number)
{
    atomic_store(&until_failure, number);
    enum outcome outcome = interplay_actors_open(&pool, options, NULL);
    if (outcome == OUTCOME_OK) {
        int64_t sum = write_alone();
        sum += write_in_transaction(true);
        sum += write_in_transaction(false);
        read_all(sum);
        bool has_failed = atomic_exchange(&until_failure, -1) < 0;
        assert_int_equal(integer_of(send_query_sql("SELECT coalesce(sum(k), 0) FROM t", NULL)),
                         sum);
        must_execute_sql("DELETE FROM t");
        fixture_close(POOL_CLOSE_WAIT);
        return has_failed;
    }
    assert_int_equal(outcome, OUTCOME_NO_MEMORY);
    assert_null(pool);
    atomic_store(&until_failure, -1);
    return true;
}

static void anything_may_fail(void **state)
{
    (void)state;
    struct pool_options options = fixture_options(2, 2);
    options.connection.setup = "PRAGMA synchronous=off";
    options.statement_cache = 4;
    fixture_open_with(&options);
    fixture_close(POOL_CLOSE_WAIT);
    int_fast64_t before = atomic_load(&live), number = 0;
    while (live_once(&options, number)) {
        assert_int_equal(atomic_load(&live), before);
        number++;
    }
    /* The pool's own and SQLite's: far fewer would mean that the wrapping is not in place. */
    assert_true(number > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(anything_may_fail, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
