/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the signature of a crash says where it was: in which function of the code under test,
 * called from there or not (libc, the simulator), on a stack that has overflowed, by a sanitizer's
 * report; that it is the same in each run; and that shrinking does not slip from one crash to
 * another.
 */
#include "base/arena.h"
#include "base/sanitizer.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "run/isolated.h"
#include "shrink/shrink.h"
#include "sim/posix_calls.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(undefined_behavior_sanitizer)
#define HAS_UBSAN 1
#endif
#endif
#ifndef HAS_UBSAN
#define HAS_UBSAN 0
#endif

static struct arena arena;
static struct run *run;

/* --- planted crashes ------------------------------------------------------------------------- */

#define PLANTED __attribute__((noinline, no_sanitize("undefined")))

static volatile int *volatile nowhere;
static volatile size_t nothing = 0;

PLANTED void crash_by_writing(void);
PLANTED void crash_by_writing(void)
{
    *nowhere = 1;
}

PLANTED void crash_elsewhere(void);
PLANTED void crash_elsewhere(void)
{
    *nowhere = 2;
}

PLANTED void crash_in_libc(void);
PLANTED void crash_in_libc(void)
{
    nothing = strlen((const char *)(uintptr_t)nowhere);
}

PLANTED void crash_in_the_simulator(void);
PLANTED void crash_in_the_simulator(void)
{
    nothing = (size_t)sim_pthread_mutex_lock((pthread_mutex_t *)(uintptr_t)nowhere);
}

PLANTED int crash_by_recursion(int depth);
PLANTED int crash_by_recursion(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth < 0 ? 0 : crash_by_recursion(depth + 1) + room[0];
}

PLANTED volatile char *make_bytes(void);
PLANTED volatile char *make_bytes(void)
{
    volatile char *volatile bytes = malloc(8);
    nothing = bytes == NULL; /* no tail call */
    return bytes;
}

PLANTED void drop_bytes(volatile char *bytes);
PLANTED void drop_bytes(volatile char *bytes)
{
    free((void *)(uintptr_t)bytes);
    nothing = 0;
}

PLANTED void use_after_free(void);
PLANTED void use_after_free(void)
{
    volatile char *volatile bytes = make_bytes();
    drop_bytes(bytes);
    nothing = (size_t)bytes[1];
}

static volatile int too_far = 99;

/* For UBSan alone, so it is not PLANTED. */
__attribute__((noinline)) void shift_too_far(void);
__attribute__((noinline)) void shift_too_far(void)
{
    nothing = (size_t)(1 << too_far);
}

PLANTED void crash_by_being_killed(void);
PLANTED void crash_by_being_killed(void)
{
    nothing = (size_t)kill(getpid(), SIGSEGV); /* no tail call: its frame is what is looked for */
}

/* Which one, by what is prepared. */
static enum outcome prepare_or_crash(struct backend_connection *connection, const char *sql,
                                     size_t length, struct backend_statement **ret_statement)
{
    static const struct {
        const char *sql;
        void (*crash)(void);
    } planted[] = {
        {"DELETE", crash_by_writing}, {"INSERT", crash_elsewhere},
        {"SELECT 1", crash_in_libc},  {"SELECT 2", crash_in_the_simulator},
        {"SELECT 4", use_after_free}, {"SELECT 5", crash_by_being_killed},
        {"SELECT 6", shift_too_far},
    };
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++)
        if (strncmp(sql, planted[i].sql, strlen(planted[i].sql)) == 0)
            planted[i].crash();
    if (strncmp(sql, "SELECT 3", 8) == 0)
        nothing = (size_t)crash_by_recursion(0);
    return interplay_backend_sqlite.prepare(connection, sql, length, ret_statement);
}

/* A pool that crashes in two functions. */
static void begin_or_crash(struct stack_lease *lease, void *tag, struct stack_reply *ret_reply)
{
    crash_by_writing();
    interplay_stack_pool.begin(lease, tag, ret_reply);
}

static void execute_or_crash(struct stack_lease *lease, const struct stack_call *call,
                             struct stack_reply *ret_reply)
{
    crash_elsewhere();
    interplay_stack_pool.execute(lease, call, ret_reply);
}

/* --- helpers --------------------------------------------------------------------------------- */

