/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the connection pool costs and brings, with real threads and a real SQLite file in a
 * temporary folder: checkouts, lookups by primary key, one writer beside several readers. Ratios of
 * medians of one run. Measure on a build whose SQLite is as users have it, not instrumented:
 * -DINTERPLAY_COVERAGE_FLAGS=
 */
#include "bench_pool_common.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ROUNDS = 9,
    CHECKOUTS = 200000, /* a round */
    LOOKUPS = 20000,
    AD_HOC = 4000,
};

static const struct read_statement lookup = {{.sql = SQL_LOOKUP,
                                              .parameter_count = 1,
                                              .column_count = 1,
                                              .parameters = {VALUE_INTEGER},
                                              .columns = {VALUE_INTEGER}}};

struct bench {
    sqlite3 *plain;
    sqlite3_stmt *plain_lookup;
    struct backend_connection *connection;
    struct backend_statement *statement;
    struct pool *pool;
    struct actor_pool *actors;
    pthread_mutex_t mutex;
};

/* The sum of what was read, or the count of what has no result. */
typedef int64_t (*run_fn)(struct bench *bench, int count);

static int64_t run_mutex(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        (void)pthread_mutex_lock(&bench->mutex);
        (void)pthread_mutex_unlock(&bench->mutex);
    }
    return count;
}

static int64_t run_checkout(struct bench *bench, int count)
{
    for (int i = 0; i < count; i++) {
        struct reader *reader;
        must(interplay_pool_reader(bench->pool, 0, &reader, NULL), "checkout");
        must(interplay_reader_return(reader), "return");
    }
    return count;
}

static int64_t look_up_plain(sqlite3_stmt *statement, int64_t key)
{
    must_sqlite(sqlite3_bind_int64(statement, 1, key), SQLITE_OK, "bind");
    must_sqlite(sqlite3_step(statement), SQLITE_ROW, "step");
    int64_t value = sqlite3_column_int64(statement, 0);
    must_sqlite(sqlite3_reset(statement), SQLITE_OK, "reset");
    return value;
}

static int64_t run_plain(struct bench *bench, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++)
        sum += look_up_plain(bench->plain_lookup, key_of(i));
    return sum;
}

static int64_t run_backend(struct bench *bench, int count)
{
    const struct backend_ops *backend = &interplay_backend_sqlite;
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        const struct value key = value_integer(key_of(i));
        struct value value;
        must(backend->bind(bench->statement, 1, &key), "bind");
        if (backend->step(bench->statement) != OUTCOME_ROW)
            fail("backend", "no row");
        backend->column(bench->statement, 0, &value);
        sum += value.integer;
        backend->reset(bench->statement);
    }
    return sum;
}

static int64_t run_held(struct bench *bench, int count)
{
    int64_t sum = 0;
    const struct row_sink sink = {.on_row = take_first, .context = &sum};
    struct reader *reader;
    must(interplay_pool_reader(bench->pool, 0, &reader, NULL), "checkout");
    for (int i = 0; i < count; i++) {
        const struct value key = value_integer(key_of(i));
        must(interplay_reader_query(reader, &lookup, &key, sink, NULL), "query");
    }
    must(interplay_reader_return(reader), "return");
    return sum;
}

static int64_t run_each(struct bench *bench, int count)
{
    int64_t sum = 0;
    const struct row_sink sink = {.on_row = take_first, .context = &sum};
    for (int i = 0; i < count; i++) {
        const struct value key = value_integer(key_of(i));
        struct reader *reader;
        must(interplay_pool_reader(bench->pool, 0, &reader, NULL), "checkout");
        must(interplay_reader_query(reader, &lookup, &key, sink, NULL), "query");
        must(interplay_reader_return(reader), "return");
    }
    return sum;
}

static int64_t run_actor(struct bench *bench, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        const struct value key = value_integer(key_of(i));
        struct request *request;
        must(interplay_actors_query(bench->actors, &lookup, &key, NULL, &request, NULL), "send");
        must(interplay_request_wait(request, POOL_DEFAULT_TIMEOUT, NULL), "request");
        const struct value *row = interplay_request_row(request, 0, NULL);
        sum += row == NULL ? 0 : row->integer;
        interplay_request_drop(request);
    }
    return sum;
}

static int64_t run_plain_ad_hoc(struct bench *bench, int count)
{
    int64_t sum = 0;
    for (int i = 0; i < count; i++) {
        sqlite3_stmt *statement = prepare_plain(bench->plain, SQL_LOOKUP);
        sum += look_up_plain(statement, key_of(i));
        must_sqlite(sqlite3_finalize(statement), SQLITE_OK, "finalize");
    }
    return sum;
}

