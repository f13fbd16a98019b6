/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool on PostgreSQL, with real threads and a real server: readers cannot write, writers do not
 * take turns, what a failed transaction comes to is told, nothing is open when a connection comes
 * back, and money that several writers move is always all there: with conflicts, deadlocks, cancels
 * and sessions that are killed meanwhile, what was acknowledged is there and what was not is not.
 */
#include "pool_fixture.h"
#include "postgres_fixture.h"

#include "postgres/postgres_backend.h"

#include <interplay/pool.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct pool *open_pool(const char *parameters, const char *setup, uint32_t readers,
                              uint32_t writers)
{
    struct pool_options options =
        interplay_pool_defaults(&interplay_backend_postgres, fixture_target());
    struct pool *pool = NULL;
    struct pool_error error = {.message = ""};
    options.readers = readers;
    options.writers = writers;
    options.connection.setup = setup;
    (void)snprintf(options.connection.parameters, sizeof options.connection.parameters, "%s",
                   parameters);
    if (interplay_pool_open(&pool, &options, &error) != OUTCOME_OK)
        fail_msg("%s", error.message);
    return pool;
}

static void must(struct writer *writer, const char *sql)
{
    struct pool_error error = {.message = ""};
    if (interplay_writer_execute_sql(writer, sql, NULL, 0, no_rows, NULL, &error) != OUTCOME_OK)
        fail_msg("%s: %s", sql, error.message);
}

static int64_t ask(struct reader *reader, const char *sql)
{
    int64_t number = -1;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &number};
    struct pool_error error = {.message = ""};
    if (interplay_reader_query_sql(reader, sql, NULL, 0, keep, &error) != OUTCOME_OK)
        fail_msg("%s: %s", sql, error.message);
    return number;
}

static const char *const all_parameters[] = {"", "protocol=prepared values=binary",
                                             "protocol=simple rows=all"};
enum { PARAMETERS = sizeof all_parameters / sizeof all_parameters[0] };

static void remake(struct pool *pool)
{
    struct writer *writer = fixture_writer(pool);
    must(writer, "DROP TABLE IF EXISTS t, done");
    must(writer, "DROP SEQUENCE IF EXISTS s");
    must(writer, "CREATE TABLE t(k integer PRIMARY KEY, v bigint NOT NULL)");
    must(writer, "CREATE TABLE done(n bigint)");
    must(writer, "CREATE SEQUENCE s");
    must(writer, "INSERT INTO t SELECT n, 100 FROM generate_series(0, 7) AS g(n)");
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
}

/* --- one thread ------------------------------------------------------------------------------- */

static void test_readers_cannot_write(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct pool *pool = open_pool(all_parameters[i], NULL, 1, 1);
        remake(pool);
        struct reader *reader = fixture_reader(pool);
        struct pool_error error;
        assert_int_equal(
            interplay_reader_query_sql(reader, "DELETE FROM t", NULL, 0, no_rows, &error),
            OUTCOME_READONLY);
        /* Its text does not tell: the server does. */
        assert_int_equal(
            interplay_reader_query_sql(reader, "SELECT nextval('s')", NULL, 0, no_rows, &error),
            OUTCOME_READONLY);
        assert_int_equal(ask(reader, "SELECT sum(v) FROM t"), 800);
        assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
        fixture_close(pool);
    }
}

static void test_writers_do_not_take_turns(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct pool *pool = open_pool(all_parameters[i], NULL, 1, 2);
        remake(pool);
        struct writer *writers[] = {fixture_writer(pool), fixture_writer(pool)};
        struct write_txn *txns[] = {fixture_begin(writers[0]), fixture_begin(writers[1])};
        for (int64_t j = 0; j < 2; j++) {
            const struct value parameters[] = {value_integer(j), value_integer(j + 1)};
            assert_int_equal(
                interplay_write_txn_execute(txns[j], &update_row, parameters, no_rows, NULL, NULL),
                OUTCOME_OK);
        }
        for (int j = 0; j < 2; j++) {
            assert_int_equal(interplay_write_txn_commit(txns[j], NULL), OUTCOME_OK);
            assert_int_equal(interplay_writer_return(writers[j]), OUTCOME_OK);
        }
        assert_int_equal(fixture_sum(pool), 803);
        fixture_close(pool);
    }
}