static struct plan plan_of(const char *text)
{
    struct plan plan;
    struct error error = {0};
    arena_reset(&arena);
    if (json_read(&plan, &arena, "plan", text, strlen(text), &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return plan;
}

static struct isolated_result crash_of(const struct plan *plan)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    struct isolated_result result = {0};
    struct error error = {0};
    if (isolated_run(run, plan, &quiet, &result, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    assert_int_equal(result.verdict.kind, VERDICT_VIOLATION);
    assert_true(result.has_died);
    return result;
}

/* A sanitizer has its own words for what a signal tells, not for the place. */
static void expect_signature(const char *signature, const char *kind, const char *function)
{
    char place[64];
    (void)snprintf(place, sizeof place, "/%s+0x", function);
    const char *beginning = SANITIZER_ADDRESS ? "crash/" : kind;
    if (strncmp(signature, beginning, strlen(beginning)) != 0 || strstr(signature, place) == NULL)
        fail_msg("%s, but it should be %s%s...", signature, kind, place);
}

static void expect_words(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("'%s' expected in: %s", words, text);
}

/* A query crashes with such a signature, each time with the same one, and the same report. */
static struct verdict expect_crash(const char *sql, const char *kind, const char *function)
{
    static const char form[] = "{\"version\":1,\"config\":{\"tasks\":1},\"interactions\":["
                               "{\"task\":0,\"action\":{\"type\":\"query\",\"sql\":\"%s\"}}]}";
    char text[256];
    assert_true((size_t)snprintf(text, sizeof text, form, sql) < sizeof text);
    const struct plan plan = plan_of(text);
    const struct isolated_result first = crash_of(&plan), second = crash_of(&plan);
    expect_signature(first.verdict.signature, kind, function);
    assert_string_equal(first.verdict.signature, second.verdict.signature);
    assert_string_equal(first.verdict.report, second.verdict.report);
    return first.verdict;
}

static const char segmentation[] = "crash/signal/SIGSEGV";

/* --- tests ----------------------------------------------------------------------------------- */

static void test_function_and_offset(void **state)
{
    (void)state;
    const struct verdict verdict = expect_crash("DELETE FROM t0", segmentation, "crash_by_writing");
    expect_words(verdict.report, "the process of the code under test died");
    expect_words(verdict.report, "\nin crash_by_writing < interplay_stack_run");
    assert_null(strstr(verdict.report, "allocated"));
    expect_crash("INSERT INTO t0 VALUES (1)", segmentation, "crash_elsewhere");
}

static void test_libc_and_the_simulator_are_passed_over(void **state)
{
    (void)state;
    expect_crash("SELECT 1", segmentation, "crash_in_libc");
    expect_crash("SELECT 2", segmentation, "crash_in_the_simulator");
    expect_crash("SELECT 5", segmentation, "crash_by_being_killed");
}

static void test_stack_that_overflowed(void **state)
{
    (void)state;
    expect_crash("SELECT 3", segmentation, "crash_by_recursion");
}

static void test_sanitizer_says_what(void **state)
{
    (void)state;
    if (SANITIZER_ADDRESS) {
        const struct verdict verdict =
            expect_crash("SELECT 4", "crash/asan/heap-use-after-free", "use_after_free");
        expect_words(verdict.signature, "/of-make_bytes");
        expect_words(verdict.report, "died: heap-use-after-free, a read of 1 byte\n");
        expect_words(verdict.report, "\nin use_after_free < interplay_stack_run < ");
        expect_words(verdict.report, "\nfreed in drop_bytes < use_after_free < ");
        expect_words(verdict.report, "\nallocated in make_bytes < use_after_free < ");
    }
    if (HAS_UBSAN) {
        const struct verdict verdict = expect_crash("SELECT 6", "crash/ubsan/", "shift_too_far");
        expect_words(verdict.report,
                     "died: invalid-shift-exponent, Shift exponent 99 is too large");
        expect_words(verdict.report, "(crash_place_test.c:");
        expect_words(verdict.report, "\nin shift_too_far < interplay_stack_run < ");
    }
}

/* Without the second statement the third one crashes, elsewhere. */
static void test_shrinking_keeps_the_place(void **state)
{
    (void)state;
    struct plan plan = plan_of("{\"version\":1,\"config\":{\"tasks\":2},\"interactions\":["
                               "{\"task\":1,\"action\":{\"type\":\"select\"}},"
                               "{\"task\":1,\"action\":{\"type\":\"delete\",\"table\":1}},"
                               "{\"task\":0,\"action\":{\"type\":\"insert\",\"key\":3}}]}");
    const struct shrink_options options = {0};
    struct shrink_result result = {0};
    struct error error = {0};
    assert_int_equal(shrink_plan(run, &plan, &options, &result, &error), ERROR_NONE);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    expect_signature(result.signature, segmentation, "crash_by_writing");
    assert_int_equal(plan.interaction_count, 1);
    assert_int_equal(plan.interactions[0].action, ACTION_delete);
    assert_string_equal(crash_of(&plan).verdict.signature, result.signature);
}

static int open_crashing(void **state)
{
    (void)state;
    static struct backend_ops crashing;
    crashing = interplay_backend_sqlite;
    crashing.prepare = prepare_or_crash;
    struct subject subject = interplay_subject_sqlite;
    subject.backend = &crashing;
    const struct run_options options = {.subject = &subject};
    struct error error;
    if (run_open(&run, &options, &error) == ERROR_NONE)
        return 0;
    print_error("crash_place_test: %s\n", error.message);
    return -1;
}

/*
 * The update waits for the connection that the other one has taken; without the begin it goes on,
 * and crashes elsewhere: shrinking must not slip into that.
 */
static void test_pool_that_crashes_in_two_places(void **state)
{
    (void)state;
    const struct plan beginning = plan_of("{\"version\":1,\"config\":{},\"interactions\":["
                                          "{\"task\":0,\"action\":{\"type\":\"begin\"}}]}");
    expect_signature(crash_of(&beginning).verdict.signature, segmentation, "crash_by_writing");
    const struct plan updating = plan_of("{\"version\":1,\"config\":{},\"interactions\":["
                                         "{\"task\":0,\"action\":{\"type\":\"update\"}}]}");
    expect_signature(crash_of(&updating).verdict.signature, segmentation, "crash_elsewhere");
    struct plan plan = plan_of("{\"version\":1,\"config\":{\"tasks\":2},\"interactions\":["
                               "{\"task\":0,\"action\":{\"type\":\"checkout\"}},"
                               "{\"task\":1,\"action\":{\"type\":\"update\"}},"
                               "{\"task\":0,\"action\":{\"type\":\"begin\"}}]}");
    const struct shrink_options options = {0};
    struct shrink_result result = {0};
    struct error error = {0};
    assert_int_equal(shrink_plan(run, &plan, &options, &result, &error), ERROR_NONE);
    assert_int_equal(result.end, SHRINK_MINIMAL);
    expect_signature(result.signature, segmentation, "crash_by_writing");
    assert_int_equal(plan.interaction_count, 1);
    assert_int_equal(plan.interactions[0].action, ACTION_begin);
    assert_string_equal(crash_of(&plan).verdict.signature, result.signature);
}

static int open_crashing_pool(void **state)
{
    (void)state;
    static struct stack_ops crashing;
    crashing = interplay_stack_pool;
    crashing.begin = begin_or_crash;
    crashing.execute = execute_or_crash;
    const struct run_options options = {.subject = &interplay_subject_sqlite, .stack = &crashing};
    struct error error;
    if (run_open(&run, &options, &error) == ERROR_NONE)
        return 0;
    print_error("crash_place_test: %s\n", error.message);
    return -1;
}

static int close_run(void **state)
{
    (void)state;
    run_close(run);
    return 0;
}

int main(void)
{
    arena_init(&arena, (size_t)1 << 24);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_function_and_offset),
        cmocka_unit_test(test_libc_and_the_simulator_are_passed_over),
        cmocka_unit_test(test_stack_that_overflowed),
        cmocka_unit_test(test_sanitizer_says_what),
        cmocka_unit_test(test_shrinking_keeps_the_place),
    };
    int failed = cmocka_run_group_tests_name("crashing database", tests, open_crashing, close_run);
    const struct CMUnitTest pool_tests[] = {cmocka_unit_test(test_pool_that_crashes_in_two_places)};
    failed +=
        cmocka_run_group_tests_name("crashing pool", pool_tests, open_crashing_pool, close_run);
    arena_clean_up(&arena);
    return failed;
}