static int64_t run_ad_hoc(struct bench *bench, int count)
{
    int64_t sum = 0;
    const struct row_sink sink = {.on_row = take_first, .context = &sum};
    struct reader *reader;
    must(interplay_pool_reader(bench->pool, 0, &reader, NULL), "checkout");
    for (int i = 0; i < count; i++) {
        const struct value key = value_integer(key_of(i));
        must(interplay_reader_query_sql(reader, SQL_LOOKUP, &key, 1, sink, NULL), "query");
    }
    must(interplay_reader_return(reader), "return");
    return sum;
}

static const struct variant {
    const char *name;
    run_fn run;
    int count;
    int against; /* index of what is 1.00 */
    bool is_lookup;
} variants[] = {
    {"mutex lock + unlock", run_mutex, CHECKOUTS, 0, false},
    {"reader checkout + return", run_checkout, CHECKOUTS, 0, false},
    {"lookup: plain C, prepared", run_plain, LOOKUPS, 2, true},
    {"lookup: backend, prepared", run_backend, LOOKUPS, 2, true},
    {"lookup: held reader", run_held, LOOKUPS, 2, true},
    {"lookup: checkout + return", run_each, LOOKUPS, 2, true},
    {"lookup: actor, one by one", run_actor, LOOKUPS, 2, true},
    {"ad hoc: plain C", run_plain_ad_hoc, AD_HOC, 7, true},
    {"ad hoc: held reader", run_ad_hoc, AD_HOC, 7, true},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

struct samples {
    double wall[ROUNDS], cpu[ROUNDS]; /* ns an operation */
};

static void open_bench(struct bench *bench)
{
    const struct backend_ops *backend = &interplay_backend_sqlite;
    const struct pool_options options = pool_options();
    bench->plain = open_plain();
    bench->plain_lookup = prepare_plain(bench->plain, SQL_LOOKUP);
    must(backend->connect(&bench->connection, &options.connection), "connect");
    must(backend->prepare(bench->connection, SQL_LOOKUP, strlen(SQL_LOOKUP), &bench->statement),
         "prepare");
    bench->pool = open_pool(4);
    /* From now on there are threads: before, glibc's mutexes do without atomic instructions. */
    must(interplay_actors_open(&bench->actors, &options, NULL), "open the actors");
    (void)pthread_mutex_init(&bench->mutex, NULL);
}

static void close_bench(struct bench *bench)
{
    const struct backend_ops *backend = &interplay_backend_sqlite;
    (void)pthread_mutex_destroy(&bench->mutex);
    must(interplay_actors_close(bench->actors, POOL_CLOSE_WAIT, POOL_DEFAULT_TIMEOUT), "close");
    interplay_actors_free(bench->actors);
    close_pool(bench->pool);
    backend->finalize(bench->statement);
    must(backend->disconnect(bench->connection), "disconnect");
    must_sqlite(sqlite3_finalize(bench->plain_lookup), SQLITE_OK, "finalize");
    must_sqlite(sqlite3_close(bench->plain), SQLITE_OK, "close");
}

static void measure(struct bench *bench, const struct variant *variant, int round,
                    struct samples *samples)
{
    int64_t expected = variant->is_lookup ? 0 : variant->count;
    for (int i = 0; i < variant->count && variant->is_lookup; i++)
        expected += value_of(key_of(i));
    double wall_s = clock_s(CLOCK_MONOTONIC), cpu_s = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    int64_t result = variant->run(bench, variant->count);
    samples->wall[round] = (clock_s(CLOCK_MONOTONIC) - wall_s) * 1e9 / variant->count;
    samples->cpu[round] = (clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s) * 1e9 / variant->count;
    if (result != expected)
        fail(variant->name, "wrong result");
}

static void one_thread(void)
{
    static struct samples samples[VARIANTS];
    struct bench bench = {.plain = NULL};
    open_bench(&bench);
    for (int round = 0; round < ROUNDS; round++)
        for (int i = 0; i < VARIANTS; i++)
            measure(&bench, &variants[i], round, &samples[i]);
    close_bench(&bench);
    printf("\nOne thread asks, median of %d rounds (CPU: of the whole process)\n", ROUNDS);
    printf("  %-28s %9s %7s %9s %7s\n", "", "ns", "ratio", "CPU ns", "ratio");
    double wall[VARIANTS], cpu[VARIANTS];
    for (int i = 0; i < VARIANTS; i++) {
        wall[i] = median(samples[i].wall, ROUNDS);
        cpu[i] = median(samples[i].cpu, ROUNDS);
        int against = variants[i].against;
        printf("  %-28s %9.0f %7.2f %9.0f %7.2f\n", variants[i].name, wall[i],
               wall[i] / wall[against], cpu[i], cpu[i] / cpu[against]);
    }
}

int main(void)
{
    make_database();
    printf("SQLite %s\n%ld cores; WAL, synchronous=normal, %d rows\n",
           interplay_backend_sqlite.version(), sysconf(_SC_NPROCESSORS_ONLN), ROWS);
    one_thread();
    bench_mixed();
    return 0;
}
