/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that a connection tells what of its session is not as it was, without a look at the
 * database; and that who is handed such a connection by a stack that says otherwise is a finding.
 */
#include "base/arena.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct backend_ops *const sqlite = &interplay_backend_sqlite;
static const struct backend_ops *const memory = &interplay_backend_memory;

static void run_sql(const struct backend_ops *backend, struct backend_connection *connection,
                    const char *sql)
{
    struct backend_statement *statement = NULL;
    assert_int_equal(backend->prepare(connection, sql, strlen(sql), &statement), OUTCOME_OK);
    while (backend->step(statement) == OUTCOME_ROW)
        continue;
    backend->finalize(statement);
}

/* --- what SQLite tells ------------------------------------------------------------------------ */

static const struct {
    const char *change, *sql, *back;
} changes[] = {
    {"foreign_keys", "PRAGMA foreign_keys=1", "PRAGMA foreign_keys=0"},
    {"query_only", "PRAGMA query_only=1", "PRAGMA query_only=0"},
    {"recursive_triggers", "PRAGMA recursive_triggers=1", "PRAGMA recursive_triggers=0"},
    {"defer_foreign_keys", "PRAGMA defer_foreign_keys=1", "PRAGMA defer_foreign_keys=0"},
    {"ignore_check_constraints", "PRAGMA ignore_check_constraints=1",
     "PRAGMA ignore_check_constraints=0"},
    {"read_uncommitted", "PRAGMA read_uncommitted=1", "PRAGMA read_uncommitted=0"},
    {"reverse_unordered_selects", "PRAGMA reverse_unordered_selects=1",
     "PRAGMA reverse_unordered_selects=0"},
    {"writable_schema", "PRAGMA writable_schema=1", "PRAGMA writable_schema=0"},
    {"trusted_schema", "PRAGMA trusted_schema=0", "PRAGMA trusted_schema=1"},
    {"legacy_alter_table", "PRAGMA legacy_alter_table=1", "PRAGMA legacy_alter_table=0"},
    {"automatic_index", "PRAGMA automatic_index=0", "PRAGMA automatic_index=1"},
    {"cell_size_check", "PRAGMA cell_size_check=1", "PRAGMA cell_size_check=0"},
    {"fullfsync", "PRAGMA fullfsync=1", "PRAGMA fullfsync=0"},
    {"checkpoint_fullfsync", "PRAGMA checkpoint_fullfsync=1", "PRAGMA checkpoint_fullfsync=0"},
    {"busy_timeout", "PRAGMA busy_timeout=77", "PRAGMA busy_timeout=0"},
    {"temp_store", "PRAGMA temp_store=memory", "PRAGMA temp_store=default"},
    {"analysis_limit", "PRAGMA analysis_limit=9", "PRAGMA analysis_limit=0"},
    {"wal_autocheckpoint", "PRAGMA wal_autocheckpoint=7", "PRAGMA wal_autocheckpoint=1000"},
    {"journal_size_limit", "PRAGMA journal_size_limit=7", "PRAGMA journal_size_limit=-1"},
    {"locking_mode", "PRAGMA locking_mode=exclusive", "PRAGMA locking_mode=normal"},
    {"secure_delete", "PRAGMA secure_delete=fast", "PRAGMA secure_delete=0"},
    {"attached-databases", "ATTACH ':memory:' AS x", "DETACH x"},
    {"temporary-schema", "CREATE TEMP TABLE x(y)", "DROP TABLE temp.x"},
    /* What is told only once the schema has been read; a setting reads it. */
    {"synchronous", "PRAGMA synchronous=off", "PRAGMA synchronous=full"},
    {"cache_size", "PRAGMA cache_size=7", "PRAGMA cache_size=-2000"},
    {"max_page_count", "PRAGMA max_page_count=7777", "PRAGMA max_page_count=1073741823"},
};

static struct backend_connection *connect_to(const struct backend_ops *backend, const char *target)
{
    struct backend_connection *connection = NULL;
    const struct backend_options options = {.target = target};
    assert_int_equal(backend->connect(&connection, &options), OUTCOME_OK);
    return connection;
}

