/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine sees of a run: edges that were taken and states are there, for AFL++ each state
 * once and in a place of its own, and are gone when they are to be forgotten. In builds without an
 * engine only the states are there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "coverage.h"
#include "run/feedback.h"

#include <sqlite3.h>

extern uint8_t __start___sancov_cntrs[] __attribute__((weak));
extern uint8_t __stop___sancov_cntrs[] __attribute__((weak));
extern uint8_t *__afl_area_ptr __attribute__((weak));
extern uint32_t __afl_map_size __attribute__((weak));

static size_t nonzero(const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += bytes[i] != 0;
    return count;
}

/* Of libFuzzer or AFL++. */
static size_t edges_seen(void)
{
    if (__start___sancov_cntrs != NULL)
        return nonzero(__start___sancov_cntrs,
                       (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs));
    return &__afl_area_ptr != NULL ? nonzero(__afl_area_ptr, __afl_map_size) : 0;
}

static void test_what_was_seen_is_forgotten(void **state)
{
    (void)state;
    bool has_engine = __start___sancov_cntrs != NULL || &__afl_area_ptr != NULL;
    coverage_forget();
    size_t nothing = edges_seen();
    assert_in_range(nothing, 0, 1); /* AFL++'s map is never empty */
    assert_true(sqlite3_complete("select 1;"));
    struct interaction interaction = {.action = ACTION_select};
    const struct plan plan = {.interactions = &interaction, .interaction_count = 1};
    static const struct observation seen;
    const struct event_result result = {.seen = &seen};
    struct feedback feedback;
    feedback_begin(&feedback, &plan);
    feedback_read(&feedback, &(struct event){.kind = EVENT_result, .result = &result});
    assert_int_equal(edges_seen() > nothing, has_engine);
    assert_int_equal(nonzero(feedback_counters, FEEDBACK_COUNTERS), 1);
    coverage_forget();
    assert_int_equal(edges_seen(), nothing);
    assert_int_equal(nonzero(feedback_counters, FEEDBACK_COUNTERS), 0);
}

/* A state, and in builds for libFuzzer an edge, is new the first time that it is seen. */
static void test_what_is_new(void **state)
{
    (void)state;
    (void)coverage_is_new();
    coverage_forget();
    assert_false(coverage_is_new());
    feedback_counters[FEEDBACK_COUNTERS - 1] = 1;
    assert_true(coverage_is_new());
    assert_false(coverage_is_new());
    coverage_forget();
    feedback_counters[FEEDBACK_COUNTERS - 1] = 1;
    assert_false(coverage_is_new());
    coverage_forget();
    (void)sqlite3_complete("create temp trigger x; end;"); /* other edges than above */
    assert_int_equal(coverage_is_new(), __start___sancov_cntrs != NULL);
    coverage_forget();
}

static void test_states_have_places_in_the_map(void **state)
{
    (void)state;
    if (&__afl_area_ptr == NULL)
        return; /* libFuzzer reads and clears the counters itself */
    coverage_forget();
    for (uint32_t i = 0; i < FEEDBACK_COUNTERS; i++)
        feedback_counters[i] = 1;
    coverage_publish();
    assert_int_equal(nonzero(__afl_area_ptr, __afl_map_size), 1 + FEEDBACK_COUNTERS);
    assert_int_equal(nonzero(feedback_counters, FEEDBACK_COUNTERS), 0);

    coverage_forget();
    for (int i = 0; i < 100; i++)
        assert_true(sqlite3_complete("select 1;"));
    coverage_publish();
    for (size_t i = 0; i < __afl_map_size; i++)
        assert_in_range(__afl_area_ptr[i], 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_seen_is_forgotten),
        cmocka_unit_test(test_what_is_new),
        cmocka_unit_test(test_states_have_places_in_the_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
