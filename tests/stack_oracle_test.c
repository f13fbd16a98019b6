/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the stack oracle accepts and what it calls a violation: stacks that open, rows that
 * still come, calls that a cancel of an earlier one interrupts, answers that were lost.
 */
#include "oracle_fixture.h"

static struct oracle_setting setting;

static int setup(void **state)
{
    (void)state;
    reset_plan();
    setting = (struct oracle_setting){0};
    begin_oracle("stack", &setting);
    return 0;
}

static void opens(enum outcome outcome)
{
    feed((struct event){.kind = EVENT_pool_opened, .detail = (uint16_t)outcome});
}

static void rows_after_cancel(int64_t rows)
{
    feed((struct event){.kind = EVENT_rows_after_cancel, .value = rows});
}

static void test_does_not_open(void **state)
{
    (void)state;
    opens(OUTCOME_OK);
    assert_ok();
    opens(OUTCOME_CANNOT_OPEN);
    assert_signature("pool/does-not-open");
}

static void test_where_nothing_is_promised_it_need_not_open(void **state)
{
    (void)state;
    feed((struct event){.kind = EVENT_claims_end, .detail = REASON_POWER_LOSS});
    opens(OUTCOME_CORRUPT);
    assert_ok();
}

static void test_cancel_ignored(void **state)
{
    (void)state;
    rows_after_cancel(1); /* it may have been on its way */
    assert_ok();
    rows_after_cancel(2);
    assert_signature("pool/cancel-ignored");
}

/* --- a cancel of one call, and the next one --------------------------------------------------- */

static void begin_with(uint32_t traits)
{
    setting = (struct oracle_setting){.traits = traits};
    begin_oracle("stack", &setting);
}

static void cancel(uint32_t detail)
{
    feed((struct event){.kind = EVENT_cancel, .detail = (uint16_t)detail});
}

static void begin_call(void)
{
    feed((struct event){.kind = EVENT_call});
}

static void is_interrupted(void)
{
    const struct observation seen = {.outcome = OUTCOME_INTERRUPTED};
    feed_result(0, 0, &seen);
}

static void test_a_cancel_that_comes_late_hits_nobody_else(void **state)
{
    (void)state;
    begin_with(STACK_CANCELS_ONE_CALL);
    begin_call();
    cancel(EVENT_CANCEL_IS_LATE);
    is_interrupted();
    assert_signature("pool/cancel-hits-later-call");
}

static void test_who_does_not_say_so_may_hit_it(void **state)
{
    (void)state;
    begin_with(0);
    begin_call();
    cancel(EVENT_CANCEL_IS_LATE);
    is_interrupted();
    assert_ok();
}

static void test_a_cancel_of_the_call_itself_explains_it(void **state)
{
    (void)state;
    begin_with(STACK_CANCELS_ONE_CALL);
    begin_call();
    cancel(EVENT_CANCEL_IS_LATE);
    cancel(0);
    is_interrupted();
    assert_ok();
    begin_call(); /* but not the next one */
    cancel(EVENT_CANCEL_IS_LATE);
    is_interrupted();
    assert_signature("pool/cancel-hits-later-call");
}

static void test_a_fault_or_a_closing_pool_explains_it(void **state)
{
    (void)state;
    begin_with(STACK_CANCELS_ONE_CALL);
    begin_call();
    cancel(EVENT_CANCEL_IS_LATE);
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_interrupt});
    is_interrupted();
    begin_call();
    cancel(EVENT_CANCEL_IS_LATE);
    feed((struct event){.kind = EVENT_pool_closes, .detail = true});
    is_interrupted();
    assert_ok();
}

/* --- lost answers ----------------------------------------------------------------------------- */

static void commits_under(enum fault_kind fault, enum outcome told)
{
    const struct observation seen = {.outcome = told};
    begin_with(0);
    begin_call();
    feed((struct event){.kind = EVENT_fault, .detail = (uint16_t)fault});
    feed((struct event){.kind = EVENT_commit_point});
    feed_result(0, 0, &seen);
}

static void test_a_commit_whose_answer_was_lost_is_not_denied(void **state)
{
    (void)state;
    commits_under(FAULT_partial_failure, OUTCOME_TIMEOUT);
    commits_under(FAULT_partial_failure, OUTCOME_IN_DOUBT);
    commits_under(FAULT_partial_failure, OUTCOME_DIED);
    commits_under(FAULT_partial_failure, OUTCOME_OK);
    commits_under(FAULT_io_sync, OUTCOME_ROLLED_BACK); /* that one may really be undone */
    assert_ok();
    commits_under(FAULT_partial_failure, OUTCOME_ROLLED_BACK);
    assert_signature("pool/commit-denied");
}

static void test_what_was_not_committed_may_be_denied(void **state)
{
    (void)state;
    const struct observation seen = {.outcome = OUTCOME_CONSTRAINT};
    begin_with(0);
    begin_call();
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_partial_failure});
    feed_result(0, 0, &seen);
    begin_call(); /* another one */
    feed((struct event){.kind = EVENT_commit_point});
    feed_result(0, 0, &seen);
    assert_ok();
}

static void test_a_late_request(void **state)
{
    (void)state;
    feed((struct event){.kind = EVENT_late_request, .task = 1, .value = 0});
    assert_signature("pool/late-request");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_does_not_open, setup),
        cmocka_unit_test_setup(test_where_nothing_is_promised_it_need_not_open, setup),
        cmocka_unit_test_setup(test_cancel_ignored, setup),
        cmocka_unit_test_setup(test_a_cancel_that_comes_late_hits_nobody_else, setup),
        cmocka_unit_test_setup(test_who_does_not_say_so_may_hit_it, setup),
        cmocka_unit_test_setup(test_a_cancel_of_the_call_itself_explains_it, setup),
        cmocka_unit_test_setup(test_a_fault_or_a_closing_pool_explains_it, setup),
        cmocka_unit_test_setup(test_a_commit_whose_answer_was_lost_is_not_denied, setup),
        cmocka_unit_test_setup(test_what_was_not_committed_may_be_denied, setup),
        cmocka_unit_test_setup(test_a_late_request, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
