/* SPDX-License-Identifier: Apache-2.0 */
/* Proves from which commit on a log that grows is a finding, and where nothing is claimed of it. */
#include "oracle_fixture.h"

enum { LIMIT = 1000, TRANSACTION = 300 };

static struct oracle_setting setting;
static struct event_log the_log;

static uint64_t limit_bytes(const int32_t *settings)
{
    (void)settings;
    return LIMIT;
}

static const struct promises promises = {.log_limit_bytes = limit_bytes};

static int setup(void **state)
{
    (void)state;
    reset_plan();
    configure(PLAN_CONFIG_tasks, 2);
    for (size_t i = 0; i < STEPS_MAX; i++)
        steps[i].action = ACTION_insert;
    the_log = (struct event_log){0};
    setting = (struct oracle_setting){.promises = &promises, .traits = STACK_LEAVES_LOG_ALONE};
    begin_oracle("log", &setting);
    return 0;
}

static void begins(uint32_t task)
{
    feed((struct event){.kind = EVENT_invoke, .task = (uint8_t)task});
    feed((struct event){.kind = EVENT_call, .task = (uint8_t)task});
}

static void ends(uint32_t task, bool in_transaction)
{
    const struct observation seen = {.in_transaction = in_transaction};
    feed((struct event){.kind = EVENT_return, .task = (uint8_t)task});
    feed_result(task, 0, &seen);
}

/* Ends with a commit, which has written so much and left the log so long. */
static void commits(uint32_t task, uint64_t bytes, uint64_t written_bytes)
{
    ends(task, false);
    the_log.bytes = bytes;
    the_log.written_bytes += written_bytes;
    the_log.call_bytes = written_bytes;
    feed((struct event){.kind = EVENT_log, .task = (uint8_t)task, .log = &the_log});
}

static void inserts(uint32_t task, uint64_t bytes)
{
    begins(task);
    commits(task, bytes, TRANSACTION);
}

static void test_growth_beyond_the_promise(void **state)
{
    (void)state;
    inserts(0, 3 * LIMIT); /* whatever it was before */
    inserts(1, 3 * LIMIT);
    inserts(0, LIMIT + TRANSACTION);
    assert_ok();
    inserts(1, LIMIT + TRANSACTION + 1);
    assert_signature("log/grows");
}

static void test_one_large_transaction_is_as_long_as_it_is(void **state)
{
    (void)state;
    inserts(0, TRANSACTION);
    begins(0);
    commits(0, 50 * LIMIT, 50 * LIMIT);
    assert_ok();
}

static void test_a_reader_keeps_the_log(void **state)
{
    (void)state;
    uint64_t bytes = LIMIT;
    inserts(1, bytes);
    begins(0);
    ends(0, true); /* and its transaction stays open */
    for (int i = 0; i < 9; i++)
        inserts(1, bytes += LIMIT);
    begins(0);
    ends(0, false);
    inserts(1, bytes += LIMIT); /* the log is still as it was */
    assert_ok();
    inserts(1, bytes += LIMIT);
    assert_signature("log/grows");
}

static void test_somebody_beside_the_commit(void **state)
{
    (void)state;
    inserts(0, LIMIT);
    begins(0);
    begins(1);
    commits(0, 2 * LIMIT, TRANSACTION);
    ends(1, false);
    inserts(0, 3 * LIMIT);
    assert_ok();
    inserts(0, 4 * LIMIT);
    assert_signature("log/grows");
}

static void test_who_has_nothing_to_commit_shortens_nothing(void **state)
{
    (void)state;
    inserts(0, LIMIT);
    begins(0);
    begins(1);
    commits(0, 2 * LIMIT, TRANSACTION);
    ends(1, false);
    begins(0);
    commits(0, 2 * LIMIT, 0);
    inserts(0, 3 * LIMIT);
    assert_ok();
    begins(0);
    commits(0, 3 * LIMIT, 0);
    inserts(0, 4 * LIMIT);
    assert_signature("log/grows");
}

static void test_a_stream_may_end_without_a_look(void **state)
{
    (void)state;
    inserts(0, LIMIT);
    steps[0].action = ACTION_mutate_stream;
    inserts(0, 2 * LIMIT);
    steps[0].action = ACTION_insert;
    inserts(0, 3 * LIMIT);
    assert_ok();
}

static void grows_after(enum event_kind kind)
{
    inserts(0, LIMIT);
    feed((struct event){.kind = (uint8_t)kind});
    inserts(0, 2 * LIMIT);
    inserts(0, 3 * LIMIT);
    assert_ok();
}

static void test_faults_end_the_claim(void **state)
{
    static const enum event_kind ends_it[] = {EVENT_fault, EVENT_everybody_died, EVENT_claims_end};
    for (size_t i = 0; i < sizeof ends_it / sizeof ends_it[0]; i++) {
        (void)setup(state);
        grows_after(ends_it[i]);
    }
}

static void test_sql_of_the_plans_own_ends_it(void **state)
{
    (void)state;
    inserts(0, LIMIT);
    steps[0].sql = "PRAGMA wal_autocheckpoint=0";
    begins(0);
    ends(0, false);
    steps[0].sql = NULL;
    inserts(0, 2 * LIMIT);
    inserts(0, 3 * LIMIT);
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_growth_beyond_the_promise, setup),
        cmocka_unit_test_setup(test_one_large_transaction_is_as_long_as_it_is, setup),
        cmocka_unit_test_setup(test_a_reader_keeps_the_log, setup),
        cmocka_unit_test_setup(test_somebody_beside_the_commit, setup),
        cmocka_unit_test_setup(test_who_has_nothing_to_commit_shortens_nothing, setup),
        cmocka_unit_test_setup(test_a_stream_may_end_without_a_look, setup),
        cmocka_unit_test_setup(test_faults_end_the_claim, setup),
        cmocka_unit_test_setup(test_sql_of_the_plans_own_ends_it, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
