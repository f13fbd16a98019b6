/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mutator takes any bytes and any room, leaves whole records, and each of its tactics changes
 * something. The buffers are on the heap and exactly as large as promised, so that AddressSanitizer
 * sees a byte too much.
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "artifact.h"
#include "generate/generate.h"
#include "generate/moment.h"
#include "mutator.h"
#include "plan/compact.h"
#include "subjects.h"

#include <stdlib.h>
#include <string.h>

enum { ROUNDS = 50000, ARENA_BYTES = 1 << 20, BYTES_MAX = COMPACT_SIZE_MAX + 64 };

static struct arena arena;

/* A plan of the generator, or bytes, or nothing. */
static size_t draw_input(uint8_t bytes[BYTES_MAX], struct random *random)
{
    size_t size = 0;
    if (random_chance(random, 2)) {
        struct plan plan;
        arena_reset(&arena);
        generate_plan(&plan, &arena, random, FOR_SQLITE);
        assert_int_equal(compact_encode(&plan, bytes, &size, NULL), ERROR_NONE);
    } else {
        size = random_below(random, 1 + random_below(random, BYTES_MAX));
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)random_next(random);
    }
    return size;
}

static size_t draw_room(struct random *random, size_t size)
{
    switch (random_below(random, 4)) {
    case 0:
        return 1 + random_below(random, 64);
    case 1:
        return size > 1 ? size - 1 : 1; /* as -minimize_crash does */
    case 2:
        return size > 0 ? size : 1;
    default:
        return COMPACT_SIZE_MAX;
    }
}

/* As an engine's: changes a byte, drops one or adds one. */
static size_t mutate_bytes(uint8_t *bytes, size_t size, size_t max_size)
{
    static struct random random;
    assert_true(size <= max_size);
    if (size > 1 && random_chance(&random, 3))
        return size - 1;
    if (size < max_size && random_chance(&random, 2)) {
        bytes[size] = (uint8_t)random_next(&random);
        return size + 1;
    }
    if (size > 0)
        bytes[random_below(&random, (uint32_t)size)] = (uint8_t)random_next(&random);
    return size;
}

static void test_mutation_keeps_its_bounds(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 1);
    size_t whole = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t input[BYTES_MAX];
        size_t size = draw_input(input, &random);
        size_t max_size = draw_room(&random, size);
        size_t room = size > max_size ? size : max_size;
        uint8_t *bytes = malloc(room);
        assert_non_null(bytes);
        memcpy(bytes, input, size);
        mutator_bytes_fn *plain = random_chance(&random, 2) ? NULL : mutate_bytes;
        size_t mutated = mutator_mutate(bytes, size, max_size, &random, FOR_SQLITE, plain);
        assert_in_range(mutated, 1, max_size);
        whole += mutated >= COMPACT_HEADER_BYTES &&
                 (mutated - COMPACT_HEADER_BYTES) % COMPACT_RECORD_BYTES == 0;
        struct plan plan;
        arena_reset(&arena);
        compact_decode(&plan, &arena, bytes, mutated, DATABASE_sqlite);
        free(bytes);
    }
    assert_true(whole > ROUNDS / 2);
}

static void test_mutation_is_deterministic(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        uint8_t bytes[2][BYTES_MAX] = {{0}};
        size_t sizes[2];
        for (size_t k = 0; k < 2; k++) {
            struct random random;
            random_seed(&random, seed);
            size_t size = draw_input(bytes[k], &random);
            sizes[k] = mutator_mutate(bytes[k], size, COMPACT_SIZE_MAX, &random, FOR_SQLITE, NULL);
        }
        assert_int_equal(sizes[0], sizes[1]);
        assert_memory_equal(bytes[0], bytes[1], sizes[0]);
    }
}

