/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The simulated world's threads, conditions and timers: who goes on in which order, what time it is
 * then, and when nobody can. Coroutines write down what they do, the main stack checks it.
 */
#include "sim/footprint.h"
#include "sim/world.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SECOND_NS = 1000000000 };

/* --- what coroutines write down -------------------------------------------------------------- */

static char notes[256];

static void note(char what)
{
    size_t length = strlen(notes);
    if (length + 1 < sizeof notes)
        notes[length] = what;
}

static const char condition, other_condition;
static const void *const mutex = notes;
static uint32_t started[WORLD_THREADS_MAX + 1];

static int set_up(void **state)
{
    (void)state;
    world_enter(world_open());
    world_reset(1000);
    memset(notes, 0, sizeof notes);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    world_close(world);
    return 0;
}

static void start(uint32_t task, void (*work)(void *argument), const char *argument)
{
    world_start(task, work, (void *)(uintptr_t)argument, FAULT_NONE, 0);
}

/* --- waiting and waking ---------------------------------------------------------------------- */

static void wait_and_note(void *argument)
{
    if (!world_wait(&condition, WORLD_NEVER))
        note('!');
    note(*(const char *)argument);
}

static void wake_one_twice(void *argument)
{
    (void)argument;
    world_wake_one(&other_condition);
    world_wake_one(&condition);
    world_wake_one(&condition);
}

static void wake_all(void *argument)
{
    (void)argument;
    world_wake_all(&condition);
}

/* Who waits longest is woken first, whatever its number. */
static void test_wake_one_takes_the_longest_waiting(void **state)
{
    (void)state;
    start(2, wait_and_note, "c");
    assert_int_equal(world_settle(), WORLD_IDLE);
    start(0, wait_and_note, "a");
    assert_int_equal(world_settle(), WORLD_IDLE);
    start(1, wait_and_note, "b");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "");
    assert_true(world_is_awaited(&condition));
    start(3, wake_one_twice, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "ca");
    assert_int_equal(world->tasks[1].state, TASK_BLOCKED);
    start(3, wake_all, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "cab");
    assert_false(world_is_awaited(&condition));
}

static void test_wake_all_in_order_of_waiting(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c"};
    for (uint32_t task = 3; task-- > 0;) {
        start(task, wait_and_note, names[task]);
        assert_int_equal(world_settle(), WORLD_IDLE);
    }
    start(3, wake_all, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "cba");
}

static void test_nobody_wakes_is_a_deadlock(void **state)
{
    (void)state;
    start(0, wait_and_note, "a");
    assert_int_equal(world_finish(0), WORLD_DEADLOCK);
    assert_int_equal(world->tasks[0].blocked_by, WORLD_NOBODY);
    /* Still the same wait: it can be woken. */
    start(1, wake_all, "");
    assert_int_equal(world_finish(1), WORLD_IDLE);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "a");
}

/* --- time ------------------------------------------------------------------------------------ */

static void wait_three_seconds(void *argument)
{
    (void)argument;
    note(world_wait(&condition, world->now_ns + 3ull * SECOND_NS) ? 'w' : 't');
}

static void wait_in_the_past(void *argument)
{
    (void)argument;
    note(world_wait(&condition, world->now_ns) ? 'w' : 't');
}

static void sleep_a_second_and_wake(void *argument)
{
    (void)argument;
    world_sleep(SECOND_NS);
    world_wake_all(&condition);
}

static void sleep_two_seconds(void *argument)
{
    (void)argument;
    world_sleep(2ull * SECOND_NS);
}

static void test_a_wait_ends_at_its_deadline(void **state)
{
    (void)state;
    start(0, wait_three_seconds, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world->now_ns, 0); /* settling never moves the clock */
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "t");
    assert_true(world->tasks[0].timed_out);
    assert_int_equal(world->now_ns, 3ull * SECOND_NS);
    start(0, wait_in_the_past, "");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "tt");
    assert_int_equal(world->now_ns, 3ull * SECOND_NS);
}

/* The clock goes from timer to timer: the sleeper's is earlier, and it wakes in time. */
static void test_an_earlier_sleeper_wakes_before_the_deadline(void **state)
{
    (void)state;
    start(0, wait_three_seconds, "");
    start(1, sleep_a_second_and_wake, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "w");
    assert_false(world->tasks[0].timed_out);
    assert_int_equal(world->now_ns, SECOND_NS);
}

