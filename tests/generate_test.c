/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random plans are what they promise: the compact form carries each of them, the same seed gives
 * the same plan, nothing that a plan can say is out of reach, and they are shaped as intended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "generate/generate.h"
#include "plan/compact.h"
#include "sqlite/sqlite_settings.h"
#include "subjects.h"

#include <stdio.h>
#include <string.h>

enum { PLANS = 20000, ARENA_BYTES = 1 << 20 };

static struct arena arena;

static void draw_for(struct generate_subject subject, struct plan *plan, uint64_t index)
{
    struct random random;
    arena_reset(&arena);
    generate_seed(&random, 7, index);
    generate_plan(plan, &arena, &random, subject);
}

static void draw(struct plan *plan, uint64_t index)
{
    draw_for(FOR_SQLITE, plan, index);
}

static bool is_of(enum plan_database row, enum plan_database database)
{
    return row == DATABASE_ALL || row == database;
}

static void test_plans_are_canonical(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan, decoded;
        draw(&plan, i);
        uint8_t bytes[COMPACT_SIZE_MAX];
        size_t size;
        struct error error;
        assert_int_equal(compact_encode(&plan, bytes, &size, &error), ERROR_NONE);
        compact_decode(&decoded, &arena, bytes, size, DATABASE_sqlite);
        assert_true(plan_equal(&plan, &decoded));
    }
}

static void test_same_seed_same_plan(void **state)
{
    (void)state;
    uint8_t bytes[2][COMPACT_SIZE_MAX];
    size_t sizes[2];
    for (uint64_t i = 0; i < 1000; i++) {
        for (size_t k = 0; k < 2; k++) {
            struct plan plan;
            draw(&plan, i);
            assert_int_equal(compact_encode(&plan, bytes[k], &sizes[k], NULL), ERROR_NONE);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    }
}

/* How often each choice occurred. */
struct census {
    unsigned config[PLAN_CONFIG_COUNT][16];
    unsigned actions[ACTION_COUNT];
    unsigned arguments[FIELD_COUNT][PLAN_KEYS];
    unsigned pause_classes[PAUSE_CLASS_COUNT];
    unsigned pause_sizes[9]; /* 1, 2, up to 4, up to 8, ... up to 256 */
    unsigned faults[FAULT_KIND_COUNT];
    unsigned fault_at[PLAN_FAULT_AT_COUNT];
    unsigned lengths[GENERATE_INTERACTIONS_MAX + GENERATE_WOVEN_MAX + 1];
    unsigned pauses[GENERATE_PAUSES_MAX + 1];
    unsigned plans_with_fault, begins, ends, anyhow;
};

static void count_pause_and_fault(struct census *census, const struct interaction *interaction)
{
    if (interaction->pause_after > 0) {
        size_t power = 0;
        while (1u << power < interaction->pause_after)
            power++;
        census->pause_sizes[power]++;
        census->pause_classes[interaction->pause_class]++;
    }
    census->faults[interaction->fault]++;
    for (size_t i = 0; i < PLAN_FAULT_AT_COUNT; i++)
        census->fault_at[i] += interaction->fault_at == plan_fault_at_values[i];
}

static void count_plan(struct census *census, const struct plan *plan)
{
    size_t pauses = 0;
    bool fails = false, inside[PLAN_TASKS_MAX] = {false};
    for (size_t field = 0; field < PLAN_CONFIG_COUNT; field++)
        census->config[field][plan->config.choice[field]]++;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const struct interaction *interaction = &plan->interactions[i];
        assert_in_range(interaction->task, 0, plan_tasks(plan) - 1);
        census->actions[interaction->action]++;
        for (uint32_t field = 0; field < FIELD_COUNT; field++)
            if (plan_action_has((enum plan_action)interaction->action, (enum plan_field)field))
                census->arguments[field][interaction->arguments[field]]++;
        count_pause_and_fault(census, interaction);
        pauses += interaction->pause_after > 0;
        fails |= interaction->fault != FAULT_NONE;
        bool *in = &inside[interaction->task];
        if (interaction->action == ACTION_begin) {
            census->begins++;
            census->anyhow += *in;
            *in = true;
        }
        if (interaction->action == ACTION_commit || interaction->action == ACTION_rollback ||
            interaction->action == ACTION_return) {
            census->ends += *in;
            *in = false;
        }
    }
    assert_in_range(plan->interaction_count, GENERATE_INTERACTIONS_MIN,
                    GENERATE_INTERACTIONS_MAX + GENERATE_WOVEN_MAX);
    assert_in_range(pauses, 0, GENERATE_PAUSES_MAX);
    census->lengths[plan->interaction_count]++;
    census->pauses[pauses]++;
    census->plans_with_fault += fails;
}