static void test_each_change_is_told_until_it_is_undone(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_to(sqlite, ":memory:");
    run_sql(sqlite, connection, "CREATE TABLE t(x)");
    run_sql(sqlite, connection, "PRAGMA secure_delete=0"); /* its default is the build's */
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *said = sqlite->session_change(connection);
        if (said == NULL || said[0] != '\0')
            fail_msg("before %s: %s", changes[i].sql, said);
        run_sql(sqlite, connection, changes[i].sql);
        said = sqlite->session_change(connection);
        if (said == NULL || strcmp(said, changes[i].change) != 0)
            fail_msg("%s: %s", changes[i].sql, said);
        run_sql(sqlite, connection, changes[i].back);
    }
    assert_string_equal(sqlite->session_change(connection), "");
    assert_int_equal(sqlite->disconnect(connection), OUTCOME_OK);
}

static void test_rows_and_transactions_change_nothing(void **state)
{
    (void)state;
    struct backend_connection *connection = connect_to(sqlite, ":memory:");
    assert_string_equal(sqlite->session_change(connection), "");
    run_sql(sqlite, connection, "CREATE TABLE t(x)");
    run_sql(sqlite, connection, "BEGIN");
    run_sql(sqlite, connection, "INSERT INTO t VALUES(1)");
    run_sql(sqlite, connection, "SELECT * FROM t ORDER BY x");
    run_sql(sqlite, connection, "COMMIT");
    assert_string_equal(sqlite->session_change(connection), "");
    assert_int_equal(sqlite->disconnect(connection), OUTCOME_OK);
}

static void test_nobody_is_in_the_way_of_the_question(void **state)
{
    (void)state;
    char path[] = "/tmp/interplay-session-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    struct backend_connection *writer = connect_to(sqlite, path);
    run_sql(sqlite, writer, "CREATE TABLE t(x)");
    run_sql(sqlite, writer, "BEGIN EXCLUSIVE"); /* it cannot be read now */
    struct backend_connection *connection = connect_to(sqlite, path);
    assert_string_equal(sqlite->session_change(connection), "");
    run_sql(sqlite, connection, "PRAGMA foreign_keys=1");
    assert_string_equal(sqlite->session_change(connection), "foreign_keys");
    assert_int_equal(sqlite->disconnect(connection), OUTCOME_OK);
    assert_int_equal(sqlite->disconnect(writer), OUTCOME_OK);
    (void)unlink(path);
    (void)close(file);
}

static void test_the_memory_backend_tells_its_settings(void **state)
{
    (void)state;
    struct error error = {0};
    struct run *run = NULL; /* a world to be in */
    const struct run_options options = {.subject = &interplay_subject_memory};
    assert_int_equal(run_open(&run, &options, &error), ERROR_NONE);
    struct backend_connection *connection = connect_to(memory, "");
    assert_string_equal(memory->session_change(connection), "");
    run_sql(memory, connection, "SET x = 1");
    assert_string_equal(memory->session_change(connection), "settings");
    run_sql(memory, connection, "RESET x");
    assert_string_equal(memory->session_change(connection), "");
    assert_int_equal(memory->disconnect(connection), OUTCOME_OK);
    run_close(run);
}

/* --- a stack of one connection, which goes from hand to hand ---------------------------------- */

struct stack_lease {
    struct backend_connection *connection;
};

struct stack {
    const struct backend_ops *backend;
    struct stack_lease lease;
};

static struct stack the_stack;

static enum outcome one_open(struct stack **ret_stack, const struct stack_options *options)
{
    *ret_stack = &the_stack;
    the_stack.backend = options->backend;
    return options->backend->connect(&the_stack.lease.connection, &options->connection);
}

static enum outcome one_close(struct stack *stack, bool interrupt, uint32_t timeout_ms)
{
    (void)interrupt;
    (void)timeout_ms;
    return stack->backend->disconnect(stack->lease.connection);
}

static void one_destroy(struct stack *stack)
{
    (void)stack;
}

static enum outcome one_checkout(struct stack *stack, enum stack_access access, uint32_t timeout_ms,
                                 struct stack_lease **ret_lease)
{
    (void)access;
    (void)timeout_ms;
    *ret_lease = &stack->lease;
    return OUTCOME_OK;
}

