/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL's backend against a real server, in each protocol and form of values: what goes in
 * comes out, failures are what their SQLSTATE says, a transaction that has failed stays open until
 * it is rolled back, a cancel hits what it was meant for and nothing later, who loses the server in
 * a commit is in doubt.
 */
#include "postgres_fixture.h"

#include "postgres/postgres_backend.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct backend_ops *const backend = &interplay_backend_postgres;

/* --- helpers ---------------------------------------------------------------------------------- */

static const char *const all_parameters[] = {
    "",
    "values=binary",
    "protocol=extended rows=all",
    "protocol=prepared",
    "protocol=prepared values=binary rows=all",
    "protocol=simple",
    "rows=all protocol=simple",
};
enum { PARAMETERS = sizeof all_parameters / sizeof all_parameters[0] };

static struct backend_connection *connect_with(const char *parameters)
{
    struct backend_connection *connection = NULL;
    struct backend_options options = {.target = fixture_target()};
    (void)snprintf(options.parameters, sizeof options.parameters, "%s", parameters);
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_OK);
    return connection;
}

static void disconnect(struct backend_connection *connection)
{
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
}

static struct backend_statement *prepare(struct backend_connection *connection, const char *sql)
{
    struct backend_statement *statement = NULL;
    if (backend->prepare(connection, sql, strlen(sql), &statement) != OUTCOME_OK)
        fail_msg("%s: %s", sql, backend->error_message(connection));
    return statement;
}