#define ASSERT_ALL_OCCUR(counts, size)                                                             \
    do {                                                                                           \
        for (size_t one = 0; one < (size); one++) {                                                \
            if ((counts)[one] == 0)                                                                \
                print_error("%s[%zu]\n", #counts, one);                                            \
            assert_true((counts)[one] > 0);                                                        \
        }                                                                                          \
    } while (0)

static void count_plans(struct census *ret_census, struct generate_subject subject)
{
    memset(ret_census, 0, sizeof *ret_census);
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        draw_for(subject, &plan, i);
        count_plan(ret_census, &plan);
    }
}

/* Rows of the tables occur in plans for the databases that have them, and in no others. */
static void assert_tables_occur(const struct census *census, enum plan_database database)
{
    for (size_t field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (is_of(plan_config_infos[field].database, database))
            ASSERT_ALL_OCCUR(census->config[field], plan_config_infos[field].value_count);
        else
            assert_int_equal(census->config[field][0], PLANS);
    for (size_t action = 0; action < ACTION_COUNT; action++)
        assert_int_equal(census->actions[action] > 0,
                         is_of(plan_action_infos[action].database, database) &&
                             !plan_action_infos[action].is_document);
    for (size_t field = 0; field < FIELD_COUNT; field++)
        if (is_of(plan_field_infos[field].database, database))
            ASSERT_ALL_OCCUR(census->arguments[field], plan_field_infos[field].domain);
}

/* Properties have faults of their own, of the storage. Servers end where a profile asks for it. */
static void assert_faults_occur(const struct census *census, bool is_remote)
{
    for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
        if (fault_can_strike((enum fault_kind)kind, is_remote))
            assert_true(census->faults[kind] > 0);
        else if (fault_infos[kind].place == FAULT_WIRE || fault_ends_server((enum fault_kind)kind))
            assert_int_equal(census->faults[kind], 0);
}

static void test_everything_occurs(void **state)
{
    (void)state;
    static struct census census;
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        const struct generate_subject subject = {.search = GENERATE_FOR_DATABASE,
                                                 .database = (enum plan_database)database};
        count_plans(&census, subject);
        assert_tables_occur(&census, (enum plan_database)database);
        ASSERT_ALL_OCCUR(census.pause_classes, PAUSE_CLASS_COUNT);
        ASSERT_ALL_OCCUR(census.pause_sizes, 9);
        assert_faults_occur(&census, plan_database_infos[database].is_remote);
        ASSERT_ALL_OCCUR(census.fault_at, PLAN_FAULT_AT_COUNT);
        ASSERT_ALL_OCCUR(census.pauses, GENERATE_PAUSES_MAX + 1);
        for (size_t length = GENERATE_INTERACTIONS_MIN; length <= GENERATE_INTERACTIONS_MAX;
             length++)
            assert_true(census.lengths[length] > 0);
    }
}

/* Faults in about a quarter, most in WAL mode, few tasks, transactions that mostly end. */
static void test_shape(void **state)
{
    (void)state;
    static struct census census;
    count_plans(&census, FOR_SQLITE);
    assert_in_range(census.plans_with_fault, PLANS / 6, PLANS / 3);
    assert_true(census.config[PLAN_CONFIG_journal_mode][SQLITE_JOURNAL_WAL] > PLANS / 2);
    assert_true(census.config[PLAN_CONFIG_tasks][1] + census.config[PLAN_CONFIG_tasks][2] +
                    census.config[PLAN_CONFIG_tasks][3] >
                PLANS * 3 / 4);
    assert_true(census.ends * 10 > census.begins * 6);
    assert_true(census.anyhow * 10 < census.begins);
}

/* --- plans with a pool ----------------------------------------------------------------------- */

struct pool_census {
    unsigned stacks[3];
    unsigned checkouts, needless_checkouts, returns, needless_returns;
    unsigned begins, leased_begins;
    unsigned opens, nexts, stray_nexts;
    unsigned targets, own_targets, held_targets;
    unsigned contended;
};

