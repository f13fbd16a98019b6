/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many threads on one synchronous pool: reads, writes, transactions, interruptions, drops, timeouts
 * and closing, all at once. A pool's own connections never meet busy, what was acknowledged is
 * there and nothing else is, and nothing is left over. To be run under ThreadSanitizer, too.
 *
 * The sum over t is the same at every moment: money is only moved. The table `log` has one row for
 * each acknowledged statement.
 */
#include "pool_fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { WORKERS = 10, OPERATIONS = 300, ACCOUNTS = 16, EACH = 100, TOTAL = ACCOUNTS * EACH };

static const struct write_statement log_row = {
    {.sql = "INSERT INTO log VALUES (?1)", .parameter_count = 1, .parameters = {VALUE_INTEGER}}};
/* Long enough to be hit by an interruption now and then. */
static const struct read_statement slow_sum = {
    {.sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " SELECT (SELECT sum(v) FROM t) + 0 * count(*) FROM n",
     .column_count = 1,
     .columns = {VALUE_INTEGER}}};

struct worker {
    struct pool *pool;
    uint64_t random;
    uint32_t operations; /* UINT32_MAX: until the pool is closed */
    int64_t acknowledged;
    uint64_t interruptions;
    bool is_closed;
    char failure[320]; /* the first one; empty: none */
    /* What the interrupting thread may reach: the lease, while it is out. */
    pthread_mutex_t mutex;
    struct reader *reader;
    struct writer *writer;
};

static uint32_t draw(struct worker *worker, uint32_t bound)
{
    worker->random = worker->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(worker->random >> 33) % bound;
}

/* Notes what must not be; true when the call has done its work. */
static bool is_done(struct worker *worker, const char *what, enum outcome outcome,
                    const struct pool_error *error)
{
    switch (outcome) {
    case OUTCOME_OK:
        return true;
    case OUTCOME_INTERRUPTED:
        worker->interruptions++;
        return false;
    case OUTCOME_CLOSED:
        worker->is_closed = true;
        return false;
    case OUTCOME_TIMEOUT:
    case OUTCOME_ROLLED_BACK: /* after an interruption */
        return false;
    case OUTCOME_ROW:
    case OUTCOME_BUSY:
    case OUTCOME_BUSY_SNAPSHOT:
    case OUTCOME_LOCKED:
    case OUTCOME_CONSTRAINT:
    case OUTCOME_IO_ERROR:
    case OUTCOME_FULL:
    case OUTCOME_NO_MEMORY:
    case OUTCOME_CANNOT_OPEN:
    case OUTCOME_PROTOCOL:
    case OUTCOME_SCHEMA:
    case OUTCOME_SQL_ERROR:
    case OUTCOME_CORRUPT:
    case OUTCOME_READONLY:
    case OUTCOME_MISUSE:
    case OUTCOME_DIED:
    case OUTCOME_IN_DOUBT:
    case OUTCOME_OTHER:
    case OUTCOME_DEADLOCK:
    case OUTCOME_COUNT:
        break;
    }
    if (worker->failure[0] == '\0')
        (void)snprintf(worker->failure, sizeof worker->failure, "%s: outcome %d: %s", what,
                       (int)outcome, error->message);
    return false;
}

static void check_sum(struct worker *worker, int64_t sum)
{
    if (sum != TOTAL && worker->failure[0] == '\0')
        (void)snprintf(worker->failure, sizeof worker->failure, "the sum is %lld", (long long)sum);
}

static void publish(struct worker *worker, struct reader *reader, struct writer *writer)
{
    (void)pthread_mutex_lock(&worker->mutex);
    worker->reader = reader;
    worker->writer = writer;
    (void)pthread_mutex_unlock(&worker->mutex);
}

static uint32_t draw_timeout(struct worker *worker)
{
    static const uint32_t timeouts_ms[] = {0, 1, 20, POOL_DEFAULT_TIMEOUT, POOL_NO_TIMEOUT};
    return timeouts_ms[draw(worker, sizeof timeouts_ms / sizeof timeouts_ms[0])];
}

/* --- what readers do ------------------------------------------------------------------------- */

