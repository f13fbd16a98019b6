/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns go to those that bring something, more often than to the others, who are not left out;
 * when others begin to bring something, the turns follow; the same random numbers and the same news
 * give the same turns.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mutator_turns.h"

#include "base/random.h"

enum { COUNT = 8, ROUNDS = 20000 };

/* So many rounds in which one of three turns of `good` brings something; how many each has had. */
static void take_many(struct turns *turns, struct random *random, uint32_t good,
                      unsigned ret_taken[COUNT])
{
    for (uint32_t i = 0; i < COUNT; i++)
        ret_taken[i] = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint32_t turn = turns_take(turns, random);
        assert_in_range(turn, 0, COUNT - 1);
        ret_taken[turn]++;
        if (turn == good && ret_taken[turn] % 3 == 0)
            turns_brought(turns);
    }
}

static void assert_follows(const unsigned taken[COUNT], uint32_t good)
{
    for (uint32_t i = 0; i < COUNT; i++)
        if (i == good)
            assert_true(taken[i] > ROUNDS / 3);
        else
            assert_in_range(taken[i], ROUNDS / COUNT / 3, ROUNDS / COUNT);
}

static void test_who_brings_something_has_more(void **state)
{
    (void)state;
    struct turns turns;
    struct random random;
    unsigned taken[COUNT];
    turns_begin(&turns, COUNT);
    random_seed(&random, 1);
    take_many(&turns, &random, 3, taken);
    assert_follows(taken, 3);
    take_many(&turns, &random, 5, taken); /* the old one is still told of at first */
    take_many(&turns, &random, 5, taken);
    assert_follows(taken, 5);
}

/* Nobody brings anything, or all do. */
static void test_without_a_difference_all_have_the_same(void **state)
{
    (void)state;
    for (int brings = 0; brings < 2; brings++) {
        struct turns turns;
        struct random random;
        unsigned taken[COUNT] = {0};
        turns_begin(&turns, COUNT);
        random_seed(&random, 2);
        for (int i = 0; i < ROUNDS; i++) {
            taken[turns_take(&turns, &random)]++;
            if (brings)
                turns_brought(&turns);
        }
        for (uint32_t i = 0; i < COUNT; i++)
            assert_in_range(taken[i], ROUNDS / COUNT * 3 / 4, ROUNDS / COUNT * 5 / 4);
    }
}

static void test_news_count_once_and_not_before_a_turn(void **state)
{
    (void)state;
    struct turns turns;
    struct random random;
    turns_begin(&turns, COUNT);
    random_seed(&random, 3);
    turns_brought(&turns); /* what was there from the start is of nobody's turn */
    for (uint32_t i = 0; i < COUNT; i++)
        assert_int_equal(turns.of[i].brought, 0);
    uint32_t turn = turns_take(&turns, &random);
    turns_brought(&turns);
    turns_brought(&turns);
    assert_int_equal(turns.of[turn].taken, 1);
    assert_int_equal(turns.of[turn].brought, 1);
}

static void test_the_same_again(void **state)
{
    (void)state;
    unsigned taken[2][COUNT];
    for (int i = 0; i < 2; i++) {
        struct turns turns;
        struct random random;
        turns_begin(&turns, COUNT);
        random_seed(&random, 4);
        take_many(&turns, &random, 2, taken[i]);
    }
    assert_memory_equal(taken[0], taken[1], sizeof taken[0]);
}

static void test_alone(void **state)
{
    (void)state;
    struct turns turns;
    struct random random, same;
    turns_begin(&turns, 1);
    random_seed(&random, 5);
    same = random;
    assert_int_equal(turns_take(&turns, &random), 0);
    assert_int_equal(random_next(&random), random_next(&same)); /* nothing was drawn for it */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_brings_something_has_more),
        cmocka_unit_test(test_without_a_difference_all_have_the_same),
        cmocka_unit_test(test_news_count_once_and_not_before_a_turn),
        cmocka_unit_test(test_the_same_again),
        cmocka_unit_test(test_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