static void test_a_failed_transaction_is_told_at_its_commit(void **state)
{
    (void)state;
    for (int i = 0; i < PARAMETERS; i++) {
        struct pool *pool = open_pool(all_parameters[i], NULL, 1, 1);
        remake(pool);
        struct writer *writer = fixture_writer(pool);
        struct write_txn *txn = fixture_begin(writer);
        assert_int_equal(fixture_txn_insert(txn, 9, 5), OUTCOME_OK);
        assert_int_equal(fixture_txn_insert(txn, 9, 5), OUTCOME_CONSTRAINT);
        assert_int_equal(fixture_txn_insert(txn, 10, 5), OUTCOME_ROLLED_BACK);
        assert_true(interplay_writer_in_transaction(writer));
        assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_ROLLED_BACK);
        assert_false(interplay_writer_in_transaction(writer));
        txn = fixture_begin(writer); /* it goes on with the same connection */
        assert_int_equal(fixture_txn_insert(txn, 11, 7), OUTCOME_OK);
        assert_int_equal(fixture_txn_insert(txn, 11, 7), OUTCOME_CONSTRAINT);
        assert_int_equal(interplay_writer_return(writer), OUTCOME_OK); /* left open */
        assert_int_equal(fixture_view(pool).replaced, 0);
        struct reader *reader = fixture_reader(pool);
        assert_int_equal(ask(reader, "SELECT count(*) FROM pg_stat_activity WHERE datname = "
                                     "current_database() AND state LIKE 'idle in transaction%'"),
                         0);
        assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
        assert_int_equal(fixture_sum(pool), 800);
        fixture_close(pool);
    }
}

static void test_statements_survive_another_schema(void **state)
{
    (void)state;
    static const struct read_statement everything = {
        {.sql = "SELECT * FROM t WHERE k = ?1", .parameter_count = 1, .column_count = 2}};
    const struct value key = value_integer(1);
    struct pool *pool = open_pool("protocol=prepared", NULL, 1, 1);
    remake(pool);
    struct reader *reader = fixture_reader(pool);
    for (int i = 0; i < 2; i++) {
        int64_t got = -1;
        const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &got};
        assert_int_equal(interplay_reader_query(reader, &everything, &key, keep, NULL), OUTCOME_OK);
        assert_int_equal(got, 1);
        struct writer *writer = fixture_writer(pool);
        must(writer, "ALTER TABLE t DROP COLUMN v");
        must(writer,
             i == 0 ? "ALTER TABLE t ADD COLUMN v text" : "ALTER TABLE t ADD COLUMN v bool");
        assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    }
    /* In a transaction that is what its end is told of. */
    struct read_txn *txn;
    assert_int_equal(interplay_reader_begin(reader, &txn, NULL), OUTCOME_OK);
    assert_int_equal(interplay_read_txn_query(txn, &everything, &key, no_rows, NULL),
                     OUTCOME_SCHEMA);
    (void)interplay_read_txn_end(txn);
    assert_int_equal(interplay_reader_query(reader, &everything, &key, no_rows, NULL), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    fixture_close(pool);
}

/* A failed commit whose reason the database said is certain, and its connection is kept. */
static void test_a_commit_that_fails_for_a_reason_is_not_in_doubt(void **state)
{
    (void)state;
    static const char setup[] = "SET default_transaction_isolation = 'serializable'";
    struct pool *pool = open_pool("", setup, 0, 2);
    remake(pool);
    struct writer *writers[] = {fixture_writer(pool), fixture_writer(pool)};
    struct write_txn *txns[] = {fixture_begin(writers[0]), fixture_begin(writers[1])};
    for (int64_t i = 0; i < 2; i++) {
        const struct value parameters[] = {value_integer(i), value_integer(1)};
        assert_int_equal(interplay_write_txn_query(txns[i], &select_sum, NULL, no_rows, NULL),
                         OUTCOME_OK);
        assert_int_equal(
            interplay_write_txn_execute(txns[i], &update_row, parameters, no_rows, NULL, NULL),
            OUTCOME_OK);
    }
    assert_int_equal(interplay_write_txn_commit(txns[0], NULL), OUTCOME_OK);
    assert_int_equal(interplay_write_txn_commit(txns[1], NULL), OUTCOME_BUSY_SNAPSHOT);
    for (int i = 0; i < 2; i++)
        assert_int_equal(interplay_writer_return(writers[i]), OUTCOME_OK);
    assert_int_equal(fixture_view(pool).replaced, 0);
    fixture_close(pool);
}

