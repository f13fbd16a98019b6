/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: each does to plans what it says, counted over a thousand of them; plans keep within
 * numbers and rates; a file that is wrong is refused with the place and what was expected.
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

enum { PLANS = 1000, ARENA_BYTES = 1 << 20 };

static struct arena arena;

/* What the plans of a profile have. */
struct census {
    unsigned interactions, faults, pauses;
    unsigned actions[ACTION_COUNT], groups[GROUP_COUNT], fault_kinds[FAULT_KIND_COUNT];
    uint64_t shares[GROUP_COUNT], squares[GROUP_COUNT]; /* sums of the plans' per mille, squared */
    unsigned stacks[3], in_flight_most, held_sleeps;
    unsigned meetings;  /* statements inside a transaction while somebody else is in one, too */
    unsigned keys_most; /* that a plan's reads of one row name */
    unsigned checkouts, needless; /* needless: none of the kind is free, as the plan tells */
};

static void draw_with(const struct generate_profile *profile, enum plan_database database,
                      uint64_t index, struct plan *plan)
{
    struct random random;
    struct generate_subject subject = {
        .search = GENERATE_FOR_DATABASE, .database = database, .profile = profile};
    arena_reset(&arena);
    generate_seed(&random, 11, index);
    generate_plan(plan, &arena, &random, subject);
}

static bool is_exhausted(const struct plan *plan, const struct task_state *states,
                         const struct interaction *checkout)
{
    bool reads = checkout->arguments[FIELD_access] == ACCESS_READ;
    int32_t left =
        plan_config_get(&plan->config, reads ? PLAN_CONFIG_readers : PLAN_CONFIG_writers);
    for (uint32_t task = 0; task < plan_tasks(plan); task++)
        left -= states[task].lease == (reads ? LEASE_READ : LEASE_WRITE);
    return left <= 0;
}

static unsigned count_open(const struct task_state *states, uint32_t tasks)
{
    unsigned open = 0;
    for (uint32_t task = 0; task < tasks; task++)
        open += states[task].in_transaction;
    return open;
}

static bool is_statement(enum plan_action action)
{
    enum plan_effect effect = plan_action_infos[action].effect;
    return effect == EFFECT_READ || effect == EFFECT_ROWS;
}

/* That its reads of one row name. */
static unsigned count_keys(const struct plan *plan)
{
    uint32_t keys = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        if (interaction->action == ACTION_select &&
            interaction->arguments[FIELD_filter] == FILTER_KEY)
            keys |= 1u << interaction->arguments[FIELD_key];
    }
    return (unsigned)__builtin_popcount(keys);
}

static void count_plan(struct census *census, const struct plan *plan)
{
    struct task_state states[PLAN_TASKS_MAX] = {{0}};
    unsigned groups[GROUP_COUNT] = {0};
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        const struct task_state *state = &states[interaction->task];
        enum plan_action action = (enum plan_action)interaction->action;
        census->actions[action]++;
        groups[generate_group_of(action)]++;
        census->held_sleeps +=
            action == ACTION_sleep && (state->in_transaction || state->lease != LEASE_NONE);
        census->meetings += is_statement(action) && state->in_transaction &&
                            count_open(states, plan_tasks(plan)) > 1;
        census->checkouts += action == ACTION_checkout;
        census->needless += action == ACTION_checkout && is_exhausted(plan, states, interaction);
        census->fault_kinds[interaction->fault]++;
        census->faults += interaction->fault != FAULT_NONE;
        census->pauses += interaction->pause_after > 0;
        moment_follow(states, plan_tasks(plan), interaction);
        unsigned in_flight = count_open(states, plan_tasks(plan));
        if (in_flight > census->in_flight_most)
            census->in_flight_most = in_flight;
    }
    unsigned keys = count_keys(plan);
    if (keys > census->keys_most)
        census->keys_most = keys;
    census->interactions += (unsigned)plan->interaction_count;
    census->stacks[plan_config_get(&plan->config, PLAN_CONFIG_stack)]++;
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        census->groups[group] += groups[group];
        uint64_t share = groups[group] * 1000 / plan->interaction_count;
        census->shares[group] += share;
        census->squares[group] += share * share;
    }
}

static void count_plans(struct census *ret_census, const struct generate_profile *profile)
{
    *ret_census = (struct census){0};
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        draw_with(profile, DATABASE_sqlite, i, &plan);
        count_plan(ret_census, &plan);
    }
}

