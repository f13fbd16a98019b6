/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cause of a finding in words: what a minimal plan does is told, what only varies within a bug
 * is not (names of tasks and tables, keys, numbers), and what tells two bugs apart is (order, who,
 * faults, pauses, modes). Longer plans than the words have room for are told apart, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bugbase/cause.h"

#include <string.h>

enum { STEPS_MAX = 300 };

static struct interaction steps[STEPS_MAX];

static struct plan plan_of(const struct interaction *wanted, size_t count)
{
    assert_true(count <= STEPS_MAX);
    memcpy(steps, wanted, count * sizeof *wanted);
    return (struct plan){.kind = PLAN_NATIVE, .interaction_count = count, .interactions = steps};
}

#define PLAN(...)                                                                                  \
    plan_of((const struct interaction[]){__VA_ARGS__},                                             \
            sizeof((const struct interaction[]){__VA_ARGS__}) / sizeof(struct interaction))

#define DO(by, what)                                                                               \
    {                                                                                              \
        .task = (by), .action = ACTION_##what                                                      \
    }
#define DO_WITH(by, what, ...)                                                                     \
    {                                                                                              \
        .task = (by), .action = ACTION_##what, __VA_ARGS__                                         \
    }

static struct cause cause_of(const struct plan *plan)
{
    struct cause cause;
    cause_of_plan(&cause, plan);
    return cause;
}

static void expect_words(const struct plan *plan, const char *words)
{
    struct cause cause = cause_of(plan), again;
    assert_string_equal(cause.words, words);
    assert_int_equal(strlen(cause.hash), CAUSE_HASH_DIGITS);
    cause_of_words(&again, cause.words);
    assert_string_equal(again.hash, cause.hash);
}

static void test_words(void **state)
{
    (void)state;
    struct plan plan =
        PLAN(DO(0, begin), DO(0, select), DO_WITH(1, update, .pause_after = 3),
             DO_WITH(0, delete, .fault = FAULT_io_sync, .fault_at = 1), DO(0, commit));
    expect_words(&plan, "a.begin,a.read,b.write|held,a.write!io_sync,a.commit");
    plan.config.choice[PLAN_CONFIG_stack] = PLAN_STACK_ACTORS;
    plan.config.choice[PLAN_CONFIG_mailbox] = 2;
    expect_words(&plan,
                 "a.begin,a.read,b.write|held,a.write!io_sync,a.commit;stack=actors,mailbox");
    plan = PLAN(DO(0, stream_open), DO(0, create_table), DO(0, vacuum),
                DO_WITH(0, execute, .sql = " SavePoint s1"));
    expect_words(&plan, "a.stream_open,a.schema,a.vacuum,a.execute:savepoint");
}

static void test_what_varies_is_left_out(void **state)
{
    (void)state;
    struct plan plan = PLAN(DO_WITH(0, insert, .arguments[FIELD_key] = 3), DO(1, select));
    const struct cause cause = cause_of(&plan);
    plan = PLAN(DO_WITH(2, upsert, .arguments[FIELD_table] = 1), DO(0, select));
    plan.config.choice[PLAN_CONFIG_tasks] = 5;
    plan.config.choice[PLAN_CONFIG_loss_seed] = 9;
    assert_string_equal(cause_of(&plan).hash, cause.hash);
}

static void test_what_tells_bugs_apart_is_not(void **state)
{
    (void)state;
    struct plan plan = PLAN(DO(0, insert), DO(1, select));
    struct cause seen[16] = {cause_of(&plan)};
    size_t count = 1;
    const struct interaction others[][2] = {
        {DO(0, insert), DO(0, select)},
        {DO(1, select), DO(0, insert)},
        {DO_WITH(0, insert, .pause_after = 1), DO(1, select)},
        {DO_WITH(0, insert, .fault = FAULT_io_write, .fault_at = 1), DO(1, select)},
        {DO_WITH(0, insert, .fault = FAULT_io_sync, .fault_at = 1), DO(1, select)},
        {DO(0, create_table), DO(1, select)},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++, count++) {
        plan = plan_of(others[i], 2);
        seen[count] = cause_of(&plan);
    }
    plan = PLAN(DO(0, insert), DO(1, select));
    plan.config.choice[PLAN_CONFIG_stack] = PLAN_STACK_POOL;
    seen[count++] = cause_of(&plan);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(seen[i].hash, seen[k].hash);
}

static void test_long(void **state)
{
    (void)state;
    struct interaction many[STEPS_MAX] = {0};
    struct plan plan = plan_of(many, STEPS_MAX);
    const struct cause cause = cause_of(&plan);
    expect_words(&plan, cause.words);
    assert_int_equal(strlen(cause.words), CAUSE_WORDS_BYTES - 1);
    steps[STEPS_MAX - 1].action = ACTION_commit;
    assert_string_not_equal(cause_of(&plan).hash, cause.hash);
}

static void test_suffix(void **state)
{
    (void)state;
    static const char word[] = "a/b@0123abcd";
    assert_ptr_equal(cause_find_suffix(word, strlen(word)), word + 3);
    assert_null(cause_find_suffix("a/b@0123abcg", 12));
    assert_null(cause_find_suffix("a/b@0123ABCD", 12));
    assert_null(cause_find_suffix("@0123abcd", 9));
    assert_null(cause_find_suffix("a/b", 3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_what_varies_is_left_out),
        cmocka_unit_test(test_what_tells_bugs_apart_is_not),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_suffix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
