/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libinterplay_mutator.so, loaded as afl-fuzz loads it: whatever it is given, what comes back is a
 * plan of allowed size, the same one for the same seed; the canonical form is the same plan;
 * trimming ends with what is needed. Its argument is the library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "afl_mutator.h"
#include "generate/generate.h"
#include "plan/compact.h"
#include "subjects.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 20000, TRIMS = 300, ARENA_BYTES = 1 << 20, BYTES_MAX = COMPACT_SIZE_MAX + 64 };

static struct arena arena;

static struct {
    __typeof__(afl_custom_init) *init;
    __typeof__(afl_custom_deinit) *deinit;
    __typeof__(afl_custom_fuzz) *fuzz;
    __typeof__(afl_custom_fuzz_count) *fuzz_count;
    __typeof__(afl_custom_queue_new_entry) *queue_new_entry;
    __typeof__(afl_custom_describe) *describe;
    __typeof__(afl_custom_post_process) *post_process;
    __typeof__(afl_custom_init_trim) *init_trim;
    __typeof__(afl_custom_trim) *trim;
    __typeof__(afl_custom_post_trim) *post_trim;
} library;

static void load_function(void *handle, const char *name, void *ret_function)
{
    void *address = dlsym(handle, name);
    if (address == NULL) {
        fprintf(stderr, "afl_mutator_test: no function %s\n", name);
        exit(1);
    }
    memcpy(ret_function, &address, sizeof address);
}

static void load_library(const char *path)
{
    void *handle = dlopen(path, RTLD_NOW);
    if (handle == NULL) {
        fprintf(stderr, "afl_mutator_test: %s\n", dlerror());
        exit(1);
    }
    load_function(handle, "afl_custom_init", &library.init);
    load_function(handle, "afl_custom_deinit", &library.deinit);
    load_function(handle, "afl_custom_fuzz", &library.fuzz);
    load_function(handle, "afl_custom_fuzz_count", &library.fuzz_count);
    load_function(handle, "afl_custom_queue_new_entry", &library.queue_new_entry);
    load_function(handle, "afl_custom_describe", &library.describe);
    load_function(handle, "afl_custom_post_process", &library.post_process);
    load_function(handle, "afl_custom_init_trim", &library.init_trim);
    load_function(handle, "afl_custom_trim", &library.trim);
    load_function(handle, "afl_custom_post_trim", &library.post_trim);
}

/* --- inputs and plans ------------------------------------------------------------------------- */

static size_t draw_plan(uint8_t bytes[COMPACT_SIZE_MAX], struct random *random)
{
    struct plan plan;
    size_t size;
    arena_reset(&arena);
    generate_plan(&plan, &arena, random, FOR_SQLITE);
    assert_int_equal(compact_encode(&plan, bytes, &size, NULL), ERROR_NONE);
    return size;
}

/* A plan of the generator, or bytes; on the heap and exactly so large, for AddressSanitizer. */
static uint8_t *draw_input(struct random *random, size_t *ret_size)
{
    uint8_t bytes[BYTES_MAX];
    size_t size;
    if (random_chance(random, 2)) {
        size = draw_plan(bytes, random);
    } else {
        size = 1 + random_below(random, BYTES_MAX);
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)random_next(random);
    }
    uint8_t *input = malloc(size);
    assert_non_null(input);
    memcpy(input, bytes, size);
    *ret_size = size;
    return input;
}

static void decode(struct plan *plan, const uint8_t *bytes, size_t size)
{
    arena_reset(&arena);
    compact_decode(plan, &arena, bytes, size, DATABASE_sqlite);
}

static size_t canonical_form(uint8_t ret_bytes[COMPACT_SIZE_MAX], const uint8_t *bytes, size_t size)
{
    struct plan plan;
    decode(&plan, bytes, size);
    assert_int_equal(compact_encode(&plan, ret_bytes, &size, NULL), ERROR_NONE);
    return size;
}

