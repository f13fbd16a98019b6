/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real SQLite through the simulated seams (storage, memory, mutexes): the prepared databases are
 * sound, two connections see each other as two processes would, no failure at any opportunity
 * crashes or leaks, and what a dead process or a power loss leaves behind can be recovered. Tasks
 * run on coroutines; assertions stay on the main stack.
 */
#include "base/hash.h"
#include "plan/sql.h"
#include "sim/world.h"
#include "sqlite/sqlite_sim.h"

#include <interplay/backend.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct backend_ops *const ops = &interplay_backend_sqlite;
static struct sqlite_sim *sim;
static const uint32_t page_sizes[] = {512, 1024, 4096, 65536};
enum { PAGE_SIZES = sizeof page_sizes / sizeof page_sizes[0], TASKS = 3 };

/* --- talking to the database ----------------------------------------------------------------- */

static bool shares_cache; /* of connections from now on */

static enum outcome connect_with(struct backend_connection **ret_connection, const char *setup,
                                 uint32_t busy_timeout_ms)
{
    struct backend_options options = {
        .target = SQLITE_SIM_DATABASE,
        .driver = sqlite_sim_vfs(sim),
        .setup = setup,
        .busy_timeout_ms = busy_timeout_ms,
    };
    if (shares_cache)
        (void)strcpy(options.parameters, "autocheckpoint=1000 shared_cache=1");
    return ops->connect(ret_connection, &options);
}

/* Runs one statement to its end; `*ret_value` is column 0 of the last row as a number. */
static enum outcome run(struct backend_connection *connection, const char *sql, int64_t *ret_value)
{
    struct backend_statement *statement = NULL;
    enum outcome outcome = ops->prepare(connection, sql, strlen(sql), &statement);
    if (outcome != OUTCOME_OK)
        return outcome;
    while ((outcome = ops->step(statement)) == OUTCOME_ROW) {
        if (ret_value != NULL)
            *ret_value = ops->column_int64(statement, 0);
    }
    ops->finalize(statement);
    return outcome;
}

static bool is_sound(struct backend_connection *connection)
{
    struct backend_statement *statement = NULL;
    const char sql[] = "PRAGMA integrity_check";
    if (ops->prepare(connection, sql, sizeof sql - 1, &statement) != OUTCOME_OK)
        return false;
    size_t length;
    bool sound = ops->step(statement) == OUTCOME_ROW &&
                 strcmp(ops->column_text(statement, 0, &length), "ok") == 0 &&
                 ops->step(statement) == OUTCOME_OK;
    ops->finalize(statement);
    return sound;
}

static void reset(uint32_t page_size, bool wal, bool track)
{
    world_reset(10 * 1000 * 1000);
    const struct sqlite_sim_options options = {
        .page_size = page_size,
        .wal = wal,
        .loses_power = track,
        .powersafe_overwrite = true,
        .random_seed = 1,
        .shares_caches = shares_cache,
    };
    sqlite_sim_reset(sim, &options);
}

static void assert_nothing_held(void)
{
    struct sqlite_sim_resources held;
    sqlite_sim_resources(sim, &held);
    assert_int_equal(held.memory_bytes, 0);
    assert_int_equal(held.allocations, 0);
    assert_int_equal(held.mutexes, 0);
    assert_int_equal(held.handles, 0);
    assert_int_equal(held.locks, 0);
    assert_int_equal(held.shm, 0);
}

static struct backend_connection *must_connect(const char *setup)
{
    struct backend_connection *connection = NULL;
    assert_int_equal(connect_with(&connection, setup, 0), OUTCOME_OK);
    return connection;
}

static int64_t must_ask(struct backend_connection *connection, const char *sql)
{
    int64_t value = -1;
    assert_int_equal(run(connection, sql, &value), OUTCOME_OK);
    return value;
}

/* --- the seams without faults ---------------------------------------------------------------- */

