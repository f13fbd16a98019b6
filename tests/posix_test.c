/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Simulated POSIX under code that does not know of it (posix_subject.c): locks exclude, conditions
 * wake, time is virtual, misuse and leaks are seen. The main stack checks what the subject left.
 */
#include "posix_subject.h"

#include "sim/posix_state.h"
#include "sim/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void reset(void)
{
    world_reset(100000);
    posix_reset();
    memset(&subject, 0, sizeof subject);
}

static int set_up(void **state)
{
    (void)state;
    world_enter(world_open());
    reset();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(world);
    return 0;
}

static enum world_progress run(void (*work)(void *argument))
{
    world_start(0, work, NULL, FAULT_NONE, 0);
    return world_finish(0);
}

static void assert_nothing_left(void)
{
    assert_null(posix_misuse());
    assert_int_equal(posix_locks_held(), 0);
    assert_int_equal(posix_usage().threads, 0);
    assert_int_equal(posix_usage().allocations, 0);
    assert_int_equal(posix_usage().bytes, 0);
}

/* --- conditions and time --------------------------------------------------------------------- */

/* Wherever one of the two is held back, all numbers arrive. */
static void test_numbers_pass_the_queue_whatever_is_paused(void **state)
{
    (void)state;
    uint32_t pauses = 0;
    bool has_parked_thread = false;
    for (uint32_t after = 1; pauses + 1 == after; after++) {
        reset();
        world_start(0, subject_pass_numbers, NULL, FAULT_NONE, 0);
        world_arm_pause(WORLD_ALL_POINTS, after);
        enum world_progress progress = world_finish(0);
        has_parked_thread |= world->in_state[TASK_PARKED] >> WORLD_TASKS_MAX != 0;
        pauses += progress == WORLD_STOPPED;
        if (progress == WORLD_STOPPED)
            progress = world_settle();
        assert_int_equal(progress, WORLD_IDLE);
        assert_int_equal(world_finish(0), WORLD_IDLE);
        assert_int_equal(subject.code, 0);
        assert_int_equal(subject.other_code, 0);
        assert_int_equal(subject.number, 45);
        assert_int_equal(world->now_ns, 0);
        assert_nothing_left();
    }
    /* Ten times lock, signal, unlock on either side, a start and a join at least. */
    assert_in_range(pauses, 62, 1000);
    assert_true(has_parked_thread);
}

static void test_a_timed_wait_ends_in_virtual_time(void **state)
{
    (void)state;
    static void (*const waits[])(void *) = {subject_wait_on_realtime, subject_wait_on_monotonic};
    for (size_t i = 0; i < 2; i++) {
        reset();
        assert_int_equal(run(waits[i]), WORLD_IDLE);
        assert_int_equal(subject.code, ETIMEDOUT);
        assert_int_equal(subject.other_code, 0);
        assert_int_equal(subject.elapsed_ns, 250000000);
        assert_int_equal(world->now_ns, 250000000);
        assert_nothing_left();
    }
}

static void test_a_timed_wait_is_woken_before(void **state)
{
    (void)state;
    assert_int_equal(run(subject_wait_and_be_woken), WORLD_IDLE);
    assert_int_equal(subject.code, 0);
    assert_int_equal(subject.elapsed_ns, 100000000);
    assert_nothing_left();
}

static void test_sleeping_moves_the_clock(void **state)
{
    (void)state;
    assert_int_equal(run(subject_sleep), WORLD_IDLE);
    assert_int_equal(subject.number, 1704067200); /* date -d 2024-01-01T00:00Z +%s */
    assert_int_equal(subject.elapsed_ns, 2000001003);
}

/* --- locks ----------------------------------------------------------------------------------- */

