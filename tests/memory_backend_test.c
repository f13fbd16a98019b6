/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backend without a database: its states, what each fault does to them, cancelling, and that
 * leftovers are counted. What runs on a coroutine leaves its outcomes, the main stack checks them.
 */
#include <interplay/backend.h>

#include "generated/subjects.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct backend_ops *const backend = &interplay_backend_memory;
static const struct subject_world_ops *subject_world; /* of the backend */
static struct subject_instance *instance;

static uint32_t commits;

static void on_commit_point(void *context)
{
    (void)context;
    commits++;
}

static int64_t left_over(void)
{
    struct subject_resources resources;
    subject_world->resources(instance, &resources);
    return resources.allocations;
}

static void reset(void)
{
    world_reset(100000);
    subject_world->reset(instance, &(struct subject_start){.is_empty = true});
    commits = 0;
}

static int set_up(void **state)
{
    (void)state;
    subject_world = interplay_subject_memory.world;
    world_enter(world_open());
    struct error error;
    if (subject_world->open(&instance, "", &error) != ERROR_NONE)
        return -1;
    reset();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    subject_world->close(instance);
    world_close(world);
    return 0;
}

static enum outcome connect_to(struct backend_connection **ret_connection)
{
    struct backend_options options = {.on_commit_point = on_commit_point};
    subject_world->connection(instance, &options);
    return backend->connect(ret_connection, &options);
}

/* Prepares, steps to the end, finalizes. */
static enum outcome run_sql(struct backend_connection *connection, const char *sql)
{
    struct backend_statement *statement;
    enum outcome outcome = backend->prepare(connection, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return outcome;
    do
        outcome = backend->step(statement);
    while (outcome == OUTCOME_ROW);
    backend->finalize(statement);
    return outcome;
}

/* --- states ---------------------------------------------------------------------------------- */

static void test_transactions_begin_and_end(void **state)
{
    (void)state;
    struct backend_connection *connection;
    assert_int_equal(connect_to(&connection), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "COMMIT"), OUTCOME_SQL_ERROR);
    assert_int_equal(run_sql(connection, "ROLLBACK"), OUTCOME_SQL_ERROR);
    assert_string_equal(backend->error_message(connection), "sql_error");
    assert_false(backend->in_transaction(connection));
    assert_int_equal(run_sql(connection, " begin immediate"), OUTCOME_OK);
    assert_true(backend->in_transaction(connection));
    assert_int_equal(run_sql(connection, "BEGIN"), OUTCOME_SQL_ERROR);
    assert_int_equal(run_sql(connection, "SELECT 1"), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "COMMIT;"), OUTCOME_OK);
    assert_false(backend->in_transaction(connection));
    assert_int_equal(commits, 0); /* it wrote nothing */
    assert_int_equal(run_sql(connection, "INSERT INTO t VALUES(1)"), OUTCOME_OK);
    assert_int_equal(backend->changes(connection), 1);
    assert_int_equal(commits, 1);
    assert_int_equal(run_sql(connection, "BEGIN"), OUTCOME_OK);
    assert_int_equal(backend->changes(connection), 0);
    assert_int_equal(run_sql(connection, "UPDATE t SET a=1"), OUTCOME_OK);
    assert_int_equal(commits, 1);
    assert_int_equal(run_sql(connection, "COMMIT"), OUTCOME_OK);
    assert_int_equal(commits, 2);
    assert_int_equal(run_sql(connection, "BEGIN"), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "DELETE FROM t"), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "ROLLBACK"), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "BEGIN"), OUTCOME_OK);
    assert_int_equal(run_sql(connection, "COMMIT"), OUTCOME_OK); /* nothing written any more */
    assert_int_equal(commits, 2);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    assert_int_equal(left_over(), 0);
}

