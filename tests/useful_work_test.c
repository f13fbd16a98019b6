/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans of a profile do what they ask: of their interactions, nine in ten are not refused, on each
 * database, but where the profile asks for refusals. Fixed seeds: the numbers are the same on every
 * run. bench_useful_work has more plans, and the numbers.
 */
#include "../bench/useful_work.h"

#include "generated/subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { PLANS = 150, SEED = 4 };

static const struct subject *const subjects[] = {
#define BACKEND(name) &interplay_subject_##name,
#include "generated/backends.def"
#undef BACKEND
};
enum { SUBJECTS = sizeof subjects / sizeof subjects[0] };

static struct generate_subject drawn_for(const struct subject *tested)
{
    bool has_model = (tested->backend->capabilities & BACKEND_HAS_MODEL) != 0;
    return (struct generate_subject){
        .search = has_model ? GENERATE_FOR_DATABASE : GENERATE_FOR_POOL,
        .database = plan_database_named(tested->name),
    };
}

static bool asks_for_refusals(const struct generate_profile *profile)
{
    return profile->exhausts_pool || profile->busy_rate.is_given ||
           profile->weights[GROUP_cancels] > GENERATE_WEIGHT_USUAL;
}

/* Per thousand. */
static uint64_t refused_with(const struct subject *tested, const struct generate_profile *profile)
{
    static struct useful_work work;
    struct generate_subject drawn = drawn_for(tested);
    drawn.profile = profile;
    assert_true(useful_work_measure(&work, tested, drawn, SEED, PLANS));
    assert_true(work.interactions > PLANS);
    return useful_work_refused(&work) * 1000 / work.interactions;
}

static void test_profiles_do_what_they_ask(void **state)
{
    (void)state;
    unsigned judged = 0;
    for (size_t i = 0; i < SUBJECTS; i++) {
        enum plan_database database = plan_database_named(subjects[i]->name);
        char bytes[512], *rest = bytes;
        struct text names;
        text_init(&names, bytes, sizeof bytes);
        generate_profile_list(database, &names);
        for (char *name; (name = strtok_r(rest, ", ", &rest)) != NULL;) {
            struct generate_profile profile;
            struct error error = {0};
            assert_int_equal(generate_profile_load(&profile, name, database, &error), ERROR_NONE);
            assert_int_equal(generate_profile_settle(&profile, &error), ERROR_NONE);
            generate_profile_limit(&profile, subjects[i]->backend->dialect);
            if (asks_for_refusals(&profile))
                continue;
            judged++;
            uint64_t refused = refused_with(subjects[i], &profile);
            if (refused >= 100)
                fail_msg("%s on %s: %ju in a thousand interactions are refused", name,
                         subjects[i]->name, (uintmax_t)refused);
        }
    }
    assert_true(judged >= 6 * SUBJECTS);
}

/* What it is measured against: plans that do not know what they have made. */
static void test_without_a_profile_more_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SUBJECTS; i++)
        assert_true(refused_with(subjects[i], NULL) > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_profiles_do_what_they_ask),
        cmocka_unit_test(test_without_a_profile_more_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
