/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture of the tests of actors. */
#include "actors_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct read_statement count_rows = {
    {.sql = "SELECT count(*) FROM t", .column_count = 1, .columns = {VALUE_INTEGER}}};
const struct write_statement insert_row = {
    {.sql = "INSERT INTO t(k) VALUES (?1)", .parameter_count = 1, .parameters = {VALUE_INTEGER}}};
const struct read_statement forever = {{.sql = FOREVER_SQL, .column_count = 1}};

struct actor_pool *pool;
char held_tag;

static struct {
    char folder[64];
    char target[96];
    struct backend_ops backend;

    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    uint64_t steps;
    const char *fail_sql;
    enum outcome fail_outcome;
    uint32_t fail_times;
    uint32_t held, let_go;
    struct served log[LOG_MAX];
    uint32_t log_count;
} fixture = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

/* --- the backend ----------------------------------------------------------------------------- */

static enum outcome injected(const char *sql)
{
    enum outcome outcome = OUTCOME_OK;
    pthread_mutex_lock(&fixture.mutex);
    const char *fails = fixture.fail_sql;
    if (fails != NULL && strncmp(sql, fails, strlen(fails)) == 0) {
        outcome = fixture.fail_outcome;
        if (fixture.fail_times > 0 && --fixture.fail_times == 0)
            fixture.fail_sql = NULL;
    }
    pthread_mutex_unlock(&fixture.mutex);
    return outcome;
}

static enum outcome prepare(struct backend_connection *connection, const char *sql, size_t length,
                            struct backend_statement **ret_statement)
{
    enum outcome outcome = injected(sql);
    if (outcome != OUTCOME_OK)
        return outcome;
    return interplay_backend_sqlite.prepare(connection, sql, length, ret_statement);
}

static enum outcome step(struct backend_statement *statement)
{
    pthread_mutex_lock(&fixture.mutex);
    fixture.steps++;
    pthread_cond_broadcast(&fixture.changed);
    pthread_mutex_unlock(&fixture.mutex);
    return interplay_backend_sqlite.step(statement);
}

void fixture_fail(const char *sql, enum outcome outcome, uint32_t times)
{
    pthread_mutex_lock(&fixture.mutex);
    fixture.fail_sql = sql;
    fixture.fail_outcome = outcome;
    fixture.fail_times = times;
    pthread_mutex_unlock(&fixture.mutex);
}

uint64_t fixture_steps(void)
{
    pthread_mutex_lock(&fixture.mutex);
    uint64_t steps = fixture.steps;
    pthread_mutex_unlock(&fixture.mutex);
    return steps;
}

void fixture_await_steps(uint64_t steps)
{
    pthread_mutex_lock(&fixture.mutex);
    while (fixture.steps < steps)
        pthread_cond_wait(&fixture.changed, &fixture.mutex);
    pthread_mutex_unlock(&fixture.mutex);
}

/* --- the observer ---------------------------------------------------------------------------- */

static void note(const void *tag, bool is_begin, enum outcome outcome)
{
    if (fixture.log_count < LOG_MAX)
        fixture.log[fixture.log_count++] = (struct served){tag, is_begin, outcome};
}

static void on_serve(void *context, void *tag)
{
    (void)context;
    pthread_mutex_lock(&fixture.mutex);
    note(tag, true, OUTCOME_OK);
    if (tag == &held_tag) {
        uint32_t number = ++fixture.held;
        pthread_cond_broadcast(&fixture.changed);
        while (fixture.let_go < number)
            pthread_cond_wait(&fixture.changed, &fixture.mutex);
    }
    pthread_mutex_unlock(&fixture.mutex);
}

static void on_served(void *context, void *tag, const struct pool_error *error, int64_t changes)
{
    (void)context;
    (void)changes;
    pthread_mutex_lock(&fixture.mutex);
    note(tag, false, error->outcome);
    pthread_mutex_unlock(&fixture.mutex);
}

void fixture_await_held(uint32_t count)
{
    pthread_mutex_lock(&fixture.mutex);
    while (fixture.held - fixture.let_go < count)
        pthread_cond_wait(&fixture.changed, &fixture.mutex);
    pthread_mutex_unlock(&fixture.mutex);
}

void fixture_let_go(void)
{
    pthread_mutex_lock(&fixture.mutex);
    fixture.let_go = fixture.held;
    pthread_cond_broadcast(&fixture.changed);
    pthread_mutex_unlock(&fixture.mutex);
}

uint32_t fixture_log(struct served *log)
{
    pthread_mutex_lock(&fixture.mutex);
    uint32_t count = fixture.log_count;
    memcpy(log, fixture.log, count * sizeof *log);
    pthread_mutex_unlock(&fixture.mutex);
    return count;
}

static uint32_t find(const void *tag, bool is_begin, uint32_t *ret_place)
{
    struct served log[LOG_MAX];
    uint32_t count = fixture_log(log), found = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (log[i].tag != tag || log[i].is_begin != is_begin)
            continue;
        *ret_place = i;
        found++;
    }
    return found;
}

uint32_t fixture_place(const void *tag, bool is_begin)
{
    uint32_t place = 0;
    assert_int_equal(find(tag, is_begin, &place), 1);
    return place;
}

bool fixture_was_told(const void *tag, bool is_begin)
{
    uint32_t place;
    return find(tag, is_begin, &place) > 0;
}

/* --- the pool -------------------------------------------------------------------------------- */

int fixture_set_up(void **state)
{
    (void)state;
    strcpy(fixture.folder, "/tmp/interplay-actors-XXXXXX");
    if (mkdtemp(fixture.folder) == NULL)
        return -1;
    (void)snprintf(fixture.target, sizeof fixture.target, "%s/db", fixture.folder);
    fixture.backend = interplay_backend_sqlite;
    fixture.backend.prepare = prepare;
    fixture.backend.step = step;
    fixture.fail_sql = NULL;
    fixture.held = fixture.let_go = fixture.log_count = 0;
    return 0;
}