static void kill_sessions(struct pool *killers)
{
    struct reader *reader = fixture_reader(killers);
    (void)ask(reader, "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE "
                      "datname = current_database() AND application_name = 'victim'");
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
}

static void test_connections_of_killed_sessions_are_replaced(void **state)
{
    (void)state;
    struct pool *killers = open_pool("", NULL, 1, 0);
    struct pool *pool = open_pool("", "SET application_name = 'victim'", 1, 1);
    remake(pool);
    struct writer *writer = fixture_writer(pool);
    struct write_txn *txn = fixture_begin(writer);
    assert_int_equal(fixture_txn_insert(txn, 9, 5), OUTCOME_OK);
    kill_sessions(killers);
    assert_int_equal(interplay_write_txn_commit(txn, NULL), OUTCOME_IN_DOUBT);
    (void)interplay_writer_return(writer);
    writer = fixture_writer(pool);
    kill_sessions(killers);
    assert_int_equal(fixture_insert(writer, 9, 5), OUTCOME_IN_DOUBT);
    (void)interplay_writer_return(writer);
    struct reader *reader = fixture_reader(pool);
    kill_sessions(killers);
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, no_rows, NULL),
                     OUTCOME_DIED);
    (void)interplay_reader_return(reader);
    assert_int_equal(fixture_view(pool).replaced, 3);
    assert_int_equal(fixture_sum(pool), 800);
    fixture_close(pool);
    fixture_close(killers);
}

/* --- actors ----------------------------------------------------------------------------------- */

static void test_a_cancelled_request_harms_nobody(void **state)
{
    (void)state;
    struct pool_options options =
        interplay_pool_defaults(&interplay_backend_postgres, fixture_target());
    struct actor_pool *pool;
    const struct request_options usual = {0};
    options.readers = 1;
    assert_int_equal(interplay_actors_open(&pool, &options, NULL), OUTCOME_OK);
    for (unsigned i = 0; i < 40; i++) {
        struct request *slow, *next;
        assert_int_equal(
            interplay_actors_query_sql(pool, "SELECT pg_sleep(20)", NULL, 0, &usual, &slow, NULL),
            OUTCOME_OK);
        assert_int_equal(interplay_actors_query_sql(pool, "SELECT 5", NULL, 0, &usual, &next, NULL),
                         OUTCOME_OK);
        (void)usleep(i * 50);
        interplay_request_cancel(slow);
        assert_int_equal(interplay_request_wait(slow, POOL_NO_TIMEOUT, NULL), OUTCOME_INTERRUPTED);
        assert_int_equal(interplay_request_wait(next, POOL_NO_TIMEOUT, NULL), OUTCOME_OK);
        assert_int_equal(interplay_request_row(next, 0, NULL)->integer, 5);
        interplay_request_drop(slow);
        interplay_request_drop(next);
    }
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, 1000), OUTCOME_OK);
    interplay_actors_free(pool);
}

static void test_a_stream_that_is_dropped_in_the_middle(void **state)
{
    (void)state;
    static const struct read_statement many = {
        {.sql = "SELECT n FROM generate_series(1, 100000) AS g(n)", .column_count = 1}};
    struct pool_options options =
        interplay_pool_defaults(&interplay_backend_postgres, fixture_target());
    struct actor_pool *pool;
    const struct request_options usual = {0};
    options.readers = 1;
    assert_int_equal(interplay_actors_open(&pool, &options, NULL), OUTCOME_OK);
    for (int i = 0; i < 20; i++) {
        struct stream *stream;
        const struct value *row;
        uint32_t columns;
        assert_int_equal(interplay_actors_stream(pool, &many, NULL, &usual, &stream, NULL),
                         OUTCOME_OK);
        for (int64_t n = 1; n <= 1 + i % 3; n++) {
            assert_int_equal(interplay_stream_next(stream, POOL_NO_TIMEOUT, &row, &columns, NULL),
                             OUTCOME_ROW);
            assert_int_equal(row[0].integer, n);
        }
        interplay_stream_drop(stream);
    }
    assert_int_equal(interplay_actors_close(pool, POOL_CLOSE_WAIT, 5000), OUTCOME_OK);
    interplay_actors_free(pool);
}

/* --- several threads -------------------------------------------------------------------------- */

enum { WORKERS = 4, MOVES = 60, ACCOUNTS = 8, TOTAL = 800 };