static bool is_canonical(const uint8_t *bytes, size_t size)
{
    uint8_t canonical[COMPACT_SIZE_MAX];
    return canonical_form(canonical, bytes, size) == size && memcmp(canonical, bytes, size) == 0;
}

/* --- tests ------------------------------------------------------------------------------------ */

/* By the environment: a profile without faults, and with a table that nobody drops. */
static void test_a_profile_is_kept(void **state)
{
    (void)state;
    static const char path[] = "afl_mutator_test_profile.json";
    static const char text[] = "{\"weights\": {\"faults\": 0}, \"actions\": {\"drop_table\": 0}}";
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fputs(text, file) < 0 || fclose(file) != 0, 0);
    assert_int_equal(setenv("INTERPLAY_PROFILE", path, 1), 0);
    struct afl_mutator *mutator = library.init(NULL, 3);
    assert_int_equal(unsetenv("INTERPLAY_PROFILE") | remove(path), 0);
    struct random random;
    random_seed(&random, 3);
    for (int i = 0; i < ROUNDS / 10; i++) {
        size_t size;
        uint8_t *input = draw_input(&random, &size), *canonical;
        struct plan plan;
        size_t canonical_size = library.post_process(mutator, input, size, &canonical);
        decode(&plan, canonical, canonical_size);
        for (size_t k = 0; k < plan.interaction_count; k++) {
            assert_int_equal(plan.interactions[k].fault, FAULT_NONE);
            assert_int_not_equal(plan.interactions[k].action, ACTION_drop_table);
        }
        free(input);
    }
    library.deinit(mutator);
}

/* By the environment, too: half of the mutations of nothing are fresh plans, say. */
static void test_properties_are_drawn(void **state)
{
    (void)state;
    assert_int_equal(setenv("INTERPLAY_PROPERTY", "delete-select,select-limit", 1), 0);
    struct afl_mutator *mutator = library.init(NULL, 4);
    assert_int_equal(unsetenv("INTERPLAY_PROPERTY"), 0);
    unsigned judged = 0;
    for (int i = 0; i < ROUNDS / 10; i++) {
        uint8_t input = 0, *mutated;
        struct plan plan;
        size_t size = library.fuzz(mutator, &input, 1, &mutated, NULL, 0, COMPACT_SIZE_MAX);
        decode(&plan, mutated, size);
        for (size_t k = 0; k < plan.interaction_count; k++) {
            const struct interaction *interaction = &plan.interactions[k];
            uint32_t property = interaction->arguments[FIELD_property];
            if (!plan_action_has((enum plan_action)interaction->action, FIELD_property))
                continue;
            judged += property == PROPERTY_delete_select || property == PROPERTY_select_limit;
        }
    }
    library.deinit(mutator);
    assert_true(judged > 20);
}

static void test_what_comes_back_is_a_plan(void **state)
{
    (void)state;
    struct afl_mutator *mutator = library.init(NULL, 1);
    struct random random;
    random_seed(&random, 1);
    int canonical = 0, crossed = 0;
    assert_in_range(library.fuzz_count(mutator, (const uint8_t *)"", 0), 1, 1000);
    for (int i = 0; i < ROUNDS; i++) {
        size_t size, added_size, max_size = 1 + random_below(&random, 2 * COMPACT_SIZE_MAX);
        uint8_t *input = draw_input(&random, &size), *added = draw_input(&random, &added_size);
        uint8_t *mutated;
        bool has_added = random_chance(&random, 2);
        size_t mutated_size = library.fuzz(mutator, input, size, &mutated, has_added ? added : NULL,
                                           has_added ? added_size : 0, max_size);
        assert_in_range(mutated_size, 1, max_size < COMPACT_SIZE_MAX ? max_size : COMPACT_SIZE_MAX);
        canonical += is_canonical(mutated, mutated_size);
        const char *what = library.describe(mutator, 64);
        assert_true(strcmp(what, "plan") == 0 || strcmp(what, "plan-cross") == 0);
        crossed += strcmp(what, "plan-cross") == 0;
        assert_string_equal(library.describe(mutator, 1), "");
        free(input);
        free(added);
    }
    library.deinit(mutator);
    assert_in_range(canonical, ROUNDS * 9 / 10, ROUNDS - 1); /* some are plain bytes */
    assert_in_range(crossed, ROUNDS / 20, ROUNDS / 5);
}

