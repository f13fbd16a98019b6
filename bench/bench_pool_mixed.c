/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One writer with small transactions beside 1, 2 and 4 readers, each thread with a fixed number of
 * operations: the pool against one connection that all share under a mutex, in plain C with
 * prepared statements. Short reads (a lookup) and longer ones (a sum over 1000 rows).
 */
#include "bench_pool_common.h"

#include <pthread.h>
#include <stdio.h>

enum {
    ROUNDS = 7,
    READERS_MAX = 4,
    SCAN_ROWS = 1000,
    LATENCIES_MAX = ROUNDS * READERS_MAX * 20000
};

#define SQL_SCAN      "SELECT sum(v) FROM t WHERE k BETWEEN ?1 AND ?1 + 999"
#define SQL_INCREMENT "UPDATE t SET w = w + 1 WHERE k = ?1"

static const struct write_statement increment = {
    {.sql = SQL_INCREMENT, .parameter_count = 1, .parameters = {VALUE_INTEGER}}};

static const struct read_kind {
    const char *name;
    struct read_statement statement;
    int rows;         /* that one read looks at */
    int reads;        /* of each reader */
    int transactions; /* of the writer */
} kinds[] = {
    {"lookup",
     {{.sql = SQL_LOOKUP,
       .parameter_count = 1,
       .column_count = 1,
       .parameters = {VALUE_INTEGER},
       .columns = {VALUE_INTEGER}}},
     1,
     20000,
     2000},
    {"1000 rows",
     {{.sql = SQL_SCAN,
       .parameter_count = 1,
       .column_count = 1,
       .parameters = {VALUE_INTEGER},
       .columns = {VALUE_INTEGER}}},
     SCAN_ROWS,
     2000,
     2000},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- two ways to a database ------------------------------------------------------------------ */

struct store {
    const struct store_ops *ops;
    struct pool *pool;
    sqlite3 *shared;
    pthread_mutex_t mutex; /* of `shared` and its statements */
    sqlite3_stmt *begin, *read, *increment, *commit;
};

struct store_ops {
    const char *name;
    void (*open)(struct store *store, const struct read_kind *kind, uint32_t readers);
    void (*close)(struct store *store);
    int64_t (*read)(struct store *store, const struct read_kind *kind, int64_t key);
    void (*write)(struct store *store, int64_t key); /* two rows in one transaction */
};

/* All connections are there, and their statements prepared, before anything is measured. */
static void pool_open(struct store *store, const struct read_kind *kind, uint32_t readers)
{
    struct reader *out[READERS_MAX];
    const struct value key = value_integer(0);
    const struct row_sink no_rows = {.on_row = NULL};
    store->pool = open_pool(readers);
    for (uint32_t i = 0; i < readers; i++) {
        must(interplay_pool_reader(store->pool, 0, &out[i], NULL), "checkout");
        must(interplay_reader_query(out[i], &kind->statement, &key, no_rows, NULL), "query");
    }
    for (uint32_t i = 0; i < readers; i++)
        must(interplay_reader_return(out[i]), "return");
}

static void pool_close(struct store *store)
{
    close_pool(store->pool);
}

static int64_t pool_read(struct store *store, const struct read_kind *kind, int64_t key)
{
    int64_t sum = 0;
    const struct row_sink sink = {.on_row = take_first, .context = &sum};
    const struct value parameter = value_integer(key);
    struct reader *reader;
    must(interplay_pool_reader(store->pool, POOL_DEFAULT_TIMEOUT, &reader, NULL), "checkout");
    must(interplay_reader_query(reader, &kind->statement, &parameter, sink, NULL), "query");
    must(interplay_reader_return(reader), "return");
    return sum;
}

static void pool_write(struct store *store, int64_t key)
{
    const struct row_sink no_rows = {.on_row = NULL};
    struct writer *writer;
    struct write_txn *txn;
    must(interplay_pool_writer(store->pool, POOL_DEFAULT_TIMEOUT, &writer, NULL), "checkout");
    must(interplay_writer_begin(writer, &txn, NULL), "begin");
    for (int i = 0; i < 2; i++) {
        const struct value parameter = value_integer((key + i) % ROWS);
        must(interplay_write_txn_execute(txn, &increment, &parameter, no_rows, NULL, NULL),
             "increment");
    }
    must(interplay_write_txn_commit(txn, NULL), "commit");
    must(interplay_writer_return(writer), "return");
}

static void shared_open(struct store *store, const struct read_kind *kind, uint32_t readers)
{
    (void)readers;
    store->shared = open_plain();
    (void)pthread_mutex_init(&store->mutex, NULL);
    store->begin = prepare_plain(store->shared, "BEGIN IMMEDIATE");
    store->read = prepare_plain(store->shared, kind->statement.statement.sql);
    store->increment = prepare_plain(store->shared, SQL_INCREMENT);
    store->commit = prepare_plain(store->shared, "COMMIT");
}

static void shared_close(struct store *store)
{
    sqlite3_stmt *const statements[] = {store->begin, store->read, store->increment, store->commit};
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        must_sqlite(sqlite3_finalize(statements[i]), SQLITE_OK, "finalize");
    must_sqlite(sqlite3_close(store->shared), SQLITE_OK, "close");
    (void)pthread_mutex_destroy(&store->mutex);
}

static int64_t shared_read(struct store *store, const struct read_kind *kind, int64_t key)
{
    (void)kind;
    (void)pthread_mutex_lock(&store->mutex);
    must_sqlite(sqlite3_bind_int64(store->read, 1, key), SQLITE_OK, "bind");
    must_sqlite(sqlite3_step(store->read), SQLITE_ROW, "read");
    int64_t sum = sqlite3_column_int64(store->read, 0);
    must_sqlite(sqlite3_reset(store->read), SQLITE_OK, "reset");
    (void)pthread_mutex_unlock(&store->mutex);
    return sum;
}

static void run_plain(sqlite3_stmt *statement)
{
    must_sqlite(sqlite3_step(statement), SQLITE_DONE, "write");
    must_sqlite(sqlite3_reset(statement), SQLITE_OK, "reset");
}

static void shared_write(struct store *store, int64_t key)
{
    (void)pthread_mutex_lock(&store->mutex);
    run_plain(store->begin);
    for (int i = 0; i < 2; i++) {
        must_sqlite(sqlite3_bind_int64(store->increment, 1, (key + i) % ROWS), SQLITE_OK, "bind");
        run_plain(store->increment);
    }
    run_plain(store->commit);
    (void)pthread_mutex_unlock(&store->mutex);
}

static const struct store_ops pool_ops = {"pool", pool_open, pool_close, pool_read, pool_write};
static const struct store_ops shared_ops = {"shared", shared_open, shared_close, shared_read,
                                            shared_write};
static const struct store_ops *const stores[] = {&pool_ops, &shared_ops};
enum { STORES = sizeof stores / sizeof stores[0] };

/* --- one round ------------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    struct store *store;
    const struct read_kind *kind;
    pthread_barrier_t *start;
    double *latencies_us; /* NULL: this is the writer */
    int first;            /* where in the order of keys it begins */
    double end_s;
};

