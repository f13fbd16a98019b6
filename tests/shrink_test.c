/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that shrinking keeps the signature and ends at a 1-minimal plan, which is checked here
 * without the shrinker: each single thing is taken out, and the finding must be gone. The plans are
 * those of crashes/, with as much put in beside as they bear. Also: twice the same result, what an
 * interruption leaves, documents with SQL, a database whose process dies, and what is refused.
 */
#include "base/arena.h"
#include "base/file.h"
#include "base/sanitizer.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/isolated.h"
#include "shrink/shrink.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 128, SIGNATURE_BYTES = sizeof((struct verdict){0}.signature) };

static struct arena arena;
static struct run *run;

/* --- helpers --------------------------------------------------------------------------------- */

/* The signature that `plan` comes to, "ok", or "aborted". */
static const char *signature_of(const struct plan *plan)
{
    static struct isolated_result result;
    static const struct isolated_options quiet = {.is_quiet = true};
    struct error error;
    if (isolated_run(run, plan, &quiet, &result, &error) != ERROR_NONE)
        return "aborted";
    return result.verdict.kind == VERDICT_OK ? "ok" : result.verdict.signature;
}

static bool shows(const struct plan *plan, const char *signature)
{
    return strcmp(signature_of(plan), signature) == 0;
}

/* With an array of its own, which has room for ROOM interactions. */
static struct plan copy_of(const struct plan *plan)
{
    struct plan copy = *plan;
    assert_true(plan->interaction_count <= ROOM);
    copy.interactions = ARENA_ARRAY(&arena, struct interaction, ROOM);
    memcpy(copy.interactions, plan->interactions,
           plan->interaction_count * sizeof *plan->interactions);
    return copy;
}

static struct plan plan_of(const char *text)
{
    struct plan plan;
    struct error error = {0};
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return plan;
}