static void every_prepared_database_is_sound(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < PAGE_SIZES; i++) {
        for (int wal = 0; wal < 2; wal++) {
            reset(page_sizes[i], wal != 0, false);
            struct backend_connection *connection = must_connect(NULL);
            assert_true(is_sound(connection));
            assert_int_equal(must_ask(connection, "PRAGMA page_size"), page_sizes[i]);
            assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
            assert_int_equal(must_ask(connection, "SELECT sum(v) FROM t1"), 112);
            assert_int_equal(must_ask(connection, "SELECT journal_mode='wal' FROM"
                                                  " pragma_journal_mode"),
                             wal);
            assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
            assert_nothing_held();
        }
    }
}

static void an_empty_reset_has_no_tables(void **state)
{
    (void)state;
    world_reset(0);
    sqlite_sim_reset(sim, &(struct sqlite_sim_options){.empty = true});
    struct backend_connection *connection = must_connect(NULL);
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM sqlite_schema"), 0);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void two_connections_share_a_wal_database(void **state)
{
    (void)state;
    reset(4096, true, false);
    struct backend_connection *writer = must_connect(NULL);
    struct backend_connection *reader = must_connect(NULL);
    must_ask(reader, "BEGIN");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0"), 8);
    must_ask(writer, "INSERT INTO t0 VALUES (1, 101, 'x')");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0"), 8);
    assert_int_equal(run(reader, "DELETE FROM t0", NULL), OUTCOME_BUSY_SNAPSHOT);
    must_ask(reader, "COMMIT");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0"), 9);
    must_ask(writer, "BEGIN IMMEDIATE");
    assert_int_equal(run(reader, "DELETE FROM t0", NULL), OUTCOME_BUSY);
    assert_int_equal(ops->disconnect(writer), OUTCOME_OK);
    assert_true(is_sound(reader));
    assert_int_equal(ops->disconnect(reader), OUTCOME_OK);
    assert_nothing_held();
}

static void two_connections_share_a_rollback_database(void **state)
{
    (void)state;
    reset(1024, false, false);
    struct backend_connection *writer = must_connect("PRAGMA mmap_size=1048576");
    struct backend_connection *reader = must_connect("PRAGMA mmap_size=1048576");
    must_ask(writer, "BEGIN IMMEDIATE");
    must_ask(writer, "INSERT INTO t0 VALUES (1, 101, 'x')");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0"), 8);
    must_ask(reader, "BEGIN");
    must_ask(reader, "SELECT count(*) FROM t0");
    assert_int_equal(run(writer, "COMMIT", NULL), OUTCOME_BUSY);
    assert_true(ops->in_transaction(writer));
    must_ask(reader, "COMMIT");
    /* The writer holds PENDING: nobody new may read. */
    assert_int_equal(run(reader, "SELECT count(*) FROM t0", NULL), OUTCOME_BUSY);
    must_ask(writer, "COMMIT");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0"), 9);
    assert_int_equal(ops->disconnect(writer), OUTCOME_OK);
    assert_int_equal(ops->disconnect(reader), OUTCOME_OK);
    assert_nothing_held();
}

static void waiting_for_a_lock_takes_virtual_time(void **state)
{
    (void)state;
    reset(4096, true, false);
    struct backend_connection *writer = must_connect(NULL);
    struct backend_connection *waiting = NULL;
    assert_int_equal(connect_with(&waiting, NULL, 100), OUTCOME_OK);
    must_ask(writer, "BEGIN IMMEDIATE");
    assert_int_equal(run(waiting, "BEGIN IMMEDIATE", NULL), OUTCOME_BUSY);
    assert_in_range(world->now_ns, 50u * 1000000u, 150u * 1000000u);
    assert_int_equal(ops->disconnect(writer), OUTCOME_OK);
    assert_int_equal(ops->disconnect(waiting), OUTCOME_OK);
    assert_nothing_held();
}

/* --- statements ------------------------------------------------------------------------------ */

static struct backend_statement *must_prepare(struct backend_connection *connection,
                                              const char *sql)
{
    struct backend_statement *statement = NULL;
    assert_int_equal(ops->prepare(connection, sql, strlen(sql), &statement), OUTCOME_OK);
    return statement;
}

static void assert_same_value(const struct value *value, const struct value *expected)
{
    assert_int_equal(value->kind, expected->kind);
    switch (expected->kind) {
    case VALUE_NULL:
        return;
    case VALUE_INTEGER:
        assert_true(value->integer == expected->integer);
        return;
    case VALUE_REAL:
        assert_memory_equal(&value->real, &expected->real, sizeof value->real);
        return;
    case VALUE_TEXT:
    case VALUE_BLOB:
        assert_non_null(value->text.bytes);
        assert_int_equal(value->text.length, expected->text.length);
        if (expected->text.length > 0)
            assert_memory_equal(value->text.bytes, expected->text.bytes, expected->text.length);
        return;
    }
}

static void shared_caches_lock_tables_and_nobody_waits(void **state)
{
    (void)state;
    shares_cache = true;
    reset(4096, true, false);
    struct backend_connection *writer = must_connect(NULL);
    struct backend_connection *reader = NULL;
    assert_int_equal(connect_with(&reader, NULL, 100), OUTCOME_OK);
    must_ask(writer, "BEGIN");
    must_ask(writer, "UPDATE t0 SET v = -1");
    assert_int_equal(run(reader, "SELECT count(*) FROM t0 WHERE v < 0", NULL), OUTCOME_LOCKED);
    assert_string_equal(ops->error_state(reader), "SQLITE_LOCKED_SHAREDCACHE");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t1 WHERE v < 0"), 0);
    must_ask(reader, "PRAGMA read_uncommitted=1");
    assert_int_equal(must_ask(reader, "SELECT count(*) FROM t0 WHERE v < 0"), 8);
    assert_int_equal(world->now_ns, 0);
    assert_int_equal(ops->disconnect(writer), OUTCOME_OK);
    assert_int_equal(ops->disconnect(reader), OUTCOME_OK);
    assert_nothing_held();
    shares_cache = false;
}

static void a_parameter_that_is_not_known_is_an_error(void **state)
{
    (void)state;
    static const char *const wrong[] = {"autocheckpoint=", "autocheckpoint=-1",
                                        "shared_cache=2",  "shared_cache=1,",
                                        "cache=1",         "autocheckpoint=1 x"};
    reset(4096, true, false);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct backend_connection *connection = NULL;
        struct backend_options options = {.target = SQLITE_SIM_DATABASE,
                                          .driver = sqlite_sim_vfs(sim)};
        (void)strcpy(options.parameters, wrong[i]);
        assert_int_equal(ops->connect(&connection, &options), OUTCOME_SQL_ERROR);
    }
    assert_nothing_held();
}