static void work_reader(const struct worker *worker)
{
    const struct read_kind *kind = worker->kind;
    double before_s = clock_s(CLOCK_MONOTONIC);
    for (int i = 0; i < kind->reads; i++) {
        int64_t key = key_of(worker->first + i) % (ROWS - kind->rows + 1);
        int64_t last = key + kind->rows - 1;
        if (worker->store->ops->read(worker->store, kind, key) !=
            (value_of(key) + value_of(last)) * kind->rows / 2)
            fail(kind->name, "wrong result");
        double now_s = clock_s(CLOCK_MONOTONIC);
        worker->latencies_us[i] = (now_s - before_s) * 1e6;
        before_s = now_s;
    }
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    (void)pthread_barrier_wait(worker->start);
    if (worker->latencies_us != NULL)
        work_reader(worker);
    else
        for (int i = 0; i < worker->kind->transactions; i++)
            worker->store->ops->write(worker->store, key_of(i));
    worker->end_s = clock_s(CLOCK_MONOTONIC);
    return NULL;
}

struct result {
    double total_s[ROUNDS], readers_s[ROUNDS], writer_s[ROUNDS];
    double cores[ROUNDS]; /* that the process got, on average */
    double *latencies_us; /* of all rounds */
};

static void run_round(const struct store_ops *ops, const struct read_kind *kind, int readers,
                      int round, struct result *result)
{
    struct store store = {.ops = ops};
    struct worker workers[READERS_MAX + 1];
    pthread_barrier_t start;
    ops->open(&store, kind, (uint32_t)readers);
    (void)pthread_barrier_init(&start, NULL, (unsigned)readers + 2);
    for (int i = 0; i <= readers; i++) {
        size_t offset = (size_t)(round * readers + i) * (size_t)kind->reads;
        workers[i] = (struct worker){
            .store = &store,
            .kind = kind,
            .start = &start,
            .latencies_us = i < readers ? result->latencies_us + offset : NULL,
            .first = i * 1000,
        };
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            fail(ops->name, "cannot start a thread");
    }
    (void)pthread_barrier_wait(&start);
    double start_s = clock_s(CLOCK_MONOTONIC), cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    double readers_s = 0;
    for (int i = 0; i <= readers; i++) {
        (void)pthread_join(workers[i].thread, NULL);
        double took_s = workers[i].end_s - start_s;
        if (i < readers && took_s > readers_s)
            readers_s = took_s;
    }
    result->readers_s[round] = readers_s;
    result->writer_s[round] = workers[readers].end_s - start_s;
    result->total_s[round] =
        readers_s > result->writer_s[round] ? readers_s : result->writer_s[round];
    result->cores[round] = (clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s) / result->total_s[round];
    (void)pthread_barrier_destroy(&start);
    ops->close(&store);
}