static void assert_rows(struct backend_statement *statement, int64_t count)
{
    for (int64_t row = 0; row < count; row++) {
        struct value value;
        assert_int_equal(backend->step(statement), OUTCOME_ROW);
        assert_false(backend->column_is_null(statement, 0));
        assert_int_equal(backend->column_int64(statement, 0), row);
        backend->column(statement, 0, &value);
        assert_int_equal(value.kind, VALUE_INTEGER);
        assert_int_equal(value.integer, row);
    }
    assert_int_equal(backend->step(statement), OUTCOME_OK);
}

static void test_queries_return_as_many_rows_as_asked_for(void **state)
{
    (void)state;
    struct backend_connection *connection;
    struct backend_statement *statement;
    static const char sql[] = "SELECT '?7', a FROM t WHERE b > ?1";
    assert_int_equal(connect_to(&connection), OUTCOME_OK);
    assert_int_equal(backend->prepare(connection, sql, strlen(sql), &statement), OUTCOME_OK);
    assert_int_equal(backend->parameter_count(statement), 1);
    assert_int_equal(backend->column_count(statement), 1);
    assert_true(backend->is_read_only(statement));
    static const int64_t asked[] = {0, -5, 1, 3, 64, 65, INT64_MAX};
    static const int64_t rows[] = {0, 0, 1, 3, 64, 64, 64};
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        assert_int_equal(backend->bind_int64(statement, 1, asked[i]), OUTCOME_OK);
        uint64_t yields = world->yields;
        assert_rows(statement, rows[i]);
        assert_int_equal(world->yields - yields, rows[i] + 1);
        backend->reset(statement);
    }
    assert_rows(statement, 1); /* the parameter was forgotten */
    assert_int_equal(backend->bind_int64(statement, 2, 1), OUTCOME_SQL_ERROR);
    assert_int_equal(backend->disconnect(connection), OUTCOME_BUSY);
    backend->finalize(statement);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    assert_int_equal(left_over(), 0);
}

static void test_a_new_schema_wants_statements_prepared_again(void **state)
{
    (void)state;
    struct backend_connection *first, *second;
    struct backend_statement *query, *control, *begun;
    assert_int_equal(connect_to(&first), OUTCOME_OK);
    assert_int_equal(connect_to(&second), OUTCOME_OK);
    assert_int_equal(backend->prepare(second, "SELECT ?1", 9, &query), OUTCOME_OK);
    assert_int_equal(backend->prepare(second, "SELECT ?1", 9, &begun), OUTCOME_OK);
    assert_int_equal(backend->prepare(second, "BEGIN", 5, &control), OUTCOME_OK);
    assert_int_equal(backend->bind_int64(begun, 1, 2), OUTCOME_OK);
    assert_int_equal(backend->step(begun), OUTCOME_ROW);
    assert_int_equal(run_sql(first, "CREATE TABLE t(a)"), OUTCOME_OK);
    assert_int_equal(commits, 1);
    assert_int_equal(backend->step(begun), OUTCOME_ROW); /* what runs goes on */
    assert_int_equal(backend->step(query), OUTCOME_SCHEMA);
    assert_int_equal(backend->step(query), OUTCOME_SCHEMA);
    backend->reset(query);
    assert_int_equal(backend->step(query), OUTCOME_SCHEMA);
    assert_int_equal(backend->step(control), OUTCOME_OK);
    assert_int_equal(run_sql(second, "SELECT 1"), OUTCOME_OK);
    backend->finalize(query);
    backend->finalize(begun);
    backend->finalize(control);
    assert_int_equal(backend->disconnect(second), OUTCOME_OK);
    assert_int_equal(backend->disconnect(first), OUTCOME_OK);
}

static void test_leftovers_are_counted_and_reset(void **state)
{
    (void)state;
    struct backend_connection *connections[2];
    struct backend_statement *statement;
    assert_int_equal(connect_to(&connections[0]), OUTCOME_OK);
    assert_int_equal(connect_to(&connections[1]), OUTCOME_OK);
    assert_int_equal(backend->prepare(connections[0], "SELECT", 6, &statement), OUTCOME_OK);
    assert_int_equal(left_over(), 3);
    assert_int_equal(backend->disconnect(connections[1]), OUTCOME_OK);
    assert_int_equal(left_over(), 2);
    reset();
    assert_int_equal(left_over(), 0);
}

