/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool with actors under many threads: everything at once, cancelled and dropped at any moment,
 * and closed in the middle of it. What must hold: nothing ever meets busy, every request that was
 * accepted is told exactly once, sums are the same in every snapshot, what was told as done is
 * there and what was told as not done is not. Threads only write down what they find.
 */
#include <interplay/pool.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { THREADS = 8, ROUNDS = 2000, LONG_MS = 60000, SUM = 800, STREAM_INSERTS = 12 };

/* What a request is; the tags that the observer gets. */
enum { TAG_OTHER, TAG_INSERT, TAG_BEGIN, TAGS };

static const struct read_statement sum = {
    {.sql = "SELECT sum(v) FROM account", .column_count = 1, .columns = {VALUE_INTEGER}}};
static const struct read_statement forever = {
    {.sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
            " WHERE i < 0",
     .column_count = 1}};
static const struct read_statement numbers = {
    {.sql = "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
            " SELECT i FROM n",
     .column_count = 1,
     .columns = {VALUE_INTEGER}}};
static const struct write_statement insert = {
    {.sql = "INSERT INTO t(x) VALUES (?1)", .parameter_count = 1, .parameters = {VALUE_INTEGER}}};
static const struct write_statement insert_many = {
    {.sql = "INSERT INTO many(x) WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n"
            " WHERE i < 12) SELECT i FROM n RETURNING x",
     .column_count = 1,
     .columns = {VALUE_INTEGER}}};
static const struct write_statement add = {{.sql = "UPDATE account SET v = v + ?2 WHERE k = ?1",
                                            .parameter_count = 2,
                                            .parameters = {VALUE_INTEGER, VALUE_INTEGER}}};

static struct {
    char folder[64];
    char target[96];
    struct actor_pool *pool;
    char tags[TAGS];
    atomic_bool is_closing; /* then being turned away is no failure */
    atomic_uint_fast64_t accepted[TAGS], served[TAGS];
    atomic_uint_fast64_t inserted;
    atomic_uint_fast64_t finished; /* operations */
    pthread_mutex_t mutex;
    char failure[256]; /* the first one */
} test = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void failed(int line, const char *what, enum outcome outcome)
{
    pthread_mutex_lock(&test.mutex);
    if (test.failure[0] == '\0')
        (void)snprintf(test.failure, sizeof test.failure, "line %d: %s: %s", line, what,
                       interplay_outcome_names[outcome]);
    pthread_mutex_unlock(&test.mutex);
}

