/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans on a database that is a process of its own and takes its time at random (keys_subject.h):
 * the same plan has the same trace, whatever the delays, without a pool, with one and with actors,
 * with pauses, timeouts and cancelled calls; also beside another server, in turns.
 * INTERPLAY_TEST_PLANS says how many plans (default 150).
 */
#include "base/hash.h"
#include "generate/generate.h"
#include "keys_subject.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEFAULT_PLANS = 150, DELAY_US = 60 };

static struct arena arena;
static uint32_t plans = DEFAULT_PLANS;

/* Plans of one kind, and what each came to without delays. */
struct kind {
    struct run_options options;
    struct generate_subject drawn_for;
    uint64_t *first;
    uint32_t pauses, violations, timeouts;
};
static struct kind with_pools = {
    .options = {.subject = &keys_subject},
    .drawn_for = {.search = GENERATE_FOR_POOL, .database = DATABASE_ALL},
};
static struct kind without = {
    .options = {.subject = &keys_subject, .stack = &interplay_stack_direct},
    .drawn_for = {.search = GENERATE_FOR_DATABASE, .database = DATABASE_ALL},
};

static void open_run(struct run **ret_run, const struct kind *kind, uint32_t delay_max_us)
{
    struct error error;
    keys_subject_delay_max_us = delay_max_us;
    if (run_open(ret_run, &kind->options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

static uint64_t hash_of_plan(struct run **run, struct kind *kind, uint32_t index)
{
    struct random random;
    struct plan plan;
    struct error error;
    arena_reset(&arena);
    generate_seed(&random, 20261127, index);
    generate_plan(&plan, &arena, &random, kind->drawn_for);
    const struct run_result *result = run_plan(*run, &plan);
    kind->pauses += result->pauses;
    uint64_t hash = hash_word(result->trace_hash, result->yields);
    hash = hash_bytes(hash, result->verdict.signature, strlen(result->verdict.signature));
    assert_false(verdict_is_error(&result->verdict));
    if (result->verdict.kind == VERDICT_VIOLATION) {
        kind->violations++;
        assert_int_equal(run_renew(run, &error), ERROR_NONE);
    }
    return hash;
}

static void run_as_before(struct run **run, struct kind *kind, uint32_t index)
{
    if (hash_of_plan(run, kind, index) != kind->first[index])
        fail_msg("plan %u runs differently with other delays", index);
}

static void run_without_delays(struct kind *kind)
{
    struct run *run;
    keys_subject_timeouts = 0;
    kind->first = calloc(plans, sizeof *kind->first);
    assert_non_null(kind->first);
    open_run(&run, kind, 0);
    for (uint32_t index = 0; index < plans; index++)
        kind->first[index] = hash_of_plan(&run, kind, index);
    run_close(run);
    kind->timeouts = keys_subject_timeouts;
}

static int set_up(void **state)
{
    (void)state;
    run_without_delays(&with_pools);
    run_without_delays(&without);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(with_pools.first);
    free(without.first);
    return 0;
}

static void test_the_plans_have_it_all(void **state)
{
    (void)state;
    assert_true(without.timeouts > plans / 10);
    assert_true(with_pools.pauses > plans / 4 && without.pauses > plans / 4);
    assert_int_equal(without.violations, 0);
    /*
     * A pool's writers are in each other's way here, which its oracle takes for a mistake of the
     * pool.
     */
    assert_true(with_pools.violations < plans / 50);
}

static void run_with_delays(struct kind *kind)
{
    struct run *run;
    open_run(&run, kind, DELAY_US);
    for (uint32_t index = 0; index < plans; index++)
        run_as_before(&run, kind, index);
    run_close(run);
}

static void test_same_trace_with_delays(void **state)
{
    (void)state;
    run_with_delays(&without);
    run_with_delays(&with_pools);
}

static void test_same_trace_beside_another(void **state)
{
    (void)state;
    struct run *run, *other;
    open_run(&run, &with_pools, DELAY_US);
    open_run(&other, &without, 0);
    for (uint32_t index = 0; index < plans; index++) {
        run_as_before(&run, &with_pools, index);
        run_as_before(&other, &without, plans - 1 - index);
    }
    run_close(run);
    run_close(other);
}

int main(void)
{
    const char *asked = getenv("INTERPLAY_TEST_PLANS");
    if (asked != NULL)
        plans = (uint32_t)strtoul(asked, NULL, 10);
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_plans_have_it_all),
        cmocka_unit_test(test_same_trace_with_delays),
        cmocka_unit_test(test_same_trace_beside_another),
    };
    int failed = cmocka_run_group_tests_name("outside_run", tests, set_up, tear_down);
    arena_clean_up(&arena);
    return failed;
}