static void test_handles_run_out(void **state)
{
    (void)state;
    struct backend_connection *connections[64], *one_more;
    for (size_t i = 0; i < 64; i++)
        assert_int_equal(connect_to(&connections[i]), OUTCOME_OK);
    assert_int_equal(connect_to(&one_more), OUTCOME_CANNOT_OPEN);
    assert_int_equal(backend->disconnect(connections[5]), OUTCOME_OK);
    assert_int_equal(connect_to(&one_more), OUTCOME_OK);
    struct backend_statement *statement;
    for (size_t i = 0; i < 8192; i++)
        assert_int_equal(backend->prepare(one_more, "SELECT", 6, &statement), OUTCOME_OK);
    struct backend_statement *last = statement;
    assert_int_equal(backend->prepare(one_more, "SELECT", 6, &statement), OUTCOME_NO_MEMORY);
    assert_ptr_equal(statement, last);
    backend->finalize(last);
    assert_int_equal(backend->prepare(one_more, "SELECT", 6, &statement), OUTCOME_OK);
}

/* --- cancelling ------------------------------------------------------------------------------ */

static void test_cancel_hits_the_next_step_and_is_forgotten(void **state)
{
    (void)state;
    struct backend_connection *connection;
    struct backend_statement *statement;
    assert_int_equal(connect_to(&connection), OUTCOME_OK);
    assert_int_equal(backend->prepare(connection, "SELECT ?1", 9, &statement), OUTCOME_OK);
    backend->cancel(connection);
    assert_int_equal(backend->step(statement), OUTCOME_INTERRUPTED);
    backend->reset(statement);
    assert_int_equal(backend->bind_int64(statement, 1, 3), OUTCOME_OK);
    assert_int_equal(backend->step(statement), OUTCOME_ROW);
    backend->cancel(connection);
    assert_int_equal(backend->step(statement), OUTCOME_INTERRUPTED);
    backend->cancel(connection);
    backend->finalize(statement);
    assert_int_equal(run_sql(connection, "INSERT"), OUTCOME_OK);
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
}

/* --- faults ---------------------------------------------------------------------------------- */

/* A script of calls on one connection; what they came to, and the connection's state after each. */
enum { SCRIPT_MAX = 8 };
static struct script {
    const char *const *sql; /* NULL ends it */
    enum outcome connect_outcome, outcomes[SCRIPT_MAX];
    bool in_transaction[SCRIPT_MAX];
    uint32_t commits[SCRIPT_MAX];
} script;
static struct backend_connection *script_connection;

static void run_script(void *argument)
{
    (void)argument;
    script.connect_outcome = connect_to(&script_connection);
    if (script.connect_outcome != OUTCOME_OK)
        return;
    for (size_t i = 0; script.sql[i] != NULL; i++) {
        script.outcomes[i] = run_sql(script_connection, script.sql[i]);
        script.in_transaction[i] = backend->in_transaction(script_connection);
        script.commits[i] = commits;
    }
    (void)backend->disconnect(script_connection);
}

/* As the runner does it. */
static void on_fault(void *context, uint32_t task, enum fault_kind kind)
{
    (void)context;
    if (kind == FAULT_interrupt)
        backend->cancel(script_connection);
    else if (kind == FAULT_process_death)
        world->tasks[task].dead = true;
}

static void play(const char *const *sql, enum fault_kind fault, uint32_t fault_at)
{
    reset();
    script = (struct script){.sql = sql};
    world->on_fault = on_fault;
    world_start(0, run_script, NULL, fault, fault_at);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(left_over(), 0);
}

static const char *const writing[] = {"BEGIN", "INSERT", "COMMIT", "SELECT", NULL};

struct fault_case {
    enum fault_kind fault;
    uint32_t at;
    size_t statement; /* of `writing`: which one fails */
    enum outcome outcome;
    bool in_transaction; /* after it */
    uint32_t commits;    /* after it */
};

