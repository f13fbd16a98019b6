/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that SQL of a plan's own, and modes that a pool of one's own sets, are believed as the
 * connection tells of them: no claim is held against what they really did, what they did not touch
 * is still judged (a planted bug shows), and the result says what was not judged, from which step.
 */
#include "base/arena.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

struct outcome_of_plan {
    struct verdict verdict;
    struct run_unjudged unjudged;
};

static void run_text(const char *text, const struct backend_ops *backend,
                     const struct stack_ops *stack, struct outcome_of_plan *ret_came)
{
    struct error error = {0};
    struct plan plan;
    struct run *run = NULL;
    struct subject subject = interplay_subject_sqlite;
    subject.backend = backend;
    const struct run_options options = {.subject = &subject, .stack = stack};
    arena_reset(&arena);
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE ||
        run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s: %s", text, error.message);
    const struct run_result *result = run_plan(run, &plan);
    *ret_came = (struct outcome_of_plan){result->verdict, result->unjudged};
    run_close(run);
}

/* --- plans ------------------------------------------------------------------------------------ */

#define STEP(task, type, more) "{\"task\":" #task ",\"action\":{\"type\":\"" type "\"" more "}}"
#define EXECUTE(task, words)   STEP(task, "execute", ",\"sql\":\"" words "\"")
#define QUERY(task, words)     STEP(task, "query", ",\"sql\":\"" words "\"")
#define INSERT(task, key)      STEP(task, "insert", ",\"key\":" #key)
#define COUNT(task)            STEP(task, "select", ",\"aggregate\":\"count\"")
#define PLAN(config, steps)    "{\"config\":{\"tasks\":2" config "},\"interactions\":[" steps "]}"
#define POOL                   ",\"stack\":\"pool\""
#define ACTORS                 ",\"stack\":\"actors\""
#define SMALL                  ",\"page_size\":512,\"autocheckpoint\":1"
#define LOSES                  SMALL ",\"loss_seed\":0,\"journal_mode\":\"delete\""
#define LOSE_POWER                                                                                 \
    "{\"task\":0,\"action\":{\"type\":\"update\",\"size\":3},"                                     \
    "\"fault\":{\"kind\":\"power_loss\",\"at\":9}}," STEP(0, "select", "")

static const char wrote[] = "raw SQL wrote", moved[] = "raw SQL opened or ended a transaction",
                  set[] = "raw SQL changed settings",
                  lost[] = "what survives a power loss is open in this mode";

