/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans on Interplay's own TDS server, both ends simulated: none shows anything, each has the same
 * trace and the same number of yield points when it is run again, and so have all of them in
 * another process. INTERPLAY_TEST_PLANS says how many plans (default 100).
 */
#include "base/hash.h"
#include "generate/generate.h"
#include "generated/subjects.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEFAULT_PLANS = 100 };

static uint32_t plans = DEFAULT_PLANS;

/* What plans came to. */
struct course {
    uint64_t hash;
    uint32_t waits, verdicts;
};

static uint32_t count_waits(const struct trace *trace)
{
    uint32_t waits = 0;
    for (size_t i = 0; i < trace->count && i < TRACE_EVENTS_MAX; i++)
        waits += trace->events[i].kind == TRACE_wait;
    return waits;
}

static void run_one(struct run *run, struct arena *arena, uint32_t index, struct course *course)
{
    static const struct generate_subject drawn_for = {.search = GENERATE_FOR_DATABASE,
                                                      .database = DATABASE_mssql};
    struct random random;
    struct plan plan;
    arena_reset(arena);
    generate_seed(&random, 20261128, index);
    generate_plan(&plan, arena, &random, drawn_for);
    const struct run_result *result = run_plan(run, &plan);
    course->hash = hash_word(course->hash, result->trace_hash);
    course->hash = hash_word(course->hash, result->yields);
    course->waits += count_waits(result->trace);
    course->verdicts += result->verdict.kind != VERDICT_OK;
}

static void run_all(struct run *run, struct course *ret_course)
{
    struct arena arena;
    *ret_course = (struct course){0};
    arena_init(&arena, (size_t)16 << 20);
    for (uint32_t index = 0; index < plans; index++)
        run_one(run, &arena, index, ret_course);
    arena_clean_up(&arena);
}

static struct run *open_run(void)
{
    static const struct run_options options = {.subject = &interplay_subject_mssql,
                                               .stack = &interplay_stack_direct};
    struct run *run;
    struct error error;
    if (run_open(&run, &options, &error) != ERROR_NONE)
        exit(2);
    return run;
}

static struct course run_in_another_process(void)
{
    int ends[2], status;
    struct course course = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        struct run *run = open_run();
        run_all(run, &course);
        run_close(run);
        exit(write(ends[1], &course, sizeof course) == sizeof course ? 0 : 2);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &course, sizeof course), sizeof course);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return course;
}

static void test_the_same_again(void **state)
{
    (void)state;
    struct course first, again;
    struct run *run = open_run();
    run_all(run, &first);
    run_all(run, &again);
    run_close(run);
    struct course elsewhere = run_in_another_process();
    assert_int_equal(first.verdicts, 0);
    assert_true(first.waits > plans / 20);
    assert_true(again.hash == first.hash && elsewhere.hash == first.hash);
}

int main(void)
{
    const char *wanted = getenv("INTERPLAY_TEST_PLANS");
    if (wanted != NULL)
        plans = (uint32_t)strtoul(wanted, NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_same_again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