/* Nobody in particular holds it, nobody is ready or parked: somebody's timer may help. */
static void test_a_wait_without_deadline_lets_others_time_out(void **state)
{
    (void)state;
    start(0, wait_and_note, "a");
    start(1, sleep_a_second_and_wake, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "a");
    assert_int_equal(world->now_ns, SECOND_NS);
}

static void sleep_and_note(void *argument)
{
    world_sleep(SECOND_NS);
    note(*(const char *)argument);
}

static void note_the_time(void *argument)
{
    note(world->now_ns == 0 ? *(const char *)argument : '!');
}

/* Threads that are ready go on before the clock does; other tasks are overtaken. */
static void test_a_sleeper_waits_for_threads_and_not_for_tasks(void **state)
{
    (void)state;
    start(0, sleep_and_note, "a");
    start(1, note_the_time, "!");
    assert_true(world_spawn(&started[0], note_the_time, (void *)(uintptr_t) "x"));
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "xa");
    assert_int_equal(world->tasks[1].state, TASK_READY);
}

static void keep_errno(void *argument)
{
    errno = (int)world_current_task() + 1;
    (void)world_wait(&condition, WORLD_NEVER);
    note(errno == (int)world_current_task() + 1 ? *(const char *)argument : '!');
}

static void test_each_has_an_errno(void **state)
{
    (void)state;
    start(0, keep_errno, "a");
    start(1, keep_errno, "b");
    start(2, wake_all, "");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "ab");
}

/* --- pauses ---------------------------------------------------------------------------------- */

static void yield_and_wake(void *argument)
{
    (void)argument;
    world_yield(YIELD_thread_wake);
    world_wake_all(&condition);
}

static void yield_only(void *argument)
{
    world_yield(YIELD_thread_lock);
    note(*(const char *)argument);
}

static void park(uint32_t task, void (*work)(void *argument), const char *argument)
{
    start(task, work, argument);
    world_arm_pause(WORLD_ALL_POINTS, 1);
    assert_int_equal(world_finish(task), WORLD_STOPPED);
    assert_int_equal(world->tasks[task].state, TASK_PARKED);
}

static void test_a_wait_continues_parked_ones_lowest_first(void **state)
{
    (void)state;
    park(3, yield_and_wake, "");
    park(1, yield_only, "b");
    park(2, yield_only, "c");
    start(0, wait_and_note, "a");
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, ""); /* settling leaves parked ones alone */
    start(4, sleep_two_seconds, "");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "bca");
    assert_int_equal(world->now_ns, 0); /* and they go on before the clock does */
}

/* With a deadline of one's own, time passes and parked ones stay where they are. */
static void test_a_deadline_comes_before_parked_ones(void **state)
{
    (void)state;
    park(1, yield_and_wake, "");
    start(0, wait_three_seconds, "");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "t");
    assert_int_equal(world->tasks[1].state, TASK_PARKED);
    assert_int_equal(world->now_ns, 3ull * SECOND_NS);
    assert_int_equal(world_finish(1), WORLD_IDLE);
}

/* --- threads --------------------------------------------------------------------------------- */

static void thread_note(void *argument)
{
    note(*(const char *)argument);
}

static void spawn_and_join(void *argument)
{
    (void)argument;
    uint32_t first, second;
    if (!world_spawn(&first, yield_only, (void *)(uintptr_t) "x"))
        return;
    if (!world_spawn(&second, yield_only, (void *)(uintptr_t) "y"))
        return;
    note('s');
    world_join(second);
    note('2');
    world_join(first);
    note('1');
}

static void test_joining_runs_the_thread_that_is_joined(void **state)
{
    (void)state;
    start(0, spawn_and_join, "");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "sy2x1");
    assert_int_equal(world_threads(), 0);
}

/* First come, first served: the thread that was started first runs first. */
static void test_settling_runs_threads_in_order(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], thread_note, (void *)(uintptr_t) "x"));
    start(0, thread_note, "a");
    assert_true(world_spawn(&started[1], thread_note, (void *)(uintptr_t) "y"));
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "xay");
    assert_int_equal(world_threads(), 2); /* ended, but not joined */
    world_join(started[0]);
    assert_int_equal(world_threads(), 1);
    world_detach(started[1]);
    assert_int_equal(world_threads(), 0);
}

