/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The modes: what was planted is found, with its own signature, and what both sides may do as they
 * like is no difference. Each planted change is one of a backend around SQLite.
 */
#include "generate/generate.h"
#include "generated/subjects.h"
#include "mode/mode.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ARENA_BYTES = 1 << 20, SILENT_PLANS = 150, PLANS_MAX = 1500, SQL_BYTES = 2048 };

/* --- planted changes -------------------------------------------------------------------------- */

static const struct backend_ops *const honest = &interplay_backend_sqlite;
static uint32_t calls; /* over all runs: nothing that a plan could know */

/* The statement with `added` behind it. */
static enum outcome prepare_with(struct backend_connection *connection, const char *sql,
                                 size_t length, struct backend_statement **ret_statement,
                                 const char *added)
{
    char longer[SQL_BYTES];
    int size = snprintf(longer, sizeof longer, "%.*s%s", (int)length, sql, added);
    return honest->prepare(connection, longer, (size_t)size, ret_statement);
}

static bool is_select_of_rows(const char *sql, size_t length)
{
    static const char begins[] = "SELECT k";
    return length > sizeof begins && strncmp(sql, begins, sizeof begins - 1) == 0;
}

static bool has_order(const char *sql, size_t length)
{
    return memmem(sql, length, "ORDER BY", 8) != NULL;
}

static enum outcome prepare_reversed(struct backend_connection *connection, const char *sql,
                                     size_t length, struct backend_statement **ret_statement)
{
    bool is_turned = is_select_of_rows(sql, length) && has_order(sql, length) &&
                     memmem(sql, length, "DESC", 4) == NULL &&
                     memmem(sql, length, "LIMIT", 5) == NULL;
    return prepare_with(connection, sql, length, ret_statement, is_turned ? " DESC" : "");
}

/* Nobody has promised another order. */
static enum outcome prepare_unordered(struct backend_connection *connection, const char *sql,
                                      size_t length, struct backend_statement **ret_statement)
{
    bool is_open = is_select_of_rows(sql, length) && !has_order(sql, length);
    return prepare_with(connection, sql, length, ret_statement, is_open ? " ORDER BY k DESC" : "");
}

/* A number that comes as a text of its digits. */
static void column_as_text(struct backend_statement *statement, int column, struct value *ret_value)
{
    static char digits[32];
    honest->column(statement, column, ret_value);
    if (ret_value->kind != VALUE_INTEGER || column != 1)
        return;
    int length = snprintf(digits, sizeof digits, "%lld", (long long)ret_value->integer);
    *ret_value = value_text(digits, (size_t)length);
}

static enum outcome step_misclassified(struct backend_statement *statement)
{
    enum outcome outcome = honest->step(statement);
    return outcome == OUTCOME_CONSTRAINT ? OUTCOME_READONLY : outcome;
}

static const char *message_with_counter(struct backend_connection *connection)
{
    static char message[64];
    (void)snprintf(message, sizeof message, "%.32s at 0x%x", honest->error_message(connection),
                   ++calls);
    return message;
}

/* What writes and will have no answer does nothing: only who looks later can tell. */
static enum outcome step_lost_with_its_answer(struct backend_statement *statement)
{
    const struct world_fault *fault = world_current_fault();
    bool is_lost = fault != NULL && fault->fired && honest->column_count(statement) == 0;
    return is_lost ? OUTCOME_OK : honest->step(statement);
}

static int64_t changes_now_and_then(struct backend_connection *connection)
{
    return honest->changes(connection) + (++calls % 7 == 0);
}

/* --- running ---------------------------------------------------------------------------------- */

struct trial {
    struct backend_ops backend;
    struct subject subject; /* with that backend */
    struct run_options options, other;
    struct mode *mode;
    struct run *run;
    const struct generate_profile *profile; /* of the plans; NULL: none */
    char signature[96];                     /* of the first violation; empty: there was none */
};

