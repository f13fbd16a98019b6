/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Properties in plans of a profile: each plan has steps of one, and all that the profile says
 * holds, too, weights, lengths, numbers and rates; what it excludes no property brings in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generate/generate.h"
#include "generate/moment.h"
#include "plan/compact.h"

#include <string.h>

enum { PLANS = 400, ARENA_BYTES = 1 << 20 };

static struct arena arena;

struct census {
    unsigned plans, interactions, judged, without, in_flight_most;
    unsigned actions[ACTION_COUNT], groups[GROUP_COUNT], fault_kinds[FAULT_KIND_COUNT];
};

static uint32_t bit(enum plan_property property)
{
    return 1u << property;
}

static void load(struct generate_profile *ret_profile, const char *name)
{
    struct error error = {0};
    if (generate_profile_load(ret_profile, name, DATABASE_sqlite, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

static void count_plan(struct census *census, const struct plan *plan, uint32_t properties)
{
    struct task_state states[PLAN_TASKS_MAX] = {{0}};
    unsigned judged = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        enum plan_action action = (enum plan_action)interaction->action;
        uint32_t property = interaction->arguments[FIELD_property];
        if (plan_action_has(action, FIELD_property) && property != PROPERTY_none) {
            assert_true((properties >> property & 1u) != 0);
            judged++;
        }
        census->actions[action]++;
        census->groups[generate_group_of(action)]++;
        census->fault_kinds[interaction->fault]++;
        moment_follow(states, plan_tasks(plan), interaction);
        unsigned in_flight = 0;
        for (uint32_t task = 0; task < plan_tasks(plan); task++)
            in_flight += states[task].in_transaction;
        if (in_flight > census->in_flight_most)
            census->in_flight_most = in_flight;
    }
    census->plans++;
    census->interactions += (unsigned)plan->interaction_count;
    census->judged += judged;
    census->without += judged == 0;
}

static void assert_canonical(const struct plan *plan)
{
    struct plan decoded;
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    assert_int_equal(compact_encode(plan, bytes, &size, NULL), ERROR_NONE);
    compact_decode(&decoded, &arena, bytes, size, plan->database);
    assert_true(plan_equal(plan, &decoded));
}

/* Each plan has a step of a property, but a few where that would be one transaction too many. */
static void count_plans(struct census *ret_census, struct generate_profile *profile,
                        uint32_t properties)
{
    struct error error = {0};
    const struct generate_subject subject = {.search = GENERATE_FOR_DATABASE,
                                             .database = DATABASE_sqlite,
                                             .profile = profile,
                                             .properties = properties};
    *ret_census = (struct census){0};
    if (generate_profile_settle(profile, &error) != ERROR_NONE ||
        generate_check(&subject, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        struct random random;
        arena_reset(&arena);
        generate_seed(&random, 12, i);
        generate_plan(&plan, &arena, &random, subject);
        count_plan(ret_census, &plan, properties);
        assert_canonical(&plan);
    }
    assert_true(ret_census->without <= (profile->max_in_flight_tx > 0 ? PLANS / 20 : 0));
}

static const char *const names[] = {"balanced",         "quick",        "stress",
                                    "ddl-heavy",        "swarm",        "faultless",
                                    "savepoint-stress", "cancel-heavy", "write-heavy"};

/* --- tests ------------------------------------------------------------------------------------ */

static void test_each_profile_shows_properties(void **state)
{
    (void)state;
    uint32_t properties =
        bit(PROPERTY_delete_select) | bit(PROPERTY_tx_commit_visible) | bit(PROPERTY_select_limit);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct generate_profile profile;
        struct census census;
        load(&profile, names[i]);
        count_plans(&census, &profile, properties);
        if (profile.steps > 0)
            assert_int_equal(census.interactions, PLANS * profile.steps);
    }
}

/* Steps of properties are about half of it, and weights decide what the others are. */
static void test_weights(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct census usual, other;
    uint32_t properties = bit(PROPERTY_table_has_expected_content);
    load(&profile, "balanced");
    count_plans(&usual, &profile, properties);
    load(&profile, "ddl-heavy");
    count_plans(&other, &profile, properties);
    assert_true(usual.groups[GROUP_ddl] > 0);
    assert_true(other.groups[GROUP_ddl] * usual.interactions >
                3 * usual.groups[GROUP_ddl] * other.interactions);
    load(&profile, "savepoint-stress");
    count_plans(&other, &profile, properties);
    assert_true(other.groups[GROUP_savepoints] * usual.interactions >
                2 * usual.groups[GROUP_savepoints] * other.interactions);
}

static void test_numbers(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct census census;
    load(&profile, "balanced");
    profile.steps = 80;
    profile.tasks = 6;
    profile.max_in_flight_tx = 1;
    count_plans(&census, &profile, bit(PROPERTY_tx_commit_visible));
    assert_int_equal(census.interactions, PLANS * 80);
    assert_int_equal(census.in_flight_most, 1);
    assert_true(census.judged > 2 * PLANS);
    profile.steps = 4; /* as long as the shape */
    count_plans(&census, &profile, bit(PROPERTY_tx_commit_visible));
    assert_int_equal(census.interactions, PLANS * 4);
}

static void test_rates(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct census census;
    load(&profile, "faultless");
    profile.steps = 50;
    profile.busy_rate = (struct generate_rate){true, GENERATE_RATE_ONE / 5};
    profile.sleep_rate = (struct generate_rate){true, 0};
    count_plans(&census, &profile, bit(PROPERTY_delete_select));
    unsigned struck = census.fault_kinds[FAULT_busy] + census.actions[ACTION_sleep];
    assert_in_range(struck * 1000 / census.interactions, 140, 240);
    assert_int_equal(census.fault_kinds[FAULT_NONE] + census.fault_kinds[FAULT_busy],
                     census.interactions);
}

/* What a profile excludes, no property has; another shape of the same property takes its place. */
static void test_exclusions(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct census census;
    load(&profile, "balanced");
    profile.actions[ACTION_create_table] = 0;
    profile.fault_kinds[FAULT_io_write] = 0;
    count_plans(&census, &profile, bit(PROPERTY_faulty_query) | bit(PROPERTY_delete_select));
    assert_int_equal(census.actions[ACTION_create_table], 0);
    assert_int_equal(census.fault_kinds[FAULT_io_write], 0);
    assert_true(census.fault_kinds[FAULT_disk_full] > PLANS / 20);
    load(&profile, "balanced");
    profile.actions[ACTION_savepoint] = 0;
    profile.actions[ACTION_look] = 0;
    count_plans(&census, &profile, bit(PROPERTY_all_tables_have_expected_content));
    assert_int_equal(census.actions[ACTION_look] + census.actions[ACTION_savepoint], 0);
}

static void assert_refused(const struct generate_profile *profile, enum plan_property property,
                           const char *part)
{
    struct error error = {0};
    const struct generate_subject subject = {
        .database = DATABASE_sqlite, .profile = profile, .properties = bit(property)};
    assert_int_equal(generate_check(&subject, &error), ERROR_USAGE);
    if (strstr(error.message, part) == NULL)
        fail_msg("'%s', expected '%s'", error.message, part);
}

static void test_contradictions(void **state)
{
    (void)state;
    struct generate_profile profile;
    generate_profile_init(&profile);
    profile.actions[ACTION_drop_table] = 0;
    assert_refused(&profile, PROPERTY_drop_select, "drop-select needs drop_table");
    generate_profile_init(&profile);
    profile.weights[GROUP_faults] = 0;
    assert_refused(&profile, PROPERTY_faulty_query, "property faulty-query needs ");
    generate_profile_init(&profile);
    profile.steps = 3;
    assert_refused(&profile, PROPERTY_tx_commit_visible,
                   "4 interactions, and plans of the profile");
    generate_profile_init(&profile);
    profile.settings[PLAN_CONFIG_stack] = 1u << PLAN_STACK_DIRECT;
    assert_refused(&profile, PROPERTY_pool_checkout_return, "one of plans with a pool");
    generate_profile_init(&profile);
    profile.pool_size = 4;
    assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
    assert_refused(&profile, PROPERTY_retry_after_busy, "one of plans without a pool");
}

int main(void)
{
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_profile_shows_properties),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_exclusions),
        cmocka_unit_test(test_contradictions),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
