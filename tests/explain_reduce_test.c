/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that follow from others and from the order of each task's own steps are left out. */
#include "explain/orders.h"

#include <stdarg.h>
#include <stddef.h>

#include <setjmp.h>

#include <cmocka.h>

static struct explain_place at(uint32_t task, uint32_t interaction, uint32_t crossing)
{
    return (struct explain_place){
        .task = task, .interaction = interaction, .edge = EXPLAIN_CROSSING, .crossing = crossing};
}

static struct explain_place whole(uint32_t task, uint32_t interaction)
{
    return (struct explain_place){
        .task = task, .interaction = interaction, .edge = EXPLAIN_WHOLE, .crossing = 1};
}

static void add(struct explain_result *result, struct explain_place before,
                struct explain_place after)
{
    result->orders[result->order_count++] =
        (struct explain_order){.before = before, .after = after};
}

static void begin(struct explain_result *result)
{
    *result = (struct explain_result){0};
    arena_init(&result->arena, (size_t)1 << 20);
    result->orders = ARENA_ARRAY(&result->arena, struct explain_order, 8);
}

static void test_a_chain_makes_the_direct_order_superfluous(void **state)
{
    (void)state;
    struct explain_result result;
    begin(&result);
    add(&result, at(0, 0, 2), at(2, 4, 9)); /* by way of task 1 */
    add(&result, at(0, 0, 3), at(1, 1, 1));
    add(&result, at(1, 2, 1), at(2, 4, 5));
    orders_reduce(&result);
    assert_int_equal(result.order_count, 2);
    assert_int_equal(result.orders[0].after.task, 1);
    assert_int_equal(result.orders[1].before.task, 1);
    arena_clean_up(&result.arena);
}

static void test_what_comes_earlier_or_later_in_a_task_does_not_lead_there(void **state)
{
    (void)state;
    struct explain_result result;
    begin(&result);
    add(&result, at(0, 0, 4), at(2, 4, 9)); /* later than what leads to task 1 */
    add(&result, at(0, 0, 3), at(1, 1, 1));
    add(&result, at(1, 1, 2), at(2, 4, 10)); /* leads to what is later */
    orders_reduce(&result);
    assert_int_equal(result.order_count, 3);
    arena_clean_up(&result.arena);
}

static void test_one_of_two_that_say_the_same_is_left(void **state)
{
    (void)state;
    struct explain_result result;
    begin(&result);
    add(&result, at(0, 0, 3), at(1, 1, 2));
    add(&result, at(0, 0, 3), at(1, 1, 2));
    add(&result, at(0, 0, 2), at(1, 1, 3)); /* follows from either */
    orders_reduce(&result);
    assert_int_equal(result.order_count, 1);
    assert_int_equal(result.orders[0].before.crossing, 3);
    arena_clean_up(&result.arena);
}

static void test_a_whole_part_says_more_than_a_crossing_of_it(void **state)
{
    (void)state;
    struct explain_result result;
    begin(&result);
    add(&result, at(0, 0, 3), at(1, 1, 2));
    add(&result, whole(0, 0), whole(1, 1));
    orders_reduce(&result);
    assert_int_equal(result.order_count, 1);
    assert_int_equal(result.orders[0].before.edge, EXPLAIN_WHOLE);
    arena_clean_up(&result.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_makes_the_direct_order_superfluous),
        cmocka_unit_test(test_what_comes_earlier_or_later_in_a_task_does_not_lead_there),
        cmocka_unit_test(test_one_of_two_that_say_the_same_is_left),
        cmocka_unit_test(test_a_whole_part_says_more_than_a_crossing_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