static void values_come_back_as_they_were_bound(void **state)
{
    (void)state;
    static const struct value values[] = {
        {.kind = VALUE_NULL},
        {.kind = VALUE_INTEGER, .integer = INT64_MIN},
        {.kind = VALUE_REAL, .real = -0.1},
        {.kind = VALUE_TEXT, .text = {"a\0\xc3\xa4", 4}},
        {.kind = VALUE_BLOB, .text = {"\0\xff\0", 3}},
        {.kind = VALUE_TEXT, .text = {NULL, 0}},
        {.kind = VALUE_BLOB, .text = {NULL, 0}},
    };
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    struct backend_statement *statement = must_prepare(connection, "SELECT ?2, ?1");
    assert_int_equal(ops->parameter_count(statement), 2);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct value value = {.kind = VALUE_NULL};
        assert_int_equal(ops->bind(statement, 1, &values[i]), OUTCOME_OK);
        assert_int_equal(ops->step(statement), OUTCOME_ROW);
        ops->column(statement, 1, &value);
        assert_same_value(&value, &values[i]);
        /* The other one is null, in later rounds because reset forgets it. */
        ops->column(statement, 0, &value);
        assert_int_equal(value.kind, VALUE_NULL);
        assert_int_equal(ops->step(statement), OUTCOME_OK);
        ops->reset(statement);
        assert_int_equal(ops->bind(statement, 2, &values[i]), OUTCOME_OK);
        assert_int_equal(ops->step(statement), OUTCOME_ROW);
        ops->reset(statement);
    }
    assert_int_equal(ops->bind(statement, 3, &values[1]), OUTCOME_SQL_ERROR);
    ops->finalize(statement);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void what_only_reads_is_known(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool is_read_only;
    } examples[] = {
        {"SELECT * FROM t0", true},
        {"DELETE FROM t0", false},
        {"PRAGMA page_size", true},
        {"CREATE TABLE x(y)", false},
        {"BEGIN", true},
        {"BEGIN IMMEDIATE", false},
        {"INSERT INTO t0 SELECT * FROM t1", false},
    };
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct backend_statement *statement = must_prepare(connection, examples[i].sql);
        assert_int_equal(ops->is_read_only(statement), examples[i].is_read_only);
        ops->finalize(statement);
    }
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void a_text_holds_one_statement(void **state)
{
    (void)state;
    static const struct {
        const char *sql, *refusal; /* NULL: it is fine */
    } examples[] = {
        {"SELECT 1", NULL},
        {"SELECT 1;", NULL},
        {" ; SELECT 1 ;; \n", NULL},
        {"SELECT 1; -- and a comment", NULL},
        {"SELECT 1 /* ; SELECT 2 */", NULL},
        {"", "no statement"},
        {" ; -- none", "no statement"},
        {"SELECT 1; SELECT 2", "more than one statement"},
        {"SELECT 1; /* a */ DROP TABLE t0", "more than one statement"},
        {"SELECT 1; nonsense", "more than one statement"},
        {"SELECT 1;\tDROP TABLE t0", "more than one statement"},
    };
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        struct backend_statement *statement = NULL;
        size_t length = strlen(examples[i].sql);
        enum outcome outcome = ops->prepare(connection, examples[i].sql, length, &statement);
        if (examples[i].refusal == NULL) {
            assert_int_equal(outcome, OUTCOME_OK);
            ops->finalize(statement);
        } else {
            assert_int_equal(outcome, OUTCOME_SQL_ERROR);
            assert_null(statement);
            assert_string_equal(ops->error_message(connection), examples[i].refusal);
        }
    }
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void a_cancel_hits_the_statement_under_way(void **state)
{
    (void)state;
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    struct backend_statement *statement = must_prepare(connection, "SELECT k FROM t0");
    for (int rows = 0; rows < 3; rows++) { /* with none: before its first step */
        for (int i = 0; i < rows; i++)
            assert_int_equal(ops->step(statement), OUTCOME_ROW);
        ops->cancel(connection);
        assert_int_equal(ops->step(statement), OUTCOME_INTERRUPTED);
        assert_int_equal(ops->error_code(connection), 9);
        assert_string_equal(ops->error_state(connection), "SQLITE_INTERRUPT");
        assert_string_equal(ops->error_message(connection), "interrupted");
        ops->reset(statement);
        assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
    }
    ops->cancel(connection);
    ops->finalize(statement);
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
    ops->cancel(connection);
    assert_int_equal(run(connection, "SELECT nonsense", NULL), OUTCOME_SQL_ERROR);
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void cancel_it(void *context)
{
    ops->cancel(*(struct backend_connection **)context);
}

static void a_failure_has_the_name_of_its_extended_code(void **state)
{
    (void)state;
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    assert_int_equal(run(connection, "INSERT INTO t0(k) VALUES(4)", NULL), OUTCOME_CONSTRAINT);
    assert_string_equal(ops->error_state(connection), "SQLITE_CONSTRAINT_PRIMARYKEY");
    struct backend_statement *statement;
    assert_int_equal(ops->prepare(connection, "SELEC", 5, &statement), OUTCOME_SQL_ERROR);
    assert_string_equal(ops->error_state(connection), "SQLITE_ERROR");
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
}

/* SQLite asks its progress handler once more when a statement has done and committed its work. */
static void what_was_committed_is_not_called_interrupted(void **state)
{
    (void)state;
    enum { TIMES = 1000 };
    reset(4096, true, false);
    struct backend_connection *connection = NULL;
    const struct backend_options options = {
        .target = SQLITE_SIM_DATABASE,
        .driver = sqlite_sim_vfs(sim),
        .on_commit_point = cancel_it,
        .context = &connection,
    };
    assert_int_equal(ops->connect(&connection, &options), OUTCOME_OK);
    struct backend_statement *statement = must_prepare(connection, "INSERT INTO t0(v) VALUES(1)");
    int64_t committed = 0;
    for (int i = 0; i < TIMES; i++) {
        committed += ops->step(statement) == OUTCOME_OK;
        ops->reset(statement);
    }
    ops->finalize(statement);
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8 + committed);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

static void changes_are_of_the_last_statement(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        int64_t changes;
    } steps[] = {
        {"UPDATE t0 SET v = 0 WHERE k < 8", 2},
        {"CREATE TABLE x(y)", 0},
        {"DELETE FROM t0", 8},
        {"SELECT * FROM t1", 0},
        {"UPDATE t0 SET v = 0", 0},
    };
    reset(4096, true, false);
    struct backend_connection *connection = must_connect(NULL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(run(connection, steps[i].sql, NULL), OUTCOME_OK);
        assert_true(ops->changes(connection) == steps[i].changes);
    }
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

/* --- tasks ----------------------------------------------------------------------------------- */

/* What a task does: a fixed script on a connection of its own; it records, and asserts nothing. */
struct job {
    const char *setup;
    uint32_t number;
    uint64_t trace;
    int64_t acknowledged; /* the highest v that a commit reported as done */
};

static const char *const workload[] = {
    "BEGIN IMMEDIATE",
    "INSERT INTO t0 VALUES (4@, 1000, hex(zeroblob(700)))",
    "UPDATE t0 SET v = v + 1 WHERE k >= 12 AND k <> 4@",
    "COMMIT",
    "SELECT count(*) FROM t0 ORDER BY v",
    "SAVEPOINT s",
    "DELETE FROM t1 WHERE k < 16 AND k <> 4@",
    "ROLLBACK TO s",
    "INSERT INTO t1 SELECT k + 14@, v, p FROM t1 WHERE k < 40",
    "RELEASE s",
    "PRAGMA wal_checkpoint(TRUNCATE)",
};

/* The workload's text with the task's digit for '@'. */
static void write_statement(char *sql, size_t capacity, const char *template, uint32_t number)
{
    size_t length = 0;
    for (; template[length] != '\0' && length + 1 < capacity; length++)
        sql[length] = template[length] == '@' ? (char)('0' + number) : template[length];
    sql[length] = '\0';
}

static void work(void *argument)
{
    struct job *job = argument;
    struct backend_connection *connection = NULL;
    enum outcome outcome = connect_with(&connection, job->setup, 20);
    job->trace = hash_word(job->trace, (uint64_t)outcome);
    if (outcome != OUTCOME_OK)
        return;
    for (size_t i = 0; i < sizeof workload / sizeof workload[0]; i++) {
        char sql[160];
        int64_t value = 0;
        write_statement(sql, sizeof sql, workload[i], job->number);
        outcome = run(connection, sql, &value);
        job->trace = hash_word(hash_word(job->trace, (uint64_t)outcome), (uint64_t)value);
        job->trace = hash_word(job->trace, (uint64_t)ops->error_code(connection));
    }
    job->trace = hash_word(job->trace, (uint64_t)ops->disconnect(connection));
}

static void on_fault(void *context, uint32_t task, enum fault_kind kind)
{
    const uint64_t *seed = context;
    if (kind == FAULT_process_death) {
        world->tasks[task].dead = true;
        sqlite_sim_process_died(sim, task);
    } else if (fault_loses_power(kind)) {
        for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++)
            world->tasks[i].dead = true;
        sqlite_sim_power_loss(sim, *seed);
    }
}

