/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of the pool with actors, one rule at a time: rows in order, never more ahead than the
 * bound, the actor held until the statement ends and free after whatever ends it.
 */
#include "actors_fixture.h"

#include <string.h>

enum { BOUND = 4 };

static const struct read_statement numbers = {
    {.sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1)"
            " SELECT i, 'number ' || i FROM n",
     .parameter_count = 1,
     .column_count = 2,
     .parameters = {VALUE_INTEGER},
     .columns = {VALUE_INTEGER, VALUE_TEXT}}};

static const struct write_statement insert_numbers = {
    {.sql = "INSERT INTO t(k) WITH RECURSIVE n(i) AS"
            " (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < ?1) SELECT i FROM n RETURNING k",
     .parameter_count = 1,
     .column_count = 1,
     .parameters = {VALUE_INTEGER},
     .columns = {VALUE_INTEGER}}};

static const struct read_statement dying = {{.sql = "SELECT 'dies'", .column_count = 1}};

static void open_pool(void)
{
    struct pool_options options = fixture_options(1, 1);
    options.stream_rows = BOUND;
    options.mutate_stream_rows = BOUND;
    fixture_open_with(&options);
}

static struct stream *stream_numbers(int64_t count, const void *tag)
{
    const struct request_options options = tagged(tag);
    const struct value parameter = value_integer(count);
    struct stream *stream = NULL;
    assert_int_equal(interplay_actors_stream(pool, &numbers, &parameter, &options, &stream, NULL),
                     OUTCOME_OK);
    return stream;
}

static struct stream *stream_inserts(int64_t count, const void *tag)
{
    const struct request_options options = tagged(tag);
    const struct value parameter = value_integer(count);
    struct stream *stream = NULL;
    assert_int_equal(
        interplay_actors_mutate_stream(pool, &insert_numbers, &parameter, &options, &stream, NULL),
        OUTCOME_OK);
    return stream;
}

static enum outcome next(struct stream *stream, int64_t *ret_number)
{
    const struct value *row = NULL;
    uint32_t columns = 0;
    enum outcome outcome = interplay_stream_next(stream, LONG_MS, &row, &columns, NULL);
    if (outcome == OUTCOME_ROW) {
        assert_int_equal(row[0].kind, VALUE_INTEGER);
        *ret_number = row[0].integer;
    }
    return outcome;
}

/* Reads rows `first` to `last`. */
static void must_read(struct stream *stream, int64_t first, int64_t last)
{
    for (int64_t i = first; i <= last; i++) {
        int64_t number = 0;
        assert_int_equal(next(stream, &number), OUTCOME_ROW);
        assert_int_equal(number, i);
    }
}

static enum outcome end_of(struct stream *stream)
{
    int64_t number;
    enum outcome outcome;
    while ((outcome = next(stream, &number)) == OUTCOME_ROW)
        ;
    return outcome;
}

static enum outcome told(const void *tag)
{
    struct served log[LOG_MAX];
    (void)fixture_log(log);
    return log[fixture_place(tag, false)].outcome;
}

/* --- rows ------------------------------------------------------------------------------------ */

static struct stream *stream_text(const char *sql, bool writes)
{
    struct stream *stream = NULL;
    enum outcome sent =
        writes ? interplay_actors_mutate_stream_sql(pool, sql, NULL, 0, NULL, &stream, NULL)
               : interplay_actors_stream_sql(pool, sql, NULL, 0, NULL, &stream, NULL);
    assert_int_equal(sent, OUTCOME_OK);
    return stream;
}

/* The text need not outlive the call. */
static void a_text_may_be_streamed(void **state)
{
    (void)state;
    open_pool();
    char sql[] = "INSERT INTO t(k) VALUES (1), (2) RETURNING k";
    struct stream *stream = stream_text(sql, true);
    memset(sql, ' ', sizeof sql - 1);
    must_read(stream, 1, 2);
    assert_int_equal(end_of(stream), OUTCOME_OK);
    interplay_stream_drop(stream);
    stream = stream_text("DELETE FROM t", false);
    assert_int_equal(end_of(stream), OUTCOME_READONLY);
    interplay_stream_drop(stream);
}