/* Hashes what a mutator makes of a plan that goes through its hands again and again. */
static uint64_t course(unsigned seed)
{
    struct afl_mutator *mutator = library.init(NULL, seed);
    uint8_t bytes[COMPACT_SIZE_MAX] = {0}, other[COMPACT_SIZE_MAX];
    size_t size = 1;
    uint64_t hash = 0;
    struct random random;
    random_seed(&random, 1);
    for (int i = 0; i < 1000; i++) {
        uint8_t *mutated;
        size_t other_size = draw_plan(other, &random);
        size = library.fuzz(mutator, bytes, size, &mutated, other, other_size, COMPACT_SIZE_MAX);
        memcpy(bytes, mutated, size);
        if (i % 8 == 0)
            assert_int_equal(library.queue_new_entry(mutator, bytes, other), 0);
        for (size_t k = 0; k < size; k++)
            hash = random_mix(hash ^ bytes[k]);
    }
    library.deinit(mutator);
    return hash;
}

static void test_one_seed_takes_one_course(void **state)
{
    (void)state;
    assert_int_equal(course(7), course(7));
    assert_int_not_equal(course(7), course(8));
}

static void test_post_process_is_the_same_plan(void **state)
{
    (void)state;
    struct afl_mutator *mutator = library.init(NULL, 1);
    struct random random;
    random_seed(&random, 2);
    for (int i = 0; i < ROUNDS; i++) {
        size_t size;
        uint8_t *input = draw_input(&random, &size), *processed, expected[COMPACT_SIZE_MAX];
        size_t expected_size = canonical_form(expected, input, size);
        assert_int_equal(library.post_process(mutator, input, size, &processed), expected_size);
        assert_memory_equal(processed, expected, expected_size);
        free(input);
    }
    library.deinit(mutator);
}

/* How many of the plans made from nothing have a pool. */
static int plans_with_pool(const char *subject)
{
    assert_int_equal(setenv("INTERPLAY_SUBJECT", subject, 1), 0);
    struct afl_mutator *mutator = library.init(NULL, 1);
    int count = 0;
    for (int i = 0; i < 2000; i++) {
        uint8_t nothing = 0, *mutated;
        size_t size = library.fuzz(mutator, &nothing, 1, &mutated, NULL, 0, COMPACT_SIZE_MAX);
        struct plan plan;
        decode(&plan, mutated, size);
        count += plan_config_get(&plan.config, PLAN_CONFIG_stack) != PLAN_STACK_DIRECT;
    }
    library.deinit(mutator);
    assert_int_equal(unsetenv("INTERPLAY_SUBJECT"), 0);
    return count;
}

static void test_subject(void **state)
{
    (void)state;
    assert_in_range(plans_with_pool("pool"), 2 * plans_with_pool("database"), 2000);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)setenv("INTERPLAY_SUBJECT", "x", 1);
        (void)dup2(STDOUT_FILENO, STDERR_FILENO);
        (void)library.init(NULL, 1);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
}

/* --- trimming --------------------------------------------------------------------------------- */

/* What a run would depend on: the first two writes, and whether anything is held back. */
struct essence {
    enum plan_action actions[2];
    size_t action_count;
    bool has_pause;
};