static const char *const setups[] = {
    "PRAGMA journal_mode=wal; PRAGMA cache_size=4",
    "PRAGMA journal_mode=delete; PRAGMA cache_size=4; PRAGMA synchronous=EXTRA",
    "PRAGMA journal_mode=persist; PRAGMA mmap_size=65536",
    "PRAGMA journal_mode=truncate; PRAGMA temp_store=memory",
    "PRAGMA locking_mode=exclusive; PRAGMA journal_mode=wal",
};
enum { SETUPS = sizeof setups / sizeof setups[0] };

/* One task alone; true when the fault had its opportunity. */
static bool run_alone(const char *setup, enum fault_kind fault, uint32_t fault_at, uint64_t *trace)
{
    struct job job = {.setup = setup, .trace = *trace};
    world_start(0, work, &job, fault, fault_at);
    bool finished = world_finish(0) == WORLD_IDLE;
    *trace = hash_word(job.trace, world->yields);
    return world->tasks[0].fault.fired || !finished;
}

static bool is_recoverable(void)
{
    struct backend_connection *connection = NULL;
    if (connect_with(&connection, NULL, 0) != OUTCOME_OK)
        return false;
    bool sound = is_sound(connection);
    int64_t rows = 0;
    sound = sound && run(connection, "SELECT count(*) FROM t0", &rows) == OUTCOME_OK && rows >= 8;
    return ops->disconnect(connection) == OUTCOME_OK && sound;
}

