/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that the same plan gives the same trace: run twice in one process in different company,
 * and once more in a fresh process. Half of the plans are random bytes, half are well-shaped ones,
 * so that pauses, faults, power losses, pools with threads and findings all take part; on SQLite
 * and on the memory backend. INTERPLAY_TEST_PLANS says how many (default 2000).
 */
#include "base/arena.h"
#include "base/hash.h"
#include "generate/generate.h"
#include "generated/subjects.h"
#include "plan/compact.h"
#include "run/run.h"
#include "subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BATCH = 50, DEFAULT_PLANS = 2000 };

static struct arena arena;
static struct run *run;

enum { ON_SQLITE, ON_MEMORY };
static const struct run_options backends[] = {
    [ON_SQLITE] = {.subject = &interplay_subject_sqlite},
    [ON_MEMORY] = {.subject = &interplay_subject_memory},
};
static int tested;

static void make_plan(struct plan *plan, uint64_t index)
{
    struct random random;
    generate_seed(&random, 20261121, index);
    arena_reset(&arena);
    if (index % 2 == 0) {
        generate_plan(plan, &arena, &random, tested == ON_MEMORY ? FOR_MEMORY : FOR_SQLITE);
        return;
    }
    uint8_t bytes[COMPACT_SIZE_MAX];
    size_t size = random_below(&random, 16 + 40 * COMPACT_RECORD_BYTES);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)random_next(&random);
    compact_decode(plan, &arena, bytes, size, DATABASE_sqlite);
}

static uint64_t hash_of_run(uint64_t index)
{
    struct plan plan;
    make_plan(&plan, index);
    const struct run_result *result = run_plan(run, &plan);
    uint64_t hash = hash_word(result->trace_hash, result->yields);
    return hash_bytes(hash, result->verdict.signature, strlen(result->verdict.signature));
}

static uint64_t plan_count(void)
{
    const char *asked = getenv("INTERPLAY_TEST_PLANS");
    return asked != NULL ? strtoull(asked, NULL, 10) : DEFAULT_PLANS;
}

static uint64_t hash_of_all(void)
{
    uint64_t hash = 0;
    for (uint64_t index = 0; index < plan_count(); index++)
        hash = hash_word(hash, hash_of_run(index));
    return hash;
}

static void test_same_trace_in_other_company(void **state)
{
    (void)state;
    for (uint64_t first = 0; first < plan_count(); first += BATCH) {
        uint64_t hashes[BATCH];
        for (uint64_t i = 0; i < BATCH; i++)
            hashes[i] = hash_of_run(first + i);
        for (uint64_t i = BATCH; i-- > 0;)
            if (hash_of_run(first + i) != hashes[i])
                fail_msg("plan %llu ran differently the second time",
                         (unsigned long long)(first + i));
    }
}

static void test_same_trace_in_another_process(void **state)
{
    (void)state;
    char command[64];
    (void)snprintf(command, sizeof command, "exec /proc/$PPID/exe --hash %d", tested);
    FILE *child = popen(command, "r");
    assert_non_null(child);
    unsigned long long there = 0;
    assert_int_equal(fscanf(child, "%llx", &there), 1);
    assert_int_equal(pclose(child), 0);
    assert_true(there == hash_of_all());
}

static void test_different_plans_differ(void **state)
{
    (void)state;
    uint64_t equal = 0;
    for (uint64_t index = 0; index + 1 < 200; index++)
        equal += hash_of_run(index) == hash_of_run(index + 1);
    assert_true(equal < 20); /* only short random bytes can come to the same */
}

static int open_backend(int backend)
{
    struct error error;
    tested = backend;
    if (run_open(&run, &backends[backend], &error) == ERROR_NONE)
        return 0;
    fprintf(stderr, "determinism_test: %s\n", error.message);
    return -1;
}

static int open_sqlite(void **state)
{
    (void)state;
    return open_backend(ON_SQLITE);
}

static int open_memory(void **state)
{
    (void)state;
    return open_backend(ON_MEMORY);
}

static int close_backend(void **state)
{
    (void)state;
    run_close(run);
    return 0;
}

int main(int argc, char **argv)
{
    arena_init(&arena, (size_t)16 << 20);
    if (argc > 2 && strcmp(argv[1], "--hash") == 0) {
        if (open_backend(strcmp(argv[2], "1") == 0 ? ON_MEMORY : ON_SQLITE) != 0)
            return 2;
        printf("%llx\n", (unsigned long long)hash_of_all());
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_trace_in_other_company),
        cmocka_unit_test(test_same_trace_in_another_process),
        cmocka_unit_test(test_different_plans_differ),
    };
    int failed = cmocka_run_group_tests_name("sqlite", tests, open_sqlite, close_backend);
    failed += cmocka_run_group_tests_name("memory", tests, open_memory, close_backend);
    arena_clean_up(&arena);
    return failed;
}