/* From prepare to finalize; what it came to. */
static enum outcome run(struct backend_connection *connection, const char *sql)
{
    struct backend_statement *statement = NULL;
    enum outcome outcome = backend->prepare(connection, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return outcome;
    do
        outcome = backend->step(statement);
    while (outcome == OUTCOME_ROW);
    backend->finalize(statement);
    return outcome;
}

static void must_run(struct backend_connection *connection, const char *sql)
{
    enum outcome outcome = run(connection, sql);
    if (outcome != OUTCOME_OK)
        fail_msg("%s: %s (%s)", sql, interplay_outcome_names[outcome],
                 backend->error_message(connection));
}

static int64_t number(struct backend_connection *connection, const char *sql)
{
    struct backend_statement *statement = prepare(connection, sql);
    assert_int_equal(backend->step(statement), OUTCOME_ROW);
    int64_t value = backend->column_int64(statement, 0);
    assert_int_equal(backend->step(statement), OUTCOME_OK);
    backend->finalize(statement);
    return value;
}

static void assert_fails(struct backend_connection *connection, const char *sql,
                         enum outcome expected, const char *state)
{
    enum outcome outcome = run(connection, sql);
    if (outcome != expected || strcmp(backend->error_state(connection), state) != 0)
        fail_msg("%s: %s, %s (%s) instead of %s, %s", sql, interplay_outcome_names[outcome],
                 backend->error_state(connection), backend->error_message(connection),
                 interplay_outcome_names[expected], state);
}

static void remake_table(struct backend_connection *connection)
{
    must_run(connection, "DROP TABLE IF EXISTS t");
    must_run(connection, "CREATE TABLE t(k integer PRIMARY KEY, v bigint, p text, b bytea)");
}

/* --- values ----------------------------------------------------------------------------------- */

static void bind(struct backend_statement *statement, int parameter, struct value value)
{
    assert_int_equal(backend->bind(statement, parameter, &value), OUTCOME_OK);
}

static void assert_value(struct backend_statement *statement, int column, struct value expected)
{
    struct value value;
    backend->column(statement, column, &value);
    assert_int_equal(value.kind, expected.kind);
    if (value.kind == VALUE_INTEGER) {
        assert_int_equal(value.integer, expected.integer);
    } else if (value.kind == VALUE_REAL) {
        assert_true(value.real == expected.real);
    } else if (value.kind != VALUE_NULL) {
        assert_int_equal(value.text.length, expected.text.length);
        assert_memory_equal(value.text.bytes, expected.text.bytes, value.text.length);
    }
}

static struct value blob(const char *bytes, size_t length)
{
    struct value value = value_text(bytes, length);
    value.kind = VALUE_BLOB;
    return value;
}

static void test_what_goes_in_comes_out(void **state)
{
    (void)state;
    static const char bytes[] = "\0\1\\'\xff";
    const struct value null = {.kind = VALUE_NULL};
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        remake_table(connection);
        struct backend_statement *insert =
            prepare(connection, "INSERT INTO t(k, v, p, b) VALUES ($1, $2, $3, $4)");
        assert_int_equal(backend->parameter_count(insert), 4);
        assert_false(backend->is_read_only(insert));
        for (int row = 0; row < 3; row++) {
            bind(insert, 1, value_integer(row));
            bind(insert, 2, row == 0 ? value_integer(INT64_MIN) : value_integer(-row));
            bind(insert, 3, row == 1 ? null : value_text("it's \\ \xc3\xa4$1", row == 2 ? 0 : 11));
            bind(insert, 4, row == 0 ? blob(bytes, 5) : row == 1 ? blob(NULL, 0) : null);
            assert_int_equal(backend->step(insert), OUTCOME_OK);
            assert_int_equal(backend->changes(connection), 1);
            backend->reset(insert);
        }
        backend->finalize(insert);
        struct backend_statement *select =
            prepare(connection, "SELECT k, v, p, b FROM t WHERE k >= $1 ORDER BY k");
        assert_true(backend->is_read_only(select));
        bind(select, 1, value_integer(0));
        assert_int_equal(backend->step(select), OUTCOME_ROW);
        assert_int_equal(backend->column_count(select), 4);
        assert_value(select, 1, value_integer(INT64_MIN));
        assert_value(select, 2, value_text("it's \\ \xc3\xa4$1", 11));
        assert_value(select, 3, blob(bytes, 5));
        assert_int_equal(backend->step(select), OUTCOME_ROW);
        assert_value(select, 0, value_integer(1));
        assert_value(select, 2, null);
        assert_value(select, 3, blob("", 0));
        assert_true(backend->column_is_null(select, 2));
        assert_int_equal(backend->step(select), OUTCOME_ROW);
        assert_value(select, 2, value_text("", 0));
        assert_value(select, 3, null);
        assert_int_equal(backend->step(select), OUTCOME_OK);
        assert_int_equal(backend->step(select), OUTCOME_OK);
        backend->finalize(select);
        must_run(connection, "UPDATE t SET v = 7 WHERE k > 0");
        assert_int_equal(backend->changes(connection), 2);
        must_run(connection, "SELECT * FROM t");
        assert_int_equal(backend->changes(connection), 0);
        disconnect(connection);
    }
}

/* What text and binary values must come to alike. */
static const struct {
    const char *sql;
    struct value value;
} typed[] = {
    {"true", {.kind = VALUE_INTEGER, .integer = 1}},
    {"false", {.kind = VALUE_INTEGER, .integer = 0}},
    {"(-5)::int2", {.kind = VALUE_INTEGER, .integer = -5}},
    {"(-70000)::int4", {.kind = VALUE_INTEGER, .integer = -70000}},
    {"4000000000::oid", {.kind = VALUE_INTEGER, .integer = 4000000000}},
    {"sum(n) FROM (VALUES (9223372036854775000), (700)) AS s(n)",
     {.kind = VALUE_INTEGER, .integer = 9223372036854775700}},
    {"0::numeric", {.kind = VALUE_INTEGER, .integer = 0}},
    {"(-12345678)::numeric", {.kind = VALUE_INTEGER, .integer = -12345678}},
    {"1.5::float8", {.kind = VALUE_REAL, .real = 1.5}},
    {"'-0.25'::float4", {.kind = VALUE_REAL, .real = -0.25}},
    {"'a'::varchar", {.kind = VALUE_TEXT, .text = {"a", 1}}},
    {"12300.04500::numeric", {.kind = VALUE_TEXT, .text = {"12300.04500", 11}}},
    {"(-0.00012)::numeric", {.kind = VALUE_TEXT, .text = {"-0.00012", 8}}},
    {"'NaN'::numeric", {.kind = VALUE_TEXT, .text = {"NaN", 3}}},
    {"10000000000000000000000::numeric",
     {.kind = VALUE_TEXT, .text = {"10000000000000000000000", 23}}},
};

