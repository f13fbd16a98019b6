/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synchronous pool and SQLite without memory: each allocation of a short life of a pool fails
 * once. Nothing crashes or leaks, a call that did not do its work says so, and the pool works again
 * afterwards.
 *
 * Linked with --wrap for malloc, calloc, realloc and free.
 */
#include "pool_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void *__real_malloc(size_t size_bytes);
void *__real_calloc(size_t count, size_t size_bytes);
void *__real_realloc(void *block, size_t size_bytes);
void __real_free(void *block);
void *__wrap_malloc(size_t size_bytes);
void *__wrap_calloc(size_t count, size_t size_bytes);
void *__wrap_realloc(void *block, size_t size_bytes);
void __wrap_free(void *block);

static struct {
    uint64_t fails_at, made; /* counts from 1; 0: none fails */
    int64_t live;
} memory;

static bool fails_now(void)
{
    return ++memory.made == memory.fails_at;
}

static void *count_live(void *block)
{
    memory.live += block != NULL;
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
    void *moved = __real_realloc(block, size_bytes);
    memory.live += block == NULL && moved != NULL;
    return moved;
}

void __wrap_free(void *block)
{
    memory.live -= block != NULL;
    __real_free(block);
}

static void fail_allocation(uint64_t number)
{
    memory.made = 0;
    memory.fails_at = number;
}

/* --- the life of a pool ---------------------------------------------------------------------- */

enum { LONG_TEXT = 3000 };

static bool check_text(void *context, const struct value *columns, uint32_t count)
{
    bool *is_right = context;
    *is_right = count == 1 && columns[0].kind == VALUE_TEXT &&
                columns[0].text.length == LONG_TEXT && columns[0].text.bytes != NULL &&
                columns[0].text.bytes[LONG_TEXT - 1] == '0';
    return false;
}

/* Whatever comes back is right, or is reported as a failure. */
static void read_text(struct pool *pool)
{
    struct reader *reader;
    struct pool_error error;
    if (interplay_pool_reader(pool, 0, &reader, &error) != OUTCOME_OK) {
        assert_int_equal(error.outcome, OUTCOME_NO_MEMORY);
        return;
    }
    bool is_right = false;
    const struct row_sink check = {.on_row = check_text, .context = &is_right};
    enum outcome outcome = interplay_reader_query_sql(reader, "SELECT upper(hex(zeroblob(1500)))",
                                                      NULL, 0, check, &error);
    assert_true(outcome == OUTCOME_OK ? is_right : error.outcome == OUTCOME_NO_MEMORY);
    (void)interplay_reader_return(reader);
}

/* Returns what is in the table afterwards, as far as calls said that they did it. */
static int64_t write_some(struct pool *pool)
{
    struct writer *writer;
    struct write_txn *txn;
    int64_t sum = 0;
    const struct value row[] = {value_integer(3), value_integer(4)};
    const struct batch_item items[] = {{&insert_row, row}};
    if (interplay_pool_writer(pool, 0, &writer, NULL) != OUTCOME_OK)
        return 0;
    if (fixture_insert(writer, 1, 1) == OUTCOME_OK)
        sum += 1;
    if (interplay_writer_begin(writer, &txn, NULL) == OUTCOME_OK) {
        bool is_inserted = fixture_txn_insert(txn, 2, 2) == OUTCOME_OK;
        enum outcome outcome = interplay_write_txn_commit(txn, NULL);
        assert_int_not_equal(outcome, OUTCOME_IN_DOUBT);
        sum += is_inserted && outcome == OUTCOME_OK ? 2 : 0;
    }
    if (interplay_writer_execute_batch(writer, items, 1, NULL, NULL) == OUTCOME_OK)
        sum += 4;
    (void)interplay_writer_return(writer);
    return sum;
}

/* True when an allocation failed in it. */
static bool live_once(const struct pool_options *options, uint64_t fails_at)
{
    struct pool *pool = NULL;
    struct pool_error error;
    fail_allocation(fails_at);
    enum outcome outcome = interplay_pool_open(&pool, options, &error);
    if (outcome != OUTCOME_OK) {
        fail_allocation(0);
        assert_int_equal(outcome, OUTCOME_NO_MEMORY);
        assert_int_equal(error.outcome, OUTCOME_NO_MEMORY);
        return true;
    }
    int64_t sum = write_some(pool);
    read_text(pool);
    bool has_failed = memory.made >= fails_at;
    fail_allocation(0);
    assert_int_equal(fixture_sum(pool), sum);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(fixture_execute(writer, "DELETE FROM t"), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
    return has_failed;
}

static void each_allocation_may_fail(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 2);
    options.connection.setup = "PRAGMA synchronous=off";
    options.statement_cache = 2;
    fixture_close(fixture_open_with(&options));
    int64_t live = memory.live;
    uint64_t number = 1;
    while (live_once(&options, number)) {
        assert_int_equal(memory.live, live);
        number++;
    }
    /* The pool's own and SQLite's: far fewer would mean that the wrapping is not in place. */
    assert_true(number > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_allocation_may_fail, fixture_set_up,
                                        fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
