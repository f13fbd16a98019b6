/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture; each test gets a new folder. */
#include "pool_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

const struct write_statement insert_row = {{.sql = "INSERT INTO t VALUES (?1, ?2)",
                                            .parameter_count = 2,
                                            .parameters = {VALUE_INTEGER, VALUE_INTEGER}}};
const struct write_statement update_row = {{.sql = "UPDATE t SET v = v + ?2 WHERE k = ?1",
                                            .parameter_count = 2,
                                            .parameters = {VALUE_INTEGER, VALUE_INTEGER}}};
const struct read_statement select_value = {{.sql = "SELECT v FROM t WHERE k = ?1",
                                             .parameter_count = 1,
                                             .column_count = 1,
                                             .parameters = {VALUE_INTEGER},
                                             .columns = {VALUE_INTEGER}}};
const struct read_statement select_sum = {
    {.sql = "SELECT coalesce(sum(v), 0) FROM t", .column_count = 1, .columns = {VALUE_INTEGER}}};

const struct row_sink no_rows = {.on_row = NULL};

int fixture_set_up(void **state)
{
    static struct fixture fixture;
    (void)snprintf(fixture.folder, sizeof fixture.folder, "/tmp/interplay-pool-XXXXXX");
    if (mkdtemp(fixture.folder) == NULL)
        return -1;
    (void)snprintf(fixture.target, sizeof fixture.target, "%s/db", fixture.folder);
    *state = &fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    const struct fixture *fixture = *state;
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char path[96];
        (void)snprintf(path, sizeof path, "%s%s", fixture->target, suffixes[i]);
        (void)unlink(path);
    }
    return rmdir(fixture->folder);
}

struct pool_options fixture_options(const struct fixture *fixture,
                                    const struct backend_ops *backend, uint32_t readers,
                                    uint32_t writers)
{
    struct pool_options options = interplay_pool_defaults(backend, fixture->target);
    options.readers = readers;
    options.writers = writers;
    return options;
}

struct pool *fixture_open_with(const struct pool_options *options)
{
    struct pool *pool = NULL;
    struct pool_error error = {.message = ""};
    if (interplay_pool_open(&pool, options, &error) != OUTCOME_OK)
        fail_msg("%s", error.message);
    if (options->writers > 0) {
        struct writer *writer = fixture_writer(pool);
        assert_int_equal(
            fixture_execute(writer, "CREATE TABLE IF NOT EXISTS t(k INTEGER PRIMARY KEY, v)"),
            OUTCOME_OK);
        assert_int_equal(interplay_writer_return(writer), OUTCOME_OK);
    }
    return pool;
}

struct pool *fixture_open(const struct fixture *fixture, const struct backend_ops *backend,
                          uint32_t readers, uint32_t writers)
{
    struct pool_options options = fixture_options(fixture, backend, readers, writers);
    return fixture_open_with(&options);
}

void fixture_close(struct pool *pool)
{
    assert_int_equal(interplay_pool_close(pool, POOL_CLOSE_WAIT, 0), OUTCOME_OK);
    interplay_pool_free(pool);
}

/* --- leases and statements ------------------------------------------------------------------- */

struct reader *fixture_reader(struct pool *pool)
{
    struct reader *reader = NULL;
    assert_int_equal(interplay_pool_reader(pool, 0, &reader, NULL), OUTCOME_OK);
    return reader;
}

struct writer *fixture_writer(struct pool *pool)
{
    struct writer *writer = NULL;
    assert_int_equal(interplay_pool_writer(pool, 0, &writer, NULL), OUTCOME_OK);
    return writer;
}

struct write_txn *fixture_begin(struct writer *writer)
{
    struct write_txn *txn = NULL;
    assert_int_equal(interplay_writer_begin(writer, &txn, NULL), OUTCOME_OK);
    return txn;
}

enum outcome fixture_insert(struct writer *writer, int64_t k, int64_t v)
{
    const struct value parameters[] = {value_integer(k), value_integer(v)};
    return interplay_writer_execute(writer, &insert_row, parameters, no_rows, NULL, NULL);
}

enum outcome fixture_txn_insert(struct write_txn *txn, int64_t k, int64_t v)
{
    const struct value parameters[] = {value_integer(k), value_integer(v)};
    return interplay_write_txn_execute(txn, &insert_row, parameters, no_rows, NULL, NULL);
}

enum outcome fixture_execute(struct writer *writer, const char *sql)
{
    return interplay_writer_execute_sql(writer, sql, NULL, 0, no_rows, NULL, NULL);
}

bool fixture_keep_integer(void *context, const struct value *columns, uint32_t count)
{
    int64_t *kept = context;
    if (count > 0 && columns[0].kind == VALUE_INTEGER)
        *kept = columns[0].integer;
    return true;
}

int64_t fixture_sum(struct pool *pool)
{
    int64_t sum = -1;
    struct reader *reader = fixture_reader(pool);
    const struct row_sink keep = {.on_row = fixture_keep_integer, .context = &sum};
    assert_int_equal(interplay_reader_query(reader, &select_sum, NULL, keep, NULL), OUTCOME_OK);
    assert_int_equal(interplay_reader_return(reader), OUTCOME_OK);
    return sum;
}

/* --- looking --------------------------------------------------------------------------------- */

struct pool_view fixture_view(struct pool *pool)
{
    struct pool_view view;
    interplay_pool_inspect(pool, &view);
    return view;
}

static void pause_briefly(void)
{
    (void)nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

void fixture_wait_for_waiting(struct pool *pool, uint32_t readers, uint32_t writers)
{
    for (struct pool_view view = fixture_view(pool);
         view.waiting_readers != readers || view.waiting_writers != writers;
         view = fixture_view(pool))
        pause_briefly();
}

static bool is_busy(struct pool *pool, const void *owner)
{
    struct pool_view view = fixture_view(pool);
    for (uint32_t i = 0; i < view.slot_count; i++) {
        if (view.slots[i].owner == owner)
            return view.slots[i].state == POOL_SLOT_BUSY;
    }
    return false;
}

void fixture_wait_for_busy(struct pool *pool, const void *owner)
{
    while (!is_busy(pool, owner))
        pause_briefly();
}