/* Of what it says it changed, a tactic changes most; and in some plans it finds something to do. */
static void test_each_tactic_changes_something(void **state)
{
    (void)state;
    enum { TIMES = 2000 };
    struct random random;
    random_seed(&random, 2);
    for (size_t tactic = 0; tactic < mutator_tactic_count(); tactic++) {
        unsigned said = 0, changed = 0;
        for (int i = 0; i < TIMES; i++) {
            struct plan plan;
            uint8_t before[COMPACT_SIZE_MAX], after[COMPACT_SIZE_MAX];
            size_t size, size_after;
            arena_reset(&arena);
            generate_plan(&plan, &arena, &random, FOR_SQLITE);
            assert_int_equal(compact_encode(&plan, before, &size, NULL), ERROR_NONE);
            memcpy(after, before, size);
            size_after = size;
            if (!mutator_apply(tactic, after, &size_after, COMPACT_SIZE_MAX, &random, FOR_SQLITE)) {
                assert_memory_equal(after, before, size);
                continue;
            }
            said++;
            changed += size_after != size || memcmp(after, before, size) != 0;
        }
        if (said < TIMES / 12 || changed * 10 < said * 6)
            print_error("%s: %u applied, %u changed\n", mutator_tactic_name(tactic), said, changed);
        assert_true(said >= TIMES / 12);
        assert_true(changed * 10 >= said * 6);
    }
}

static void test_no_tactic_needs_an_interaction(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 3);
    for (size_t tactic = 0; tactic < mutator_tactic_count(); tactic++)
        for (int i = 0; i < 200; i++) {
            uint8_t bytes[COMPACT_HEADER_BYTES + COMPACT_RECORD_BYTES] = {0};
            size_t size = COMPACT_HEADER_BYTES + (i % 2 == 0 ? 0 : COMPACT_RECORD_BYTES);
            (void)mutator_apply(tactic, bytes, &size, sizeof bytes, &random, FOR_SQLITE);
            assert_in_range(size, COMPACT_HEADER_BYTES, sizeof bytes);
        }
}

static size_t tactic_named(const char *name)
{
    for (size_t tactic = 0; tactic < mutator_tactic_count(); tactic++)
        if (strcmp(mutator_tactic_name(tactic), name) == 0)
            return tactic;
    fail_msg("no tactic %s", name);
    return 0;
}

/* Applies a tactic to a plan; false, when it did not find anything to do. */
static bool apply_to(struct plan *ret_plan, const struct plan *plan, const char *tactic,
                     struct random *random)
{
    static uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size;
    assert_int_equal(compact_encode(plan, bytes, &size, NULL), ERROR_NONE);
    bool applied =
        mutator_apply(tactic_named(tactic), bytes, &size, sizeof bytes, random, FOR_SQLITE);
    compact_decode(ret_plan, &arena, bytes, size, DATABASE_sqlite);
    return applied;
}

/* What needs a pool is left alone without one: nothing of it comes into a direct plan. */
static void test_direct_plans_stay_direct(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 5);
    for (int i = 0; i < 2000; i++) {
        struct plan plan, mutated;
        arena_reset(&arena);
        do
            generate_plan(&plan, &arena, &random, FOR_SQLITE);
        while (plan.config.choice[PLAN_CONFIG_stack] != PLAN_STACK_DIRECT);
        assert_false(apply_to(&mutated, &plan, "change_target", &random));
        assert_false(apply_to(&mutated, &plan, "wrap_in_lease", &random));
        assert_true(apply_to(&mutated, &plan, "change_action", &random));
        for (size_t k = 0; k < mutated.interaction_count; k++)
            assert_false(generate_needs_pool((enum plan_action)mutated.interactions[k].action));
        assert_true(apply_to(&mutated, &plan, "change_config", &random));
        for (uint32_t field = 0; field < PLAN_CONFIG_COUNT; field++)
            assert_true(!plan_config_infos[field].is_of_pool || mutated.config.choice[field] == 0);
    }
}

/* A lease comes around interactions of one task, which stay as they are. */
static void test_wrap_in_lease(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 6);
    for (int i = 0; i < 2000; i++) {
        struct interaction selects[5];
        struct plan wrapped, plan = {.interaction_count = 5, .interactions = selects};
        plan.config.choice[PLAN_CONFIG_tasks] = 3;
        plan.config.choice[PLAN_CONFIG_stack] = PLAN_STACK_POOL;
        for (uint8_t k = 0; k < 5; k++) {
            selects[k] = (struct interaction){.task = k % 4};
            selects[k].arguments[FIELD_key] = k;
        }
        arena_reset(&arena);
        assert_true(apply_to(&wrapped, &plan, "wrap_in_lease", &random));
        assert_int_equal(wrapped.interaction_count, 7);
        size_t checkout = 7, give_back = 7, kept = 0;
        for (size_t k = 0; k < 7; k++) {
            if (wrapped.interactions[k].action == ACTION_checkout)
                checkout = k;
            else if (wrapped.interactions[k].action == ACTION_return)
                give_back = k;
            else
                assert_int_equal(wrapped.interactions[k].arguments[FIELD_key], kept++);
        }
        assert_int_equal(kept, 5);
        assert_true(checkout + 1 < give_back && give_back < 7);
        assert_int_equal(wrapped.interactions[checkout].task, wrapped.interactions[give_back].task);
        assert_int_equal(wrapped.interactions[checkout].task,
                         wrapped.interactions[checkout + 1].task);
    }
}