static void read_once(struct worker *worker, struct reader *reader)
{
    int64_t sum = -1;
    struct pool_error error;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
    const struct read_statement *statement = draw(worker, 3) == 0 ? &slow_sum : &select_sum;
    if (is_done(worker, "query", interplay_reader_query(reader, statement, NULL, keep, &error),
                &error))
        check_sum(worker, sum);
}

static void read_twice(struct worker *worker, struct reader *reader)
{
    struct read_txn *txn;
    struct pool_error error;
    if (!is_done(worker, "begin read", interplay_reader_begin(reader, &txn, &error), &error))
        return;
    for (int i = 0; i < 2; i++) {
        int64_t sum = -1;
        const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
        if (is_done(worker, "query in transaction",
                    interplay_read_txn_query(txn, &select_sum, NULL, keep, &error), &error))
            check_sum(worker, sum);
    }
    if (draw(worker, 2) == 0)
        (void)interplay_read_txn_end(txn); /* else the return ends it */
}

struct dropping {
    struct reader *reader;
    bool is_dropped; /* not, if the statement ends before its first row */
};

static bool drop_own_lease(void *context, const struct value *columns, uint32_t count)
{
    (void)columns;
    (void)count;
    struct dropping *dropping = context;
    dropping->is_dropped = true;
    interplay_reader_drop(dropping->reader);
    return true;
}

static void drop_while_reading(struct worker *worker, struct reader *reader)
{
    struct dropping dropping = {.reader = reader};
    const struct row_sink drop = {.on_row = drop_own_lease, .context = &dropping};
    struct pool_error error;
    (void)is_done(worker, "dropped query",
                  interplay_reader_query(reader, &slow_sum, NULL, drop, &error), &error);
    if (!dropping.is_dropped)
        interplay_reader_drop(reader);
}

static void use_reader(struct worker *worker)
{
    struct reader *reader;
    struct pool_error error;
    if (!is_done(worker, "reader",
                 interplay_pool_reader(worker->pool, draw_timeout(worker), &reader, &error),
                 &error))
        return;
    if (draw(worker, 8) == 0) {
        drop_while_reading(worker, reader);
        return;
    }
    publish(worker, reader, NULL);
    if (draw(worker, 2) == 0)
        read_once(worker, reader);
    else
        read_twice(worker, reader);
    publish(worker, NULL, NULL);
    (void)is_done(worker, "return reader", interplay_reader_return(reader), &error);
}

/* --- what writers do ------------------------------------------------------------------------- */

static void write_log(struct worker *worker, struct writer *writer)
{
    struct pool_error error;
    const struct value number = value_integer(draw(worker, 1000));
    int64_t changes = -1;
    enum outcome outcome =
        interplay_writer_execute(writer, &log_row, &number, no_rows, &changes, &error);
    worker->acknowledged += is_done(worker, "execute", outcome, &error);
}

static void move_in_batch(struct worker *worker, struct writer *writer)
{
    struct pool_error error;
    const struct value out[] = {value_integer(draw(worker, ACCOUNTS)), value_integer(-7)};
    const struct value in[] = {value_integer(draw(worker, ACCOUNTS)), value_integer(7)};
    const struct value number = value_integer(1);
    const struct batch_item items[] = {{&update_row, out}, {&log_row, &number}, {&update_row, in}};
    enum outcome outcome = interplay_writer_execute_batch(writer, items, 3, NULL, &error);
    worker->acknowledged += is_done(worker, "batch", outcome, &error);
}

static bool move_half(struct worker *worker, struct write_txn *txn, int64_t amount)
{
    struct pool_error error;
    const struct value parameters[] = {value_integer(draw(worker, ACCOUNTS)),
                                       value_integer(amount)};
    return is_done(worker, "execute in transaction",
                   interplay_write_txn_execute(txn, &update_row, parameters, no_rows, NULL, &error),
                   &error);
}

static void move_in_transaction(struct worker *worker, struct writer *writer)
{
    struct write_txn *txn;
    struct pool_error error;
    if (!is_done(worker, "begin write", interplay_writer_begin(writer, &txn, &error), &error))
        return;
    if (!move_half(worker, txn, -3))
        return; /* the return of the writer rolls back */
    int64_t sum = -1;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
    if (is_done(worker, "query in write",
                interplay_write_txn_query(txn, &select_sum, NULL, keep, &error), &error))
        check_sum(worker, sum + 3);
    if (!move_half(worker, txn, 3) || draw(worker, 4) == 0)
        return;
    if (draw(worker, 4) == 0)
        (void)interplay_write_txn_rollback(txn, NULL);
    else
        (void)is_done(worker, "commit", interplay_write_txn_commit(txn, &error), &error);
}

