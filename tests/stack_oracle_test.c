/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what the stack oracle accepts and what it calls a violation: stacks that open, rows that
 * still come.
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_does_not_open, setup),
        cmocka_unit_test_setup(test_where_nothing_is_promised_it_need_not_open, setup),
        cmocka_unit_test_setup(test_cancel_ignored, setup),
    };
    return RUN_ORACLE_TESTS(tests);
}