/* Clients whose steps are in their order: what is begun is ended, and others come between. */
static void test_fresh_overlap(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 8);
    unsigned beside = 0;
    for (int i = 0; i < 2000; i++) {
        struct plan fresh, plan = {0};
        arena_reset(&arena);
        if (!apply_to(&fresh, &plan, "fresh_overlap", &random))
            continue;
        bool is_open[PLAN_TASKS_MAX] = {false};
        for (size_t k = 0; k < fresh.interaction_count; k++) {
            const struct interaction *here = &fresh.interactions[k];
            enum plan_effect effect = plan_action_infos[here->action].effect;
            bool ends = effect == EFFECT_COMMIT || effect == EFFECT_ROLLBACK;
            assert_int_equal(is_open[here->task], effect == EFFECT_BEGIN ? false
                                                  : ends                 ? true
                                                                         : is_open[here->task]);
            if (effect == EFFECT_BEGIN || ends)
                is_open[here->task] = !ends;
            for (uint8_t task = 0; task < PLAN_TASKS_MAX; task++)
                beside += task != here->task && is_open[task] && is_open[here->task];
        }
    }
    assert_in_range(beside, 2000, UINT_MAX);
}

static void test_change_target(void **state)
{
    (void)state;
    struct random random;
    unsigned seen[PLAN_TASKS_MAX] = {0};
    random_seed(&random, 7);
    for (int i = 0; i < 1000; i++) {
        struct interaction two[] = {{.action = ACTION_select}, {.action = ACTION_cancel}};
        struct plan changed, plan = {.interaction_count = 2, .interactions = two};
        plan.config.choice[PLAN_CONFIG_tasks] = 3;
        plan.config.choice[PLAN_CONFIG_stack] = PLAN_STACK_ACTORS;
        arena_reset(&arena);
        assert_true(apply_to(&changed, &plan, "change_target", &random));
        seen[changed.interactions[1].arguments[FIELD_target]]++;
    }
    for (int target = 0; target < PLAN_TASKS_MAX; target++)
        assert_int_equal(seen[target] > 0, target >= 1 && target <= 3);
}

static void test_crossover_keeps_its_bounds(void **state)
{
    (void)state;
    struct random random;
    random_seed(&random, 4);
    size_t differ = 0, made = 0;
    for (int i = 0; i < ROUNDS; i++) {
        uint8_t left[BYTES_MAX], right[BYTES_MAX];
        size_t left_size = draw_input(left, &random), right_size = draw_input(right, &random);
        size_t max_size = draw_room(&random, left_size);
        uint8_t *bytes = malloc(max_size);
        assert_non_null(bytes);
        size_t size =
            mutator_cross(left, left_size, right, right_size, bytes, max_size, &random, FOR_SQLITE);
        assert_in_range(size, max_size < COMPACT_HEADER_BYTES ? 0 : COMPACT_HEADER_BYTES, max_size);
        if (size > 0) {
            made++;
            differ += size != left_size || memcmp(bytes, left, size) != 0;
        }
        free(bytes);
    }
    assert_true(differ > made / 2);
}

static void test_artifact_names_are_sha1(void **state)
{
    (void)state;
    char name[ARTIFACT_NAME_BYTES];
    artifact_name(name, (const uint8_t *)"", 0);
    assert_string_equal(name, "crash-da39a3ee5e6b4b0d3255bfef95601890afd80709");
    artifact_name(name, (const uint8_t *)"abc", 3); /* FIPS 180-2, appendix A.1 and A.2 */
    assert_string_equal(name, "crash-a9993e364706816aba3e25717850c26c9cd0d89d");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    artifact_name(name, (const uint8_t *)two_blocks, strlen(two_blocks));
    assert_string_equal(name, "crash-84983e441c3bd26ebaae4aa1f95129e5e54670f1");
}

