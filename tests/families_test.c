/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Families: which profiles are in them, for whom; each plan is one that one of them draws, all of
 * them are drawn from, and the same seed gives the same plans. One profile by name is drawn from as
 * if there were no families.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generate/families.h"
#include "plan/compact.h"
#include "subjects.h"

#include <string.h>

enum { PLANS = 2000, ARENA_BYTES = 1 << 20 };

static struct arena arena;

static struct generate_families load(const char *name, struct generate_subject subject)
{
    struct generate_families families;
    struct error error = {0};
    if (generate_families_load(&families, name, &subject, &error) != ERROR_NONE ||
        generate_families_settle(&families, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    return families;
}

static size_t draw(uint8_t ret_bytes[COMPACT_SIZE_MAX], struct random random,
                   struct generate_subject subject)
{
    struct plan plan;
    size_t size;
    arena_reset(&arena);
    generate_plan(&plan, &arena, &random, subject);
    assert_int_equal(compact_encode(&plan, ret_bytes, &size, NULL), ERROR_NONE);
    return size;
}

static struct random numbers_of(uint64_t index)
{
    struct random random;
    generate_seed(&random, 7, index);
    return random;
}

static bool has_pools_alone(const struct generate_families *families)
{
    for (uint32_t i = 0; i < families->count; i++)
        if (!generate_profile_may_have_stack(&families->profiles[i], false))
            return true;
    return false;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_who_is_in_them(void **state)
{
    (void)state;
    struct generate_families all = load(GENERATE_FAMILIES_NAME, FOR_SQLITE);
    assert_true(all.count >= 6);
    assert_int_equal(generate_families_turns(&all), all.count);
    for (uint32_t i = 0; i < all.count; i++)
        assert_ptr_equal(generate_families_profile(&all, i), &all.profiles[i]);
    struct generate_families of_pools = load(GENERATE_FAMILIES_NAME, FOR_POOL_ON_SQLITE);
    assert_false(has_pools_alone(&all));
    assert_true(has_pools_alone(&of_pools));
    assert_true(load(GENERATE_FAMILIES_NAME, FOR_MEMORY).count < of_pools.count);
}

static void test_plans_are_of_one_of_them(void **state)
{
    (void)state;
    struct generate_families families = load(GENERATE_FAMILIES_NAME, FOR_SQLITE);
    struct generate_subject mixed = FOR_SQLITE, single = FOR_SQLITE;
    unsigned of[GENERATE_FAMILIES_MAX] = {0};
    mixed.families = &families;
    for (uint64_t i = 0; i < PLANS; i++) {
        uint8_t plan[COMPACT_SIZE_MAX], again[COMPACT_SIZE_MAX], alone[COMPACT_SIZE_MAX];
        struct random random = numbers_of(i);
        size_t size = draw(plan, random, mixed);
        assert_int_equal(draw(again, random, mixed), size);
        assert_memory_equal(plan, again, size);
        uint32_t turn = random_below(&random, families.count);
        of[turn]++;
        single.profile = &families.profiles[turn];
        assert_int_equal(draw(alone, random, single), size);
        assert_memory_equal(plan, alone, size);
    }
    for (uint32_t i = 0; i < families.count; i++)
        assert_in_range(of[i], PLANS / families.count / 2, PLANS / families.count * 2);
}

static void test_one_by_name(void **state)
{
    (void)state;
    struct generate_families families = load("swarm", FOR_SQLITE);
    struct generate_subject by_name = FOR_SQLITE, single = FOR_SQLITE;
    assert_int_equal(generate_families_turns(&families), 1);
    by_name.families = &families;
    single.profile = generate_families_profile(&families, 0);
    for (uint64_t i = 0; i < PLANS / 10; i++) {
        uint8_t plan[COMPACT_SIZE_MAX], alone[COMPACT_SIZE_MAX];
        size_t size = draw(plan, numbers_of(i), by_name);
        assert_int_equal(draw(alone, numbers_of(i), single), size);
        assert_memory_equal(plan, alone, size);
    }
    struct error error = {0};
    struct generate_subject subject = FOR_SQLITE;
    assert_int_equal(generate_families_load(&families, "no-such", &subject, &error), ERROR_USAGE);
}

/* Plans are those that they are without families. */
static void test_none(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, GENERATE_USUAL_NAME};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct generate_families families = load(names[i], FOR_SQLITE);
        struct generate_subject subject = FOR_SQLITE;
        subject.families = &families;
        assert_int_equal(generate_families_turns(&families), 1);
        assert_null(generate_families_profile(&families, 0));
        uint8_t plan[COMPACT_SIZE_MAX], usual[COMPACT_SIZE_MAX];
        size_t size = draw(plan, numbers_of(i), subject);
        assert_int_equal(draw(usual, numbers_of(i), FOR_SQLITE), size);
        assert_memory_equal(plan, usual, size);
    }
}

/* All of them must be able to show what is asked for. */
static void test_check(void **state)
{
    (void)state;
    struct generate_families families = load(GENERATE_FAMILIES_NAME, FOR_SQLITE);
    struct generate_subject subject = FOR_SQLITE;
    struct error error = {0};
    subject.families = &families;
    assert_int_equal(generate_check(&subject, &error), ERROR_NONE);
    assert_true(plan_properties_take(&subject.properties, "select-limit"));
    assert_int_equal(generate_check(&subject, &error), ERROR_NONE);
    families.profiles[families.count - 1].actions[ACTION_select] = 0;
    assert_int_equal(generate_check(&subject, &error), ERROR_USAGE);
}

int main(void)
{
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_who_is_in_them), cmocka_unit_test(test_plans_are_of_one_of_them),
        cmocka_unit_test(test_one_by_name),    cmocka_unit_test(test_none),
        cmocka_unit_test(test_check),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