static const struct {
    const char *plan;
    const char *reason; /* NULL: everything is judged */
    uint32_t step;
} cases[] = {
    /* What only reads, fails, or finds nothing to do changes nothing. */
    {PLAN("", EXECUTE(0, "SELECT * FROM t0") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "SELEC") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "INSERT INTO t0 VALUES(1,2,3),(1,2,3)") "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "DELETE FROM t0 WHERE k=77") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "PRAGMA user_version=3") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "PRAGMA wal_checkpoint") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "COMMIT") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN(POOL, QUERY(0, "SELECT 1") "," EXECUTE(0, "SELECT 2") "," COUNT(1)), NULL, 0},
    {PLAN(ACTORS, QUERY(0, "SELECT 1") "," EXECUTE(0, "SELECT 2") "," COUNT(1)), NULL, 0},
    {PLAN(POOL, QUERY(0, "INSERT INTO t0 VALUES(1,1,1) RETURNING k") "," COUNT(1)), NULL, 0},
    /* It takes the snapshot of its transaction, which is older than what the next reads find. */
    {PLAN("", STEP(0, "begin", "") "," QUERY(0, "SELECT * FROM t0") "," INSERT(1, 1) "," COUNT(0)),
     NULL, 0},
    /* Rows and schema. */
    {PLAN("", QUERY(0, "INSERT INTO t0 VALUES(1,1,'x') RETURNING k") "," COUNT(1)), wrote, 0},
    {PLAN("",
          STEP(0, "begin", "") "," INSERT(0, 1) "," QUERY(
              0,
              "INSERT INTO t0 VALUES(9,1,'x') RETURNING k") "," COUNT(0) "," STEP(0, "commit",
                                                                                  "") "," COUNT(1)),
     wrote, 2},
    {PLAN("", EXECUTE(0, "CREATE TEMP TABLE t0(k,v,p)") "," INSERT(0, 1) "," COUNT(1)), wrote, 0},
    {PLAN("", EXECUTE(0, "INSERT OR FAIL INTO t0 VALUES(21,2,3),(21,2,3)") "," COUNT(1)), wrote, 0},
    {PLAN(POOL, EXECUTE(0, "INSERT INTO t0 VALUES(1,1,1)") "," COUNT(1)), wrote, 0},
    {PLAN(ACTORS, EXECUTE(0, "INSERT INTO t0 VALUES(1,1,1)") "," COUNT(1)), wrote, 0},
    {PLAN(POOL, INSERT(0, 1) "," STEP(0, "stream_open", "") "," EXECUTE(
                    0, "DELETE FROM t0") "," STEP(0, "stream_next", "") "," COUNT(1)),
     wrote, 2},
    {PLAN(ACTORS, INSERT(0, 1) "," STEP(0, "stream_open", "") "," EXECUTE(
                      0, "DELETE FROM t0") "," STEP(0, "stream_next", "") "," COUNT(1)),
     wrote, 2},
    /* Transactions and savepoints, as the model follows them. */
    {PLAN("", STEP(0, "begin", "") "," INSERT(0, 1) "," QUERY(0, "COMMIT") "," COUNT(1) "," INSERT(
                  0, 2) "," STEP(0, "commit", "") "," COUNT(1)),
     NULL, 0},
    {PLAN("", QUERY(0, " /* it */ -- is\\n ; BEGIN") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "BEGIN") "," INSERT(0, 1) "," EXECUTE(0, "BEGIN") "," EXECUTE(
                  0, "ROLLBACK") "," COUNT(0) "," COUNT(1)),
     NULL, 0},
    {PLAN("", STEP(0, "begin", "") "," EXECUTE(0, "SAVEPOINT s") "," INSERT(0, 1) "," EXECUTE(
                  0, "ROLLBACK TO S") "," STEP(0, "commit", "") "," COUNT(1)),
     NULL, 0},
    {PLAN("",
          EXECUTE(0, "SAVEPOINT s") "," INSERT(0, 1) "," STEP(0, "savepoint", "") "," INSERT(
              0,
              9) "," EXECUTE(0,
                             "ROLLBACK TO s0") "," COUNT(0) "," EXECUTE(0,
                                                                        "RELEASE s") "," COUNT(1)),
     NULL, 0},
    {PLAN("", EXECUTE(0, "BEGIN") "," QUERY(0, "SELECT * FROM t0") "," INSERT(1, 1) "," COUNT(0)),
     NULL, 0},
    /* And as it does not: names that are hard to be sure of, pools that do not look. */
    {PLAN("", EXECUTE(0, "SAVEPOINT 's'") "," INSERT(0, 1) "," COUNT(1)), moved, 0},
    {PLAN("", STEP(0, "begin",
                   "") "," INSERT(0, 1) "," EXECUTE(0, "COMMIT TRANSACTION x") "," COUNT(1)),
     moved, 2},
    {PLAN(POOL, STEP(0, "begin", "") "," INSERT(0, 1) "," EXECUTE(0, "COMMIT") "," COUNT(
                    1) "," STEP(0, "commit", "")),
     moved, 2},
    {PLAN(ACTORS, STEP(0, "begin", "") "," INSERT(0, 1) "," EXECUTE(0, "COMMIT") "," COUNT(
                      1) "," STEP(0, "commit", "")),
     moved, 2},
    {PLAN(POOL, EXECUTE(0, "BEGIN") "," INSERT(0, 1) "," COUNT(1)), moved, 0},
    /* Settings: those that promises know hold from then on, others end the claims. */
    {PLAN("", QUERY(0, "PRAGMA synchronous=off") "," INSERT(0, 1)), NULL, 0},
    {PLAN(LOSES, EXECUTE(0, "PRAGMA synchronous=off") "," STEP(0, "update", ",\"size\":7") "," STEP(
                     0, "insert", ",\"key\":1,\"size\":6") "," LOSE_POWER),
     lost, 3},
    {PLAN("", EXECUTE(0, "PRAGMA locking_mode=exclusive") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "PRAGMA journal_mode=delete") "," INSERT(0, 1) "," COUNT(1)), NULL, 0},
    {PLAN("", EXECUTE(0, "PRAGMA query_only=1") "," INSERT(0, 1)), set, 0},
    {PLAN("", EXECUTE(0, "EXPLAIN PRAGMA query_only=1") "," INSERT(0, 1)), set, 0},
    {PLAN("", EXECUTE(0, "ATTACH ':memory:' AS x") "," INSERT(0, 1) "," COUNT(1)), set, 0},
};

