/* SPDX-License-Identifier: Apache-2.0 */
/* Proves when a waiter counts as overtaken, and when he does not. */
#include "oracle_fixture.h"

enum { NOBODY_WAITS = PLAN_TASKS_MAX };

static struct oracle_setting setting;

static void begin_with(uint32_t overtaken_max, uint32_t traits)
{
    reset_plan();
    configure(PLAN_CONFIG_tasks, 4);
    setting = (struct oracle_setting){.overtaken_max = overtaken_max,
                                      .traits = STACK_BOUNDS_OVERTAKING | traits};
    begin_oracle("queue", &setting);
}

static int setup(void **state)
{
    (void)state;
    begin_with(0, 0);
    return 0;
}

static void asks(uint32_t task, enum stack_access access)
{
    feed((struct event){
        .kind = EVENT_lease_asked, .task = (uint8_t)task, .detail = (uint16_t)access});
}

static void gets(uint32_t task, bool has_one)
{
    feed((struct event){.kind = EVENT_lease_got,
                        .task = (uint8_t)task,
                        .lease = has_one ? (const struct stack_lease *)&setting : NULL});
}

/* A quiet moment at which this task waits. */
static void waits(uint32_t task)
{
    struct event_look look = {0};
    if (task != NOBODY_WAITS)
        look.waiting[task] = WAITS_FOR_LEASE;
    feed((struct event){.kind = EVENT_pool_look, .look = &look});
}

static void test_a_newcomer_gets_what_another_one_waits_for(void **state)
{
    (void)state;
    asks(0, STACK_WRITE);
    waits(0);
    asks(1, STACK_WRITE);
    gets(1, true);
    assert_ok(); /* he may have been woken, and be slow */
    waits(0);
    assert_signature("pool/overtaken");
}

static void test_as_often_as_the_stack_says(void **state)
{
    (void)state;
    begin_with(2, 0);
    asks(0, STACK_WRITE);
    waits(0);
    for (uint32_t task = 1; task <= 2; task++) {
        asks(task, STACK_WRITE);
        gets(task, true);
    }
    waits(0);
    assert_ok();
    asks(3, STACK_WRITE);
    gets(3, true);
    waits(0);
    assert_signature("pool/overtaken");
}

static void test_who_was_not_seen_waiting_may_not_stand_in_line_yet(void **state)
{
    (void)state;
    asks(0, STACK_WRITE);
    asks(1, STACK_WRITE);
    waits(0); /* the other one asked before that */
    gets(1, true);
    waits(0);
    assert_ok();
}

static void test_who_was_woken_and_is_slow_is_not_overtaken(void **state)
{
    (void)state;
    asks(0, STACK_WRITE);
    waits(0);
    asks(1, STACK_WRITE);
    gets(1, true);
    waits(NOBODY_WAITS);
    gets(0, true);
    waits(NOBODY_WAITS);
    assert_ok();
}

static void test_who_gets_none_overtakes_nobody(void **state)
{
    (void)state;
    asks(0, STACK_WRITE);
    waits(0);
    asks(1, STACK_WRITE);
    gets(1, false);
    waits(0);
    assert_ok();
}

static void test_readers_and_writers_stand_in_two_lines_where_they_differ(void **state)
{
    (void)state;
    begin_with(0, STACK_HAS_READERS);
    asks(0, STACK_WRITE);
    waits(0);
    asks(1, STACK_READ);
    gets(1, true);
    waits(0);
    assert_ok();
    (void)setup(state);
    asks(0, STACK_WRITE);
    waits(0);
    asks(1, STACK_READ);
    gets(1, true);
    waits(0);
    assert_signature("pool/overtaken");
}

static void test_another_pool_is_another_line(void **state)
{
    (void)state;
    asks(0, STACK_WRITE);
    waits(0);
    feed((struct event){.kind = EVENT_pool_closes});
    asks(1, STACK_WRITE);
    gets(1, true);
    waits(0);
    assert_ok();
}

static void test_in_a_silence_nobody_is_overtaken(void **state)
{
    static const enum fault_kind silences[] = {FAULT_wire_silence, FAULT_wire_garble};
    for (size_t i = 0; i < sizeof silences / sizeof silences[0]; i++) {
        setup(state);
        asks(0, STACK_WRITE);
        waits(0);
        feed((struct event){.kind = EVENT_fault, .detail = (uint16_t)silences[i]});
        asks(1, STACK_WRITE);
        gets(1, true);
        waits(0);
        assert_ok();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_newcomer_gets_what_another_one_waits_for, setup),
        cmocka_unit_test_setup(test_as_often_as_the_stack_says, setup),
        cmocka_unit_test_setup(test_who_was_not_seen_waiting_may_not_stand_in_line_yet, setup),
        cmocka_unit_test_setup(test_who_was_woken_and_is_slow_is_not_overtaken, setup),
        cmocka_unit_test_setup(test_who_gets_none_overtakes_nobody, setup),
        cmocka_unit_test_setup(test_readers_and_writers_stand_in_two_lines_where_they_differ,
                               setup),
        cmocka_unit_test_setup(test_another_pool_is_another_line, setup),
        cmocka_unit_test_setup(test_in_a_silence_nobody_is_overtaken, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