static void test_a_mutex_excludes(void **state)
{
    (void)state;
    for (uint32_t task = 0; task < 3; task++) {
        world_start(task, subject_enter_section, NULL, FAULT_NONE, 0);
        assert_int_equal(world_settle(), WORLD_IDLE);
    }
    assert_int_equal(posix_locks_held(), 1);
    assert_int_equal(world->tasks[1].state, TASK_BLOCKED);
    assert_int_equal(world->tasks[1].blocked_by, 0);
    for (uint32_t task = 3; task-- > 0;)
        assert_int_equal(world_finish(task), WORLD_IDLE);
    assert_int_equal(subject.number, 6);
    assert_nothing_left();
}

static void test_a_lock_with_deadline_gives_up(void **state)
{
    (void)state;
    assert_int_equal(run(subject_lock_with_deadline), WORLD_IDLE);
    assert_int_equal(subject.code, ETIMEDOUT);
    assert_int_equal(subject.other_code, 0);
    assert_nothing_left();
}

static void test_recursive_mutexes(void **state)
{
    (void)state;
    assert_int_equal(run(subject_lock_recursively), WORLD_IDLE);
    assert_int_equal(subject.number, 6);
    assert_int_equal(subject.code, 0);
    assert_int_equal(subject.other_code, 0);
    assert_nothing_left();
}

static void test_once_is_once(void **state)
{
    (void)state;
    assert_int_equal(run(subject_run_once), WORLD_IDLE);
    assert_int_equal(subject.number, 1);
    assert_int_equal(subject.other_number, 4);
    assert_nothing_left();
}

static void test_readers_share_and_writers_do_not(void **state)
{
    (void)state;
    assert_int_equal(run(subject_read_and_write), WORLD_IDLE);
    assert_int_equal(subject.number, 3);
    assert_int_equal(subject.other_number, 0);
    assert_int_equal(subject.code, 0);
    assert_int_equal(subject.other_code, 0);
    assert_nothing_left();
}

static void test_a_semaphore_counts(void **state)
{
    (void)state;
    assert_int_equal(run(subject_count_with_semaphore), WORLD_IDLE);
    assert_int_equal(subject.code, ETIMEDOUT);
    assert_int_equal(subject.elapsed_ns, 250000000);
    assert_int_equal(subject.other_code, 0);
    assert_int_equal(subject.number, 0);
    assert_int_equal(subject.other_number, EAGAIN);
    assert_nothing_left();
}

/* --- threads --------------------------------------------------------------------------------- */

static void test_a_thread_returns_its_result(void **state)
{
    (void)state;
    assert_int_equal(run(subject_return_from_thread), WORLD_IDLE);
    assert_int_equal(subject.code, 0);
    assert_int_equal(subject.number, 42);
    assert_int_equal(subject.other_number, 0);
    assert_int_equal(subject.other_code, 0);
    assert_int_equal(posix_usage().threads, 1); /* the detached one has not run yet */
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_nothing_left();
}

static void test_a_thread_may_not_start(void **state)
{
    (void)state;
    world_start(0, subject_return_from_thread, NULL, FAULT_no_memory, 2);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_int_equal(subject.number, 42);
    assert_int_equal(subject.other_code, EAGAIN);
    assert_nothing_left();
}

/* The harness sets up and tears down with the same code, outside of every task. */
static void test_outside_of_tasks_nothing_waits(void **state)
{
    (void)state;
    subject_lock_recursively(NULL);
    assert_int_equal(subject.number, 6);
    assert_int_equal(subject.code, 0);
    subject_sleep(NULL);
    assert_int_equal(subject.elapsed_ns, 2000001003);
    assert_int_equal(world->now_ns, 2000001003);
    subject.number = 0;
    subject_allocate(NULL);
    assert_int_equal(subject.number, 0);
    assert_int_equal(posix_usage().allocations, 1);
    subject_free(NULL);
    assert_nothing_left();
}

/* --- memory ---------------------------------------------------------------------------------- */