static void open_trial(struct trial *trial, const struct mode_order *order)
{
    struct error error = {0};
    if (mode_open(&trial->mode, order, &trial->options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    trial->options.mode = mode_run(trial->mode);
    if (run_open(&trial->run, &trial->options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

/* The honest one first, beside it one with a copy of its backend, to be changed. */
static void init_trial(struct trial *trial)
{
    memset(trial, 0, sizeof *trial);
    trial->backend = *honest;
    trial->subject = interplay_subject_sqlite;
    trial->subject.backend = &trial->backend;
    trial->options.subject = &interplay_subject_sqlite;
    trial->other.subject = &trial->subject;
}

static void run_plans(struct trial *trial, uint64_t plans)
{
    struct arena arena;
    const struct generate_subject subject = {
        .search = trial->profile == NULL ? GENERATE_FOR_DATABASE : GENERATE_FOR_POOL,
        .database = DATABASE_sqlite,
        .profile = trial->profile,
    };
    arena_init(&arena, ARENA_BYTES);
    for (uint64_t i = 0; i < plans && trial->signature[0] == '\0'; i++) {
        struct random random;
        struct plan plan;
        arena_reset(&arena);
        generate_seed(&random, 7, i);
        generate_plan(&plan, &arena, &random, subject);
        const struct run_result *result = run_plan(trial->run, &plan);
        if (result->verdict.kind == VERDICT_OK)
            continue;
        (void)snprintf(trial->signature, sizeof trial->signature, "%s", result->verdict.signature);
        print_message("plan %d: %s\n%s\n", (int)i, trial->signature, result->verdict.report);
    }
    arena_clean_up(&arena);
}

static void close_trial(struct trial *trial)
{
    run_close(trial->run);
    mode_close(trial->mode);
}

/* What differs between honest SQLite and that of the trial. */
static void compare_with_other(struct trial *trial, uint64_t plans)
{
    const struct mode_order order = {.kind = MODE_AGAINST, .other = &trial->other};
    open_trial(trial, &order);
    run_plans(trial, plans);
}

static void expect_difference(struct trial *trial, const char *signature)
{
    compare_with_other(trial, PLANS_MAX);
    close_trial(trial);
    if (strncmp(trial->signature, signature, strlen(signature)) != 0)
        fail_msg("%s expected, found '%s'", signature, trial->signature);
}

/* --- differential ----------------------------------------------------------------------------- */

static void test_same_subject_is_silent(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    compare_with_other(&trial, SILENT_PLANS);
    const struct mode_counts *counts = mode_counts(trial.mode);
    assert_string_equal(trial.signature, "");
    /* Nothing is in the way but modes in which nothing can be undone. */
    assert_true(counts->compared > SILENT_PLANS * 9 / 10);
    assert_int_equal(counts->compared + counts->passed_over[MODE_REASON_undo], SILENT_PLANS);
    close_trial(&trial);
}

static void test_promised_order(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.prepare = prepare_reversed;
    expect_difference(&trial, "differential/row-order/select");
}

static void test_open_order(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.prepare = prepare_unordered;
    compare_with_other(&trial, SILENT_PLANS);
    assert_string_equal(trial.signature, "");
    close_trial(&trial);
}

static void test_type(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.column = column_as_text;
    expect_difference(&trial, "differential/rows/select");
}

static void test_error_class(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.step = step_misclassified;
    expect_difference(&trial, "differential/error-class/");
}

/* Between versions only the class of an error is promised; one version says what it says. */
static void test_message(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.error_message = message_with_counter;
    expect_difference(&trial, "differential/message/");
}

static const char *another_version(void)
{
    return "3.41.0";
}

static void test_message_of_another_version(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.error_message = message_with_counter;
    trial.backend.version = another_version;
    compare_with_other(&trial, SILENT_PLANS);
    assert_string_equal(trial.signature, "");
    close_trial(&trial);
}

/* With a pool, whose requests get lost in every second plan or so. */
static const struct generate_profile *lossy_profile(void)
{
    static struct generate_profile profile;
    generate_profile_init(&profile);
    profile.weights[GROUP_faults] = 400;
    for (int kind = 0; kind < FAULT_KIND_COUNT; kind++)
        if (!fault_is_of_request((enum fault_kind)kind))
            profile.fault_kinds[kind] = 0;
    profile.settings[PLAN_CONFIG_stack] = (uint16_t) ~(1u << PLAN_STACK_DIRECT);
    profile.pool_size = 3;
    assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
    return &profile;
}

static void test_lost_requests(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.profile = lossy_profile();
    compare_with_other(&trial, SILENT_PLANS);
    assert_string_equal(trial.signature, "");
    close_trial(&trial);
    init_trial(&trial);
    trial.profile = lossy_profile();
    trial.backend.step = step_lost_with_its_answer;
    expect_difference(&trial, "differential/");
}

static void pin(struct plan_config *config, bool *is_pinned, enum plan_config_field field,
                const char *value)
{
    uint8_t choice = 0;
    while (strcmp(plan_config_infos[field].values[choice].name, value) != 0)
        choice++;
    config->choice[field] = choice;
    is_pinned[field] = true;
}

static void test_settings(void **state)
{
    struct trial trial;
    struct plan_config config = {0};
    bool is_pinned[PLAN_CONFIG_COUNT] = {false};
    (void)state;
    init_trial(&trial);
    pin(&config, is_pinned, PLAN_CONFIG_journal_mode, "delete");
    const struct mode_order order = {
        .kind = MODE_AGAINST, .config = &config, .is_pinned = is_pinned};
    open_trial(&trial, &order);
    run_plans(&trial, SILENT_PLANS);
    assert_string_equal(trial.signature, "");
    assert_true(mode_counts(trial.mode)->compared > SILENT_PLANS * 3 / 4);
    assert_non_null(strstr(mode_describe(trial.mode), "journal_mode=delete"));
    close_trial(&trial);
}

static void test_what_is_no_database(void **state)
{
    struct trial trial;
    struct error error = {0};
    (void)state;
    init_trial(&trial);
    trial.other.subject = &interplay_subject_memory;
    const struct mode_order order = {.kind = MODE_AGAINST, .other = &trial.other};
    assert_int_equal(mode_open(&trial.mode, &order, &trial.options, &error), ERROR_USAGE);
    assert_non_null(strstr(error.message, "memory is no database"));
}

/* --- doublecheck ------------------------------------------------------------------------------ */

static void doublecheck(struct trial *trial, uint64_t plans)
{
    const struct mode_order order = {.kind = MODE_TWICE};
    trial->options.subject = &trial->subject;
    open_trial(trial, &order);
    run_plans(trial, plans);
}

static void test_twice_is_silent(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    doublecheck(&trial, SILENT_PLANS);
    assert_string_equal(trial.signature, "");
    assert_int_equal(mode_counts(trial.mode)->compared, SILENT_PLANS);
    close_trial(&trial);
}

static void test_message_that_changes(void **state)
{
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.error_message = message_with_counter;
    doublecheck(&trial, PLANS_MAX);
    close_trial(&trial);
    assert_int_equal(strncmp(trial.signature, "doublecheck/message/", 20), 0);
}

static void test_result_that_changes(void **state)
{
    static const char *const deserved[] = {"snapshot/", NULL};
    struct trial trial;
    (void)state;
    init_trial(&trial);
    trial.backend.changes = changes_now_and_then;
    trial.options.deserved = deserved; /* its own oracles would be first */
    doublecheck(&trial, PLANS_MAX);
    close_trial(&trial);
    assert_int_equal(strncmp(trial.signature, "doublecheck/result/", 19), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_subject_is_silent),
        cmocka_unit_test(test_promised_order),
        cmocka_unit_test(test_open_order),
        cmocka_unit_test(test_type),
        cmocka_unit_test(test_error_class),
        cmocka_unit_test(test_message),
        cmocka_unit_test(test_message_of_another_version),
        cmocka_unit_test(test_lost_requests),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_what_is_no_database),
        cmocka_unit_test(test_twice_is_silent),
        cmocka_unit_test(test_message_that_changes),
        cmocka_unit_test(test_result_that_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