static void test_types_are_the_same_in_text_and_in_binary(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        for (size_t j = 0; j < sizeof typed / sizeof typed[0]; j++) {
            char sql[128];
            (void)snprintf(sql, sizeof sql, "SELECT %s", typed[j].sql);
            struct backend_statement *statement = prepare(connection, sql);
            assert_int_equal(backend->step(statement), OUTCOME_ROW);
            assert_value(statement, 0, typed[j].value);
            backend->finalize(statement);
        }
        disconnect(connection);
    }
}

static void test_a_text_with_a_zero_is_refused(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("");
    struct backend_statement *statement = prepare(connection, "SELECT $1::text");
    const struct value zero = value_text("a\0b", 3);
    assert_int_equal(backend->bind(statement, 1, &zero), OUTCOME_CONSTRAINT);
    assert_string_equal(backend->error_state(connection), "22021");
    assert_int_equal(backend->bind(statement, 2, &zero), OUTCOME_SQL_ERROR);
    backend->finalize(statement);
    disconnect(connection);
}

/* --- statements ------------------------------------------------------------------------------- */

static void test_one_statement_beside_another(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        struct backend_statement *rows =
            prepare(connection, "SELECT n FROM generate_series(1, 300) AS s(n)");
        assert_int_equal(backend->step(rows), OUTCOME_ROW);
        assert_int_equal(number(connection, "SELECT 7"), 7);
        for (int n = 2; n <= 300; n++) {
            assert_int_equal(backend->step(rows), OUTCOME_ROW);
            assert_int_equal(backend->column_int64(rows, 0), n);
        }
        assert_int_equal(backend->step(rows), OUTCOME_OK);
        backend->reset(rows);
        assert_int_equal(backend->step(rows), OUTCOME_ROW); /* left in the middle */
        assert_int_equal(backend->disconnect(connection), OUTCOME_BUSY);
        backend->finalize(rows);
        assert_int_equal(number(connection, "SELECT 8"), 8);
        disconnect(connection);
    }
}

/* Names on the server are given up in time, whatever the transaction is in. */
static void test_finalized_statements_are_given_up(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("protocol=prepared");
    for (int i = 0; i < 100; i++) {
        must_run(connection, "BEGIN");
        must_run(connection, "SELECT 1");
        assert_fails(connection, "SELECT 1/0", OUTCOME_CONSTRAINT, "22012");
        assert_fails(connection, "SELECT 1", OUTCOME_ROLLED_BACK, "25P02");
        must_run(connection, "ROLLBACK");
    }
    assert_in_range(number(connection, "SELECT count(*) FROM pg_prepared_statements"), 0, 40);
    disconnect(connection);
}