/* --- with a profile --------------------------------------------------------------------------- */

static const char profile_text[] =
    "{\"weights\": {\"faults\": 0, \"pauses\": 0}, \"actions\": {\"vacuum\": 0, \"insert\": 0},"
    " \"config\": {\"stack\": \"pool\", \"page_size\": [512, 1024]}, \"steps\": 30, \"tasks\": 3,"
    " \"pool_size\": 4, \"max_in_flight_tx\": 1, \"ddl_rate\": 0}";

static bool is_ddl(const struct interaction *interaction)
{
    return plan_action_infos[interaction->action].effect == EFFECT_SCHEMA;
}

static void assert_kept_within(const uint8_t *bytes, size_t size, unsigned *updates)
{
    struct plan plan;
    struct task_state states[PLAN_TASKS_MAX] = {{0}};
    arena_reset(&arena);
    compact_decode(&plan, &arena, bytes, size, DATABASE_sqlite);
    const struct plan_config *config = &plan.config;
    assert_in_range(plan.interaction_count, 0, 30);
    assert_int_equal(plan_tasks(&plan), 3);
    assert_int_equal(plan_config_get(config, PLAN_CONFIG_stack), PLAN_STACK_POOL);
    assert_in_range(plan_config_get(config, PLAN_CONFIG_page_size), 512, 1024);
    assert_int_equal(plan_config_get(config, PLAN_CONFIG_readers) +
                         plan_config_get(config, PLAN_CONFIG_writers),
                     4);
    for (size_t i = 0; i < plan.interaction_count; i++) {
        const struct interaction *interaction = &plan.interactions[i];
        assert_int_equal(interaction->fault, FAULT_NONE);
        assert_int_equal(interaction->pause_after, 0);
        assert_false(is_ddl(interaction));
        assert_true(interaction->action != ACTION_vacuum && interaction->action != ACTION_insert);
        *updates += interaction->action == ACTION_update;
        moment_follow(states, plan_tasks(&plan), interaction);
        unsigned inside = 0;
        for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++)
            inside += states[task].in_transaction;
        assert_in_range(inside, 0, 1);
    }
}

/* Whatever is changed, and whatever it was before: what comes out is what the profile draws. */
static void test_a_profile_is_kept(void **state)
{
    (void)state;
    struct generate_profile profile;
    struct error error = {0};
    struct generate_subject subject = FOR_SQLITE;
    assert_int_equal(
        generate_profile_read(&profile, "p", profile_text, strlen(profile_text), &error),
        ERROR_NONE);
    assert_int_equal(generate_profile_settle(&profile, &error), ERROR_NONE);
    subject.profile = &profile;
    struct random random;
    unsigned updates = 0;
    random_seed(&random, 9);
    for (int i = 0; i < ROUNDS / 10; i++) {
        uint8_t left[BYTES_MAX], right[BYTES_MAX], crossed[COMPACT_SIZE_MAX];
        size_t left_size = draw_input(left, &random), right_size = draw_input(right, &random);
        size_t size = mutator_cross(left, left_size, right, right_size, crossed, sizeof crossed,
                                    &random, subject);
        assert_kept_within(crossed, size, &updates);
        size = mutator_mutate(left, left_size, COMPACT_SIZE_MAX, &random, subject, mutate_bytes);
        assert_kept_within(left, size, &updates);
    }
    assert_true(updates > ROUNDS / 10);
}

int main(void)
{
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutation_keeps_its_bounds),
        cmocka_unit_test(test_mutation_is_deterministic),
        cmocka_unit_test(test_each_tactic_changes_something),
        cmocka_unit_test(test_no_tactic_needs_an_interaction),
        cmocka_unit_test(test_direct_plans_stay_direct),
        cmocka_unit_test(test_wrap_in_lease),
        cmocka_unit_test(test_fresh_overlap),
        cmocka_unit_test(test_change_target),
        cmocka_unit_test(test_crossover_keeps_its_bounds),
        cmocka_unit_test(test_artifact_names_are_sha1),
        cmocka_unit_test(test_a_profile_is_kept),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
