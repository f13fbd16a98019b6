/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans on PostgreSQL: the same plan has the same trace, on each server that is started anew,
 * several who wait for one row among them; whatever becomes of the processes that use servers,
 * nothing of theirs is left. INTERPLAY_TEST_PLANS says how many plans (default 30). SKIPPED where
 * no server is installed.
 */
#include "base/hash.h"
#include "generate/generate.h"
#include "generated/subjects.h"
#include "postgres/postgres_server.h"
#include "run/run.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEFAULT_PLANS = 30, SERVERS = 3, SKIPPED = 77 };
enum { CROWD = 4, CROWD_STEPS = 28, ACTIONS_OF_CROWD = 12 };

static uint32_t plans = DEFAULT_PLANS;

/* What plans came to on one server. */
struct course {
    uint64_t hash; /* of all of them */
    uint32_t waits;
};

/* Calls that had to wait for somebody else's end. */
static uint32_t count_waits(const struct trace *trace)
{
    uint32_t waits = 0;
    for (size_t i = 0; i < trace->count && i < TRACE_EVENTS_MAX; i++)
        waits += trace->events[i].kind == TRACE_wait;
    return waits;
}

/*
 * Four tasks in transactions on two rows: they wait for each other, two for one at times, and come
 * to deadlocks.
 */
static void make_crowd(struct plan *plan, struct arena *arena, struct random *random)
{
    static const enum plan_action actions[] = {
        ACTION_begin,  ACTION_update, ACTION_update, ACTION_update, ACTION_update, ACTION_update,
        ACTION_delete, ACTION_insert, ACTION_upsert, ACTION_upsert, ACTION_commit, ACTION_rollback};
    plan->config.choice[PLAN_CONFIG_tasks] = CROWD - 1;
    plan->interaction_count = CROWD_STEPS;
    plan->interactions = ARENA_ARRAY(arena, struct interaction, CROWD_STEPS);
    for (size_t i = 0; i < CROWD_STEPS; i++) {
        struct interaction *step = &plan->interactions[i];
        step->task = (uint8_t)(i < CROWD ? i : random_below(random, CROWD));
        step->action =
            (uint8_t)(i < CROWD ? ACTION_begin : actions[random_below(random, ACTIONS_OF_CROWD)]);
        step->arguments[FIELD_filter] = 1;                                   /* by key */
        step->arguments[FIELD_key] = (uint8_t)(4 * random_below(random, 2)); /* there are */
    }
}

static void run_one(struct run **run, struct arena *arena, uint32_t index, struct course *course)
{
    static const struct generate_subject drawn_for = {.search = GENERATE_FOR_DATABASE,
                                                      .database = DATABASE_postgres};
    struct random random;
    struct plan plan;
    struct error error;
    arena_reset(arena);
    generate_seed(&random, 20261128, index);
    generate_plan(&plan, arena, &random, drawn_for);
    if (index % 2 == 1)
        make_crowd(&plan, arena, &random);
    const struct run_result *result = run_plan(*run, &plan);
    course->hash = hash_word(course->hash, result->trace_hash);
    course->hash = hash_word(course->hash, result->yields);
    course->waits += count_waits(result->trace);
    if (result->verdict.kind == VERDICT_VIOLATION && run_renew(run, &error) != ERROR_NONE)
        exit(2);
}

/* In a process of its own, which starts a server. */
static void run_all(struct course *ret_course)
{
    const struct run_options options = {.subject = &interplay_subject_postgres,
                                        .stack = &interplay_stack_direct};
    struct run *run;
    struct arena arena;
    struct error error;
    *ret_course = (struct course){0};
    arena_init(&arena, (size_t)16 << 20);
    if (run_open(&run, &options, &error) != ERROR_NONE)
        exit(2);
    for (uint32_t index = 0; index < plans; index++)
        run_one(&run, &arena, index, ret_course);
    run_close(run);
    arena_clean_up(&arena);
}

static struct course run_on_another_server(void)
{
    int ends[2];
    struct course course = {0};
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        run_all(&course);
        exit(write(ends[1], &course, sizeof course) == sizeof course ? 0 : 2);
    }
    int status;
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &course, sizeof course), sizeof course);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return course;
}

static void test_each_server_does_the_same(void **state)
{
    (void)state;
    struct course first = run_on_another_server();
    assert_true(first.waits > plans / 2);
    for (int i = 1; i < SERVERS; i++) {
        struct course again = run_on_another_server();
        assert_true(again.hash == first.hash && again.waits == first.waits);
    }
}

/* --- what is left ----------------------------------------------------------------------------- */

/* Starts a server, says where, and is killed. */
static struct postgres_server leave_a_server(void)
{
    int ends[2];
    const struct postgres_server *started;
    struct postgres_server said = {0};
    struct error error;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        if (postgres_server_take(false, &started, &error) == ERROR_NONE)
            (void)!write(ends[1], started, sizeof *started);
        (void)kill(getpid(), SIGKILL);
    }
    (void)close(ends[1]);
    assert_int_equal(read(ends[0], &said, sizeof said), sizeof said);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return said;
}

static void await_end(pid_t process)
{
    for (int tries = 0; kill(process, 0) == 0 && tries < 30000; tries++)
        (void)usleep(1000);
    assert_int_equal(kill(process, 0), -1);
}

static void test_killed_processes_leave_nothing(void **state)
{
    (void)state;
    struct postgres_server left = leave_a_server();
    await_end(left.process);
    struct postgres_server next = leave_a_server(); /* its start sweeps, if nobody else's did */
    assert_int_equal(access(left.folder, F_OK), -1);
    await_end(next.process);
}

int main(void)
{
    const char *asked = getenv("INTERPLAY_TEST_PLANS");
    char programs[POSTGRES_PATH_BYTES];
    struct error error;
    if (asked != NULL)
        plans = (uint32_t)strtoul(asked, NULL, 10);
    if (postgres_find_programs(programs, &error) != ERROR_NONE) {
        (void)fprintf(stderr, "SKIPPED: %s\n", error.message);
        return SKIPPED;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_server_does_the_same),
        cmocka_unit_test(test_killed_processes_leave_nothing),
    };
    return cmocka_run_group_tests_name("postgres_world", tests, NULL, NULL);
}