static void test_changed_columns_ask_for_preparing_anew(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("protocol=prepared");
    remake_table(connection);
    must_run(connection, "INSERT INTO t(k) VALUES (1)");
    struct backend_statement *select = prepare(connection, "SELECT * FROM t");
    assert_int_equal(backend->column_count(select), 4);
    assert_int_equal(backend->step(select), OUTCOME_ROW);
    backend->reset(select);
    must_run(connection, "ALTER TABLE t ADD COLUMN c integer");
    assert_int_equal(backend->step(select), OUTCOME_SCHEMA);
    assert_string_equal(backend->error_state(connection), "0A000");
    backend->finalize(select);
    select = prepare(connection, "SELECT * FROM t");
    assert_int_equal(backend->column_count(select), 5);
    assert_int_equal(backend->step(select), OUTCOME_ROW);
    backend->finalize(select);
    disconnect(connection);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        remake_table(connection);
        must_run(connection, "INSERT INTO t(k) VALUES (1);");
        assert_fails(connection, " -- nothing\n ;", OUTCOME_SQL_ERROR, "42601");
        assert_fails(connection, "SELECT 1; SELECT ';'", OUTCOME_SQL_ERROR, "42601");
        assert_fails(connection, "SELECT nothing", OUTCOME_SQL_ERROR, "42703");
        assert_fails(connection, "SELECT * FROM nowhere", OUTCOME_SQL_ERROR, "42P01");
        assert_fails(connection, "INSERT INTO t(k) VALUES (1)", OUTCOME_CONSTRAINT, "23505");
        assert_fails(connection, "SELECT 1/0", OUTCOME_CONSTRAINT, "22012");
        assert_fails(connection, "COPY t FROM STDIN", OUTCOME_INTERRUPTED, "57014"); /* nothing */
        assert_fails(connection, "COPY t TO STDOUT (FORMAT binary)", OUTCOME_SQL_ERROR, "0A000");
        assert_fails(connection, "COPY nowhere FROM STDIN", OUTCOME_SQL_ERROR, "42P01");
        assert_fails(connection, "SAVEPOINT a", OUTCOME_SQL_ERROR, "25P01");
        must_run(connection, "SET default_transaction_read_only = on");
        assert_fails(connection, "DELETE FROM t", OUTCOME_READONLY, "25006");
        must_run(connection, "SET default_transaction_read_only = off");
        assert_int_equal(number(connection, "SELECT count(*) FROM t"), 1);
        disconnect(connection);
    }
}

static void test_bad_parameters_and_targets(void **state)
{
    (void)state;
    struct backend_connection *connection = NULL;
    struct backend_options options = {.target = fixture_target(), .parameters = "protocol=odd"};
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_SQL_ERROR);
    options = (struct backend_options){.target = "host=/nowhere dbname=x"};
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_CANNOT_OPEN);
    options = (struct backend_options){.target = fixture_target(), .setup = "SELECT 1; SELEKT 2"};
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_SQL_ERROR);
    assert_null(connection);
}

/* --- transactions ----------------------------------------------------------------------------- */

static void test_a_failed_transaction_is_open_until_its_end(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        remake_table(connection);
        assert_false(backend->in_transaction(connection));
        must_run(connection, "BEGIN");
        assert_true(backend->in_transaction(connection));
        must_run(connection, "INSERT INTO t(k) VALUES (1)");
        must_run(connection, "SAVEPOINT a");
        assert_fails(connection, "INSERT INTO t(k) VALUES (1)", OUTCOME_CONSTRAINT, "23505");
        assert_true(backend->in_transaction(connection));
        assert_fails(connection, "SELECT 1", OUTCOME_ROLLED_BACK, "25P02");
        must_run(connection, "ROLLBACK TO a");
        must_run(connection, "INSERT INTO t(k) VALUES (2)");
        must_run(connection, "COMMIT");
        assert_false(backend->in_transaction(connection));
        assert_int_equal(number(connection, "SELECT count(*) FROM t"), 2);
        must_run(connection, "BEGIN");
        must_run(connection, "DELETE FROM t");
        assert_fails(connection, "SELECT 1/0", OUTCOME_CONSTRAINT, "22012");
        assert_fails(connection, "COMMIT", OUTCOME_ROLLED_BACK, "25P02");
        assert_false(backend->in_transaction(connection));
        assert_int_equal(number(connection, "SELECT count(*) FROM t"), 2);
        disconnect(connection);
    }
}