#define CHECK(condition, outcome)                                                                  \
    do {                                                                                           \
        if (!(condition))                                                                          \
            failed(__LINE__, #condition, outcome);                                                 \
    } while (0)

/* --- the observer ---------------------------------------------------------------------------- */

static void on_served(void *context, void *tag, const struct pool_error *error, int64_t changes)
{
    (void)context;
    size_t kind = (size_t)((const char *)tag - test.tags);
    atomic_fetch_add(&test.served[kind], 1);
    if (kind == TAG_INSERT && error->outcome == OUTCOME_OK)
        atomic_fetch_add(&test.inserted, (uint_fast64_t)changes);
    CHECK(error->outcome == OUTCOME_OK || error->outcome == OUTCOME_INTERRUPTED ||
              error->outcome == OUTCOME_ROLLED_BACK,
          error->outcome);
}

/* --- operations ------------------------------------------------------------------------------ */

struct worker {
    pthread_t thread;
    uint64_t random;
    bool is_over; /* the pool turned it away */
};

static uint32_t draw(struct worker *worker, uint32_t bound)
{
    worker->random ^= worker->random << 13;
    worker->random ^= worker->random >> 7;
    worker->random ^= worker->random << 17;
    return (uint32_t)(worker->random >> 33) % bound;
}

static struct request_options as(int tag)
{
    return (struct request_options){.tag = &test.tags[tag]};
}

/* True: it was accepted. Otherwise the pool must be closing. */
static bool sent(struct worker *worker, enum outcome outcome, int tag)
{
    if (outcome == OUTCOME_OK) {
        atomic_fetch_add(&test.accepted[tag], 1);
        return true;
    }
    CHECK(atomic_load(&test.is_closing), outcome);
    CHECK(outcome == OUTCOME_CLOSED || outcome == OUTCOME_ROLLED_BACK, outcome);
    worker->is_over |= outcome == OUTCOME_CLOSED;
    return false;
}

static enum outcome finish(struct request *request)
{
    enum outcome outcome = interplay_request_wait(request, LONG_MS, NULL);
    CHECK(outcome != OUTCOME_TIMEOUT, outcome);
    return outcome;
}

/* It must be a success, unless the pool closes. */
static bool succeeds(struct request *request)
{
    enum outcome outcome = finish(request);
    CHECK(outcome == OUTCOME_OK || atomic_load(&test.is_closing), outcome);
    return outcome == OUTCOME_OK;
}

static void check_sum(struct request *request)
{
    if (succeeds(request))
        CHECK(interplay_request_row(request, 0, NULL)->integer == SUM, OUTCOME_OK);
    interplay_request_drop(request);
}

static void query(struct worker *worker)
{
    const struct request_options options = as(TAG_OTHER);
    struct request *request;
    if (sent(worker, interplay_actors_query(test.pool, &sum, NULL, &options, &request, NULL),
             TAG_OTHER))
        check_sum(request);
}

static void cancel_forever(struct worker *worker)
{
    const struct request_options options = as(TAG_OTHER);
    struct request *request;
    if (!sent(worker, interplay_actors_query(test.pool, &forever, NULL, &options, &request, NULL),
              TAG_OTHER))
        return;
    if (draw(worker, 2) == 0)
        CHECK(interplay_request_wait(request, draw(worker, 3), NULL) != OUTCOME_OK, OUTCOME_OK);
    interplay_request_cancel(request);
    if (draw(worker, 2) == 0)
        CHECK(finish(request) == OUTCOME_INTERRUPTED, OUTCOME_OK);
    interplay_request_drop(request);
}

static void insert_one(struct worker *worker)
{
    const struct request_options options = as(TAG_INSERT);
    const struct value parameter = value_integer(draw(worker, 1000));
    struct request *request;
    if (!sent(worker,
              interplay_actors_execute(test.pool, &insert, &parameter, &options, &request, NULL),
              TAG_INSERT))
        return;
    uint32_t end = draw(worker, 3);
    if (end == 0)
        (void)succeeds(request);
    if (end == 1) {
        interplay_request_cancel(request);
        (void)finish(request);
    }
    interplay_request_drop(request);
}

static void insert_batch(struct worker *worker)
{
    const struct request_options options = as(TAG_INSERT);
    const struct value parameter = value_integer(draw(worker, 1000));
    const struct batch_item items[] = {{&insert, &parameter}, {&insert, &parameter}};
    struct request *request;
    if (!sent(worker, interplay_actors_execute_batch(test.pool, items, 2, &options, &request, NULL),
              TAG_INSERT))
        return;
    if (draw(worker, 2) == 0)
        (void)succeeds(request);
    interplay_request_drop(request);
}

static struct request *change(struct worker *worker, struct actor_write_txn *txn, int64_t k,
                              int64_t by)
{
    const struct request_options options = as(TAG_OTHER);
    const struct value parameters[] = {value_integer(k), value_integer(by)};
    struct request *request = NULL;
    enum outcome outcome =
        interplay_actor_write_txn_execute(txn, &add, parameters, &options, &request, NULL);
    return sent(worker, outcome, TAG_OTHER) ? request : NULL;
}

static void end_transfer(struct worker *worker, struct actor_write_txn *txn)
{
    const struct request_options options = as(TAG_OTHER);
    struct request *request = NULL;
    enum outcome outcome = draw(worker, 4) == 0
                               ? interplay_actor_write_txn_rollback(txn, &options, &request, NULL)
                               : interplay_actor_write_txn_commit(txn, &options, &request, NULL);
    if (!sent(worker, outcome, TAG_OTHER))
        return;
    if (draw(worker, 3) == 0)
        interplay_request_cancel(request);
    else
        (void)succeeds(request);
    interplay_request_drop(request);
}

/* From one account to another; dropped half-way, the sum would be wrong if it was not undone. */
static void transfer(struct worker *worker)
{
    const struct request_options options = as(TAG_BEGIN);
    struct actor_write_txn *txn;
    struct request *requests[3] = {NULL};
    if (!sent(worker, interplay_actors_begin_write(test.pool, &options, &txn, &requests[0], NULL),
              TAG_BEGIN))
        return;
    if (draw(worker, 2) == 0)
        (void)succeeds(requests[0]);
    int64_t amount = draw(worker, 10);
    requests[1] = change(worker, txn, draw(worker, 8), amount);
    uint32_t end = draw(worker, 3);
    if (end > 0)
        requests[2] = change(worker, txn, draw(worker, 8), -amount);
    if (end > 0 && requests[1] != NULL && requests[2] != NULL)
        end_transfer(worker, txn);
    interplay_actor_write_txn_drop(txn);
    for (int i = 0; i < 3; i++)
        if (requests[i] != NULL)
            interplay_request_drop(requests[i]);
}

static void read_twice(struct worker *worker)
{
    const struct request_options options = as(TAG_BEGIN), inside = as(TAG_OTHER);
    struct actor_read_txn *txn;
    struct request *begun, *requests[2] = {NULL};
    if (!sent(worker, interplay_actors_begin_read(test.pool, &options, &txn, &begun, NULL),
              TAG_BEGIN))
        return;
    for (int i = 0; i < 2; i++)
        if (!sent(worker,
                  interplay_actor_read_txn_query(txn, &sum, NULL, &inside, &requests[i], NULL),
                  TAG_OTHER))
            requests[i] = NULL;
    interplay_actor_read_txn_drop(txn);
    for (int i = 0; i < 2; i++)
        if (requests[i] != NULL)
            check_sum(requests[i]);
    interplay_request_drop(begun);
}

/* Reads some of the rows, or all. */
static void read_stream(struct worker *worker, struct stream *stream, uint32_t rows)
{
    uint32_t wanted = draw(worker, 2) == 0 ? rows + 1 : draw(worker, rows);
    for (uint32_t i = 1; i <= wanted; i++) {
        const struct value *row = NULL;
        uint32_t columns;
        enum outcome outcome = interplay_stream_next(stream, LONG_MS, &row, &columns, NULL);
        CHECK(outcome == (i <= rows ? OUTCOME_ROW : OUTCOME_OK) ||
                  (atomic_load(&test.is_closing) && outcome == OUTCOME_INTERRUPTED),
              outcome);
        if (outcome != OUTCOME_ROW)
            break;
        CHECK(row[0].integer == i, OUTCOME_OK);
    }
    if (draw(worker, 4) == 0)
        interplay_stream_cancel(stream);
    interplay_stream_drop(stream);
}

static void stream(struct worker *worker)
{
    const struct request_options options = as(TAG_OTHER);
    struct stream *stream;
    if (sent(worker, interplay_actors_stream(test.pool, &numbers, NULL, &options, &stream, NULL),
             TAG_OTHER))
        read_stream(worker, stream, 20);
}

static void stream_inserts(struct worker *worker)
{
    const struct request_options options = as(TAG_OTHER);
    struct stream *stream;
    if (sent(worker,
             interplay_actors_mutate_stream(test.pool, &insert_many, NULL, &options, &stream, NULL),
             TAG_OTHER))
        read_stream(worker, stream, STREAM_INSERTS);
}

static void operate(struct worker *worker)
{
    static void (*const operations[])(struct worker *) = {
        query,  insert_one,     transfer,     read_twice,
        stream, stream_inserts, insert_batch, cancel_forever};
    operations[draw(worker, sizeof operations / sizeof operations[0])](worker);
    atomic_fetch_add(&test.finished, 1);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (int i = 0; i < ROUNDS; i++)
        operate(worker);
    return NULL;
}

static void *work_until_closed(void *argument)
{
    struct worker *worker = argument;
    while (!worker->is_over)
        operate(worker);
    return NULL;
}

/* --- the tests ------------------------------------------------------------------------------- */

static void open_pool(void)
{
    struct pool_options options = interplay_pool_defaults(&interplay_backend_sqlite, test.target);
    options.connection.setup = "PRAGMA synchronous=OFF;";
    options.readers = 3;
    options.writers = 2;
    options.mailbox = 3;
    options.stream_rows = 2;
    options.mutate_stream_rows = 2;
    options.acquire_timeout_ms = LONG_MS;
    options.observer.on_served = on_served;
    assert_int_equal(interplay_actors_open(&test.pool, &options, NULL), OUTCOME_OK);
}

static void close_pool(enum pool_close_mode mode)
{
    assert_int_equal(interplay_actors_close(test.pool, mode, LONG_MS), OUTCOME_OK);
    interplay_actors_free(test.pool);
    test.pool = NULL;
}

static void must_execute(const char *sql)
{
    const struct request_options options = as(TAG_OTHER);
    struct request *request = NULL;
    assert_int_equal(
        interplay_actors_execute_sql(test.pool, sql, NULL, 0, &options, &request, NULL),
        OUTCOME_OK);
    atomic_fetch_add(&test.accepted[TAG_OTHER], 1);
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    interplay_request_drop(request);
}

static int64_t ask(const char *sql)
{
    const struct request_options options = as(TAG_OTHER);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_query_sql(test.pool, sql, NULL, 0, &options, &request, NULL),
                     OUTCOME_OK);
    atomic_fetch_add(&test.accepted[TAG_OTHER], 1);
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    int64_t answer = interplay_request_row(request, 0, NULL)->integer;
    interplay_request_drop(request);
    return answer;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(test.folder, "/tmp/interplay-actors-XXXXXX");
    if (mkdtemp(test.folder) == NULL)
        return -1;
    (void)snprintf(test.target, sizeof test.target, "%s/db", test.folder);
    atomic_store(&test.is_closing, false);
    atomic_store(&test.inserted, 0);
    atomic_store(&test.finished, 0);
    for (int i = 0; i < TAGS; i++) {
        atomic_store(&test.accepted[i], 0);
        atomic_store(&test.served[i], 0);
    }
    open_pool();
    must_execute("CREATE TABLE account(k INTEGER PRIMARY KEY, v INTEGER)");
    must_execute("INSERT INTO account VALUES"
                 " (0,100),(1,100),(2,100),(3,100),(4,100),(5,100),(6,100),(7,100)");
    must_execute("CREATE TABLE t(x INTEGER)");
    must_execute("CREATE TABLE many(x INTEGER)");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", test.target, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(test.folder);
}