static void test_no_false_alarm_and_it_is_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome_of_plan came;
        run_text(cases[i].plan, &interplay_backend_sqlite, NULL, &came);
        const char *reason = came.unjudged.reason == NULL ? "" : came.unjudged.reason;
        if (came.verdict.kind != VERDICT_OK)
            fail_msg("%s: %s", cases[i].plan, came.verdict.report);
        if (strcmp(reason, cases[i].reason == NULL ? "" : cases[i].reason) != 0 ||
            came.unjudged.interaction != cases[i].step)
            fail_msg("%s: '%s' from step %u", cases[i].plan, reason, came.unjudged.interaction);
    }
}

/* --- what is still judged --------------------------------------------------------------------- */

/* The planted bug: a count is one too many. */
static int64_t count_too_many(struct backend_statement *statement, int column)
{
    return interplay_backend_sqlite.column_int64(statement, column) + 1;
}

static void count_too_many_value(struct backend_statement *statement, int column,
                                 struct value *ret_value)
{
    interplay_backend_sqlite.column(statement, column, ret_value);
    if (ret_value->kind == VALUE_INTEGER)
        ret_value->integer++;
}

static void test_the_model_stays_on(void **state)
{
    (void)state;
    struct backend_ops planted = interplay_backend_sqlite;
    planted.column_int64 = count_too_many;
    planted.column = count_too_many_value;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct outcome_of_plan came;
        if (cases[i].reason != NULL || strstr(cases[i].plan, "count") == NULL)
            continue;
        run_text(cases[i].plan, &planted, NULL, &came);
        if (strncmp(came.verdict.signature, "snapshot/", strlen("snapshot/")) != 0)
            fail_msg("%s: '%s'", cases[i].plan, came.verdict.signature);
    }
}

/* --- backends that do not tell ---------------------------------------------------------------- */

static enum outcome connect_silently(struct backend_connection **ret_connection,
                                     const struct backend_options *options)
{
    struct backend_options silent = *options;
    silent.on_statement = NULL;
    return interplay_backend_sqlite.connect(ret_connection, &silent);
}

static void test_who_does_not_tell_is_not_believed(void **state)
{
    (void)state;
    struct backend_ops silent = interplay_backend_sqlite;
    struct outcome_of_plan came;
    silent.connect = connect_silently;
    run_text(cases[0].plan, &silent, NULL, &came);
    assert_int_equal(came.verdict.kind, VERDICT_OK);
    assert_string_equal(came.unjudged.reason, "raw SQL ran, and nobody tells what it did");
}

/* --- pools of one's own ----------------------------------------------------------------------- */

static const char loses_power[] =
    "{\"config\":{\"loss_seed\":1},\"interactions\":["
    "{\"task\":0,\"action\":{\"type\":\"batch\"}},"
    "{\"task\":0,\"action\":{\"type\":\"delete\"},\"fault\":{\"kind\":\"power_loss\"}}]}";

static enum outcome open_unsynced(struct stack **ret_stack, const struct stack_options *options)
{
    struct stack_options own = *options;
    own.connection.setup = "PRAGMA synchronous=off";
    return interplay_stack_pool.open(ret_stack, &own);
}

static void test_a_pool_may_set_its_own_modes(void **state)
{
    (void)state;
    struct stack_ops own = interplay_stack_pool;
    struct outcome_of_plan came;
    own.open = open_unsynced;
    run_text(loses_power, &interplay_backend_sqlite, &own, &came);
    if (came.verdict.kind != VERDICT_OK)
        fail_msg("%s", came.verdict.report);
}

/* The planted bug: the database does not sync, and does not say so. */
static void test_a_pool_that_loses_commits_is_found(void **state)
{
    (void)state;
    struct backend_ops silent = interplay_backend_sqlite;
    struct stack_ops own = interplay_stack_pool;
    struct outcome_of_plan came;
    silent.connect = connect_silently;
    own.open = open_unsynced;
    run_text(loses_power, &silent, &own, &came);
    assert_string_equal(came.verdict.signature, "durability/lost-commit");
}

/* --- promises, by when something was committed ----------------------------------------------- */

static void (*real_listener)(void *context, const struct backend_told *told);

static void tell_but_of_setup(void *context, const struct backend_told *told)
{
    if (told->sql != NULL)
        real_listener(context, told);
}