static void test_who_is_in_the_way(void **state)
{
    (void)state;
    struct backend_connection *first = connect_with(""), *second = NULL;
    struct backend_options options = {.target = fixture_target(), .busy_timeout_ms = 1};
    assert_int_equal(backend->connect(&second, &options), OUTCOME_OK);
    remake_table(first);
    must_run(first, "INSERT INTO t(k, v) VALUES (1, 1)");
    must_run(first, "BEGIN");
    must_run(second, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    assert_int_equal(number(second, "SELECT v FROM t"), 1);
    must_run(first, "UPDATE t SET v = 2");
    must_run(second, "SAVEPOINT a");
    assert_fails(second, "UPDATE t SET v = 3", OUTCOME_BUSY, "55P03");
    must_run(second, "ROLLBACK TO a");
    must_run(first, "COMMIT");
    assert_fails(second, "UPDATE t SET v = 3", OUTCOME_BUSY_SNAPSHOT, "40001");
    must_run(second, "ROLLBACK");
    disconnect(first);
    disconnect(second);
}

/* --- several threads -------------------------------------------------------------------------- */

struct thread_run {
    struct backend_connection *connection;
    const char *sql;
    enum outcome outcome;
};

static void *run_in_thread(void *argument)
{
    struct thread_run *there = argument;
    there->outcome = run(there->connection, there->sql);
    return NULL;
}

static void sleep_ms(unsigned milliseconds)
{
    (void)usleep(milliseconds * 1000);
}

static void test_the_victim_of_a_deadlock(void **state)
{
    (void)state;
    struct backend_connection *first = connect_with(""), *second = connect_with("");
    remake_table(first);
    must_run(first, "INSERT INTO t(k, v) VALUES (1, 1), (2, 2)");
    must_run(first, "BEGIN");
    must_run(second, "BEGIN");
    must_run(first, "UPDATE t SET v = 3 WHERE k = 1");
    must_run(second, "UPDATE t SET v = 3 WHERE k = 2");
    struct thread_run other = {first, "UPDATE t SET v = 3 WHERE k = 2", OUTCOME_OTHER};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_in_thread, &other), 0);
    enum outcome outcome = run(second, "UPDATE t SET v = 3 WHERE k = 1");
    must_run(second, "ROLLBACK"); /* whichever of the two was chosen */
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(outcome == OUTCOME_DEADLOCK
                    ? other.outcome == OUTCOME_OK
                    : outcome == OUTCOME_OK && other.outcome == OUTCOME_DEADLOCK);
    disconnect(first);
    disconnect(second);
}

static void test_a_cancel_stops_what_runs(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        struct thread_run sleeper = {connection, "SELECT pg_sleep(60)", OUTCOME_OTHER};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, run_in_thread, &sleeper), 0);
        do { /* one that comes before the statement is prepared is forgotten */
            sleep_ms(20);
            backend->cancel(connection);
        } while (pthread_tryjoin_np(thread, NULL) != 0);
        assert_int_equal(sleeper.outcome, OUTCOME_INTERRUPTED);
        assert_string_equal(backend->error_state(connection), "57014");
        assert_int_equal(number(connection, "SELECT 1"), 1);
        disconnect(connection);
    }
}

static void test_a_cancel_before_the_first_step(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        backend->cancel(connection); /* meant for nobody */
        struct backend_statement *statement = prepare(connection, "SELECT 1");
        backend->cancel(connection);
        assert_int_equal(backend->step(statement), OUTCOME_INTERRUPTED);
        backend->reset(statement);
        assert_int_equal(backend->step(statement), OUTCOME_ROW);
        backend->cancel(connection); /* it has its answer */
        backend->finalize(statement);
        assert_int_equal(number(connection, "SELECT 2"), 2);
        disconnect(connection);
    }
}

struct canceller {
    struct backend_connection *connection;
    atomic_bool is_open, is_over;
};

static void *keep_cancelling(void *argument)
{
    struct canceller *canceller = argument;
    while (!atomic_load(&canceller->is_over))
        if (atomic_load(&canceller->is_open))
            backend->cancel(canceller->connection);
    return NULL;
}

/*
 * One statement after the other, every second one under fire. One more call of cancel may begin
 * after that, which hits one statement at most: what is sent next is not hit by it, however late.
 */
static void test_a_cancel_never_hits_a_later_statement(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("");
    struct canceller canceller = {.connection = connection};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, keep_cancelling, &canceller), 0);
    for (int i = 0; i < 150; i++) {
        atomic_store(&canceller.is_open, true);
        (void)run(connection, i % 2 == 0 ? "SELECT 1" : "SELECT pg_sleep(0.003)");
        atomic_store(&canceller.is_open, false);
        struct backend_statement *statement = prepare(connection, "SELECT pg_sleep(0.006)");
        enum outcome outcome = backend->step(statement);
        if (outcome == OUTCOME_INTERRUPTED) {
            backend->reset(statement);
            outcome = backend->step(statement);
        }
        assert_int_equal(outcome, OUTCOME_ROW);
        backend->finalize(statement);
    }
    atomic_store(&canceller.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    disconnect(connection);
}

