/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements through the synchronous pool: what is kept prepared, what is checked, which values and
 * rows come through, and that readers do not write.
 */
#include "faulty_backend.h"
#include "pool_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t prepares(struct pool *pool)
{
    return fixture_view(pool).prepares;
}

static enum outcome query(struct reader *reader, const struct read_statement *statement)
{
    return interplay_reader_query(reader, statement, NULL, no_rows, NULL);
}

/* --- kept prepared --------------------------------------------------------------------------- */

static void a_second_run_does_not_prepare(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    uint64_t before = prepares(pool);
    assert_int_equal(fixture_insert(writer, 1, 10), OUTCOME_OK);
    assert_int_equal(prepares(pool), before + 1);
    assert_int_equal(fixture_insert(writer, 2, 20), OUTCOME_OK);
    /* Not even on the next lease, and not after it has failed. */
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    writer = fixture_writer(pool);
    assert_int_equal(fixture_insert(writer, 2, 20), OUTCOME_CONSTRAINT);
    assert_int_equal(fixture_insert(writer, 3, 30), OUTCOME_OK);
    assert_int_equal(prepares(pool), before + 1);
    assert_int_equal(fixture_view(pool).slots[1].statements, 1);
    /* Neither do transactions. */
    for (int i = 0; i < 3; i++) {
        struct write_txn *txn = fixture_begin(writer);
        assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
        txn = fixture_begin(writer);
        assert_int_equal(interplay_write_txn_rollback(txn, NULL), OUTCOME_OK);
    }
    assert_int_equal(prepares(pool), before + 1 + 3);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 60);
    fixture_close(pool);
}

static void text_is_prepared_each_time_and_not_kept(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 0, 1);
    struct writer *writer = fixture_writer(pool);
    uint64_t before = prepares(pool);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(fixture_execute(writer, "DELETE FROM t"), OUTCOME_OK);
        assert_int_equal(prepares(pool), before + i);
    }
    assert_int_equal(fixture_view(pool).slots[0].statements, 0);
    assert_int_equal(faulty_counts.statements, 0);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static const struct read_statement one = {{.sql = "SELECT 1", .column_count = 1}};
static const struct read_statement two = {{.sql = "SELECT 2", .column_count = 1}};
static const struct read_statement three = {{.sql = "SELECT 3", .column_count = 1}};
/* The same text at another address is another statement. */
static const struct read_statement another_one = {{.sql = "SELECT 1", .column_count = 1}};

static void the_longest_unused_makes_room(void **state)
{
    static const struct {
        const struct read_statement *statement;
        bool is_prepared;
    } uses[] = {
        {&one, true},    {&two, true},  {&one, false}, {&three, true},       {&one, false},
        {&three, false}, {&two, true},  {&one, true},  {&another_one, true}, {&one, false},
        {&two, true},    {&one, false}, {&two, false}, {&another_one, true},
    };
    faulty_reset();
    struct pool_options options = fixture_options(*state, &faulty_backend, 1, 0);
    options.statement_cache = 2;
    struct pool *pool = fixture_open_with(&options);
    struct reader *reader = fixture_reader(pool);
    for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
        uint64_t before = prepares(pool);
        assert_int_equal(query(reader, uses[i].statement), OUTCOME_OK);
        assert_int_equal(prepares(pool) - before, uses[i].is_prepared);
        assert_true(faulty_counts.statements <= 2);
    }
    assert_int_equal(fixture_view(pool).slots[0].statements, 2);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
    assert_int_equal(faulty_counts.statements, 0);
}

static void nothing_is_kept_without_a_cache(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 0);
    options.statement_cache = 0;
    struct pool *pool = fixture_open_with(&options);
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    assert_int_equal(prepares(pool), 2);
    assert_int_equal(fixture_view(pool).slots[0].statements, 0);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void a_stale_statement_is_prepared_once_more(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 0);
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    faulty_plan = (struct faulty_plan){.prefix = "SELECT 1", .outcome = OUTCOME_SCHEMA, .times = 1};
    uint64_t before = prepares(pool);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    assert_int_equal(prepares(pool), before + 1);
    assert_int_equal(faulty_counts.failures, 1);
    faulty_plan.times = 2;
    assert_int_equal(query(reader, &one), OUTCOME_SCHEMA);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    assert_int_equal(faulty_counts.failures, 3);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(fixture_view(pool).replaced, 0);
    fixture_close(pool);
    assert_int_equal(faulty_counts.statements, 0);
}