static enum outcome one_give_back(struct stack_lease *lease)
{
    (void)lease;
    return OUTCOME_OK;
}

static void one_execute(struct stack_lease *lease, const struct stack_call *call,
                        struct stack_reply *ret_reply)
{
    interplay_stack_run(the_stack.backend, lease->connection, call, ret_reply);
}

static bool one_in_transaction(struct stack_lease *lease)
{
    return the_stack.backend->in_transaction(lease->connection);
}

static struct backend_connection *one_connection(struct stack_lease *lease)
{
    return lease->connection;
}

static const struct stack_ops one_stack = {
    .name = "one",
    .traits = STACK_LEASES_HOLD_SLOTS | STACK_RETURNS_AS_SET_UP,
    .open = one_open,
    .close = one_close,
    .destroy = one_destroy,
    .checkout = one_checkout,
    .give_back = one_give_back,
    .execute = one_execute,
    .in_transaction = one_in_transaction,
    .connection = one_connection,
};

static void run_text(const struct subject *subject, const struct stack_ops *stack, const char *text,
                     struct verdict *ret_verdict)
{
    struct arena arena;
    struct error error = {0};
    struct plan plan;
    struct run *run = NULL;
    const struct run_options options = {.subject = subject, .stack = stack};
    arena_init(&arena, (size_t)1 << 20);
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE ||
        run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    *ret_verdict = run_plan(run, &plan)->verdict;
    run_close(run);
    arena_clean_up(&arena);
}

#define STEP(task, action) "{\"task\":" #task ",\"action\":{\"type\":" action "}}"
#define SQL(task, words)   STEP(task, "\"execute\",\"sql\":\"" words "\"")
#define PLAN(statement, next)                                                                      \
    "{\"config\":{\"tasks\":2,\"stack\":\"pool\",\"readers\":1,\"writers\":1},\"interactions\":"   \
    "[" STEP(0, "\"checkout\"") "," SQL(0, statement) "," next STEP(0, "\"return\"") "," STEP(     \
        1, "\"checkout\"") "," SQL(1, "SELECT 1") "," STEP(1, "\"return\"") "]}"

static const char leaks[] = PLAN("PRAGMA foreign_keys=1", "");
static const char puts_back[] = PLAN("PRAGMA foreign_keys=1", SQL(0, "PRAGMA foreign_keys=0") ",");
static const char sets[] = PLAN("SET x", "");

static void test_the_next_owner_meets_it(void **state)
{
    (void)state;
    struct verdict verdict;
    run_text(&interplay_subject_sqlite, &one_stack, leaks, &verdict);
    assert_string_equal(verdict.signature, "pool/session-changed/foreign_keys");
    run_text(&interplay_subject_memory, &one_stack, sets, &verdict);
    assert_string_equal(verdict.signature, "pool/session-changed/settings");
}

static void assert_silent(const struct stack_ops *stack, const char *text)
{
    struct verdict verdict;
    run_text(&interplay_subject_sqlite, stack, text, &verdict);
    if (verdict.kind != VERDICT_OK)
        fail_msg("%s", verdict.report);
}

static void test_nothing_where_it_was_put_back_or_nobody_claims_it(void **state)
{
    (void)state;
    struct stack_ops modest = one_stack;
    modest.traits = STACK_LEASES_HOLD_SLOTS;
    assert_silent(&one_stack, puts_back);
    assert_silent(&modest, leaks);
    assert_silent(NULL, leaks); /* our own pool, see docs/pool.md */
    modest = one_stack;
    modest.connection = NULL; /* nobody can be asked */
    assert_silent(&modest, leaks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        /* These first: the simulated world wants a library that was not in use. */
        cmocka_unit_test(test_the_next_owner_meets_it),
        cmocka_unit_test(test_nothing_where_it_was_put_back_or_nobody_claims_it),
        cmocka_unit_test(test_the_memory_backend_tells_its_settings),
        cmocka_unit_test(test_each_change_is_told_until_it_is_undone),
        cmocka_unit_test(test_rows_and_transactions_change_nothing),
        cmocka_unit_test(test_nobody_is_in_the_way_of_the_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