/* --- the server goes away --------------------------------------------------------------------- */

static void kill_session(struct backend_connection *connection)
{
    char sql[96];
    struct backend_connection *killer = connect_with("");
    (void)snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%lld, 10000)",
                   (long long)number(connection, "SELECT pg_backend_pid()"));
    assert_int_equal(number(killer, sql), 1);
    disconnect(killer);
}

static void test_a_session_that_is_killed(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct backend_connection *connection = connect_with(all_parameters[i]);
        struct backend_statement *statement = prepare(connection, "SELECT 1");
        must_run(connection, "BEGIN");
        kill_session(connection);
        assert_int_equal(backend->step(statement), OUTCOME_DIED);
        assert_string_equal(backend->error_state(connection), "57P01");
        assert_false(backend->in_transaction(connection));
        backend->finalize(statement);
        assert_int_equal(run(connection, "SELECT 1"), OUTCOME_DIED);
        disconnect(connection);
    }
}

/* What was sent may have been done. */
static void test_a_commit_without_an_answer_is_in_doubt(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        enum outcome outcome;
    } last[] = {
        {"COMMIT", OUTCOME_IN_DOUBT},
        {"INSERT INTO t(k) VALUES (9)", OUTCOME_DIED}, /* it is undone with its transaction */
        {"ROLLBACK", OUTCOME_DIED},
    };
    for (size_t i = 0; i < sizeof last / sizeof last[0]; i++) {
        struct backend_connection *connection = connect_with("");
        remake_table(connection);
        must_run(connection, "BEGIN");
        must_run(connection, "INSERT INTO t(k) VALUES (1)");
        kill_session(connection);
        assert_int_equal(run(connection, last[i].sql), last[i].outcome);
        disconnect(connection);
        connection = connect_with("");
        kill_session(connection);
        assert_int_equal(run(connection, "INSERT INTO t(k) VALUES (1)"), OUTCOME_IN_DOUBT);
        disconnect(connection);
    }
}

/* --- what it tells ---------------------------------------------------------------------------- */

struct told {
    uint32_t effects;
    int count, commits;
    char modes[BACKEND_MODES_BYTES];
};

static void on_statement(void *context, const struct backend_told *statement)
{
    struct told *told = context;
    told->effects = statement->effects;
    told->count++;
    (void)snprintf(told->modes, sizeof told->modes, "%s",
                   statement->modes == NULL ? "-" : statement->modes);
}

static void on_commit_point(void *context)
{
    ((struct told *)context)->commits++;
}