static const struct read_statement all_columns = {{.sql = "SELECT * FROM t", .column_count = 2}};

static void a_schema_that_does_not_fit_any_more_is_noticed(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(fixture_insert(writer, 1, 1), OUTCOME_OK);
    assert_int_equal(query(reader, &all_columns), OUTCOME_OK);
    assert_int_equal(fixture_execute(writer, "ALTER TABLE t ADD COLUMN w"), OUTCOME_OK);
    struct pool_error error;
    assert_int_equal(interplay_reader_query(reader, &all_columns, NULL, no_rows, &error),
                     OUTCOME_MISUSE);
    assert_non_null(strstr(error.message, "SELECT * FROM t"));
    assert_int_equal(query(reader, &select_sum), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

/* --- checks ---------------------------------------------------------------------------------- */

static void declared_parameters_are_checked(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct pool_error error;
    const struct value wrong[] = {value_integer(1), value_text("x", 1)};
    const struct value nothing[] = {value_integer(1), {.kind = VALUE_NULL}};
    assert_int_equal(interplay_writer_execute(writer, &insert_row, wrong, no_rows, NULL, &error),
                     OUTCOME_MISUSE);
    assert_int_equal(error.outcome, OUTCOME_MISUSE);
    assert_non_null(strstr(error.message, "parameter 2"));
    assert_non_null(strstr(error.message, insert_row.statement.sql));
    assert_int_equal(interplay_writer_execute(writer, &insert_row, nothing, no_rows, NULL, &error),
                     OUTCOME_OK);
    static const struct write_statement too_few = {
        {.sql = "DELETE FROM t WHERE k = ?1 AND v = ?2", .parameter_count = 1}};
    assert_int_equal(interplay_writer_execute(writer, &too_few, wrong, no_rows, NULL, &error),
                     OUTCOME_MISUSE);
    assert_non_null(strstr(error.message, "1 parameters instead of 2"));
    /* Text, too. */
    assert_int_equal(interplay_writer_execute_sql(writer, "DELETE FROM t WHERE k = ?1", NULL, 0,
                                                  no_rows, NULL, NULL),
                     OUTCOME_MISUSE);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_view(pool).replaced, 0);
    fixture_close(pool);
}

static void declared_columns_are_checked(void **state)
{
    static const struct read_statement too_many = {{.sql = "SELECT 1, 2", .column_count = 3}};
    static const struct read_statement wrong_kind = {
        {.sql = "SELECT 1, 'text'", .column_count = 2, .columns = {VALUE_INTEGER, VALUE_BLOB}}};
    static const struct read_statement null_fits = {
        {.sql = "SELECT NULL", .column_count = 1, .columns = {VALUE_REAL}}};
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct reader *reader = fixture_reader(pool);
    struct pool_error error;
    assert_int_equal(interplay_reader_query(reader, &too_many, NULL, no_rows, &error),
                     OUTCOME_MISUSE);
    assert_non_null(strstr(error.message, "3 columns are declared instead of 2"));
    assert_int_equal(interplay_reader_query(reader, &wrong_kind, NULL, no_rows, &error),
                     OUTCOME_MISUSE);
    assert_non_null(strstr(error.message, "column 2 is text, declared as blob"));
    assert_int_equal(query(reader, &null_fits), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void wrong_sql_is_reported_with_the_databases_words(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct reader *reader = fixture_reader(pool);
    struct pool_error error;
    assert_int_equal(
        interplay_reader_query_sql(reader, "SELECT * FROM nowhere", NULL, 0, no_rows, &error),
        OUTCOME_SQL_ERROR);
    assert_int_equal(error.outcome, OUTCOME_SQL_ERROR);
    assert_int_equal(error.code, 1); /* SQLITE_ERROR */
    assert_string_equal(error.message, "no such table: nowhere");
    assert_int_equal(interplay_reader_query_sql(reader, "-- nothing", NULL, 0, no_rows, &error),
                     OUTCOME_SQL_ERROR);
    assert_int_equal(query(reader, &one), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void readers_do_not_write(void **state)
{
    static const struct read_statement a_lie = {{.sql = "DELETE FROM t"}};
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(fixture_insert(writer, 1, 7), OUTCOME_OK);
    assert_int_equal(query(reader, &a_lie), OUTCOME_MISUSE);
    assert_int_equal(interplay_writer_query(writer, &a_lie, NULL, no_rows, NULL), OUTCOME_MISUSE);
    assert_int_equal(interplay_reader_query_sql(reader, "DELETE FROM t", NULL, 0, no_rows, NULL),
                     OUTCOME_READONLY);
    /* The second line of defence: the connection itself. */
    int64_t value = -1;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &value};
    assert_int_equal(interplay_reader_query_sql(reader, "PRAGMA query_only", NULL, 0, keep, NULL),
                     OUTCOME_OK);
    assert_int_equal(value, 1);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 7);
    fixture_close(pool);
}

/* --- values and rows ------------------------------------------------------------------------- */

struct seen_row {
    uint32_t rows;
    bool is_as_sent;
};

static const struct value sent[] = {
    {.kind = VALUE_NULL},
    {.kind = VALUE_INTEGER, .integer = INT64_MIN},
    {.kind = VALUE_REAL, .real = 0.1},
    {.kind = VALUE_TEXT, .text = {"a\0b", 3}},
    {.kind = VALUE_BLOB, .text = {"\0\xff", 2}},
    {.kind = VALUE_TEXT, .text = {NULL, 0}},
    {.kind = VALUE_BLOB, .text = {NULL, 0}},
};
enum { SENT = sizeof sent / sizeof sent[0] };

static bool is_same(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_INTEGER:
        return a->integer == b->integer;
    case VALUE_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case VALUE_TEXT:
    case VALUE_BLOB:
        return a->text.length == b->text.length && b->text.bytes != NULL &&
               (a->text.length == 0 || memcmp(a->text.bytes, b->text.bytes, a->text.length) == 0);
    }
    return false;
}

static bool compare_row(void *context, const struct value *columns, uint32_t count)
{
    struct seen_row *seen = context;
    seen->rows++;
    seen->is_as_sent = count == SENT;
    for (uint32_t i = 0; i < SENT && seen->is_as_sent; i++)
        seen->is_as_sent = is_same(&sent[i], &columns[i]);
    return true;
}

static void all_kinds_of_values_come_through(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 0);
    struct reader *reader = fixture_reader(pool);
    struct seen_row seen = {.rows = 0};
    const struct row_sink rows = {.on_row = compare_row, .context = &seen};
    assert_int_equal(interplay_reader_query_sql(reader, "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7", sent,
                                                SENT, rows, NULL),
                     OUTCOME_OK);
    assert_int_equal(seen.rows, 1);
    assert_true(seen.is_as_sent);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static bool stop_at_two(void *context, const struct value *columns, uint32_t count)
{
    uint32_t *rows = context;
    (void)columns;
    (void)count;
    return ++*rows < 2;
}

static void rows_can_be_enough(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    uint32_t rows = 0;
    const struct row_sink first_two = {.on_row = stop_at_two, .context = &rows};
    assert_int_equal(
        interplay_writer_execute_sql(writer, "INSERT INTO t VALUES (1,1),(2,2),(3,3) RETURNING k",
                                     NULL, 0, first_two, NULL, NULL),
        OUTCOME_OK);
    assert_int_equal(rows, 2);
    rows = 0;
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(interplay_reader_query(reader, &all_columns, NULL, first_two, NULL),
                     OUTCOME_OK);
    assert_int_equal(rows, 2);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 6); /* a writing statement happens as a whole */
    fixture_close(pool);
}

static bool enough_at_once(void *context, const struct value *columns, uint32_t count)
{
    (void)context;
    (void)columns;
    (void)count;
    return false;
}

/* The last step of a writing statement is the one that tells. */
static void enough_rows_do_not_hide_that_nothing_was_written(void **state)
{
    struct pool_options options = fixture_options(*state, &interplay_backend_sqlite, 1, 1);
    options.connection.setup = "PRAGMA foreign_keys=1";
    struct pool *pool = fixture_open_with(&options);
    struct writer *writer = fixture_writer(pool);
    const struct row_sink first = {.on_row = enough_at_once};
    assert_int_equal(fixture_execute(writer, "CREATE TABLE child(k REFERENCES t(k)"
                                             " DEFERRABLE INITIALLY DEFERRED)"),
                     OUTCOME_OK);
    assert_int_equal(interplay_writer_execute_sql(writer,
                                                  "INSERT INTO child VALUES (7) RETURNING k", NULL,
                                                  0, first, NULL, NULL),
                     OUTCOME_CONSTRAINT);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static void changes_are_those_of_the_statement(void **state)
{
    static const struct {
        const char *sql;
        int64_t changes;
    } steps[] = {
        {"INSERT INTO t VALUES (1,1),(2,2),(3,3)", 3},
        {"CREATE TABLE u(x)", 0},
        {"SELECT * FROM t", 0},
        {"UPDATE t SET v = 0 WHERE k > 1", 2},
        {"UPDATE t SET v = 0 WHERE k > 9", 0},
        {"DELETE FROM t", 3},
        {"DROP TABLE u", 0},
    };
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        int64_t changes = -1;
        assert_int_equal(
            interplay_writer_execute_sql(writer, steps[i].sql, NULL, 0, no_rows, &changes, NULL),
            OUTCOME_OK);
        assert_int_equal(changes, steps[i].changes);
    }
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

struct told_names {
    char text[64];
    uint32_t rows; /* that had come before */
    uint32_t times;
};

static void take_names(void *context, const char *const *names, uint32_t count)
{
    struct told_names *told = context;
    told->times++;
    for (uint32_t i = 0; i < count; i++) {
        size_t used = strlen(told->text);
        (void)snprintf(told->text + used, sizeof told->text - used, "%s ", names[i]);
    }
}

static bool names_came_first(void *context, const struct value *columns, uint32_t count)
{
    (void)columns;
    (void)count;
    struct told_names *told = context;
    assert_int_equal(told->times, 1);
    told->rows++;
    return true;
}

/* Once, before the first row; at the end if there is none. */
static void columns_have_names(void **state)
{
    static const struct {
        const char *sql, *names;
        uint32_t rows;
    } cases[] = {
        {"SELECT * FROM t", "k v ", 0},
        {"INSERT INTO t(k) VALUES (1), (2) RETURNING k AS key", "key ", 2},
        {"ALTER TABLE t RENAME COLUMN v TO w", "", 0},
        {"SELECT * FROM t", "k w ", 2},
        {"UPDATE t SET w = 1 RETURNING *", "k w ", 2},
        {"UPDATE t SET w = 1", "", 0},
    };
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct told_names told = {.text = ""};
        const struct row_sink sink = {
            .on_row = names_came_first, .context = &told, .on_names = take_names};
        assert_int_equal(
            interplay_writer_execute_sql(writer, cases[i].sql, NULL, 0, sink, NULL, NULL),
            OUTCOME_OK);
        assert_string_equal(told.text, cases[i].names);
        assert_int_equal(told.rows, cases[i].rows);
        assert_int_equal(told.times, cases[i].names[0] != '\0');
    }
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

/* A statement that is kept was prepared when they had others. */
static void a_kept_statement_has_the_names_of_now(void **state)
{
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    struct reader *reader = fixture_reader(pool);
    for (int i = 0; i < 2; i++) {
        struct told_names told = {.text = ""};
        const struct row_sink sink = {.context = &told, .on_names = take_names};
        assert_int_equal(interplay_reader_query(reader, &all_columns, NULL, sink, NULL),
                         OUTCOME_OK);
        assert_string_equal(told.text, i == 0 ? "k v " : "k w ");
        if (i == 0)
            assert_int_equal(fixture_execute(writer, "ALTER TABLE t RENAME COLUMN v TO w"),
                             OUTCOME_OK);
    }
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

/* A database that does not tell. */
static void names_may_be_unknown(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_backend, 1, 0);
    struct reader *reader = fixture_reader(pool);
    struct told_names told = {.text = ""};
    const struct row_sink sink = {.context = &told, .on_names = take_names};
    assert_int_equal(interplay_reader_query(reader, &one, NULL, sink, NULL), OUTCOME_OK);
    assert_int_equal(told.times, 0);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

static void columns_are_counted_without_rows(void **state)
{
    static const struct {
        const char *sql;
        uint32_t columns;
    } cases[] = {
        {"SELECT * FROM t", 2},
        {"SELECT 1, 2, 3 WHERE 0", 3},
        {"ALTER TABLE t ADD COLUMN more", 0},
        {"SELECT * FROM t", 3},
        {"UPDATE t SET v = 1 RETURNING *", 3},
        {"INSERT INTO t(k) VALUES (1) RETURNING k", 1},
        {"UPDATE t SET v = 1", 0},
    };
    struct pool *pool = fixture_open(*state, &interplay_backend_sqlite, 1, 1);
    struct writer *writer = fixture_writer(pool);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t columns = 9;
        const struct row_sink count = {.ret_columns = &columns};
        assert_int_equal(
            interplay_writer_execute_sql(writer, cases[i].sql, NULL, 0, count, NULL, NULL),
            OUTCOME_OK);
        assert_int_equal(columns, cases[i].columns);
        columns = 9;
        assert_int_equal(
            interplay_writer_execute_sql(writer, "SELECT nothing", NULL, 0, count, NULL, NULL),
            OUTCOME_SQL_ERROR);
        assert_int_equal(columns, 9);
    }
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    fixture_close(pool);
}

static void placeholders_are_translated_for_the_dialect(void **state)
{
    faulty_reset();
    struct pool *pool = fixture_open(*state, &faulty_mssql_backend, 1, 1);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(fixture_insert(writer, 4, 40), OUTCOME_OK);
    assert_string_equal(faulty_counts.last_prepared, "INSERT INTO t VALUES (@p1, @p2)");
    struct write_txn *txn = fixture_begin(writer);
    assert_string_equal(faulty_counts.last_prepared, "BEGIN TRANSACTION");
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    assert_int_equal(fixture_sum(pool), 40);
    fixture_close(pool);
}

static void the_log_is_switched_on_where_writers_are(void **state)
{
    struct fixture *fixture = *state;
    int64_t is_wal = -1;
    const char *sql = "SELECT journal_mode = 'wal' FROM pragma_journal_mode";
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &is_wal};
    for (uint32_t writers = 0; writers < 2; writers++) {
        struct pool *pool = fixture_open(fixture, &interplay_backend_sqlite, 1, writers);
        struct reader *reader = fixture_reader(pool);
        assert_int_equal(interplay_reader_query_sql(reader, sql, NULL, 0, keep, NULL), OUTCOME_OK);
        assert_int_equal(is_wal, writers);
        assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
        fixture_close(pool);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_second_run_does_not_prepare),
        TEST(text_is_prepared_each_time_and_not_kept),
        TEST(the_longest_unused_makes_room),
        TEST(nothing_is_kept_without_a_cache),
        TEST(a_stale_statement_is_prepared_once_more),
        TEST(a_schema_that_does_not_fit_any_more_is_noticed),
        TEST(declared_parameters_are_checked),
        TEST(declared_columns_are_checked),
        TEST(wrong_sql_is_reported_with_the_databases_words),
        TEST(readers_do_not_write),
        TEST(all_kinds_of_values_come_through),
        TEST(rows_can_be_enough),
        TEST(enough_rows_do_not_hide_that_nothing_was_written),
        TEST(changes_are_those_of_the_statement),
        TEST(columns_are_counted_without_rows),
        TEST(columns_have_names),
        TEST(a_kept_statement_has_the_names_of_now),
        TEST(names_may_be_unknown),
        TEST(placeholders_are_translated_for_the_dialect),
        TEST(the_log_is_switched_on_where_writers_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