static void no_failure_at_any_opportunity_crashes_or_leaks(void **state)
{
    (void)state;
    for (int setup = 0; setup < SETUPS; setup++) {
        for (int kind = FAULT_io_read; kind < FAULT_KIND_COUNT; kind++) {
            if (fault_is_of_request((enum fault_kind)kind) ||
                !fault_can_strike((enum fault_kind)kind, false))
                continue; /* nothing is between these tasks and the database, least of all a wire */
            uint32_t stride = kind == FAULT_no_memory ? 7 : 1;
            uint32_t struck = 0;
            for (uint32_t at = 1;; at += stride) {
                uint64_t seed = at, trace = 0;
                reset(512, setup == 0, true);
                world->on_fault = on_fault;
                world->on_fault_context = &seed;
                bool fired = run_alone(setups[setup], (enum fault_kind)kind, at, &trace);
                for (uint32_t i = 0; i < WORLD_TASKS_MAX; i++)
                    world->tasks[i].dead = false;
                assert_int_equal(world->tasks[0].state, TASK_IDLE);
                assert_nothing_held();
                /* What a file that lies about its length makes of a database is its own fault. */
                if (kind != FAULT_short_read && !is_recoverable())
                    fail_msg("setup %d, %s at %u: not recoverable", setup, fault_infos[kind].name,
                             at);
                assert_nothing_held();
                if (!fired)
                    break;
                struck++;
            }
            if (kind != FAULT_io_shm && kind != FAULT_io_truncate && kind != FAULT_io_delete)
                assert_true(struck > 0);
        }
    }
}

