/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves what is a fact about transactions side by side: an anti-dependency out of and into a
 * transaction, rows that were replaced under it, what others have not committed; and that a plan
 * without such has none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/overlaps.h"

static struct overlaps overlaps;

static int setup(void **state)
{
    (void)state;
    overlaps = (struct overlaps){0};
    return 0;
}

static uint32_t does(uint32_t task, enum plan_action action, uint8_t table, uint8_t key,
                     bool in_transaction)
{
    struct interaction interaction = {.action = (uint8_t)action};
    interaction.arguments[FIELD_table] = table;
    interaction.arguments[FIELD_key] = key;
    if (plan_action_has(action, FIELD_filter))
        interaction.arguments[FIELD_filter] = FILTER_KEY;
    struct observation seen = {.in_transaction = in_transaction, .changes = 1};
    return overlaps_read(&overlaps, task, &interaction, &seen);
}

static uint32_t reads(uint32_t task, uint8_t table, uint8_t key)
{
    return does(task, ACTION_select, table, key, true);
}

static uint32_t writes(uint32_t task, uint8_t table, uint8_t key)
{
    return does(task, ACTION_upsert, table, key, true);
}

static uint32_t ends(uint32_t task, enum plan_action how)
{
    return does(task, how, 0, 0, false);
}

static void test_nobody_beside(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(reads(0, 0, 1), 0);
        assert_int_equal(writes(0, 0, 1), 0);
        assert_int_equal(reads(0, 0, 1), 0);
        assert_int_equal(ends(0, ACTION_commit), 0);
    }
    assert_int_equal(does(1, ACTION_upsert, 0, 1, false), 0);
}

static void test_what_was_read_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(reads(0, 0, 1), 0);
    assert_int_equal(does(1, ACTION_upsert, 0, 1, false), OVERLAP_READ_BY_OTHERS);
    assert_int_equal(reads(0, 0, 1), OVERLAP_OUT | OVERLAP_REPLACED | OVERLAP_READ_AGAIN);
    assert_int_equal(reads(0, 0, 2), OVERLAP_OUT);
    assert_int_equal(reads(0, 1, 2), OVERLAP_OUT | OVERLAP_OUT_ELSEWHERE);
    assert_int_equal(writes(0, 0, 1), OVERLAP_OUT | OVERLAP_REPLACED | OVERLAP_READ_AGAIN);
    assert_int_equal(ends(0, ACTION_commit), OVERLAP_OUT | OVERLAP_WRITER);
    assert_int_equal(reads(0, 0, 1), 0);
}

/* Two that read each what the other one then writes. */
static void test_both_ways(void **state)
{
    (void)state;
    assert_int_equal(reads(0, 0, 1), 0);
    assert_int_equal(reads(1, 0, 2), 0);
    assert_int_equal(writes(0, 0, 2), OVERLAP_READ_BY_OTHERS);
    assert_int_equal(writes(1, 0, 1), OVERLAP_READ_BY_OTHERS);
    assert_int_equal(ends(0, ACTION_commit), 0);
    assert_int_equal(ends(1, ACTION_commit), OVERLAP_OUT | OVERLAP_IN | OVERLAP_WRITER);
}

static void test_what_is_not_committed(void **state)
{
    (void)state;
    (void)writes(0, 0, 1);
    assert_int_equal(reads(1, 0, 1), OVERLAP_WRITTEN_BY_OTHERS);
    assert_int_equal(reads(1, 0, 2), 0);
    (void)ends(0, ACTION_rollback);
    assert_int_equal(reads(1, 0, 1), 0);
}

static void test_whose_connection_is_gone(void **state)
{
    (void)state;
    (void)writes(0, 0, 1);
    overlaps_forget(&overlaps, 0);
    assert_int_equal(reads(1, 0, 1), 0);
}

static void test_a_call_that_failed_has_touched_nothing(void **state)
{
    (void)state;
    struct interaction upsert = {.action = ACTION_upsert};
    struct observation seen = {.outcome = OUTCOME_BUSY, .in_transaction = true};
    assert_int_equal(overlaps_read(&overlaps, 0, &upsert, &seen), 0);
    assert_int_equal(reads(1, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_beside, setup),
        cmocka_unit_test_setup(test_what_was_read_is_replaced, setup),
        cmocka_unit_test_setup(test_both_ways, setup),
        cmocka_unit_test_setup(test_what_is_not_committed, setup),
        cmocka_unit_test_setup(test_whose_connection_is_gone, setup),
        cmocka_unit_test_setup(test_a_call_that_failed_has_touched_nothing, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
