/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The backend for SQL Server before Interplay's own TDS server, both ends simulated: what goes in
 * comes out, failures are what their numbers say, who waits for a lock waits in virtual time, a
 * cancel ends the wait and nothing later, and whatever byte of a COMMIT or of its answer a
 * connection breaks off behind, nobody is told a wrong end of it.
 */
#include "mssql/mssql_backend.h"
#include "mssql/mssql_host.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { YIELDS_LIMIT = 1000000, LONG_BYTES = 20000 };
static const uint64_t ms_ns = 1000000;

static const struct backend_ops *const backend = &interplay_backend_mssql;
static struct mssql_host host;

/* --- helpers ---------------------------------------------------------------------------------- */

static struct backend_connection *connect_with(const char *parameters, uint32_t busy_timeout_ms)
{
    struct backend_connection *connection = NULL;
    struct backend_options options = {.target = "server=127.0.0.1 user=a password='b c'",
                                      .busy_timeout_ms = busy_timeout_ms};
    (void)snprintf(options.parameters, sizeof options.parameters, "%s", parameters);
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_OK);
    return connection;
}

static void disconnect(struct backend_connection *connection)
{
    assert_int_equal(backend->disconnect(connection), OUTCOME_OK);
}

/* The first value of the last row, if it is a number, goes to `ret_number`. */
static enum outcome run(struct backend_connection *connection, const char *sql, int64_t *ret_number)
{
    struct backend_statement *statement = NULL;
    enum outcome outcome = backend->prepare(connection, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return outcome;
    while ((outcome = backend->step(statement)) == OUTCOME_ROW)
        if (ret_number != NULL)
            *ret_number = backend->column_int64(statement, 0);
    backend->finalize(statement);
    return outcome;
}

static void must_run(struct backend_connection *connection, const char *sql)
{
    enum outcome outcome = run(connection, sql, NULL);
    if (outcome != OUTCOME_OK)
        fail_msg("%s: %s (%d: %s)", sql, interplay_outcome_names[outcome],
                 backend->error_code(connection), backend->error_message(connection));
}

static int64_t number(struct backend_connection *connection, const char *sql)
{
    int64_t found = INT64_MIN;
    assert_int_equal(run(connection, sql, &found), OUTCOME_OK);
    return found;
}

static void assert_fails(struct backend_connection *connection, const char *sql,
                         enum outcome outcome, int code)
{
    assert_int_equal(run(connection, sql, NULL), outcome);
    assert_int_equal(backend->error_code(connection), code);
}

static int set_up(void **state)
{
    (void)state;
    world_enter(world_open());
    world_reset(YIELDS_LIMIT);
    mssql_host_open(&host);
    assert_true(tds_server_execute(
        host.server, "CREATE TABLE t (k int PRIMARY KEY, v bigint); INSERT INTO t VALUES (1, 1)",
        NULL, NULL, NULL));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(net_sockets(&host.net), 0);
    mssql_host_close(&host);
    world_close(world);
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static void assert_same(const struct value *left, const struct value *right)
{
    assert_int_equal(left->kind, right->kind);
    if (left->kind == VALUE_INTEGER)
        assert_true(left->integer == right->integer);
    else if (left->kind == VALUE_REAL)
        assert_true(left->real == right->real);
    else if (left->kind != VALUE_NULL) {
        assert_int_equal(left->text.length, right->text.length);
        assert_memory_equal(left->text.bytes, right->text.bytes, right->text.length);
    }
}

static void must_come_back(struct backend_connection *connection, const struct value *value)
{
    static const char sql[] = "SELECT @p1";
    struct backend_statement *statement = NULL;
    struct value found;
    assert_int_equal(backend->prepare(connection, sql, sizeof sql - 1, &statement), OUTCOME_OK);
    assert_int_equal(backend->parameter_count(statement), 1);
    assert_int_equal(backend->bind(statement, 1, value), OUTCOME_OK);
    assert_int_equal(backend->step(statement), OUTCOME_ROW);
    backend->column(statement, 0, &found);
    assert_same(&found, value);
    assert_int_equal(backend->step(statement), OUTCOME_OK);
    backend->finalize(statement);
}

static void test_values_come_back(void **state)
{
    (void)state;
    static const char *const parameters[] = {"", "protocol=batch", "packet=512",
                                             "protocol=batch packet=512"};
    static char long_bytes[LONG_BYTES];
    memset(long_bytes, 'x', sizeof long_bytes);
    struct value values[] = {
        {.kind = VALUE_NULL},
        value_integer(INT64_MAX),
        value_integer(-1),
        {.kind = VALUE_REAL, .real = 0.1},
        value_text("", 0),
        value_text("it's", 4),
        value_text("z\xc3\xb6lf \xf0\x9f\x98\x80", 10),
        value_text(long_bytes, sizeof long_bytes),
        value_text("\0\xff\x01", 3),
        value_text(long_bytes, sizeof long_bytes),
    };
    values[8].kind = values[9].kind = VALUE_BLOB;
    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        struct backend_connection *connection = connect_with(parameters[i], 0);
        for (size_t j = 0; j < sizeof values / sizeof values[0]; j++)
            must_come_back(connection, &values[j]);
        disconnect(connection);
    }
}

static void test_counts_and_results(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("", 0);
    must_run(connection, "INSERT INTO t VALUES (2, 2), (3, 3)");
    assert_int_equal(backend->changes(connection), 2);
    must_run(connection, "UPDATE t SET v = 7 OUTPUT inserted.k WHERE k > 1");
    assert_int_equal(backend->changes(connection), 2);
    assert_int_equal(number(connection, "SELECT 1 SELECT k FROM t WHERE v = 1 SELECT 9"), 9);
    assert_int_equal(backend->changes(connection), 0);
    disconnect(connection);
}

/* --- failures --------------------------------------------------------------------------------- */

static void test_failures(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_with("", 0);
    assert_fails(connection, "INSERT INTO t VALUES (1, 2)", OUTCOME_CONSTRAINT, 2627);
    assert_fails(connection, "SELECT * FROM nowhere", OUTCOME_SQL_ERROR, 208);
    assert_fails(connection, "SELEC", OUTCOME_SQL_ERROR, 102);
    assert_fails(connection, "SELECT 1 / (v - 1) FROM t", OUTCOME_CONSTRAINT, 8134);
    assert_fails(connection, "COMMIT TRAN", OUTCOME_SQL_ERROR, 3902);
    assert_int_equal(number(connection, "SELECT count(*) FROM t"), 1);
    disconnect(connection);
}

/* Without XACT_ABORT the transaction stays, with it the transaction goes. */
static void test_what_an_error_ends(void **state)
{
    (void)state;
    for (int aborts = 0; aborts < 2; aborts++) {
        struct backend_connection *connection = connect_with("", 0);
        must_run(connection, aborts ? "SET XACT_ABORT ON" : "SET XACT_ABORT OFF");
        must_run(connection, "BEGIN TRAN");
        must_run(connection, "UPDATE t SET v = 5");
        assert_fails(connection, "INSERT INTO t VALUES (1, 2)", OUTCOME_CONSTRAINT, 2627);
        assert_int_equal(backend->in_transaction(connection), !aborts);
        if (!aborts)
            must_run(connection, "ROLLBACK TRAN");
        assert_int_equal(number(connection, "SELECT v FROM t"), 1);
        disconnect(connection);
    }
}

static void test_bad_targets(void **state)
{
    (void)state;
    static const char *const targets[] = {
        "", "port=1", "server=", "server=a server=b", "server='a", "server=a host=b"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct backend_connection *connection = NULL;
        const struct backend_options options = {.target = targets[i]};
        assert_int_equal(backend->connect(&connection, &options), OUTCOME_CANNOT_OPEN);
        assert_null(connection);
    }
}

/* --- several sessions ------------------------------------------------------------------------- */

struct session {
    struct backend_connection *connection;
    const char *sql;
    enum outcome outcome;
    uint64_t ended_ns;
};

static void session_body(void *argument)
{
    struct session *session = argument;
    session->outcome = run(session->connection, session->sql, NULL);
    session->ended_ns = world->now_ns;
}

static void start(uint32_t task, struct session *session, enum fault_kind fault, uint32_t at)
{
    world_start(task, session_body, session, fault, at);
    assert_int_equal(world_settle(), WORLD_IDLE);
}

static uint64_t blockers(void *context, const struct outside *line, struct outside *const *others,
                         uint32_t count)
{
    (void)context;
    void *connections[64];
    for (uint32_t i = 0; i < count; i++)
        connections[i] = others[i]->connection;
    return mssql_host_blockers(line->connection, connections, count);
}

static struct session open_session(const char *parameters, uint32_t busy_timeout_ms)
{
    world->blockers = blockers;
    return (struct session){.connection = connect_with(parameters, busy_timeout_ms)};
}

static void step(uint32_t task, struct session *session, const char *sql)
{
    session->sql = sql;
    start(task, session, FAULT_NONE, 0);
}

static void test_lock_timeouts_are_virtual(void **state)
{
    (void)state;
    struct session holds = open_session("", 0), waits = open_session("", 250);
    step(0, &holds, "BEGIN TRAN UPDATE t SET v = 2");
    step(1, &waits, "UPDATE t SET v = 3");
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_int_equal(waits.outcome, OUTCOME_BUSY);
    assert_int_equal(waits.ended_ns, 250 * ms_ns);
    disconnect(holds.connection);
    disconnect(waits.connection);
}

static void test_a_deadlock_has_a_victim(void **state)
{
    (void)state;
    struct session one = open_session("waits=forever", 0), other = open_session("waits=forever", 0);
    must_run(one.connection, "INSERT INTO t VALUES (2, 2)");
    step(0, &one, "BEGIN TRAN UPDATE t SET v = 5 WHERE k = 1");
    step(1, &other, "BEGIN TRAN UPDATE t SET v = 5 WHERE k = 2");
    step(0, &one, "UPDATE t SET v = 6 WHERE k = 2");
    step(1, &other, "UPDATE t SET v = 6 WHERE k = 1");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_true((one.outcome == OUTCOME_DEADLOCK) != (other.outcome == OUTCOME_DEADLOCK));
    assert_true((one.outcome == OUTCOME_OK) != (other.outcome == OUTCOME_OK));
    struct session *victim = one.outcome == OUTCOME_DEADLOCK ? &one : &other;
    assert_int_equal(backend->error_code(victim->connection), 1205);
    assert_false(backend->in_transaction(victim->connection));
    disconnect(one.connection);
    disconnect(other.connection);
}

/* What waited has not been done, and the connection serves whoever comes next. */
static void test_a_cancel_ends_a_wait(void **state)
{
    (void)state;
    struct session holds = open_session("", 0), waits = open_session("waits=forever", 0);
    step(0, &holds, "BEGIN TRAN UPDATE t SET v = 2");
    step(1, &waits, "SELECT v FROM t");
    assert_int_equal(world->tasks[1].state, TASK_OUTSIDE);
    backend->cancel(waits.connection);
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_int_equal(waits.outcome, OUTCOME_INTERRUPTED);
    assert_int_equal(world->now_ns, 0);
    must_run(holds.connection, "COMMIT TRAN");
    assert_int_equal(number(waits.connection, "SELECT v FROM t"), 2);
    assert_int_equal(number(waits.connection, "SELECT 4"), 4);
    disconnect(holds.connection);
    disconnect(waits.connection);
}

/* --- a commit that is cut --------------------------------------------------------------------- */

struct ends {
    uint32_t known, in_doubt_done, in_doubt_undone;
};

/* False: the byte was not there. */
static bool commit_with_cut(enum fault_kind fault, uint32_t at, struct ends *ends)
{
    struct session session = open_session("", 0);
    int64_t before = number(session.connection, "SELECT v FROM t");
    must_run(session.connection, "BEGIN TRAN");
    must_run(session.connection, "UPDATE t SET v = v + 1");
    session.sql = "COMMIT TRAN";
    start(0, &session, fault, at);
    bool struck = world->tasks[0].fault.fired;
    disconnect(session.connection);
    struct backend_connection *later = connect_with("waits=forever", 0);
    bool is_done = number(later, "SELECT v FROM t") == before + 1;
    disconnect(later);
    assert_true(session.outcome == OUTCOME_OK || session.outcome == OUTCOME_IN_DOUBT);
    assert_true(session.outcome != OUTCOME_OK || is_done);
    ends->known += session.outcome == OUTCOME_OK;
    ends->in_doubt_done += session.outcome == OUTCOME_IN_DOUBT && is_done;
    ends->in_doubt_undone += session.outcome == OUTCOME_IN_DOUBT && !is_done;
    return struck;
}

static struct ends cut_at_each_byte(enum fault_kind fault)
{
    struct ends ends = {0};
    for (uint32_t at = 1; commit_with_cut(fault, at, &ends);)
        at++;
    return ends;
}

static void test_nobody_is_told_a_wrong_end(void **state)
{
    (void)state;
    struct ends request = cut_at_each_byte(FAULT_wire_cut_request);
    assert_true(request.in_doubt_undone > 8 && request.in_doubt_done <= 1);
    assert_int_equal(request.known, 1);
    struct ends reply = cut_at_each_byte(FAULT_wire_cut_reply);
    assert_true(reply.in_doubt_done > 8 && reply.in_doubt_undone == 0);
    struct ends end = cut_at_each_byte(FAULT_wire_end_reply);
    assert_true(end.in_doubt_done > 8 && end.in_doubt_undone == 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values_come_back),
        TEST(test_counts_and_results),
        TEST(test_failures),
        TEST(test_what_an_error_ends),
        TEST(test_bad_targets),
        TEST(test_lock_timeouts_are_virtual),
        TEST(test_a_deadlock_has_a_victim),
        TEST(test_a_cancel_ends_a_wait),
        TEST(test_nobody_is_told_a_wrong_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