static struct shrink_result shrink(struct plan *plan, const struct shrink_options *options)
{
    struct shrink_result result = {0};
    struct error error = {0};
    if (shrink_plan(run, plan, options, &result, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return result;
}

static const struct shrink_options plain;

/* --- 1-minimality, checked one by one -------------------------------------------------------- */

/* `scratch` is `plan` but for one change. Unless the two are equal, the finding must be gone. */
static void expect_gone(const struct plan *plan, struct plan *scratch, const char *signature,
                        const char *what, size_t place)
{
    if (!plan_equal(plan, scratch) && shows(scratch, signature))
        fail_msg("%s: not minimal: %s %zu can go", signature, what, place);
    struct interaction *room = scratch->interactions;
    *scratch = *plan;
    scratch->interactions = room;
    memcpy(room, plan->interactions, plan->interaction_count * sizeof *room);
}

static void expect_marks_needed(const struct plan *plan, struct plan *scratch,
                                const char *signature, size_t i)
{
    struct interaction *changed = &scratch->interactions[i];
    changed->pause_after = 0;
    changed->pause_class = 0;
    expect_gone(plan, scratch, signature, "the pause of interaction", i);
    changed->pause_class = 0;
    expect_gone(plan, scratch, signature, "the class of the pause of interaction", i);
    changed->pause_after = changed->pause_after > 0;
    expect_gone(plan, scratch, signature, "the count of the pause of interaction", i);
    changed->fault = FAULT_NONE;
    changed->fault_at = 0;
    expect_gone(plan, scratch, signature, "the fault of interaction", i);
    changed->fault_at = changed->fault_at > 0;
    expect_gone(plan, scratch, signature, "the place of the fault of interaction", i);
    changed->expectation = NULL;
    expect_gone(plan, scratch, signature, "the expectation of interaction", i);
    for (int field = 0; field < FIELD_COUNT; field++) {
        changed->arguments[field] = 0;
        if (field == FIELD_duration && changed->action == ACTION_sleep)
            changed->sleep_ms = 1;
        expect_gone(plan, scratch, signature, plan_field_infos[field].name, i);
    }
}

static void expect_minimal(const struct plan *plan, const char *signature)
{
    struct plan scratch = copy_of(plan);
    assert_true(shows(plan, signature));
    for (size_t i = 0; i < plan->interaction_count; i++) {
        scratch.interaction_count--;
        memmove(&scratch.interactions[i], &scratch.interactions[i + 1],
                (scratch.interaction_count - i) * sizeof *scratch.interactions);
        expect_gone(plan, &scratch, signature, "interaction", i);
        expect_marks_needed(plan, &scratch, signature, i);
    }
    for (int field = 0; field < PLAN_CONFIG_COUNT && plan->kind == PLAN_NATIVE; field++) {
        scratch.config.choice[field] = 0;
        for (size_t i = 0; i < plan->interaction_count && field == PLAN_CONFIG_tasks; i++)
            scratch.interactions[i].task = 0; /* there is no other */
        expect_gone(plan, &scratch, signature, plan_config_infos[field].name, 0);
    }
}

/* --- the plans of crashes/ ------------------------------------------------------------------- */

/* Puts `extra` before interaction `place`, if the finding bears it. */
static bool try_insert(struct plan *plan, const struct interaction *extra, size_t place,
                       const char *signature)
{
    if (plan->interaction_count >= ROOM)
        return false;
    struct plan larger = copy_of(plan);
    memmove(&larger.interactions[place + 1], &larger.interactions[place],
            (larger.interaction_count - place) * sizeof *extra);
    larger.interactions[place] = *extra;
    larger.interaction_count++;
    if (!shows(&larger, signature))
        return false;
    *plan = larger;
    return true;
}

static bool try_config(struct plan *plan, int field, uint8_t choice, const char *signature)
{
    struct plan larger = copy_of(plan);
    larger.config.choice[field] = choice;
    if (larger.config.choice[field] == plan->config.choice[field] || !shows(&larger, signature))
        return false;
    *plan = larger;
    return true;
}

static void blow_up(struct plan *plan, const char *signature)
{
    static const struct interaction extras[] = {
        {.action = ACTION_select, .arguments[FIELD_filter] = FILTER_KEY, .arguments[FIELD_key] = 9},
        {.action = ACTION_begin, .arguments[FIELD_begin_mode] = BEGIN_IMMEDIATE},
        {.action = ACTION_upsert, .arguments[FIELD_table] = 1, .arguments[FIELD_key] = 17},
        {.action = ACTION_savepoint, .arguments[FIELD_savepoint] = 2},
        {.action = ACTION_rollback_to, .arguments[FIELD_savepoint] = 2},
        {.action = ACTION_rollback},
        {.action = ACTION_sleep, .arguments[FIELD_duration] = 6, .sleep_ms = 64},
        {.action = ACTION_select, .pause_after = 7, .pause_class = PAUSE_LOCK},
        {.action = ACTION_resume},
        {.action = ACTION_select, .fault = FAULT_latency, .fault_at = 3},
    };
    enum { EXTRAS = sizeof extras / sizeof extras[0], ENOUGH = 4 };
    size_t added = 0;
    (void)try_config(plan, PLAN_CONFIG_tasks, PLAN_TASKS_MAX - 1, signature);
    for (size_t i = 0; i < EXTRAS; i++) {
        struct interaction extra = extras[i];
        extra.task = PLAN_TASKS_MAX - 1;
        added += try_insert(plan, &extra, plan->interaction_count, signature);
        added += try_insert(plan, &extra, 0, signature);
        extra.task = PLAN_TASKS_MAX - 2;
        added += try_insert(plan, &extra, plan->interaction_count / 2, signature);
    }
    size_t configured = 0;
    for (int field = PLAN_CONFIG_tasks + 1; field < PLAN_CONFIG_COUNT; field++)
        configured += try_config(plan, field, 1, signature);
    assert_true(added >= ENOUGH && configured >= ENOUGH);
}

static void check_crash(const char *name, const char *signature)
{
    char path[256];
    struct error error = {0};
    struct file_content content;
    arena_reset(&arena);
    (void)snprintf(path, sizeof path, "../crashes/sqlite/%s.json", name);
    if (file_read(&content, path, FILE_MUST_HAVE_BYTES, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    struct plan plan = plan_of(content.bytes);
    file_content_clean_up(&content);
    plan = copy_of(&plan);
    blow_up(&plan, signature);

    struct plan again = copy_of(&plan);
    size_t before = plan.interaction_count;
    struct shrink_result result = shrink(&plan, &plain);
    print_message("%s: %zu -> %zu interactions\n", name, before, plan.interaction_count);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_string_equal(result.signature, signature);
    assert_int_equal(result.interactions_before, before);
    assert_int_equal(result.aborted, 0);
    assert_true(plan.interaction_count < before);
    if (strcmp(name, "wal-reset") == 0)
        assert_true(plan.interaction_count <= 8);
    expect_minimal(&plan, signature);

    struct shrink_result second = shrink(&again, &plain);
    assert_true(plan_equal(&plan, &again));
    assert_int_equal(second.candidates, result.candidates);
}

/*
 * Every plan that VERDICTS calls a violation with this version of SQLite. With AddressSanitizer,
 * whose processes are slow to fork, every third one: what the sanitizer could see is the same in
 * all.
 */
enum { CHECKED_ONE_IN = SANITIZER_ADDRESS ? 3 : 1 };

static void test_crash_plans_become_minimal(void **state)
{
    (void)state;
    FILE *verdicts = fopen("../crashes/sqlite/VERDICTS", "r");
    assert_non_null(verdicts);
    char line[512];
    int checked = 0;
    while (fgets(line, sizeof line, verdicts) != NULL) {
        char name[64], version[16], signature[SIGNATURE_BYTES];
        if (line[0] == '#' ||
            sscanf(line, "%63s %15s violation %95s", name, version, signature) != 3)
            continue;
        size_t length = strlen(version);
        const char *linked = interplay_backend_sqlite.version();
        if (strncmp(linked, version, length) != 0 || linked[length] != ' ')
            continue;
        if (checked++ % CHECKED_ONE_IN == 0)
            check_crash(name, signature);
    }
    (void)fclose(verdicts);
    if (checked == 0)
        skip(); /* nobody looked at this version */
}

/* --- documents ------------------------------------------------------------------------------- */

static const char native_document[] =
    "{\"version\":1,\"config\":{\"tasks\":4,\"page_size\":512},\"interactions\":["
    "{\"task\":3,\"action\":{\"type\":\"select\",\"key\":3}},"
    "{\"task\":0,\"action\":{\"type\":\"execute\",\"sql\":\"CREATE TABLE x(a)\"}},"
    "{\"task\":1,\"action\":{\"type\":\"sleep\",\"ms\":1000}},"
    "{\"task\":2,\"action\":{\"type\":\"execute\",\"sql\":\"INSERT INTO x VALUES (1)\"},"
    "\"pause\":{\"after\":300,\"at\":\"any\"}},"
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"SELECT "
    "7\"},\"expect\":{\"row_count\":1}},"
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"SELECT a FROM x\"},"
    "\"expect\":{\"row_count\":0}},"
    "{\"task\":1,\"action\":{\"type\":\"sleep\",\"ms\":1000}}]}";

static void test_document_keeps_its_sql(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of(native_document);
    struct shrink_result result = shrink(&plan, &plain);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_int_equal(plan.interaction_count, 3);
    assert_string_equal(plan.interactions[0].sql, "CREATE TABLE x(a)");
    assert_string_equal(plan.interactions[1].sql, "INSERT INTO x VALUES (1)");
    assert_string_equal(plan.interactions[2].sql, "SELECT a FROM x");
    expect_minimal(&plan, result.signature);
}

/* Without the first query, or without the table, another expectation would not hold. */
static void test_expectation_stays_the_same_one(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan =
        plan_of("{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":["
                "{\"task\":0,\"action\":{\"type\":\"execute\",\"sql\":\"CREATE TABLE x(a)\"}},"
                "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT a FROM x\"},"
                "\"expect\":{\"row_count\":1}},"
                "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"SELECT 1\"},"
                "\"expect\":{\"row_count\":2}}]}");
    struct shrink_result result = shrink(&plan, &plain);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_int_equal(plan.interaction_count, 2);
    assert_string_equal(plan.interactions[1].sql, "SELECT a FROM x");
    expect_minimal(&plan, result.signature);
}

static const char middleware_document[] =
    "{\"interactions\":["
    "{\"task\":2,\"action\":{\"type\":\"checkout\"}},"
    "{\"task\":0,\"action\":{\"type\":\"checkout\"}},"
    "{\"task\":2,\"action\":{\"type\":\"begin\"}},"
    "{\"task\":0,\"action\":{\"type\":\"sleep\",\"ms\":1000}},"
    "{\"task\":2,\"action\":{\"type\":\"query\",\"sql\":\"SELECT "
    "1\",\"expect\":{\"row_count\":2}}},"
    "{\"task\":0,\"action\":{\"type\":\"return\"}}]}";

/* Its rules stay: a query without a checkout is a plan error, not the finding. */
static void test_middleware_document_keeps_its_rules(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of(middleware_document);
    struct shrink_result result = shrink(&plan, &plain);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_int_equal(plan.interaction_count, 2);
    assert_int_equal(plan.interactions[0].action, ACTION_checkout);
    assert_int_equal(plan.interactions[1].action, ACTION_query);
    assert_int_equal(plan.interactions[1].task, 0);
    assert_int_equal(plan_tasks(&plan), 1);
    expect_minimal(&plan, result.signature);
}

/* --- stopping early -------------------------------------------------------------------------- */

static bool stop_after(void *context, const struct shrink_progress *progress)
{
    const uint64_t *limit = context;
    assert_true(progress->candidates <= *limit && progress->round > 0);
    return progress->candidates < *limit;
}

static void test_interruption_keeps_the_signature(void **state)
{
    (void)state;
    for (uint64_t limit = 1; limit <= 8; limit++) {
        arena_reset(&arena);
        struct plan plan = plan_of(native_document);
        const struct shrink_options options = {.on_progress = stop_after, .context = &limit};
        struct shrink_result result = shrink(&plan, &options);
        assert_int_equal(result.end, SHRINK_STOPPED);
        assert_int_equal(result.candidates, limit);
        assert_true(shows(&plan, result.signature));
    }
}

static void test_rounds_are_limited(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of(native_document);
    const struct shrink_options one = {.rounds_max = 1};
    struct shrink_result result = shrink(&plan, &one);
    assert_int_equal(result.end, SHRINK_ROUNDS);
    assert_true(plan.interaction_count < result.interactions_before);
    assert_true(shows(&plan, result.signature));
    assert_int_equal(shrink(&plan, &one).end, SHRINK_MINIMAL); /* it was, nobody had looked */
}

/* --- what there is to refuse ----------------------------------------------------------------- */

static void expect_refused(const char *text, const struct shrink_options *options,
                           enum error_code code)
{
    arena_reset(&arena);
    struct plan plan = plan_of(text);
    struct plan before = copy_of(&plan);
    struct shrink_result result = {.candidates = 99};
    struct error error = {0};
    assert_int_equal(shrink_plan(run, &plan, options, &result, &error), code);
    assert_true(error.message[0] != '\0');
    assert_true(plan_equal(&plan, &before));
    assert_int_equal(result.candidates, 99);
}

static void test_refuses(void **state)
{
    (void)state;
    const struct shrink_options other = {.signature = "snapshot/final-content"};
    expect_refused("{\"interactions\":[{\"task\":0,\"action\":{\"type\":\"commit\"}}]}", &plain,
                   ERROR_INPUT);
    expect_refused(native_document, &other, ERROR_USAGE);
}

static void test_sound_plan_stays(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of("{\"version\":1,\"config\":{},\"interactions\":["
                               "{\"task\":0,\"action\":{\"type\":\"select\"}}]}");
    assert_int_equal(shrink(&plan, &plain).end, SHRINK_NOTHING);
    assert_int_equal(plan.interaction_count, 1);
}

/* --- a database that dies -------------------------------------------------------------------- */

static bool has_inserted;

/* Planted: a DELETE kills the process after an INSERT, and aborts it otherwise. */
static enum outcome prepare_or_die(struct backend_connection *connection, const char *sql,
                                   size_t length, struct backend_statement **ret_statement)
{
    if (strncmp(sql, "INSERT", 6) == 0)
        has_inserted = true;
    if (strncmp(sql, "DELETE", 6) == 0 && !has_inserted)
        abort();
    if (strncmp(sql, "DELETE", 6) == 0)
        (void)kill(getpid(), SIGKILL);
    return interplay_backend_sqlite.prepare(connection, sql, length, ret_statement);
}

static void test_database_that_dies(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of("{\"version\":1,\"config\":{\"tasks\":2},\"interactions\":["
                               "{\"task\":1,\"action\":{\"type\":\"select\"}},"
                               "{\"task\":1,\"action\":{\"type\":\"insert\",\"key\":3}},"
                               "{\"task\":0,\"action\":{\"type\":\"delete\",\"table\":1}},"
                               "{\"task\":0,\"action\":{\"type\":\"select\"}}]}");
    struct shrink_result result = shrink(&plan, &plain);
    assert_string_equal(result.signature, "crash/signal/SIGKILL");
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_int_equal(plan.interaction_count, 2);
    assert_true(result.aborted > 0);
    expect_minimal(&plan, result.signature);
}

/* Planted: a cancel that reaches the database kills the process, with a pool and without. */
static void cancel_and_die(struct backend_connection *connection)
{
    (void)connection;
    (void)kill(getpid(), SIGKILL);
}

/* The pool goes; who is cancelled stays who is held back, whatever number that task gets. */
static void test_pool_goes_and_target_stays(void **state)
{
    (void)state;
    arena_reset(&arena);
    struct plan plan = plan_of(
        "{\"version\":1,\"config\":{\"tasks\":6,\"stack\":\"pool\",\"readers\":3,"
        "\"mailbox\":4},\"interactions\":["
        "{\"task\":1,\"action\":{\"type\":\"checkout\",\"access\":\"read\"}},"
        "{\"task\":5,\"action\":{\"type\":\"checkout\",\"access\":\"read\",\"timeout\":\"1s\"}},"
        "{\"task\":5,\"action\":{\"type\":\"select\",\"table\":1},\"pause\":{\"after\":18}},"
        "{\"task\":1,\"action\":{\"type\":\"return\"}},"
        "{\"task\":3,\"action\":{\"type\":\"cancel\",\"target\":5}},"
        "{\"task\":5,\"action\":{\"type\":\"return\"}}]}");
    struct shrink_result result = shrink(&plan, &plain);
    assert_string_equal(result.signature, "crash/signal/SIGKILL");
    assert_int_equal(result.end, SHRINK_MINIMAL);
    assert_int_equal(plan.interaction_count, 2);
    assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_stack), PLAN_STACK_DIRECT);
    assert_int_equal(plan_tasks(&plan), 2);
    assert_int_equal(plan.interactions[1].action, ACTION_cancel);
    assert_int_equal(plan_target(&plan, &plan.interactions[1]), plan.interactions[0].task);
    expect_minimal(&plan, result.signature);
}

/* --- main ------------------------------------------------------------------------------------ */

static int open_with(const struct backend_ops *backend)
{
    struct subject subject = interplay_subject_sqlite;
    subject.backend = backend;
    const struct run_options options = {.subject = &subject};
    struct error error;
    if (run_open(&run, &options, &error) == ERROR_NONE)
        return 0;
    print_error("shrink_test: %s\n", error.message);
    return -1;
}

static int open_sqlite(void **state)
{
    (void)state;
    return open_with(&interplay_backend_sqlite);
}

static int open_dying(void **state)
{
    (void)state;
    static struct backend_ops dying;
    dying = interplay_backend_sqlite;
    dying.prepare = prepare_or_die;
    return open_with(&dying);
}

static int open_uncancellable(void **state)
{
    (void)state;
    static struct backend_ops uncancellable;
    uncancellable = interplay_backend_sqlite;
    uncancellable.cancel = cancel_and_die;
    return open_with(&uncancellable);
}

static int close_run(void **state)
{
    (void)state;
    run_close(run);
    return 0;
}

/*
 * Six selects before a finding with two power losses: without them the power takes other things,
 * and hardly ever what is needed, unless another seed is drawn.
 */
static void test_power_loss_is_drawn_anew(void **state)
{
    (void)state;
    arena_reset(&arena);
    const struct plan plan = plan_of(
        "{\"version\": 1, \"config\": {\"powersafe_overwrite\": \"no\"}, \"interactions\": ["
        "{\"task\": 0, \"action\": {\"type\": \"select\"}}, {\"task\": 0, \"action\": {\"type\": "
        "\"select\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"select\"}}, {\"task\": 0, \"action\": {\"type\": "
        "\"select\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"select\"}}, {\"task\": 0, \"action\": {\"type\": "
        "\"select\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"upsert\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"select\"}, \"fault\": {\"kind\": \"power_loss\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"select\"}},"
        "{\"task\": 0, \"action\": {\"type\": \"upsert\"},"
        " \"fault\": {\"kind\": \"power_loss\", \"at\": 8}}]}");
    size_t tried = 0;
    for (uint8_t seed = 0; seed < plan_config_infos[PLAN_CONFIG_loss_seed].value_count; seed++) {
        struct plan candidate = copy_of(&plan);
        candidate.config.choice[PLAN_CONFIG_loss_seed] = seed;
        if (!shows(&candidate, "durability/lost-commit"))
            continue;
        assert_int_equal(shrink(&candidate, &plain).end, SHRINK_MINIMAL);
        assert_in_range(candidate.interaction_count, 1, 4);
        expect_minimal(&candidate, "durability/lost-commit");
        tried++;
    }
    assert_true(tried > 0);
}

int main(void)
{
    arena_init(&arena, (size_t)1 << 30);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crash_plans_become_minimal),
        cmocka_unit_test(test_power_loss_is_drawn_anew),
        cmocka_unit_test(test_document_keeps_its_sql),
        cmocka_unit_test(test_middleware_document_keeps_its_rules),
        cmocka_unit_test(test_expectation_stays_the_same_one),
        cmocka_unit_test(test_interruption_keeps_the_signature),
        cmocka_unit_test(test_rounds_are_limited),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_sound_plan_stays),
    };
    const struct CMUnitTest dying[] = {cmocka_unit_test(test_database_that_dies)};
    const struct CMUnitTest cancelling[] = {cmocka_unit_test(test_pool_goes_and_target_stays)};
    int failed = cmocka_run_group_tests_name("sqlite", tests, open_sqlite, close_run);
    failed += cmocka_run_group_tests_name("dying database", dying, open_dying, close_run);
    failed +=
        cmocka_run_group_tests_name("cancel kills", cancelling, open_uncancellable, close_run);
    arena_clean_up(&arena);
    return failed;
}