static void a_power_loss_loses_nothing_that_is_synced(void **state)
{
    (void)state;
    /* Full synchronous: a committed transaction survives every loss after it. */
    for (int wal = 0; wal < 2; wal++) {
        for (uint64_t seed = 0; seed < 200; seed++) {
            reset(4096, wal != 0, true);
            struct backend_connection *connection = must_connect("PRAGMA synchronous=EXTRA");
            must_ask(connection, "INSERT INTO t0 VALUES (1, 101, 'x')");
            must_ask(connection, "BEGIN IMMEDIATE");
            must_ask(connection, "UPDATE t0 SET v = 0, p = hex(zeroblob(3000))");
            sqlite_sim_power_loss(sim, seed);
            (void)run(connection, "COMMIT", NULL);
            assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
            connection = must_connect(NULL);
            assert_true(is_sound(connection));
            assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 9);
            assert_int_equal(must_ask(connection, "SELECT sum(v) FROM t0"), 112 + 101);
            assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
            assert_nothing_held();
        }
    }
}

static void a_saved_state_comes_back(void **state)
{
    (void)state;
    reset(4096, true, true);
    struct backend_connection *connection = must_connect(NULL);
    must_ask(connection, "INSERT INTO t0 VALUES (1, 101, 'x')");
    sqlite_sim_power_loss(sim, 5);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    sqlite_sim_save(sim);
    for (int i = 0; i < 2; i++) {
        connection = must_connect(NULL);
        assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 9);
        must_ask(connection, "DELETE FROM t0");
        assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
        sqlite_sim_restore(sim);
    }
    assert_nothing_held();
}