static void test_a_reset_forgets_threads_that_nobody_joined(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], thread_note, (void *)(uintptr_t) "x"));
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world_threads(), 1);
    world_reset(1000);
    assert_int_equal(world_threads(), 0);
    assert_true(world_spawn(&started[1], thread_note, (void *)(uintptr_t) "y"));
    assert_int_equal(started[1], started[0]);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "xy");
}

static void test_thread_numbers_run_out_and_come_back(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < WORLD_THREADS_MAX; i++)
        assert_true(world_spawn(&started[i], thread_note, (void *)(uintptr_t) "x"));
    assert_false(world_spawn(&started[WORLD_THREADS_MAX], thread_note, NULL));
    world_detach(started[7]);
    assert_int_equal(world_threads(), WORLD_THREADS_MAX);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(world_threads(), WORLD_THREADS_MAX - 1);
    uint32_t again;
    assert_true(world_spawn(&again, thread_note, (void *)(uintptr_t) "y"));
    assert_int_equal(again, started[7]);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_int_equal(notes[WORLD_THREADS_MAX], 'y');
}

static void test_a_pause_parks_a_thread(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], yield_only, (void *)(uintptr_t) "x"));
    assert_true(world_spawn(&started[1], yield_only, (void *)(uintptr_t) "y"));
    world_arm_pause(UINT64_C(1) << YIELD_thread_lock, 1);
    assert_int_equal(world_settle(), WORLD_STOPPED);
    assert_int_equal(world->tasks[started[0]].state, TASK_PARKED);
    assert_int_equal(world->tasks[started[0]].stopped_at, YIELD_thread_lock);
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "y");
    assert_int_equal(world_finish(started[0]), WORLD_IDLE);
    assert_string_equal(notes, "yx");
}

static uint32_t mutex_owner = WORLD_NOBODY;

static void lock_mutex(void)
{
    while (mutex_owner != WORLD_NOBODY)
        world_block(mutex, mutex_owner);
    mutex_owner = world_current_task();
}

static void unlock_mutex(void)
{
    mutex_owner = WORLD_NOBODY;
    world_unblock(mutex);
}

static void hold_mutex_over_a_wait(void *argument)
{
    (void)argument;
    lock_mutex();
    (void)world_wait(&condition, WORLD_NEVER);
    note('t');
    unlock_mutex();
}

static void use_mutex(void *argument)
{
    lock_mutex();
    note(*(const char *)argument);
    unlock_mutex();
}

/* A task waits for a thread's mutex, the thread for a condition, and a parked task can wake it. */
static void test_an_owner_that_waits_is_helped(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], hold_mutex_over_a_wait, NULL));
    assert_int_equal(world_settle(), WORLD_IDLE);
    park(1, yield_and_wake, "");
    start(0, use_mutex, "a");
    assert_int_equal(world_finish(0), WORLD_IDLE);
    assert_string_equal(notes, "ta");
}

static void test_an_owner_that_nobody_wakes_is_a_deadlock(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], hold_mutex_over_a_wait, NULL));
    assert_int_equal(world_settle(), WORLD_IDLE);
    start(0, use_mutex, "a");
    assert_int_equal(world_finish(0), WORLD_DEADLOCK);
    assert_int_equal(world->tasks[0].blocked_by, started[0]);
    mutex_owner = WORLD_NOBODY;
}

static void yield_for_ever(void *argument)
{
    (void)argument;
    for (;;)
        world_yield(YIELD_thread_lock);
}

static void test_settling_ends_at_the_limit(void **state)
{
    (void)state;
    assert_true(world_spawn(&started[0], yield_for_ever, NULL));
    assert_int_equal(world_settle(), WORLD_EXHAUSTED);
    assert_int_equal(world->exhausted_task, started[0]);
    /* The next test closes and opens the world: what was abandoned is gone. */
}

/* --- acting for a task ----------------------------------------------------------------------- */

static uint32_t fault_task, fault_count;

static void on_fault(void *context, uint32_t task, enum fault_kind kind)
{
    (void)context;
    fault_task = task;
    fault_count += kind == FAULT_io_read;
}