static void use_writer(struct worker *worker)
{
    struct writer *writer;
    struct pool_error error = {.message = ""};
    if (!is_done(worker, "writer",
                 interplay_pool_writer(worker->pool, draw_timeout(worker), &writer, &error),
                 &error))
        return;
    publish(worker, NULL, writer);
    uint32_t kind = draw(worker, 3);
    if (kind == 0)
        write_log(worker, writer);
    else if (kind == 1)
        move_in_batch(worker, writer);
    else
        move_in_transaction(worker, writer);
    publish(worker, NULL, NULL);
    if (draw(worker, 4) == 0)
        interplay_writer_drop(writer);
    else
        (void)is_done(worker, "return writer", interplay_writer_return(writer), &error);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (uint32_t i = 0; i < worker->operations && !worker->is_closed; i++) {
        if (draw(worker, 2) == 0)
            use_reader(worker);
        else
            use_writer(worker);
    }
    return NULL;
}

/* --- interrupting ---------------------------------------------------------------------------- */

struct interrupter {
    struct worker *workers;
    atomic_bool is_over;
};

static void interrupt_one(struct worker *worker)
{
    (void)pthread_mutex_lock(&worker->mutex);
    if (worker->reader != NULL)
        interplay_reader_cancel(worker->reader);
    if (worker->writer != NULL)
        interplay_writer_cancel(worker->writer);
    (void)pthread_mutex_unlock(&worker->mutex);
}

static void *interrupt(void *argument)
{
    struct interrupter *interrupter = argument;
    for (uint32_t i = 0; !atomic_load(&interrupter->is_over); i++) {
        interrupt_one(&interrupter->workers[i % WORKERS]);
        struct pool_view view;
        interplay_pool_inspect(interrupter->workers[0].pool, &view);
        (void)nanosleep(&(struct timespec){.tv_nsec = 300000}, NULL);
    }
    return NULL;
}

/* --- the whole ------------------------------------------------------------------------------- */

static struct pool *open_bank(struct fixture *fixture)
{
    struct pool_options options = fixture_options(fixture, &interplay_backend_sqlite, 3, 2);
    options.busy_retries = 0;
    options.statement_cache = 4;
    options.connection.setup = "PRAGMA synchronous=off";
    struct pool *pool = fixture_open_with(&options);
    struct writer *writer = fixture_writer(pool);
    assert_int_equal(fixture_execute(writer, "CREATE TABLE log(number)"), OUTCOME_OK);
    for (int64_t i = 0; i < ACCOUNTS; i++)
        assert_int_equal(fixture_insert(writer, i, EACH), OUTCOME_OK);
    assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    return pool;
}

static void start_workers(struct worker *workers, pthread_t *threads, struct pool *pool,
                          uint32_t operations)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        workers[i] = (struct worker){.pool = pool, .random = i + 1, .operations = operations};
        assert_int_equal(pthread_mutex_init(&workers[i].mutex, NULL), 0);
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
}

static void join_workers(struct worker *workers, pthread_t *threads)
{
    for (uint32_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        (void)pthread_mutex_destroy(&workers[i].mutex);
    }
    for (uint32_t i = 0; i < WORKERS; i++)
        assert_string_equal(workers[i].failure, "");
}

static int64_t count_log(struct pool *pool)
{
    int64_t count = -1;
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &count};
    struct reader *reader = fixture_reader(pool);
    assert_int_equal(
        interplay_reader_query_sql(reader, "SELECT count(*) FROM log", NULL, 0, keep, NULL),
        OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    return count;
}

static void assert_all_is_back(struct pool *pool)
{
    struct pool_view view = fixture_view(pool);
    assert_int_equal(view.waiting_readers + view.waiting_writers, 0);
    assert_int_equal(view.replaced, 0);
    for (uint32_t i = 0; i < view.slot_count; i++) {
        assert_true(view.slots[i].state == POOL_SLOT_IDLE ||
                    view.slots[i].state == POOL_SLOT_EMPTY);
        assert_null(view.slots[i].owner);
    }
}