/* --- several tasks --------------------------------------------------------------------------- */

/* Three tasks, the first two held back at a yield point each; what they saw goes into the trace. */
static uint64_t run_together(const char *setup, uint32_t pause, uint64_t points)
{
    struct job jobs[TASKS];
    reset(512, true, false);
    for (uint32_t i = 0; i < TASKS; i++) {
        jobs[i] = (struct job){.setup = setup, .number = i};
        world_arm_pause(i + 1 < TASKS ? points : 0, pause + i);
        world_start(i, work, &jobs[i], FAULT_NONE, 0);
        if (world_finish(i) == WORLD_DEADLOCK)
            return 0;
    }
    world_arm_pause(0, 0);
    uint64_t trace = world->now_ns;
    for (uint32_t i = 0; i < TASKS; i++) {
        if (world->tasks[i].state != TASK_IDLE && world_finish(i) != WORLD_IDLE)
            return 0;
    }
    for (uint32_t i = 0; i < TASKS; i++)
        trace = hash_word(trace, jobs[i].trace);
    return hash_word(trace, world->yields);
}

static void tasks_interleave_the_same_way_every_time(void **state)
{
    (void)state;
    world->on_fault = NULL;
    uint64_t last = 0;
    uint32_t different = 0;
    for (int setup = 0; setup < SETUPS; setup++) {
        for (uint32_t pause = 1; pause < 60; pause++) {
            for (int any = 0; any < 2; any++) {
                uint64_t points = any ? WORLD_ALL_POINTS : yield_points_storage;
                uint32_t after = any ? pause * 40 : pause * 3;
                uint64_t first = run_together(setups[setup], after, points);
                assert_true(first != 0);
                assert_nothing_held();
                assert_true(is_recoverable());
                assert_true(run_together(setups[setup], after, points) == first);
                different += first != last;
                last = first;
            }
        }
    }
    assert_true(different > 20);
}

/* --- life ------------------------------------------------------------------------------------ */

static enum error_code open_sqlite(struct error *error)
{
    char setup[PLAN_SETUP_SQL_BYTES];
    struct text text;
    text_init(&text, setup, sizeof setup);
    plan_setup_sql(DIALECT_SQLITE, &text);
    return sqlite_sim_open(&sim, setup, error);
}

static int open_world(void **state)
{
    (void)state;
    world_enter(world_open());
    struct error error = {0};
    if (open_sqlite(&error) == ERROR_NONE)
        return 0;
    (void)fprintf(stderr, "%s\n", error.message);
    return -1;
}

static int close_world(void **state)
{
    (void)state;
    sqlite_sim_close(sim);
    world_close(world);
    return 0;
}

static void a_wrong_schema_is_reported(void **state)
{
    struct error error = {0};
    sqlite_sim_close(sim);
    assert_int_equal(sqlite_sim_open(&sim, "CREATE TABEL x(y)", &error), ERROR_BACKEND);
    assert_non_null(strstr(error.message, "TABEL"));
    assert_int_equal(open_sqlite(&error), ERROR_NONE);
    every_prepared_database_is_sound(state);
}