static void start(struct worker *workers, void *(*main_function)(void *))
{
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.random = 0x9e3779b97f4a7c15u * (uint64_t)(i + 1)};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, main_function, &workers[i]), 0);
    }
}

static void join(const struct worker *workers)
{
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
}

static void check_database(void)
{
    assert_int_equal(ask("SELECT sum(v) FROM account"), SUM);
    assert_int_equal(ask("SELECT count(*) FROM t"), atomic_load(&test.inserted));
    assert_int_equal(ask("SELECT count(*) FROM many") % STREAM_INSERTS, 0);
}

/* After the pool has closed: nobody is told any more. */
static void check_told(void)
{
    assert_int_equal(atomic_load(&test.served[TAG_OTHER]), atomic_load(&test.accepted[TAG_OTHER]));
    assert_int_equal(atomic_load(&test.served[TAG_INSERT]),
                     atomic_load(&test.accepted[TAG_INSERT]));
    /* Ends of dropped transactions are told with the begin's tag, too. */
    assert_in_range(atomic_load(&test.served[TAG_BEGIN]), atomic_load(&test.accepted[TAG_BEGIN]),
                    2 * atomic_load(&test.accepted[TAG_BEGIN]));
    if (test.failure[0] != '\0')
        fail_msg("%s", test.failure);
}