static void sums_are_right_whatever_happens(void **state)
{
    struct pool *pool = open_bank(*state);
    struct worker workers[WORKERS];
    pthread_t threads[WORKERS], interrupting;
    start_workers(workers, threads, pool, OPERATIONS);
    struct interrupter interrupter = {.workers = workers};
    assert_int_equal(pthread_create(&interrupting, NULL, interrupt, &interrupter), 0);
    for (uint32_t i = 0; i < WORKERS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    atomic_store(&interrupter.is_over, true);
    assert_int_equal(pthread_join(interrupting, NULL), 0);
    int64_t acknowledged = 0;
    uint64_t interruptions = 0;
    for (uint32_t i = 0; i < WORKERS; i++) {
        assert_string_equal(workers[i].failure, "");
        acknowledged += workers[i].acknowledged;
        interruptions += workers[i].interruptions;
        (void)pthread_mutex_destroy(&workers[i].mutex);
    }
    assert_true(acknowledged > OPERATIONS);
    assert_true(interruptions > 0);
    assert_int_equal(fixture_sum(pool), TOTAL);
    assert_int_equal(count_log(pool), acknowledged);
    assert_all_is_back(pool);
    fixture_close(pool);
}

static void closing_ends_everybody(void **state)
{
    struct fixture *fixture = *state;
    struct pool *pool = open_bank(fixture);
    for (int round = 0; round < 8; round++) {
        struct worker workers[WORKERS];
        pthread_t threads[WORKERS];
        start_workers(workers, threads, pool, UINT32_MAX);
        (void)nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        enum pool_close_mode mode = round % 2 == 0 ? POOL_CLOSE_INTERRUPT : POOL_CLOSE_WAIT;
        enum outcome outcome;
        do
            outcome = interplay_pool_close(pool, mode, 5);
        while (outcome == OUTCOME_TIMEOUT);
        assert_int_equal(outcome, OUTCOME_OK);
        join_workers(workers, threads);
        for (uint32_t i = 0; i < WORKERS; i++)
            assert_true(workers[i].is_closed);
        interplay_pool_free(pool);
        pool = fixture_open(fixture, &interplay_backend_sqlite, 3, 2);
        assert_int_equal(fixture_sum(pool), TOTAL);
    }
    fixture_close(pool);
}

/* --- two pools ------------------------------------------------------------------------------- */

static void *add_ones(void *argument)
{
    struct worker *worker = argument;
    const struct value parameters[] = {value_integer(0), value_integer(1)};
    for (uint32_t i = 0; i < worker->operations; i++) {
        struct writer *writer;
        struct pool_error error = {.message = ""};
        if (!is_done(worker, "writer",
                     interplay_pool_writer(worker->pool, POOL_NO_TIMEOUT, &writer, &error), &error))
            continue;
        enum outcome outcome =
            interplay_writer_execute(writer, &update_row, parameters, no_rows, NULL, &error);
        worker->acknowledged += is_done(worker, "execute", outcome, &error);
        (void)interplay_writer_return(writer);
    }
    return NULL;
}

static void two_pools_can_share_a_database(void **state)
{
    enum { THREADS = 4, ADDITIONS = 100 };
    struct fixture *fixture = *state;
    fixture_close(open_bank(fixture));
    struct pool *pools[2];
    for (uint32_t i = 0; i < 2; i++)
        pools[i] = fixture_open(fixture, &interplay_backend_sqlite, 1, 2);
    struct worker workers[THREADS];
    pthread_t threads[THREADS];
    for (uint32_t i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.pool = pools[i % 2], .operations = ADDITIONS};
        assert_int_equal(pthread_create(&threads[i], NULL, add_ones, &workers[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_string_equal(workers[i].failure, "");
        assert_int_equal(workers[i].acknowledged, ADDITIONS);
    }
    assert_int_equal(fixture_sum(pools[1]), TOTAL + THREADS * ADDITIONS);
    fixture_close(pools[0]);
    fixture_close(pools[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sums_are_right_whatever_happens),
        TEST(closing_ends_everybody),
        TEST(two_pools_can_share_a_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