/* Of a stream and of a request, with rows or without; where they are not asked for they are not. */
static void columns_have_names(void **state)
{
    (void)state;
    static const char *const texts[] = {"SELECT 1 AS one, 2 AS two WHERE 0",
                                        "SELECT 1 AS one, 2 AS two"};
    open_pool();
    for (size_t i = 0; i < 4; i++) {
        const struct request_options options = {.keeps_names = i < 2};
        struct stream *stream = NULL;
        struct request *request = NULL;
        assert_int_equal(
            interplay_actors_stream_sql(pool, texts[i % 2], NULL, 0, &options, &stream, NULL),
            OUTCOME_OK);
        assert_int_equal(end_of(stream), OUTCOME_OK);
        assert_int_equal(
            interplay_actors_query_sql(pool, texts[i % 2], NULL, 0, &options, &request, NULL),
            OUTCOME_OK);
        assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
        for (uint32_t column = 0; column < 3; column++) {
            static const char *const names[] = {"one", "two"};
            const char *of_stream = interplay_stream_column_name(stream, column);
            const char *of_request = interplay_request_column_name(request, column);
            assert_int_equal(of_stream != NULL, i < 2 && column < 2);
            assert_int_equal(of_request != NULL, i < 2 && column < 2);
            if (of_stream == NULL)
                continue;
            assert_string_equal(of_stream, names[column]);
            assert_string_equal(of_request, names[column]);
        }
        interplay_stream_drop(stream);
        interplay_request_drop(request);
    }
}

static void the_end_tells_how_many_columns_there_are(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool writes;
        uint32_t columns;
    } cases[] = {
        {"SELECT 1, 2, 3 WHERE 0", false, 3},
        {"SELECT 1, 2", false, 2},
        {"DELETE FROM t RETURNING *", true, 2},
        {"DELETE FROM t", true, 0},
    };
    open_pool();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct stream *stream = stream_text(cases[i].sql, cases[i].writes);
        const struct value *row;
        uint32_t columns = 9;
        enum outcome outcome;
        while ((outcome = interplay_stream_next(stream, LONG_MS, &row, &columns, NULL)) ==
               OUTCOME_ROW)
            columns = 9;
        assert_int_equal(outcome, OUTCOME_OK);
        assert_int_equal(columns, cases[i].columns);
        interplay_stream_drop(stream);
    }
}

static void all_rows_come_in_order(void **state)
{
    (void)state;
    open_pool();
    int tag;
    struct stream *stream = stream_numbers(100, &tag);
    must_read(stream, 1, 99);
    const struct value *row = NULL;
    uint32_t columns = 0;
    assert_int_equal(interplay_stream_next(stream, LONG_MS, &row, &columns, NULL), OUTCOME_ROW);
    assert_int_equal(columns, 2);
    assert_int_equal(row[0].integer, 100);
    assert_int_equal(row[1].text.length, 10);
    assert_memory_equal(row[1].text.bytes, "number 100", 10);
    int64_t number;
    assert_int_equal(next(stream, &number), OUTCOME_OK);
    assert_int_equal(next(stream, &number), OUTCOME_OK);
    interplay_stream_drop(stream);
    assert_int_equal(told(&tag), OUTCOME_OK);
}

/* The bound, and one row in the hands of the actor that waits. */
static void a_slow_reader_stops_the_actor(void **state)
{
    (void)state;
    open_pool();
    uint64_t before = fixture_steps();
    struct stream *stream = stream_numbers(1000, NULL);
    for (int64_t read = 0; read < 3; read++) {
        uint64_t expected = before + BOUND + 1 + (uint64_t)read;
        fixture_await_steps(expected);
        struct request *behind = send_query(&count_rows, NULL);
        assert_int_equal(interplay_request_wait(behind, SHORT_MS, NULL), OUTCOME_TIMEOUT);
        interplay_request_drop(behind);
        assert_int_equal(fixture_steps(), expected);
        must_read(stream, read + 1, read + 1);
    }
    interplay_stream_drop(stream);
}

static void an_actor_is_held_until_the_end(void **state)
{
    (void)state;
    open_pool();
    struct stream *stream = stream_numbers(BOUND + 1, NULL);
    struct request *behind = send_query(&count_rows, NULL);
    assert_int_equal(interplay_request_wait(behind, SHORT_MS, NULL), OUTCOME_TIMEOUT);
    assert_int_equal(slot_view(0).state, POOL_SLOT_BUSY);
    assert_ptr_equal(slot_view(0).owner, stream);
    must_read(stream, 1, 1); /* the statement can end now: what is left fits */
    must_end(behind, OUTCOME_OK);
    must_read(stream, 2, BOUND + 1);
    assert_int_equal(end_of(stream), OUTCOME_OK);
    interplay_stream_drop(stream);
}