/* --- the table ------------------------------------------------------------------------------- */

static void print_case(const struct read_kind *kind, int readers, struct result *results)
{
    size_t latencies = (size_t)(ROUNDS * readers * kind->reads);
    double operations = (double)readers * kind->reads + kind->transactions;
    double rate[STORES];
    for (int i = 0; i < STORES; i++)
        rate[i] = operations / median(results[i].total_s, ROUNDS);
    for (int i = 0; i < STORES; i++) {
        struct result *result = &results[i];
        printf("  %-10s %d  %-7s %9.0f %6.2f %10.1f %10.1f %10.0f %10.0f %5.2f\n", kind->name,
               readers, stores[i]->name, rate[i], rate[i] / rate[STORES - 1],
               median(result->latencies_us, latencies),
               quantile(result->latencies_us, latencies, 0.99),
               median(result->readers_s, ROUNDS) * 1e3, median(result->writer_s, ROUNDS) * 1e3,
               median(result->cores, ROUNDS));
    }
}

void bench_mixed(void)
{
    static const int reader_counts[] = {1, 2, READERS_MAX};
    static double latencies_us[STORES][LATENCIES_MAX];
    static struct result results[STORES];
    printf("\nOne writer (transactions of two updates) beside readers, median of %d rounds;\n"
           "pool: a connection each; shared: one connection and a mutex (1.00)\n"
           "(cores: how many the process got; with one, nothing can be faster side by side)\n"
           "  %-10s %s  %-7s %9s %6s %10s %10s %10s %10s %5s\n",
           ROUNDS, "read", "N", "", "op/s", "ratio", "read us", "99% us", "readers ms", "writer ms",
           "cores");
    for (int kind = 0; kind < KINDS; kind++) {
        for (size_t i = 0; i < sizeof reader_counts / sizeof reader_counts[0]; i++) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int store = 0; store < STORES; store++) {
                    results[store].latencies_us = latencies_us[store];
                    run_round(stores[store], &kinds[kind], reader_counts[i], round,
                              &results[store]);
                }
            }
            print_case(&kinds[kind], reader_counts[i], results);
        }
    }
}