static void count_pool_action(struct pool_census *census, const struct plan *plan, size_t i,
                              bool leased[PLAN_TASKS_MAX], bool streaming[PLAN_TASKS_MAX],
                              const bool held[PLAN_TASKS_MAX])
{
    const struct interaction *interaction = &plan->interactions[i];
    uint32_t task = interaction->task, target = plan_target(plan, interaction);
    enum plan_action action = (enum plan_action)interaction->action;
    if (action == ACTION_checkout) {
        census->checkouts++;
        census->needless_checkouts += leased[task];
        leased[task] = true;
    } else if (action == ACTION_return) {
        census->returns++;
        census->needless_returns += !leased[task];
    } else if (action == ACTION_begin) {
        census->begins++;
        census->leased_begins += leased[task];
    } else if (action == ACTION_stream_open || action == ACTION_mutate_stream) {
        census->opens++;
        streaming[task] = true;
    } else if (action == ACTION_stream_next) {
        census->nexts++;
        census->stray_nexts += !streaming[task];
    } else if ((action == ACTION_drop || action == ACTION_cancel) && plan_tasks(plan) > 1) {
        census->targets++;
        census->own_targets += target == task;
        census->held_targets += held[target];
    }
    if (action == ACTION_return || action == ACTION_reopen)
        leased[task] = streaming[task] = false;
    if (action == ACTION_stream_close)
        streaming[task] = false;
    if (action == ACTION_drop)
        leased[target] = streaming[target] = false;
}

static void count_pool_plan(struct pool_census *census, const struct plan *plan)
{
    bool leased[PLAN_TASKS_MAX] = {false}, streaming[PLAN_TASKS_MAX] = {false};
    bool held[PLAN_TASKS_MAX] = {false};
    enum plan_stack stack = (enum plan_stack)plan_config_get(&plan->config, PLAN_CONFIG_stack);
    census->stacks[stack]++;
    census->contended += stack == PLAN_STACK_ACTORS && plan_tasks(plan) == PLAN_TASKS_MAX &&
                         plan_config_get(&plan->config, PLAN_CONFIG_writers) == 1 &&
                         plan_config_get(&plan->config, PLAN_CONFIG_mailbox) == 1;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        if (stack == PLAN_STACK_DIRECT)
            assert_false(generate_needs_pool((enum plan_action)plan->interactions[i].action));
        else
            count_pool_action(census, plan, i, leased, streaming, held);
        held[plan->interactions[i].task] = plan->interactions[i].pause_after > 0;
    }
    if (stack == PLAN_STACK_DIRECT)
        for (uint32_t field = 0; field < PLAN_CONFIG_COUNT; field++)
            assert_true(!plan_config_infos[field].is_of_pool || plan->config.choice[field] == 0);
}

/* Leases and streams are mostly taken and given back in turn, and who interferes has a victim. */
static void test_plans_with_a_pool(void **state)
{
    (void)state;
    struct pool_census census = {0};
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        draw_for(FOR_POOL_ON_SQLITE, &plan, i);
        count_pool_plan(&census, &plan);
    }
    /* 3 to 2 */
    assert_int_equal(census.stacks[PLAN_STACK_DIRECT], 0);
    assert_in_range(census.stacks[PLAN_STACK_POOL], PLANS * 57 / 100, PLANS * 63 / 100);
    /* One in a hundred plans with actors has 8 clients, one writer and a mailbox for one. */
    assert_true(census.contended * 100 > census.stacks[PLAN_STACK_ACTORS]);
    assert_true(census.needless_checkouts * 10 < census.checkouts);
    assert_true(census.needless_returns * 10 < census.returns);
    assert_true(census.returns * 2 > census.checkouts);
    assert_true(census.leased_begins * 2 > census.begins);
    assert_true(census.stray_nexts * 5 < census.nexts && census.nexts > census.opens);
    /* Somebody interferes in one of four plans or so. */
    assert_true(census.targets > PLANS / 4);
    assert_int_equal(census.own_targets, 0);
    assert_true(census.held_targets * 4 > census.targets);
}

static void test_a_database_mostly_has_no_pool_before_it(void **state)
{
    (void)state;
    struct pool_census census = {0};
    for (uint64_t i = 0; i < PLANS; i++) {
        struct plan plan;
        draw(&plan, i);
        count_pool_plan(&census, &plan);
    }
    /* 7 to 2 to 1 */
    assert_in_range(census.stacks[PLAN_STACK_DIRECT], PLANS * 67 / 100, PLANS * 73 / 100);
    assert_in_range(census.stacks[PLAN_STACK_POOL], PLANS * 17 / 100, PLANS * 23 / 100);
}

int main(void)
{
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plans_are_canonical),
        cmocka_unit_test(test_same_seed_same_plan),
        cmocka_unit_test(test_everything_occurs),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_plans_with_a_pool),
        cmocka_unit_test(test_a_database_mostly_has_no_pool_before_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