static void load(struct generate_profile *ret_profile, const char *name)
{
    struct error error = {0};
    if (generate_profile_load(ret_profile, name, DATABASE_sqlite, &error) != ERROR_NONE ||
        generate_profile_settle(ret_profile, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

static const struct census *census_of(const char *name)
{
    static struct census census;
    struct generate_profile profile;
    load(&profile, name);
    count_plans(&census, &profile);
    return &census;
}

/* --- by name ---------------------------------------------------------------------------------- */

static void test_each_is_canonical_and_the_same_again(void **state)
{
    (void)state;
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        char bytes[512], *rest = bytes;
        struct text names;
        text_init(&names, bytes, sizeof bytes);
        generate_profile_list((enum plan_database)database, &names);
        unsigned count = 0;
        for (char *name; (name = strtok_r(rest, ", ", &rest)) != NULL; count++) {
            struct generate_profile profile;
            assert_int_equal(
                generate_profile_load(&profile, name, (enum plan_database)database, NULL),
                ERROR_NONE);
            assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
            for (uint64_t i = 0; i < 200; i++) {
                struct plan plan, decoded;
                uint8_t forms[2][COMPACT_SIZE_MAX];
                size_t sizes[2];
                for (int k = 0; k < 2; k++) {
                    draw_with(&profile, (enum plan_database)database, i, &plan);
                    assert_int_equal(compact_encode(&plan, forms[k], &sizes[k], NULL), ERROR_NONE);
                }
                compact_decode(&decoded, &arena, forms[0], sizes[0], (enum plan_database)database);
                assert_true(plan_equal(&plan, &decoded));
                assert_int_equal(sizes[0], sizes[1]);
                assert_memory_equal(forms[0], forms[1], sizes[0]);
            }
        }
        assert_true(count >= 9);
    }
}

static void test_weights(void **state)
{
    (void)state;
    const struct census usual = *census_of("balanced");
    const struct census *census = census_of("ddl-heavy");
    assert_true(usual.groups[GROUP_ddl] > 0);
    assert_true(census->groups[GROUP_ddl] > 5 * usual.groups[GROUP_ddl]);
    census = census_of("write-heavy");
    assert_true(census->groups[GROUP_writes] * 2 > 3 * usual.groups[GROUP_writes]);
    assert_true(census->groups[GROUP_reads] < usual.groups[GROUP_reads]);
    census = census_of("savepoint-stress");
    assert_true(census->groups[GROUP_savepoints] > 2 * usual.groups[GROUP_savepoints]);
    census = census_of("cancel-heavy");
    assert_true(census->groups[GROUP_cancels] > 5 * usual.groups[GROUP_cancels]);
    assert_int_equal(census->stacks[PLAN_STACK_DIRECT], 0);
    census = census_of("checkpoint-heavy");
    assert_true(census->actions[ACTION_checkpoint] > 3 * usual.actions[ACTION_checkpoint]);
    assert_true(census->actions[ACTION_vacuum] < 2 * usual.actions[ACTION_vacuum]);
}

static void test_isolation(void **state)
{
    (void)state;
    const struct census usual = *census_of("balanced");
    const struct census *census = census_of("isolation-heavy");
    assert_true(census->meetings * usual.interactions > 3 * usual.meetings * census->interactions);
    assert_true(census->actions[ACTION_append] > 3 * usual.actions[ACTION_append]);
    assert_true(usual.keys_most > 3);
    assert_in_range(census->keys_most, 2, 3);
    assert_int_equal(census->groups[GROUP_ddl], 0);
    assert_true(census->faults < usual.faults);
}

static void test_faultless(void **state)
{
    (void)state;
    const struct census usual = *census_of("balanced");
    assert_true(usual.faults > PLANS / 6);
    assert_int_equal(census_of("faultless")->faults, 0);
    assert_true(census_of("crash-heavy")->fault_kinds[FAULT_power_loss] >
                5 * usual.fault_kinds[FAULT_power_loss]);
    const struct census *stress = census_of("stress");
    assert_true(stress->faults * usual.interactions > usual.faults * stress->interactions);
    assert_true(stress->pauses * usual.interactions > usual.pauses * stress->interactions);
}

/* Servers end where a profile asks for it, of databases that have one to be killed. */
static void test_servers_end(void **state)
{
    (void)state;
    struct generate_profile profile;
    generate_profile_init(&profile);
    profile.fault_kinds[FAULT_server_death] = 1000;
    assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        struct census census = {0};
        for (uint64_t i = 0; i < PLANS; i++) {
            struct plan plan;
            draw_with(&profile, (enum plan_database)database, i, &plan);
            count_plan(&census, &plan);
        }
        assert_int_equal(census.fault_kinds[FAULT_server_death] > 0,
                         plan_database_infos[database].is_mortal);
        assert_int_equal(census.fault_kinds[FAULT_session_crash], 0);
    }
}

/* How far plans are from their average. */
static uint64_t variance(const struct census *census, enum generate_group group)
{
    uint64_t mean = census->shares[group] / PLANS;
    return census->squares[group] / PLANS - mean * mean;
}

static void test_swarm(void **state)
{
    (void)state;
    static const enum generate_group groups[] = {GROUP_reads, GROUP_writes, GROUP_savepoints};
    const struct census usual = *census_of("balanced");
    const struct census *census = census_of("swarm");
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (variance(census, groups[i]) * 4 < variance(&usual, groups[i]) * 5)
            fail_msg("%s: %ju, without a swarm %ju", generate_group_infos[groups[i]].name,
                     (uintmax_t)variance(census, groups[i]),
                     (uintmax_t)variance(&usual, groups[i]));
}

static void test_lengths(void **state)
{
    (void)state;
    assert_int_equal(census_of("quick")->interactions, PLANS * 16);
    assert_int_equal(census_of("stress")->interactions, PLANS * 100);
    assert_true(census_of("quick")->in_flight_most <= 2);
}

/* --- numbers and rates ------------------------------------------------------------------------ */

static void test_numbers(void **state)
{
    (void)state;
    for (uint32_t size = GENERATE_POOL_MIN; size <= GENERATE_POOL_MAX; size++) {
        struct generate_profile profile;
        generate_profile_init(&profile);
        profile.steps = PLAN_INTERACTIONS_MAX;
        profile.tasks = size;
        profile.pool_size = size;
        profile.max_in_flight_tx = size - 1;
        assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
        struct census census = {0};
        for (uint64_t i = 0; i < 50; i++) {
            struct plan plan;
            draw_with(&profile, DATABASE_sqlite, i, &plan);
            count_plan(&census, &plan);
            assert_int_equal(plan.interaction_count, PLAN_INTERACTIONS_MAX);
            assert_int_equal(plan_tasks(&plan), size);
            assert_int_equal(plan_config_get(&plan.config, PLAN_CONFIG_readers) +
                                 plan_config_get(&plan.config, PLAN_CONFIG_writers),
                             size);
        }
        assert_int_equal(census.stacks[PLAN_STACK_DIRECT], 0);
        assert_true(census.in_flight_most <= size - 1);
    }
}

/* Nobody asks for a connection while others have all of them, unless that is asked for. */
static void test_pool_capacity(void **state)
{
    (void)state;
    static struct census census;
    struct generate_profile profile;
    load(&profile, "balanced");
    profile.tasks = PLAN_TASKS_MAX;
    profile.pool_size = GENERATE_POOL_MIN;
    profile.steps = 60;
    assert_int_equal(generate_profile_settle(&profile, NULL), ERROR_NONE);
    count_plans(&census, &profile);
    assert_true(census.checkouts > PLANS);
    assert_true(census.needless * 25 < census.checkouts);
    profile.exhausts_pool = true;
    count_plans(&census, &profile);
    assert_true(census.needless * 4 > census.checkouts);
}

/* The bounds are those of the settings. */
static void test_pool_bounds(void **state)
{
    (void)state;
    int32_t least = 0, most = 0;
    static const enum plan_config_field fields[] = {PLAN_CONFIG_readers, PLAN_CONFIG_writers};
    for (size_t i = 0; i < 2; i++) {
        const struct plan_config_info *info = &plan_config_infos[fields[i]];
        int32_t smallest = INT32_MAX, largest = 0;
        for (uint32_t k = 0; k < info->value_count; k++) {
            smallest = info->values[k].number < smallest ? info->values[k].number : smallest;
            largest = info->values[k].number > largest ? info->values[k].number : largest;
        }
        least += smallest;
        most += largest;
    }
    assert_int_equal(least, GENERATE_POOL_MIN);
    assert_int_equal(most, GENERATE_POOL_MAX);
}

enum { RATE = GENERATE_RATE_ONE / 10 };
static const struct generate_rate a_tenth = {true, RATE}, never = {true, 0};

/* About a tenth of the interactions. */
static void assert_a_tenth(unsigned count, const struct census *census)
{
    assert_in_range(count * 1000 / census->interactions, 70, 130);
}

static void test_rates(void **state)
{
    (void)state;
    static struct census census;
    struct generate_profile profile;
    load(&profile, "balanced");
    profile.ddl_rate = a_tenth;
    count_plans(&census, &profile);
    assert_a_tenth(census.groups[GROUP_ddl], &census);
    profile.ddl_rate = never;
    count_plans(&census, &profile);
    assert_int_equal(census.groups[GROUP_ddl], 0);
    profile.sleep_rate = a_tenth;
    count_plans(&census, &profile);
    assert_a_tenth(census.actions[ACTION_sleep], &census);
    profile.sleep_rate = never;
    count_plans(&census, &profile);
    assert_int_equal(census.actions[ACTION_sleep], 0);
}

static void test_busy_rate(void **state)
{
    (void)state;
    static struct census census;
    struct generate_profile profile;
    load(&profile, "balanced");
    profile.sleep_rate = never;
    profile.busy_rate = a_tenth;
    count_plans(&census, &profile);
    assert_a_tenth(census.fault_kinds[FAULT_busy] + census.actions[ACTION_sleep], &census);
    assert_true(census.fault_kinds[FAULT_busy] > PLANS / 10);
    assert_true(census.held_sleeps * 10 > census.actions[ACTION_sleep] * 9);
    assert_true(census.held_sleeps > PLANS / 10);
    profile.busy_rate = never;
    count_plans(&census, &profile);
    assert_int_equal(census.fault_kinds[FAULT_busy] + census.held_sleeps, 0);
}

static void test_panic_rate(void **state)
{
    (void)state;
    static struct census census;
    struct generate_profile profile;
    load(&profile, "balanced");
    const struct census usual = *census_of("balanced");
    profile.panic_rate = a_tenth;
    count_plans(&census, &profile);
    assert_in_range(census.fault_kinds[FAULT_process_death] * 1000 / census.interactions, 60, 110);
    assert_true(census.actions[ACTION_commit] < usual.actions[ACTION_commit]);
    assert_true(census.actions[ACTION_rollback] > usual.actions[ACTION_rollback]);
    profile.panic_rate = never;
    count_plans(&census, &profile);
    assert_int_equal(census.fault_kinds[FAULT_process_death], 0);
}

/* --- files ------------------------------------------------------------------------------------ */

static void test_says(void **state)
{
    (void)state;
    static const char text[] =
        "{\"weights\": {\"reads\": 0, \"ddl\": 300}, \"actions\": {\"select\": 5, \"vacuum\": 0},"
        " \"fault_kinds\": {\"busy\": 0}, \"config\": {\"tasks\": [2, 3], \"stack\": \"direct\"},"
        " \"swarm\": true, \"steps\": 7, \"ddl_rate\": 0.25, \"busy_rate\": 1, \"comment\": null}";
    struct generate_profile profile;
    struct error error = {0};
    assert_int_equal(generate_profile_read(&profile, "p", text, strlen(text), &error), ERROR_NONE);
    assert_int_equal(profile.weights[GROUP_reads], 0);
    assert_int_equal(profile.weights[GROUP_ddl], 300);
    assert_int_equal(profile.weights[GROUP_writes], GENERATE_WEIGHT_USUAL);
    assert_int_equal(profile.actions[ACTION_vacuum], 0);
    assert_int_equal(profile.fault_kinds[FAULT_busy], 0);
    assert_int_equal(profile.settings[PLAN_CONFIG_tasks], 1 << 1 | 1 << 2);
    assert_int_equal(profile.settings[PLAN_CONFIG_stack], 1 << 0);
    assert_true(profile.is_swarm && !profile.exhausts_pool);
    assert_int_equal(profile.steps, 7);
    assert_int_equal(profile.tasks, 0);
    assert_int_equal(profile.ddl_rate.millionths, 250000);
    assert_int_equal(profile.busy_rate.millionths, 1000000);
    assert_false(profile.sleep_rate.is_given);
    struct census census = {0};
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        draw_with(&profile, DATABASE_sqlite, i, &plan);
        count_plan(&census, &plan);
        assert_in_range(plan_tasks(&plan), 2, 3);
    }
    assert_int_equal(census.groups[GROUP_reads] - census.actions[ACTION_select], 0);
    assert_true(census.actions[ACTION_select] * 50 < census.interactions);
    assert_int_equal(census.actions[ACTION_vacuum], 0);
    assert_int_equal(census.stacks[PLAN_STACK_DIRECT], PLANS);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } wrong[] = {
        {"[]", "p:1:1: expected an object, found an array"},
        {"{\"weights\": 3}", "p:1:13: weights: expected an object, found 3"},
        {"{\n \"weight\": {}}", "p:2:2: weight: "},
        {"{\"weights\": {\"red\": 1}}", "p:1:14: weights.red: "},
        {"{\"weights\": {\"ddl\": -1}}", "p:1:21: weights.ddl: expected "},
        {"{\"weights\": {\"ddl\": 5001}}", "p:1:21: weights.ddl: expected "},
        {"{\"actions\": {\"query\": 1}}", "p:1:14: actions.query: "},
        {"{\"fault_kinds\": {\"none\": 1}}", "p:1:18: fault_kinds.none: "},
        {"{\"config\": {\"tasks\": []}}",
         "p:1:22: config.tasks: expected a value, or a list with at least one, found "},
        {"{\"config\": {\"tasks\": [2, 9]}}",
         "p:1:26: config.tasks[1]: expected one of 1, 2, 3, 4, 5, 6, 7, 8, found 9"},
        {"{\"config\": {\"stack\": \"stick\"}}",
         "p:1:22: config.stack: expected one of \"direct\""},
        {"{\"steps\": 0}", "p:1:11: steps: expected "},
        {"{\"steps\": 257}", "p:1:11: steps: expected "},
        {"{\"pool_size\": 1}", "p:1:15: pool_size: expected "},
        {"{\"ddl_rate\": 1.5}", "p:1:14: ddl_rate: expected a number from 0 to 1, found "},
        {"{\"ddl_rate\": \"5%\"}", "p:1:14: ddl_rate: expected a number from 0 to 1, found "},
        {"{\"swarm\": 1}", "p:1:11: swarm: expected true or false, found 1"},
        {"{\"comment\": 1}", "p:1:13: comment: expected "},
        {"{\"steps\": 3, \"steps\": 4}", "p:1:"},
        {"{", "p:1:"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct generate_profile profile;
        struct error error = {0};
        if (generate_profile_read(&profile, "p", wrong[i].text, strlen(wrong[i].text), &error) !=
                ERROR_INPUT ||
            strncmp(error.message, wrong[i].message, strlen(wrong[i].message)) != 0)
            fail_msg("%s: '%s', expected '%s...'", wrong[i].text, error.message, wrong[i].message);
    }
}