struct worker {
    struct pool *pool;
    uint32_t random;
    int64_t number;                /* of the next row of `done` */
    int done, in_doubt, conflicts; /* moves */
    char failure[600];
    pthread_mutex_t mutex; /* of what follows */
    struct writer *writer; /* to be cancelled */
};

static uint32_t draw(struct worker *worker, uint32_t below)
{
    worker->random = worker->random * 1664525u + 1013904223u;
    return (worker->random >> 16) % below;
}

static void note(struct worker *worker, const char *what, const struct pool_error *error)
{
    if (worker->failure[0] == '\0')
        (void)snprintf(worker->failure, sizeof worker->failure, "%s: %s: %s", what,
                       interplay_outcome_names[error->outcome], error->message);
}

/* Whether it must be counted as done; what a move cannot come to is noted. */
static void take_outcome(struct worker *worker, const char *what, const struct pool_error *error,
                         bool may_die)
{
    enum outcome outcome = error->outcome;
    bool is_conflict = outcome == OUTCOME_BUSY_SNAPSHOT || outcome == OUTCOME_DEADLOCK ||
                       outcome == OUTCOME_INTERRUPTED ||
                       outcome == OUTCOME_ROLLED_BACK; /* after one of the others */
    bool is_lost = outcome == OUTCOME_IN_DOUBT || outcome == OUTCOME_DIED;
    worker->conflicts += is_conflict;
    worker->in_doubt += outcome == OUTCOME_IN_DOUBT;
    if (!is_conflict && !(is_lost && may_die))
        note(worker, what, error);
}

static atomic_bool sessions_die;

static enum outcome move_half(struct worker *worker, struct write_txn *txn, int64_t amount,
                              struct pool_error *error)
{
    const struct value parameters[] = {value_integer(draw(worker, ACCOUNTS)),
                                       value_integer(amount)};
    return interplay_write_txn_execute(txn, &update_row, parameters, no_rows, NULL, error);
}

static const struct write_statement note_done = {
    {.sql = "INSERT INTO done VALUES (?1)", .parameter_count = 1}};

/* The commit's outcome, or the first failure's. */
static enum outcome move(struct worker *worker, struct writer *writer, struct pool_error *error)
{
    struct write_txn *txn;
    const struct value number = value_integer(worker->number);
    enum outcome outcome = interplay_writer_begin(writer, &txn, error);
    if (outcome != OUTCOME_OK)
        return outcome;
    outcome = move_half(worker, txn, -3, error);
    if (outcome == OUTCOME_OK)
        outcome = interplay_write_txn_execute(txn, &note_done, &number, no_rows, NULL, error);
    if (outcome == OUTCOME_OK)
        outcome = move_half(worker, txn, 3, error);
    return outcome == OUTCOME_OK ? interplay_write_txn_commit(txn, error) : outcome;
}

static void publish(struct worker *worker, struct writer *writer)
{
    (void)pthread_mutex_lock(&worker->mutex);
    worker->writer = writer;
    (void)pthread_mutex_unlock(&worker->mutex);
}

static void move_once(struct worker *worker)
{
    struct writer *writer;
    struct pool_error error = {.message = ""};
    bool may_die = atomic_load(&sessions_die);
    if (interplay_pool_writer(worker->pool, POOL_NO_TIMEOUT, &writer, &error) != OUTCOME_OK) {
        note(worker, "writer", &error);
        return;
    }
    publish(worker, writer);
    enum outcome outcome = move(worker, writer, &error);
    publish(worker, NULL);
    if (outcome == OUTCOME_OK)
        worker->done++;
    else
        take_outcome(worker, "move", &error, may_die);
    worker->number += outcome == OUTCOME_OK || outcome == OUTCOME_IN_DOUBT;
    (void)interplay_writer_return(writer); /* says whether a rollback failed: not of interest */
}

/* Whatever others do, all the money is there. */
static void look_once(struct worker *worker)
{
    struct reader *reader;
    struct pool_error error = {.message = ""};
    int64_t sum = TOTAL;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
    bool may_die = atomic_load(&sessions_die);
    if (interplay_pool_reader(worker->pool, POOL_NO_TIMEOUT, &reader, &error) != OUTCOME_OK) {
        note(worker, "reader", &error);
        return;
    }
    if (interplay_reader_query(reader, &select_sum, NULL, keep, &error) != OUTCOME_OK)
        take_outcome(worker, "look", &error, may_die);
    else if (sum != TOTAL && worker->failure[0] == '\0')
        (void)snprintf(worker->failure, sizeof worker->failure, "the sum is %lld", (long long)sum);
    (void)interplay_reader_return(reader);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < MOVES && worker->failure[0] == '\0'; i++)
        (draw(worker, 3) == 0 ? look_once : move_once)(worker);
    return NULL;
}