int fixture_tear_down(void **state)
{
    (void)state;
    fixture_let_go();
    if (pool != NULL)
        fixture_close(POOL_CLOSE_INTERRUPT);
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[128];
        (void)snprintf(name, sizeof name, "%s%s", fixture.target, suffixes[i]);
        (void)unlink(name);
    }
    return rmdir(fixture.folder);
}

struct pool_options fixture_options(uint32_t readers, uint32_t writers)
{
    struct pool_options options = interplay_pool_defaults(&fixture.backend, fixture.target);
    options.readers = readers;
    options.writers = writers;
    options.observer.on_serve = on_serve;
    options.observer.on_served = on_served;
    return options;
}

void fixture_open_with(const struct pool_options *options)
{
    struct pool_error error = {.outcome = OUTCOME_OK};
    if (interplay_actors_open(&pool, options, &error) != OUTCOME_OK)
        fail_msg("%s", error.message);
    must_execute_sql("CREATE TABLE t(k INTEGER PRIMARY KEY, v)");
}

void fixture_open(uint32_t readers, uint32_t writers)
{
    const struct pool_options options = fixture_options(readers, writers);
    fixture_open_with(&options);
}

void fixture_close(enum pool_close_mode mode)
{
    assert_int_equal(interplay_actors_close(pool, mode, LONG_MS), OUTCOME_OK);
    interplay_actors_free(pool);
    pool = NULL;
}

/* --- calls that must succeed ----------------------------------------------------------------- */

struct request_options tagged(const void *tag)
{
    /* The observer only compares it. */
    union {
        const void *in;
        void *out;
    } any = {.in = tag};
    return (struct request_options){.send_timeout_ms = LONG_MS, .tag = any.out};
}

struct request *send_query(const struct read_statement *statement, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_query(pool, statement, NULL, &options, &request, NULL),
                     OUTCOME_OK);
    return request;
}

struct request *send_query_sql(const char *sql, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_query_sql(pool, sql, NULL, 0, &options, &request, NULL),
                     OUTCOME_OK);
    return request;
}

struct request *send_insert(int64_t k, const void *tag)
{
    const struct request_options options = tagged(tag);
    const struct value parameter = value_integer(k);
    struct request *request = NULL;
    assert_int_equal(
        interplay_actors_execute(pool, &insert_row, &parameter, &options, &request, NULL),
        OUTCOME_OK);
    return request;
}

struct request *send_execute_sql(const char *sql, const void *tag)
{
    const struct request_options options = tagged(tag);
    struct request *request = NULL;
    assert_int_equal(interplay_actors_execute_sql(pool, sql, NULL, 0, &options, &request, NULL),
                     OUTCOME_OK);
    return request;
}

void must_end(struct request *request, enum outcome outcome)
{
    struct pool_error error = {.outcome = OUTCOME_OK};
    enum outcome found = interplay_request_wait(request, LONG_MS, &error);
    if (found != outcome)
        fail_msg("%s instead of %s: %s", interplay_outcome_names[found],
                 interplay_outcome_names[outcome], error.message);
    assert_int_equal(error.outcome, outcome);
    interplay_request_drop(request);
}

int64_t integer_of(struct request *request)
{
    assert_int_equal(interplay_request_wait(request, LONG_MS, NULL), OUTCOME_OK);
    assert_int_equal(interplay_request_row_count(request), 1);
    uint32_t columns = 0;
    const struct value *row = interplay_request_row(request, 0, &columns);
    assert_int_equal(columns, 1);
    assert_int_equal(row->kind, VALUE_INTEGER);
    int64_t integer = row->integer;
    interplay_request_drop(request);
    return integer;
}

void must_insert(int64_t k)
{
    must_end(send_insert(k, NULL), OUTCOME_OK);
}

int64_t row_count(void)
{
    return integer_of(send_query(&count_rows, NULL));
}

void must_execute_sql(const char *sql)
{
    must_end(send_execute_sql(sql, NULL), OUTCOME_OK);
}

struct pool_slot_view slot_view(uint32_t index)
{
    struct pool_view view;
    interplay_actors_inspect(pool, &view);
    assert_true(index < view.slot_count);
    return view.slots[index];
}

void await_waiting(uint32_t readers, uint32_t writers)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct pool_view view;
    for (;;) {
        interplay_actors_inspect(pool, &view);
        if (view.waiting_readers == readers && view.waiting_writers == writers)
            return;
        (void)nanosleep(&pause, NULL);
    }
}

/* --- threads that send ----------------------------------------------------------------------- */

static void *send_one(void *argument)
{
    struct sender *sender = argument;
    const struct request_options options = tagged(sender);
    struct request *request = NULL;
    sender->sent = interplay_actors_query(pool, &count_rows, NULL, &options, &request, NULL);
    if (sender->sent == OUTCOME_OK) {
        sender->ended = interplay_request_wait(request, LONG_MS, NULL);
        interplay_request_drop(request);
    }
    return NULL;
}

void start_senders(struct sender *senders, uint32_t count, uint32_t waiting_before)
{
    for (uint32_t i = 0; i < count; i++) {
        senders[i] = (struct sender){.sent = OUTCOME_COUNT, .ended = OUTCOME_COUNT};
        assert_int_equal(pthread_create(&senders[i].thread, NULL, send_one, &senders[i]), 0);
        await_waiting(waiting_before + i + 1, 0);
    }
}

void join_sender(const struct sender *sender)
{
    assert_int_equal(pthread_join(sender->thread, NULL), 0);
}