static void test_contradictions(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct error error = {0};
    assert_int_equal(generate_profile_load(&profile, "no-such", DATABASE_sqlite, &error),
                     ERROR_USAGE);
    assert_non_null(strstr(error.message, "'no-such'"));
    assert_int_equal(generate_profile_load(&profile, "checkpoint-heavy", DATABASE_memory, &error),
                     ERROR_USAGE);
    generate_profile_init(&profile);
    profile.settings[PLAN_CONFIG_stack] = 1u << 0;
    profile.pool_size = 3;
    assert_int_equal(generate_profile_settle(&profile, &error), ERROR_USAGE);
    generate_profile_init(&profile);
    profile.settings[PLAN_CONFIG_writers] = 1u << 0;
    profile.pool_size = GENERATE_POOL_MAX;
    assert_int_equal(generate_profile_settle(&profile, &error), ERROR_USAGE);
    generate_profile_init(&profile);
    profile.settings[PLAN_CONFIG_tasks] = 1u << 0;
    profile.tasks = 2;
    assert_int_equal(generate_profile_settle(&profile, &error), ERROR_USAGE);
}

int main(void)
{
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_is_canonical_and_the_same_again),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_isolation),
        cmocka_unit_test(test_faultless),
        cmocka_unit_test(test_servers_end),
        cmocka_unit_test(test_swarm),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_pool_capacity),
        cmocka_unit_test(test_pool_bounds),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_busy_rate),
        cmocka_unit_test(test_panic_rate),
        cmocka_unit_test(test_says),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_contradictions),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
