/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the tactics, asked step by step, end at the simplest plan that the answers allow, ask
 * nothing twice, ask the same again for the same answers, and can be left at any time. The answers
 * come from rules that are simple enough to know the end beforehand.
 */
#include "base/arena.h"
#include "base/hash.h"
#include "generate/generate.h"
#include "plan/compact.h"
#include "shrink/steps.h"
#include "sqlite/sqlite_settings.h"
#include "subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { PLANS = 50, CANDIDATES_MAX = 20000 };

static struct arena arena;

typedef bool rule_fn(const struct plan *plan);

static struct plan random_plan(uint64_t index)
{
    struct random random;
    struct plan plan;
    arena_reset(&arena);
    generate_seed(&random, 7, index);
    generate_plan(&plan, &arena, &random, FOR_SQLITE);
    return plan;
}

static size_t count_writes(const struct plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->interaction_count; i++)
        count += plan->interactions[i].action == ACTION_upsert ||
                 plan->interactions[i].action == ACTION_update;
    return count;
}

static bool has_two_writes(const struct plan *plan)
{
    return count_writes(plan) >= 2;
}

static bool has_pause_under_small_pages(const struct plan *plan)
{
    bool is_paused = false;
    for (size_t i = 0; i < plan->interaction_count; i++)
        is_paused |= plan->interactions[i].pause_after >= 3;
    return is_paused &&
           plan_config_get(&plan->config, PLAN_CONFIG_journal_mode) == SQLITE_JOURNAL_WAL;
}

/* Of the compact form of `plan`. */
static uint64_t identity_of(const struct plan *plan)
{
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    uint64_t hash = 0;
    assert_int_equal(compact_encode(plan, bytes, &size, NULL), ERROR_NONE);
    for (size_t i = 0; i < size; i++)
        hash = hash_word(hash, bytes[i]);
    return hash;
}

static size_t walk(struct steps *steps, rule_fn *rule, uint64_t *ret_course)
{
    const struct plan *candidate;
    size_t count = 0;
    *ret_course = 0;
    while ((candidate = steps_next(steps)) != NULL) {
        *ret_course = hash_word(*ret_course, identity_of(candidate));
        assert_true(++count < CANDIDATES_MAX);
        steps_answer(steps, rule(candidate));
    }
    return count;
}

static void test_two_writes_are_left_of_any_plan(void **state)
{
    (void)state;
    size_t tried = 0;
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan = random_plan(i);
        uint64_t course;
        if (!has_two_writes(&plan))
            continue;
        struct steps *steps = steps_begin(&plan, 0);
        assert_non_null(steps);
        (void)walk(steps, has_two_writes, &course);
        const struct plan *best = steps_best(steps);
        assert_int_equal(best->interaction_count, 2);
        assert_int_equal(count_writes(best), 2);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(best->interactions[k].task, 0);
            assert_int_equal(best->interactions[k].pause_after, 0);
            assert_int_equal(best->interactions[k].fault, FAULT_NONE);
        }
        for (size_t field = 0; field < PLAN_CONFIG_COUNT; field++)
            assert_int_equal(best->config.choice[field], 0);
        steps_end(steps);
        tried++;
    }
    assert_true(tried > PLANS / 4);
}

static void test_a_pause_keeps_its_least_count(void **state)
{
    (void)state;
    size_t tried = 0;
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan = random_plan(i);
        uint64_t course;
        if (!has_pause_under_small_pages(&plan))
            continue;
        struct steps *steps = steps_begin(&plan, 0);
        (void)walk(steps, has_pause_under_small_pages, &course);
        assert_int_equal(steps_best(steps)->interaction_count, 1);
        assert_int_equal(steps_best(steps)->interactions[0].pause_after, 3);
        steps_end(steps);
        tried++;
    }
    assert_true(tried > 0);
}

static void test_same_answers_same_candidates(void **state)
{
    (void)state;
    uint64_t courses[2];
    for (int i = 0; i < 2; i++) {
        struct plan plan = random_plan(3);
        struct steps *steps = steps_begin(&plan, 0);
        assert_true(walk(steps, has_two_writes, &courses[i]) > 10);
        steps_end(steps);
    }
    assert_int_equal(courses[0], courses[1]);
}

static bool never(const struct plan *plan)
{
    (void)plan;
    return false;
}

static void test_all_refused_leaves_the_plan(void **state)
{
    (void)state;
    struct plan plan = random_plan(5);
    struct steps *steps = steps_begin(&plan, 0);
    uint64_t course;
    assert_true(walk(steps, never, &course) > 0);
    assert_null(steps_next(steps));
    assert_true(plan_equal(steps_best(steps), &plan));
    steps_end(steps);
}

static void test_rounds_are_limited(void **state)
{
    (void)state;
    size_t shorter = 0;
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan = random_plan(i);
        uint64_t course;
        if (!has_pause_under_small_pages(&plan))
            continue;
        struct steps *one = steps_begin(&plan, 1), *all = steps_begin(&plan, 0);
        size_t asked_in_one = walk(one, has_pause_under_small_pages, &course);
        size_t asked_in_all = walk(all, has_pause_under_small_pages, &course);
        assert_true(asked_in_one <= asked_in_all);
        shorter += asked_in_one < asked_in_all;
        steps_end(one);
        steps_end(all);
    }
    assert_true(shorter > 0);
}

/* Before the first question, after a question, after an answer. */
static void test_may_be_left_at_any_time(void **state)
{
    (void)state;
    uint64_t number = 3, course;
    struct plan plan = random_plan(number);
    while (!has_two_writes(&plan) || plan.interaction_count < 24)
        plan = random_plan(++number);
    steps_end(NULL);
    steps_end(steps_begin(&plan, 0));
    struct steps *all = steps_begin(&plan, 0);
    size_t count = walk(all, has_two_writes, &course);
    steps_end(all);
    assert_true(count > 20);
    for (size_t questions = 1; questions <= count && questions < 100; questions++) {
        struct steps *steps = steps_begin(&plan, 0);
        for (size_t i = 1; i < questions; i++) {
            const struct plan *candidate = steps_next(steps);
            assert_non_null(candidate);
            steps_answer(steps, has_two_writes(candidate));
        }
        assert_non_null(steps_next(steps));
        steps_end(steps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_writes_are_left_of_any_plan),
        cmocka_unit_test(test_a_pause_keeps_its_least_count),
        cmocka_unit_test(test_same_answers_same_candidates),
        cmocka_unit_test(test_all_refused_leaves_the_plan),
        cmocka_unit_test(test_rounds_are_limited),
        cmocka_unit_test(test_may_be_left_at_any_time),
    };
    arena_init(&arena, 1 << 20);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
