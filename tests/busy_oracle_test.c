/* SPDX-License-Identifier: Apache-2.0 */
/* Proves when busy comes too early, and where nothing is claimed of it. */
#include "oracle_fixture.h"

enum { TIMEOUT_MS = 10 };

static const uint64_t ns_of_ms = 1000000;
static struct oracle_setting setting;

static bool waits_outside_of_transactions(const int32_t *settings, const struct busy_call *call)
{
    (void)settings;
    return !call->in_transaction && !call->is_after_wait;
}

static const struct promises promises = {.waits_when_busy = waits_outside_of_transactions};

static void begin_with(uint32_t traits, const struct promises *given)
{
    reset_plan();
    configure(PLAN_CONFIG_busy_timeout, TIMEOUT_MS);
    setting = (struct oracle_setting){.traits = traits, .promises = given};
    begin_oracle("busy", &setting);
}

static int setup(void **state)
{
    (void)state;
    begin_with(STACK_KEEPS_BUSY_TIMEOUT, &promises);
    return 0;
}

static void calls(enum plan_action action)
{
    steps[0].action = (uint8_t)action;
    feed((struct event){.kind = EVENT_call, .now_ns = ns_of_ms});
}

static void comes_to(enum outcome outcome, uint64_t after_ns)
{
    const struct observation seen = {.outcome = outcome};
    const struct event_result result = {.seen = &seen};
    feed((struct event){
        .kind = EVENT_return, .now_ns = ns_of_ms + after_ns, .detail = (uint16_t)outcome});
    feed((struct event){.kind = EVENT_result, .now_ns = ns_of_ms + after_ns, .result = &result});
}

static void test_busy_before_its_time(void **state)
{
    (void)state;
    calls(ACTION_insert);
    comes_to(OUTCOME_BUSY, TIMEOUT_MS * ns_of_ms - 1);
    assert_signature("busy/too-early");
}

static void test_busy_when_the_time_is_over(void **state)
{
    (void)state;
    calls(ACTION_insert);
    comes_to(OUTCOME_BUSY, TIMEOUT_MS * ns_of_ms);
    calls(ACTION_begin);
    comes_to(OUTCOME_BUSY_SNAPSHOT, 0);
    assert_ok();
}

static void test_in_a_transaction_nothing_is_promised(void **state)
{
    (void)state;
    const struct observation begun = {.in_transaction = true};
    calls(ACTION_begin);
    feed_result(0, 0, &begun);
    calls(ACTION_update);
    comes_to(OUTCOME_BUSY, 0);
    calls(ACTION_update); /* nor after busy */
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
    calls(ACTION_update);
    comes_to(OUTCOME_OK, 0);
    calls(ACTION_update);
    comes_to(OUTCOME_BUSY, 0);
    assert_signature("busy/too-early"); /* the transaction is over */
}

static void test_what_is_no_call_on_the_connection_does_not_count(void **state)
{
    (void)state;
    calls(ACTION_vacuum);
    comes_to(OUTCOME_BUSY, 0); /* nothing is promised of it */
    calls(ACTION_sleep);
    comes_to(OUTCOME_OK, 0);
    calls(ACTION_select); /* after busy */
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
    feed((struct event){.kind = EVENT_disconnect});
    calls(ACTION_select);
    comes_to(OUTCOME_BUSY, 0);
    assert_signature("busy/too-early");
}

static void test_what_runs_no_statement_changes_nothing(void **state)
{
    (void)state;
    calls(ACTION_begin);
    comes_to(OUTCOME_BUSY, TIMEOUT_MS * ns_of_ms);
    calls(ACTION_cancel); /* of somebody else */
    comes_to(OUTCOME_OK, 0);
    calls(ACTION_insert); /* it has failed, and may have run nothing */
    comes_to(OUTCOME_NO_MEMORY, 0);
    calls(ACTION_insert);
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
}

static void test_after_a_wait_with_success(void **state)
{
    (void)state;
    calls(ACTION_update);
    comes_to(OUTCOME_OK, 1);
    calls(ACTION_select); /* it goes on with that waiting */
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
    calls(ACTION_select);
    comes_to(OUTCOME_OK, 0);
    calls(ACTION_select);
    comes_to(OUTCOME_BUSY, 0);
    assert_signature("busy/too-early");
}

static void test_a_pools_connection_may_have_been_busy_for_others(void **state)
{
    (void)state;
    setting = (struct oracle_setting){
        .traits = STACK_KEEPS_BUSY_TIMEOUT, .promises = &promises, .is_pooled = true};
    begin_oracle("busy", &setting);
    feed((struct event){.kind = EVENT_return, .task = 1, .detail = OUTCOME_BUSY});
    feed((struct event){.kind = EVENT_lease_got});
    calls(ACTION_insert);
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
    calls(ACTION_insert);
    comes_to(OUTCOME_OK, 0);
    calls(ACTION_insert);
    comes_to(OUTCOME_BUSY, 0);
    assert_signature("busy/too-early");
}

static void test_a_fault_or_sql_of_the_plans_own_ends_the_claim(void **state)
{
    (void)state;
    calls(ACTION_select);
    feed((struct event){.kind = EVENT_fault, .detail = FAULT_no_memory});
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
    (void)setup(state);
    steps[0].sql = "PRAGMA busy_timeout = 0";
    calls(ACTION_execute);
    comes_to(OUTCOME_OK, 0);
    steps[0].sql = NULL;
    calls(ACTION_select);
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
}

static void test_without_trait_or_promise_nothing_is_claimed(void **state)
{
    (void)state;
    begin_with(0, &promises);
    calls(ACTION_delete);
    comes_to(OUTCOME_BUSY, 0);
    begin_with(STACK_KEEPS_BUSY_TIMEOUT, &no_promises);
    calls(ACTION_delete);
    comes_to(OUTCOME_BUSY, 0);
    assert_ok();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_busy_before_its_time, setup),
        cmocka_unit_test_setup(test_busy_when_the_time_is_over, setup),
        cmocka_unit_test_setup(test_in_a_transaction_nothing_is_promised, setup),
        cmocka_unit_test_setup(test_what_is_no_call_on_the_connection_does_not_count, setup),
        cmocka_unit_test_setup(test_what_runs_no_statement_changes_nothing, setup),
        cmocka_unit_test_setup(test_after_a_wait_with_success, setup),
        cmocka_unit_test_setup(test_a_pools_connection_may_have_been_busy_for_others, setup),
        cmocka_unit_test_setup(test_a_fault_or_sql_of_the_plans_own_ends_the_claim, setup),
        cmocka_unit_test_setup(test_without_trait_or_promise_nothing_is_claimed, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