static void no_row_in_time(void **state)
{
    (void)state;
    open_pool();
    struct stream *stream = stream_numbers(1, &held_tag);
    fixture_await_held(1);
    const struct value *row = NULL;
    uint32_t columns = 7;
    struct pool_error error = {.outcome = OUTCOME_OK};
    assert_int_equal(interplay_stream_next(stream, 0, &row, &columns, &error), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_stream_next(stream, 1, &row, &columns, &error), OUTCOME_TIMEOUT);
    assert_int_equal(error.outcome, OUTCOME_TIMEOUT);
    assert_null(row);
    assert_int_equal(columns, 7);
    fixture_let_go();
    must_read(stream, 1, 1);
    assert_int_equal(end_of(stream), OUTCOME_OK);
    interplay_stream_drop(stream);
}

static void a_failure_comes_at_the_end(void **state)
{
    (void)state;
    open_pool();
    fixture_fail("SELECT 'dies'", OUTCOME_DIED, 1);
    struct stream *stream = NULL;
    assert_int_equal(interplay_actors_stream(pool, &dying, NULL, NULL, &stream, NULL), OUTCOME_OK);
    assert_int_equal(end_of(stream), OUTCOME_DIED);
    interplay_stream_drop(stream);
    assert_int_equal(row_count(), 0);
}

/* --- cancelling and dropping ----------------------------------------------------------------- */

static void a_cancel_ends_it(void **state)
{
    (void)state;
    open_pool();
    uint64_t before = fixture_steps();
    int tag;
    struct stream *stream = stream_numbers(1000, &tag);
    fixture_await_steps(before + BOUND + 1);
    interplay_stream_cancel(stream);
    assert_int_equal(row_count(), 0); /* without anybody reading */
    assert_int_equal(end_of(stream), OUTCOME_INTERRUPTED);
    assert_int_equal(told(&tag), OUTCOME_INTERRUPTED);
    interplay_stream_drop(stream);
}

static void a_drop_frees_the_actor(void **state)
{
    (void)state;
    open_pool();
    int tag;
    struct stream *stream = stream_numbers(1000, &tag);
    must_read(stream, 1, 2);
    interplay_stream_drop(stream);
    assert_int_equal(row_count(), 0);
    assert_int_equal(told(&tag), OUTCOME_INTERRUPTED);
    assert_int_equal(slot_view(0).state, POOL_SLOT_IDLE);
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_int_equal(view.replaced, 0);
}

static void a_drop_before_the_first_row(void **state)
{
    (void)state;
    open_pool();
    int waiting;
    struct stream *running = stream_numbers(1000, &held_tag);
    fixture_await_held(1);
    struct stream *second = stream_numbers(1000, &waiting);
    interplay_stream_drop(second);
    interplay_stream_drop(running);
    fixture_let_go();
    assert_int_equal(row_count(), 0);
    assert_false(fixture_was_told(&waiting, true));
    assert_int_equal(told(&waiting), OUTCOME_INTERRUPTED);
    assert_int_equal(told(&held_tag), OUTCOME_INTERRUPTED);
}

/* --- streams that write ---------------------------------------------------------------------- */

static void inserted_rows_come_back(void **state)
{
    (void)state;
    open_pool();
    struct stream *stream = stream_inserts(100, NULL);
    must_read(stream, 1, 100);
    assert_int_equal(end_of(stream), OUTCOME_OK);
    interplay_stream_drop(stream);
    assert_int_equal(row_count(), 100);
}

/* All or nothing, and never told as a success. */
static void a_dropped_insert_is_no_success(void **state)
{
    (void)state;
    open_pool();
    int tag;
    struct stream *stream = stream_inserts(100, &tag);
    must_read(stream, 1, 2);
    interplay_stream_drop(stream);
    must_insert(1000); /* the writer is free */
    assert_int_equal(told(&tag), OUTCOME_INTERRUPTED);
    int64_t count = row_count();
    assert_true(count == 1 || count == 101);
}

static void a_close_interrupts_a_stream(void **state)
{
    (void)state;
    open_pool();
    struct stream *stream = stream_inserts(100, NULL);
    must_read(stream, 1, 1);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, SHORT_MS), OUTCOME_TIMEOUT);
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_INTERRUPT, LONG_MS), OUTCOME_OK);
    assert_int_equal(end_of(stream), OUTCOME_INTERRUPTED);
    interplay_stream_drop(stream);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(columns_have_names),
        TEST(a_text_may_be_streamed),
        TEST(the_end_tells_how_many_columns_there_are),
        TEST(all_rows_come_in_order),
        TEST(a_slow_reader_stops_the_actor),
        TEST(an_actor_is_held_until_the_end),
        TEST(no_row_in_time),
        TEST(a_failure_comes_at_the_end),
        TEST(a_cancel_ends_it),
        TEST(a_drop_frees_the_actor),
        TEST(a_drop_before_the_first_row),
        TEST(inserted_rows_come_back),
        TEST(a_dropped_insert_is_no_success),
        TEST(a_close_interrupts_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