static void everything_at_once(void **state)
{
    (void)state;
    struct worker workers[THREADS];
    start(workers, work);
    join(workers);
    assert_true(atomic_load(&test.inserted) > 0);
    /* Requests that were dropped while they waited for nobody may still be under way. */
    assert_int_equal(interplay_actors_close(test.pool, POOL_CLOSE_WAIT, LONG_MS), OUTCOME_OK);
    struct pool_view view;
    interplay_actors_inspect(test.pool, &view);
    assert_int_equal(view.replaced, 0);
    assert_int_equal(view.waiting_readers + view.waiting_writers, 0);
    for (uint32_t i = 0; i < view.slot_count; i++)
        assert_null(view.slots[i].owner);
    close_pool(POOL_CLOSE_WAIT);
    check_told();
    open_pool();
    check_database();
    close_pool(POOL_CLOSE_WAIT);
}

static void closed_in_the_middle(void **state)
{
    (void)state;
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int i = 0; i < 5; i++) {
        struct worker workers[THREADS];
        uint_fast64_t until = atomic_load(&test.finished) + 100 * (uint_fast64_t)(i + 1);
        atomic_store(&test.is_closing, false);
        start(workers, work_until_closed);
        while (atomic_load(&test.finished) < until)
            (void)nanosleep(&pause, NULL);
        atomic_store(&test.is_closing, true);
        assert_int_equal(interplay_actors_close(test.pool, POOL_CLOSE_INTERRUPT, LONG_MS),
                         OUTCOME_OK);
        join(workers);
        interplay_actors_free(test.pool);
        check_told();
        open_pool();
        check_database();
    }
    close_pool(POOL_CLOSE_INTERRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(closed_in_the_middle, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