static void act_for_task_two(void *argument)
{
    (void)argument;
    if (world_fault_due(FAULT_io_read))
        note('!'); /* acts for nobody yet */
    footprint_add(FOOTPRINT_DELETE, 0);
    world_act_for(2);
    footprint_add(FOOTPRINT_FILE_REFUSED, 0);
    note(world_fault_due(FAULT_io_read) ? 'f' : '-');
    note(world_fault_due(FAULT_io_read) ? 'f' : '-');
    world_act_for(WORLD_NOBODY);
    note(world_fault_due(FAULT_io_read) ? 'f' : '-');
}

static void do_nothing(void *argument)
{
    (void)argument;
    world_act_for(5); /* a task is itself */
}

static void test_a_thread_meets_the_fault_of_its_task(void **state)
{
    (void)state;
    world->on_fault = on_fault;
    fault_count = 0;
    fault_task = WORLD_NOBODY;
    world_start(2, do_nothing, NULL, FAULT_io_read, 2);
    assert_true(world_spawn(&started[0], act_for_task_two, NULL));
    assert_int_equal(world_settle(), WORLD_IDLE);
    assert_string_equal(notes, "-f-");
    assert_int_equal(fault_task, 2);
    assert_int_equal(fault_count, 1);
    assert_true(world->tasks[2].fault.fired);
    assert_false(world->tasks[started[0]].fault.fired);
    assert_int_equal(world->tasks[2].footprint, 1ull << FOOTPRINT_FILE_REFUSED);
    assert_int_equal(world->tasks[2].acting_for, 2);
}

/* --- determinism ----------------------------------------------------------------------------- */

static void busy_thread(void *argument)
{
    for (int i = 0; i < 4; i++) {
        world_yield(YIELD_thread_lock);
        note(*(const char *)argument);
        (void)world_wait(&condition, world->now_ns + (uint64_t)(i + 1) * SECOND_NS);
        world_wake_one(&condition);
    }
}

static uint64_t run_busy_threads(char *ret_notes)
{
    world_reset(1000);
    memset(notes, 0, sizeof notes);
    assert_true(world_spawn(&started[0], busy_thread, (void *)(uintptr_t) "x"));
    assert_true(world_spawn(&started[1], busy_thread, (void *)(uintptr_t) "y"));
    start(0, busy_thread, "a");
    world_arm_pause(WORLD_ALL_POINTS, 5);
    (void)world_settle();
    (void)world_finish(0);
    for (uint32_t i = 0; i < 2; i++) {
        assert_int_equal(world_finish(started[i]), WORLD_IDLE);
        world_join(started[i]);
    }
    assert_int_equal(world_finish(0), WORLD_IDLE);
    memcpy(ret_notes, notes, sizeof notes);
    return world->now_ns;
}

static void test_the_same_again(void **state)
{
    (void)state;
    char first[sizeof notes], second[sizeof notes];
    uint64_t first_ns = run_busy_threads(first);
    uint64_t second_ns = run_busy_threads(second);
    assert_int_equal(strlen(first), 12);
    assert_string_equal(first, second);
    assert_int_equal(first_ns, second_ns);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wake_one_takes_the_longest_waiting),
        TEST(test_wake_all_in_order_of_waiting),
        TEST(test_nobody_wakes_is_a_deadlock),
        TEST(test_a_wait_ends_at_its_deadline),
        TEST(test_an_earlier_sleeper_wakes_before_the_deadline),
        TEST(test_a_wait_without_deadline_lets_others_time_out),
        TEST(test_a_sleeper_waits_for_threads_and_not_for_tasks),
        TEST(test_each_has_an_errno),
        TEST(test_a_wait_continues_parked_ones_lowest_first),
        TEST(test_a_deadline_comes_before_parked_ones),
        TEST(test_joining_runs_the_thread_that_is_joined),
        TEST(test_settling_runs_threads_in_order),
        TEST(test_a_reset_forgets_threads_that_nobody_joined),
        TEST(test_thread_numbers_run_out_and_come_back),
        TEST(test_a_pause_parks_a_thread),
        TEST(test_an_owner_that_waits_is_helped),
        TEST(test_an_owner_that_nobody_wakes_is_a_deadlock),
        TEST(test_settling_ends_at_the_limit),
        TEST(test_a_thread_meets_the_fault_of_its_task),
        TEST(test_the_same_again),
    };
    return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