/* The planted bug: as long as nobody sets a mode, it does not sync, and does not say so. */
static enum outcome connect_unsynced(struct backend_connection **ret_connection,
                                     const struct backend_options *options)
{
    struct backend_options own = *options;
    own.setup = "PRAGMA synchronous=off";
    if (options->on_statement != NULL) {
        real_listener = options->on_statement;
        own.on_statement = tell_but_of_setup;
    }
    return interplay_backend_sqlite.connect(ret_connection, &own);
}

/* A commit, a weaker mode, another commit, and what is lost. */
static const char weakened[] =
    "{\"config\":{\"loss_seed\":1},\"interactions\":["
    "{\"task\":0,\"action\":{\"type\":\"upsert\"}},"
    "{\"task\":0,\"action\":{\"type\":\"execute\",\"sql\":\"PRAGMA synchronous=%s\"}},"
    "{\"task\":0,\"action\":{\"type\":\"delete\"},\"fault\":{\"kind\":\"power_loss\"}}]}";

static void expect_weakened(const char *mode, const struct backend_ops *backend,
                            const char *signature)
{
    char plan[sizeof weakened + 16];
    struct outcome_of_plan came;
    (void)snprintf(plan, sizeof plan, weakened, mode);
    run_text(plan, backend, NULL, &came);
    assert_string_equal(came.verdict.signature, signature);
}

static void test_what_was_committed_before_a_weaker_mode_lasts(void **state)
{
    (void)state;
    struct backend_ops unsynced = interplay_backend_sqlite;
    unsynced.connect = connect_unsynced;
    expect_weakened("normal", &interplay_backend_sqlite, "");
    expect_weakened("normal", &unsynced, "durability/lost-commit");
    /* Without syncing, what comes later may damage what was there. */
    expect_weakened("off", &unsynced, "");
}

/* --- columns ---------------------------------------------------------------------------------- */

#define WIDE "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT * FROM t1\"},"
#define QUERY_EXPECTS                                                                              \
    "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT k, v FROM t1 WHERE k < 0\"},"     \
    "\"expect\":{\"column_count\":%d}}"
#define WITH_COLUMNS "\"expect\":{\"column_count\":%d}%s}"

/* A pool tells how many columns there are where no row comes, too. */
static void test_a_result_without_rows_has_columns(void **state)
{
    (void)state;
    static const char *const stacks[] = {"", POOL, ACTORS};
    static const char plan[] = PLAN("%s", QUERY_EXPECTS);
    for (size_t i = 0; i < 2 * sizeof stacks / sizeof stacks[0]; i++) {
        char text[sizeof plan + 64];
        struct outcome_of_plan came;
        bool is_right = i % 2 == 0;
        (void)snprintf(text, sizeof text, plan, stacks[i / 2], is_right ? 2 : 3);
        run_text(text, &interplay_backend_sqlite, NULL, &came);
        assert_int_equal(came.verdict.kind == VERDICT_OK, is_right);
    }
}

/* Between preparing a statement and its first step somebody else adds a column. */
static void test_a_statement_that_was_compiled_anew_has_other_columns(void **state)
{
    (void)state;
    static const char steps[] = PLAN("", WIDE WITH_COLUMNS "," WIDE WITH_COLUMNS ",%s,%s");
    char widened[sizeof steps + 256];
    (void)snprintf(widened, sizeof widened, steps, 3, "", 4,
                   ",\"pause\":{\"after\":1,\"at\":\"lock\"}",
                   EXECUTE(1, "ALTER TABLE t1 ADD COLUMN x DEFAULT 7"), STEP(0, "resume", ""));
    struct outcome_of_plan came;
    run_text(widened, &interplay_backend_sqlite, NULL, &came);
    if (came.verdict.kind != VERDICT_OK)
        fail_msg("%s", came.verdict.report);
}

int main(void)
{
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_false_alarm_and_it_is_said),
        cmocka_unit_test(test_the_model_stays_on),
        cmocka_unit_test(test_who_does_not_tell_is_not_believed),
        cmocka_unit_test(test_a_pool_may_set_its_own_modes),
        cmocka_unit_test(test_a_pool_that_loses_commits_is_found),
        cmocka_unit_test(test_a_result_without_rows_has_columns),
        cmocka_unit_test(test_a_statement_that_was_compiled_anew_has_other_columns),
        cmocka_unit_test(test_what_was_committed_before_a_weaker_mode_lasts),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