static struct essence essence_of(const uint8_t *bytes, size_t size)
{
    struct plan plan;
    decode(&plan, bytes, size);
    struct essence essence = {.actions = {0}};
    for (size_t i = 0; i < plan.interaction_count; i++) {
        const struct interaction *here = &plan.interactions[i];
        bool is_write = here->action == ACTION_insert || here->action == ACTION_update;
        if (is_write && essence.action_count < 2)
            essence.actions[essence.action_count++] = here->action;
        essence.has_pause |= here->pause_after > 0;
    }
    return essence;
}

static bool is_same(const struct essence *left, const struct essence *right)
{
    return left->action_count == right->action_count && left->actions[0] == right->actions[0] &&
           left->actions[1] == right->actions[1] && left->has_pause == right->has_pause;
}

/* As afl-fuzz goes about it; returns the size of what is left in `bytes`. */
static size_t trim(struct afl_mutator *mutator, uint8_t bytes[BYTES_MAX], size_t size)
{
    struct essence wanted = essence_of(bytes, size);
    size_t given = size;
    int steps = 0;
    for (bool done = library.init_trim(mutator, bytes, size) == 0; !done; steps++) {
        uint8_t *tried;
        size_t tried_size = library.trim(mutator, &tried);
        assert_in_range(tried_size, 1, given);
        struct essence seen = essence_of(tried, tried_size);
        bool is_good = is_same(&wanted, &seen);
        if (is_good) {
            memcpy(bytes, tried, tried_size);
            size = tried_size;
        }
        done = library.post_trim(mutator, is_good) == 1;
    }
    assert_in_range(steps, 0, 8 * PLAN_INTERACTIONS_MAX);
    return size;
}

static void test_trimming_keeps_what_is_needed(void **state)
{
    (void)state;
    struct afl_mutator *mutator = library.init(NULL, 1);
    struct random random;
    random_seed(&random, 3);
    int pauses = 0;
    for (int i = 0; i < TRIMS; i++) {
        uint8_t bytes[BYTES_MAX];
        size_t size;
        uint8_t *input = draw_input(&random, &size);
        size = canonical_form(bytes, input, size); /* a shorter one may have no room for that */
        free(input);
        struct essence before = essence_of(bytes, size);
        size = trim(mutator, bytes, size);
        struct essence after = essence_of(bytes, size);
        assert_true(is_same(&before, &after));
        struct plan plan;
        decode(&plan, bytes, size);
        /* A pause may stand on an interaction that is there for it alone. */
        assert_in_range(plan.interaction_count, before.action_count,
                        before.action_count + before.has_pause);
        for (size_t k = 0; k < plan.interaction_count; k++) {
            assert_int_equal(plan.interactions[k].fault, FAULT_NONE);
            pauses += plan.interactions[k].pause_after > 0;
        }
        pauses -= before.has_pause;
    }
    library.deinit(mutator);
    assert_int_equal(pauses, 0);
}

/* The canonical form of a few bytes is longer than they are: afl-fuzz takes nothing longer. */
static void test_trimming_never_lengthens(void **state)
{
    (void)state;
    struct afl_mutator *mutator = library.init(NULL, 1);
    for (size_t size = 1; size < 2 * COMPACT_HEADER_BYTES; size++) {
        uint8_t bytes[BYTES_MAX];
        memset(bytes, 0xff, size);
        (void)trim(mutator, bytes, size);
    }
    library.deinit(mutator);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
        return 2;
    }
    load_library(argv[1]);
    arena_init(&arena, ARENA_BYTES);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_comes_back_is_a_plan),
        cmocka_unit_test(test_a_profile_is_kept),
        cmocka_unit_test(test_properties_are_drawn),
        cmocka_unit_test(test_one_seed_takes_one_course),
        cmocka_unit_test(test_post_process_is_the_same_plan),
        cmocka_unit_test(test_subject),
        cmocka_unit_test(test_trimming_keeps_what_is_needed),
        cmocka_unit_test(test_trimming_never_lengthens),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