static void test_what_it_tells_of_statements(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        uint32_t effects;
        int commits;
    } told[] = {
        {"SELECT count(*), max(coalesce(v, 0)) FROM t WHERE k IN (1, 2)", 0, 0},
        {"SELECT nextval('s')", BACKEND_WROTE | BACKEND_SET, 1},
        {"UPDATE t SET v = 1 WHERE k = 99", 0, 0},
        {"INSERT INTO t (k) VALUES (1), (2)", BACKEND_WROTE, 1},
        {"INSERT INTO t(k) VALUES (1)", 0, 0}, /* it fails */
        {"WITH a AS (DELETE FROM t WHERE k = 2 RETURNING k) SELECT k FROM a", BACKEND_WROTE, 1},
        {"BEGIN", BACKEND_MOVED_TRANSACTION, 0},
        {"UPDATE t SET v = 2", BACKEND_WROTE, 0},
        {"SAVEPOINT a", BACKEND_MOVED_TRANSACTION, 0},
        {"COMMIT", BACKEND_MOVED_TRANSACTION, 1},
        {"BEGIN", BACKEND_MOVED_TRANSACTION, 0},
        {"SELECT k FROM t", 0, 0},
        {"COMMIT", BACKEND_MOVED_TRANSACTION, 0},
        {"BEGIN", BACKEND_MOVED_TRANSACTION, 0},
        {"DELETE FROM t", BACKEND_WROTE, 0},
        {"ROLLBACK", BACKEND_MOVED_TRANSACTION, 0},
        {"SET work_mem = 100", BACKEND_SET, 0},
        {"CREATE INDEX i ON t(v)", BACKEND_WROTE, 1},
        {"VALUES (1)", 0, 0},
    };
    struct told seen = {.effects = 0};
    struct backend_connection *connection = connect_with("");
    remake_table(connection);
    must_run(connection, "DROP SEQUENCE IF EXISTS s");
    must_run(connection, "CREATE SEQUENCE s");
    disconnect(connection);
    struct backend_options options = {.target = fixture_target(),
                                      .setup = "SET synchronous_commit = off",
                                      .on_statement = on_statement,
                                      .on_commit_point = on_commit_point,
                                      .context = &seen};
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_OK);
    assert_string_equal(seen.modes, "synchronous_commit=off");
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        seen = (struct told){.effects = 0};
        (void)run(connection, told[i].sql);
        if (seen.count != 1 || seen.effects != told[i].effects || seen.commits != told[i].commits)
            fail_msg("%s: told %d times, effects %u, %d commits", told[i].sql, seen.count,
                     seen.effects, seen.commits);
        assert_string_equal(seen.modes, "-");
    }
    must_run(connection, "SET synchronous_commit = local");
    assert_string_equal(seen.modes, "synchronous_commit=local");
    disconnect(connection);
}

static void test_a_changed_session_says_so(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("");
    assert_string_equal(backend->session_change(connection), "");
    must_run(connection, "SET TimeZone = 'UTC+3'");
    assert_string_equal(backend->session_change(connection), "TimeZone");
    must_run(connection, "RESET ALL");
    assert_string_equal(backend->session_change(connection), "");
    kill_session(connection);
    (void)run(connection, "SELECT 1");
    assert_null(backend->session_change(connection));
    disconnect(connection);
}

static void test_notices_do_not_reach_standard_error(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("");
    int ends[2], kept = dup(2);
    char byte;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[1], 2), 2);
    enum outcome outcome = run(connection, "DO $$ BEGIN RAISE NOTICE 'hear me'; END $$");
    assert_int_equal(dup2(kept, 2), 2);
    (void)close(kept);
    (void)close(ends[1]);
    assert_int_equal(outcome, OUTCOME_OK);
    assert_int_equal(read(ends[0], &byte, 1), 0);
    (void)close(ends[0]);
    disconnect(connection);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_goes_in_comes_out),
        cmocka_unit_test(test_types_are_the_same_in_text_and_in_binary),
        cmocka_unit_test(test_a_text_with_a_zero_is_refused),
        cmocka_unit_test(test_one_statement_beside_another),
        cmocka_unit_test(test_finalized_statements_are_given_up),
        cmocka_unit_test(test_changed_columns_ask_for_preparing_anew),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_bad_parameters_and_targets),
        cmocka_unit_test(test_a_failed_transaction_is_open_until_its_end),
        cmocka_unit_test(test_who_is_in_the_way),
        cmocka_unit_test(test_the_victim_of_a_deadlock),
        cmocka_unit_test(test_a_cancel_stops_what_runs),
        cmocka_unit_test(test_a_cancel_before_the_first_step),
        cmocka_unit_test(test_a_cancel_never_hits_a_later_statement),
        cmocka_unit_test(test_a_session_that_is_killed),
        cmocka_unit_test(test_a_commit_without_an_answer_is_in_doubt),
        cmocka_unit_test(test_what_it_tells_of_statements),
        cmocka_unit_test(test_a_changed_session_says_so),
        cmocka_unit_test(test_notices_do_not_reach_standard_error),
    };
    return fixture_run(tests, sizeof tests / sizeof tests[0]);
}