static void test_what_is_not_freed_shows(void **state)
{
    (void)state;
    assert_int_equal(run(subject_allocate), WORLD_IDLE);
    assert_int_equal(subject.number, 0);
    assert_int_equal(posix_usage().allocations, 1);
    assert_in_range(posix_usage().bytes, 100, 1000);
    assert_int_equal(run(subject_free), WORLD_IDLE);
    assert_nothing_left();
}

static void test_each_allocation_can_fail(void **state)
{
    (void)state;
    for (uint32_t at = 1; at <= 5; at++) {
        reset();
        world_start(0, subject_allocate, NULL, FAULT_no_memory, at);
        errno = 0;
        assert_int_equal(world_finish(0), WORLD_IDLE);
        assert_true(world->tasks[0].fault.fired);
        assert_int_equal(subject.number, 1);
        /* realloc(NULL) makes up for malloc; realloc itself fails last and leaves the old one */
        assert_int_equal(posix_usage().allocations, 1);
        if (at < 5)
            assert_int_equal(subject.code, ENOMEM);
        assert_int_equal(run(subject_free), WORLD_IDLE);
        assert_nothing_left();
    }
}

/* --- misuse ---------------------------------------------------------------------------------- */

struct misuse {
    void (*work)(void *argument);
    const char *text;
    int code;
    enum world_progress progress;
};

static void test_misuse_is_noted(void **state)
{
    (void)state;
    static const struct misuse misuses[] = {
        {subject_unlock_free_mutex, "unlock of a mutex that is not locked", EPERM, WORLD_IDLE},
        {subject_unlock_mutex_of_another, "unlock of a mutex that another thread holds", EPERM,
         WORLD_IDLE},
        {subject_destroy_locked_mutex, "destroy of a locked mutex", EBUSY, WORLD_IDLE},
        {subject_lock_destroyed_mutex, "use of a destroyed mutex", 0, WORLD_IDLE},
        {subject_lock_garbage, "use of an uninitialised mutex", 0, WORLD_IDLE},
        {subject_wait_without_mutex,
         "wait for a condition with a mutex that the thread does not hold", EPERM, WORLD_IDLE},
        {subject_destroy_condition_in_use, "destroy of a condition that a thread waits for", EBUSY,
         WORLD_IDLE},
        {subject_join_twice,
         "join of a thread that was joined or detached already, or never started", ESRCH,
         WORLD_IDLE},
        {subject_unlock_free_rwlock, "unlock of a read-write lock that is not locked", EPERM,
         WORLD_IDLE},
        {subject_lock_twice, "lock of a mutex that the thread holds already", 0, WORLD_DEADLOCK},
    };
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++) {
        reset();
        assert_null(posix_misuse());
        assert_int_equal(run(misuses[i].work), misuses[i].progress);
        assert_string_equal(posix_misuse(), misuses[i].text);
        assert_int_equal(subject.code, misuses[i].code);
        assert_int_equal(subject.other_code, 0);
    }
}

static void test_what_is_not_simulated_has_a_telling_name(void **state)
{
    (void)state;
    assert_string_equal(subject_name_of_poll, "interplay_does_not_simulate_poll");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_numbers_pass_the_queue_whatever_is_paused),
        TEST(test_a_timed_wait_ends_in_virtual_time),
        TEST(test_a_timed_wait_is_woken_before),
        TEST(test_sleeping_moves_the_clock),
        TEST(test_a_mutex_excludes),
        TEST(test_a_lock_with_deadline_gives_up),
        TEST(test_recursive_mutexes),
        TEST(test_once_is_once),
        TEST(test_readers_share_and_writers_do_not),
        TEST(test_a_semaphore_counts),
        TEST(test_a_thread_returns_its_result),
        TEST(test_a_thread_may_not_start),
        TEST(test_outside_of_tasks_nothing_waits),
        TEST(test_what_is_not_freed_shows),
        TEST(test_each_allocation_can_fail),
        TEST(test_misuse_is_noted),
        TEST(test_what_is_not_simulated_has_a_telling_name),
    };
    return cmocka_run_group_tests_name("posix", tests, NULL, NULL);
}