/* What one writes the other does not see, nor does either see that the other was there. */
static void two_databases_are_used_in_turns(void **state)
{
    (void)state;
    struct error error = {0};
    struct sqlite_sim *both[2] = {sim, NULL};
    struct world *worlds[2] = {world, world_open()};
    world_enter(worlds[1]);
    assert_int_equal(open_sqlite(&error), ERROR_NONE);
    both[1] = sim;
    int64_t random[2][2];
    for (int turn = 0; turn < 4; turn++) {
        sim = both[turn % 2];
        world_enter(worlds[turn % 2]);
        reset(turn < 2 ? 512 : 4096, true, false);
        struct backend_connection *connection = must_connect(NULL);
        assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
        random[turn / 2][turn % 2] = must_ask(connection, "SELECT random()");
        assert_int_equal(run(connection, "DELETE FROM t0", NULL), OUTCOME_OK);
        assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
        assert_nothing_held();
    }
    assert_int_equal(random[0][0], random[0][1]);
    assert_int_equal(random[1][0], random[1][1]);
    world_enter(worlds[0]);
    sqlite_sim_close(both[0]);
    world_close(worlds[0]);
    world_enter(worlds[1]);
    sim = both[1];
    reset(512, true, false);
    struct backend_connection *connection = must_connect(NULL);
    assert_int_equal(must_ask(connection, "SELECT count(*) FROM t0"), 8);
    assert_int_equal(ops->disconnect(connection), OUTCOME_OK);
    assert_nothing_held();
}

/*
 * A task that never comes back (it might hold any mutex): everything is taken down and built up
 * again.
 */
static void abandoned_tasks_leave_nothing_behind(void **state)
{
    struct error error = {0};
    uint64_t before = 0, after = 0;
    world->on_fault = NULL;
    reset(512, true, false);
    (void)run_alone(setups[0], FAULT_NONE, 0, &before);
    for (uint32_t pause = 1; pause < 900; pause += 97) {
        struct job job = {.setup = setups[0]};
        reset(512, true, false);
        world_arm_pause(WORLD_ALL_POINTS, pause);
        world_start(0, work, &job, FAULT_NONE, 0);
        assert_int_equal(world_finish(0), WORLD_STOPPED);
        sqlite_sim_close(sim);
        world_close(world);
        world_enter(world_open());
        assert_int_equal(open_sqlite(&error), ERROR_NONE);
    }
    assert_nothing_held();
    reset(512, true, false);
    (void)run_alone(setups[0], FAULT_NONE, 0, &after);
    assert_true(before == after);
    every_prepared_database_is_sound(state);
}

static void abandoned_tasks_that_shared_a_cache_harm_nobody(void **state)
{
    shares_cache = true;
    abandoned_tasks_leave_nothing_behind(state);
    shares_cache = false;
    abandoned_tasks_leave_nothing_behind(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_prepared_database_is_sound),
        cmocka_unit_test(an_empty_reset_has_no_tables),
        cmocka_unit_test(two_connections_share_a_wal_database),
        cmocka_unit_test(two_connections_share_a_rollback_database),
        cmocka_unit_test(waiting_for_a_lock_takes_virtual_time),
        cmocka_unit_test(shared_caches_lock_tables_and_nobody_waits),
        cmocka_unit_test(a_parameter_that_is_not_known_is_an_error),
        cmocka_unit_test(values_come_back_as_they_were_bound),
        cmocka_unit_test(what_only_reads_is_known),
        cmocka_unit_test(a_text_holds_one_statement),
        cmocka_unit_test(a_cancel_hits_the_statement_under_way),
        cmocka_unit_test(a_failure_has_the_name_of_its_extended_code),
        cmocka_unit_test(what_was_committed_is_not_called_interrupted),
        cmocka_unit_test(changes_are_of_the_last_statement),
        cmocka_unit_test(no_failure_at_any_opportunity_crashes_or_leaks),
        cmocka_unit_test(a_power_loss_loses_nothing_that_is_synced),
        cmocka_unit_test(a_saved_state_comes_back),
        cmocka_unit_test(tasks_interleave_the_same_way_every_time),
        cmocka_unit_test(a_wrong_schema_is_reported),
        cmocka_unit_test(two_databases_are_used_in_turns),
        cmocka_unit_test(abandoned_tasks_leave_nothing_behind),
        cmocka_unit_test(abandoned_tasks_that_shared_a_cache_harm_nobody),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