struct pest {
    struct worker *workers;
    struct pool *killers; /* NULL: it only cancels */
    atomic_bool is_over;
};

static void *pester(void *argument)
{
    struct pest *pest = argument;
    for (unsigned i = 0; !atomic_load(&pest->is_over); i++) {
        struct worker *worker = &pest->workers[i % WORKERS];
        (void)pthread_mutex_lock(&worker->mutex);
        if (worker->writer != NULL)
            interplay_writer_cancel(worker->writer);
        (void)pthread_mutex_unlock(&worker->mutex);
        (void)usleep(1000);
        if (pest->killers != NULL && i % 16 == 15)
            kill_sessions(pest->killers);
    }
    return NULL;
}

static void check(struct pool *pool, const struct worker *workers)
{
    int64_t done = 0, in_doubt = 0;
    for (int i = 0; i < WORKERS; i++) {
        if (workers[i].failure[0] != '\0')
            fail_msg("%s", workers[i].failure);
        done += workers[i].done;
        in_doubt += workers[i].in_doubt;
    }
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(ask(reader, "SELECT sum(v) FROM t"), TOTAL);
    assert_in_range(ask(reader, "SELECT count(*) FROM done"), done, done + in_doubt);
    assert_int_equal(ask(reader, "SELECT count(*) - count(DISTINCT n) FROM done"), 0);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    assert_true(done > 0);
}

static void move_money(const char *parameters, const char *setup, bool kills)
{
    struct worker workers[WORKERS];
    pthread_t threads[WORKERS], pester_thread;
    struct pest pest = {.workers = workers, .killers = kills ? open_pool("", NULL, 1, 0) : NULL};
    struct pool *pool = open_pool(parameters, setup, 2, WORKERS);
    remake(pool);
    atomic_store(&sessions_die, kills);
    for (uint32_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.pool = pool, .random = i, .number = 1000 * (int64_t)i};
        assert_int_equal(pthread_mutex_init(&workers[i].mutex, NULL), 0);
    }
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    assert_int_equal(pthread_create(&pester_thread, NULL, pester, &pest), 0);
    for (int i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    atomic_store(&pest.is_over, true);
    assert_int_equal(pthread_join(pester_thread, NULL), 0);
    fixture_close(pool); /* what it says of nobody must be heard before it is looked at */
    pool = open_pool("", NULL, 1, 0);
    check(pool, workers);
    for (int i = 0; i < WORKERS; i++)
        (void)pthread_mutex_destroy(&workers[i].mutex);
    fixture_close(pool);
    if (kills)
        fixture_close(pest.killers);
}

static void test_no_money_is_lost(void **state)
{
    (void)state;
    move_money("protocol=prepared", "SET default_transaction_isolation = 'read committed'", false);
    move_money("", "SET default_transaction_isolation = 'repeatable read'", false);
    move_money("protocol=simple", "SET default_transaction_isolation = 'serializable'", false);
}

static void test_no_money_is_lost_with_sessions_that_are_killed(void **state)
{
    (void)state;
    move_money("protocol=prepared",
               "SET application_name = 'victim';"
               "SET default_transaction_isolation = 'repeatable read'",
               true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readers_cannot_write),
        cmocka_unit_test(test_writers_do_not_take_turns),
        cmocka_unit_test(test_a_failed_transaction_is_told_at_its_commit),
        cmocka_unit_test(test_statements_survive_another_schema),
        cmocka_unit_test(test_a_commit_that_fails_for_a_reason_is_not_in_doubt),
        cmocka_unit_test(test_connections_of_killed_sessions_are_replaced),
        cmocka_unit_test(test_a_cancelled_request_harms_nobody),
        cmocka_unit_test(test_a_stream_that_is_dropped_in_the_middle),
        cmocka_unit_test(test_no_money_is_lost),
        cmocka_unit_test(test_no_money_is_lost_with_sessions_that_are_killed),
    };
    return fixture_run(tests, sizeof tests / sizeof tests[0]);
}