static void test_faults_strike_where_they_belong(void **state)
{
    (void)state;
    static const struct fault_case cases[] = {
        {FAULT_busy, 1, 0, OUTCOME_BUSY, false, 0},
        {FAULT_busy, 2, 1, OUTCOME_BUSY, true, 0},
        {FAULT_busy, 3, 2, OUTCOME_BUSY, true, 0},
        {FAULT_busy, 4, 3, OUTCOME_BUSY, false, 1},
        {FAULT_io_lock, 1, 0, OUTCOME_IO_ERROR, false, 0},
        {FAULT_io_shm, 3, 3, OUTCOME_IO_ERROR, false, 1},
        {FAULT_io_read, 1, 3, OUTCOME_IO_ERROR, false, 1},
        {FAULT_short_read, 2, 3, OUTCOME_IO_ERROR, false, 1},
        /* the whole transaction is undone */
        {FAULT_io_write, 1, 1, OUTCOME_IO_ERROR, false, 0},
        {FAULT_disk_full, 1, 1, OUTCOME_FULL, false, 0},
        /* a commit can be tried again */
        {FAULT_io_write, 2, 2, OUTCOME_IO_ERROR, true, 0},
        {FAULT_disk_full, 2, 2, OUTCOME_FULL, true, 0},
        /* behind its commit point it is over */
        {FAULT_io_sync, 1, 2, OUTCOME_IO_ERROR, false, 1},
        {FAULT_io_truncate, 1, 2, OUTCOME_IO_ERROR, false, 1},
        {FAULT_io_delete, 1, 2, OUTCOME_IO_ERROR, false, 1},
        /* connect, prepare, begin, prepare, insert */
        {FAULT_no_memory, 4, 1, OUTCOME_NO_MEMORY, true, 0},
        {FAULT_no_memory, 5, 1, OUTCOME_NO_MEMORY, true, 0},
        {FAULT_interrupt, 5, 1, OUTCOME_INTERRUPTED, true, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fault_case *one = &cases[i];
        play(writing, one->fault, one->at);
        assert_true(world->tasks[0].fault.fired);
        for (size_t before = 0; before < one->statement; before++)
            assert_int_equal(script.outcomes[before], OUTCOME_OK);
        assert_int_equal(script.outcomes[one->statement], one->outcome);
        assert_int_equal(script.in_transaction[one->statement], one->in_transaction);
        assert_int_equal(script.commits[one->statement], one->commits);
    }
}

static void test_connecting_fails(void **state)
{
    (void)state;
    play(writing, FAULT_io_open, 1);
    assert_int_equal(script.connect_outcome, OUTCOME_CANNOT_OPEN);
    play(writing, FAULT_no_memory, 1);
    assert_int_equal(script.connect_outcome, OUTCOME_NO_MEMORY);
}

static void test_a_rollback_meets_busy_and_nothing_else(void **state)
{
    (void)state;
    static const char *const rolling_back[] = {"BEGIN", "ROLLBACK", "ROLLBACK", NULL};
    play(rolling_back, FAULT_busy, 2);
    assert_int_equal(script.outcomes[1], OUTCOME_BUSY);
    assert_true(script.in_transaction[1]);
    assert_int_equal(script.outcomes[2], OUTCOME_OK);
    play(rolling_back, FAULT_no_memory, 5);
    assert_int_equal(script.outcomes[1], OUTCOME_OK);
    assert_int_equal(script.outcomes[2], OUTCOME_NO_MEMORY); /* its prepare */
}

/* At every call: from then on the connection is dead, and nothing is left of it. */
static void test_a_dead_connection_stays_dead(void **state)
{
    (void)state;
    uint32_t deaths = 0;
    for (uint32_t at = 1; at == deaths + 1; at++) {
        play(writing, FAULT_process_death, at);
        if (!world->tasks[0].fault.fired)
            break;
        deaths++;
        size_t died = 0;
        if (script.connect_outcome == OUTCOME_DIED)
            continue;
        while (died < 4 && script.outcomes[died] == OUTCOME_OK)
            died++;
        assert_in_range(died, 0, 3);
        for (; died < 4; died++) {
            assert_int_equal(script.outcomes[died], OUTCOME_DIED);
            assert_false(script.in_transaction[died]);
        }
    }
    /* connect; prepare and step of each, the query's twice; behind the commit point */
    assert_int_equal(deaths, 1 + 4 * 2 + 1 + 1);
}

static void die_in_a_statement(void *argument)
{
    struct backend_connection **connections = argument;
    script.outcomes[0] = run_sql(connections[0], "INSERT");
    script.outcomes[1] = run_sql(connections[1], "SELECT");
    script.connect_outcome = connect_to(&connections[0]);
}

/* The death of a task is that of the connection it happened on, and of what it touches later. */
static void test_the_dead_leave_dead_connections(void **state)
{
    (void)state;
    struct backend_connection *connections[3], *first;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(connect_to(&connections[i]), OUTCOME_OK);
    first = connections[0];
    world->on_fault = on_fault;
    world_start(0, die_in_a_statement, connections, FAULT_process_death, 2);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(script.outcomes[0], OUTCOME_DIED);
    assert_int_equal(script.outcomes[1], OUTCOME_DIED);
    assert_int_equal(script.connect_outcome, OUTCOME_DIED);
    assert_ptr_equal(connections[0], first);
    /* Whoever lives finds out. */
    assert_int_equal(run_sql(first, "SELECT"), OUTCOME_DIED);
    assert_int_equal(run_sql(connections[1], "SELECT"), OUTCOME_DIED);
    assert_int_equal(run_sql(connections[2], "SELECT"), OUTCOME_OK);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(backend->disconnect(connections[i]), OUTCOME_OK);
    assert_int_equal(left_over(), 0);
}

static void test_each_call_is_one_yield_point(void **state)
{
    (void)state;
    struct backend_connection *connection;
    assert_int_equal(connect_to(&connection), OUTCOME_OK);
    uint64_t yields = world->yields;
    assert_int_equal(yields, 1);
    assert_int_equal(run_sql(connection, "INSERT"), OUTCOME_OK);
    assert_int_equal(world->yields - yields, 3); /* prepare, step, finalize */
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
    assert_int_equal(world->yields - yields, 4);
}

static void test_latency_takes_time_and_nothing_else(void **state)
{
    (void)state;
    play(writing, FAULT_latency, 3);
    assert_true(world->tasks[0].fault.fired);
    assert_int_equal(world->now_ns, 100 * 1000 * 1000);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(script.outcomes[i], OUTCOME_OK);
}

static void test_a_pause_holds_a_call_back(void **state)
{
    (void)state;
    script = (struct script){.sql = writing};
    world_start(0, run_script, NULL, FAULT_NONE, 0);
    world_arm_pause(yield_points_write, 3);
    assert_int_equal(world_finish(0), WORLD_STOPPED);
    assert_int_equal(world->tasks[0].stopped_at, YIELD_backend_call);
    assert_false(backend->in_transaction(script_connection)); /* before it has any effect */
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(script.outcomes[3], OUTCOME_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_transactions_begin_and_end),
        TEST(test_queries_return_as_many_rows_as_asked_for),
        TEST(test_a_new_schema_wants_statements_prepared_again),
        TEST(test_leftovers_are_counted_and_reset),
        TEST(test_handles_run_out),
        TEST(test_cancel_hits_the_next_step_and_is_forgotten),
        TEST(test_faults_strike_where_they_belong),
        TEST(test_connecting_fails),
        TEST(test_a_rollback_meets_busy_and_nothing_else),
        TEST(test_a_dead_connection_stays_dead),
        TEST(test_the_dead_leave_dead_connections),
        TEST(test_each_call_is_one_yield_point),
        TEST(test_latency_takes_time_and_nothing_else),
        TEST(test_a_pause_holds_a_call_back),
    };
    return cmocka_run_group_tests_name("memory_backend", tests, NULL, NULL);
}
