/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that several runs live in one process, each as if it were alone: of one database or of
 * several, used in turns, opened and closed beside each other, renewed after a violation, and even
 * after a deadlock in the middle of the database, which leaves everything as it was held.
 * INTERPLAY_TEST_PLANS says how many plans each runs (default 300).
 */
#include "base/hash.h"
#include "base/sanitizer.h"
#include "generate/generate.h"
#include "generated/subjects.h"
#include "run/run.h"
#include "sim/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#if SANITIZER_ADDRESS
#include <sanitizer/lsan_interface.h>
#endif

enum { DEFAULT_PLANS = 300 };

static struct arena arena;
static uint32_t plans = DEFAULT_PLANS;

/* --- what runs ------------------------------------------------------------------------------- */

/* SQLite, but every so often a step never ends: whoever is in it holds what he holds for ever. */
static struct backend_ops hanging_backend;
static struct subject hanging_subject;

static enum outcome step_or_hang(struct backend_statement *statement)
{
    enum outcome outcome = interplay_backend_sqlite.step(statement);
    if (world->current != NULL && world->yields > 4000)
        (void)world_wait(&hanging_backend, WORLD_NEVER);
    return outcome;
}

struct contestant {
    struct run_options options;
    struct generate_subject drawn_for;
    uint64_t seed;
    struct run *run;
    uint64_t *alone; /* what each plan came to */
    uint32_t renewed, stuck;
};

static struct contestant sqlite = {
    .options = {.subject = &interplay_subject_sqlite},
    .drawn_for = {.search = GENERATE_FOR_DATABASE, .database = DATABASE_sqlite},
    .seed = 1,
};
static struct contestant another_sqlite = {
    .options = {.subject = &interplay_subject_sqlite},
    .drawn_for = {.search = GENERATE_FOR_POOL, .database = DATABASE_sqlite},
    .seed = 2,
};
static struct contestant hanging = {
    .options = {.subject = &hanging_subject},
    .drawn_for = {.search = GENERATE_FOR_DATABASE, .database = DATABASE_sqlite},
    .seed = 3,
};
static struct contestant memory = {
    .options = {.subject = &interplay_subject_memory},
    .drawn_for = {.search = GENERATE_FOR_POOL, .database = DATABASE_memory},
    .seed = 4,
};
static struct contestant another_memory = {
    .options = {.subject = &interplay_subject_memory},
    .drawn_for = {.search = GENERATE_FOR_POOL, .database = DATABASE_memory},
    .seed = 5,
};
static struct contestant *const contestants[] = {&sqlite, &another_sqlite, &hanging, &memory,
                                                 &another_memory};
enum { CONTESTANTS = sizeof contestants / sizeof contestants[0] };

static void open_run(struct contestant *contestant)
{
    struct error error;
    if (run_open(&contestant->run, &contestant->options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
}

static void close_run(struct contestant *contestant)
{
    run_close(contestant->run);
    contestant->run = NULL;
}

/* What a pool has allocated is lost when its tasks are abandoned. */
static const struct run_result *run_plan_of(struct contestant *contestant, const struct plan *plan)
{
#if SANITIZER_ADDRESS
    if (contestant == &hanging)
        __lsan_disable();
#endif
    const struct run_result *result = run_plan(contestant->run, plan);
#if SANITIZER_ADDRESS
    if (contestant == &hanging)
        __lsan_enable();
#endif
    return result;
}

static uint64_t hash_of_plan(struct contestant *contestant, uint32_t index)
{
    struct random random;
    struct plan plan;
    struct error error;
    arena_reset(&arena);
    generate_seed(&random, contestant->seed, index);
    generate_plan(&plan, &arena, &random, contestant->drawn_for);
    const struct run_result *result = run_plan_of(contestant, &plan);
    uint64_t hash = hash_word(result->trace_hash, result->yields);
    hash = hash_bytes(hash, result->verdict.signature, strlen(result->verdict.signature));
    contestant->stuck += strncmp(result->verdict.signature, "deadlock/", 9) == 0;
    if (result->verdict.kind != VERDICT_OK) {
        contestant->renewed++;
        assert_int_equal(run_renew(&contestant->run, &error), ERROR_NONE);
    }
    return hash;
}

static void run_as_alone(struct contestant *contestant, uint32_t index)
{
    if (hash_of_plan(contestant, index) != contestant->alone[index])
        fail_msg("plan %u of %s is not what it was alone", index,
                 run_backend_version(contestant->run));
}

static int run_alone(void **state)
{
    (void)state;
    for (int i = 0; i < CONTESTANTS; i++) {
        struct contestant *contestant = contestants[i];
        contestant->alone = calloc(plans, sizeof *contestant->alone);
        open_run(contestant);
        for (uint32_t index = 0; index < plans; index++)
            contestant->alone[index] = hash_of_plan(contestant, index);
        close_run(contestant);
    }
    return 0;
}

static int forget(void **state)
{
    (void)state;
    for (int i = 0; i < CONTESTANTS; i++)
        free(contestants[i]->alone);
    return 0;
}

/* --- in turns -------------------------------------------------------------------------------- */

static void run_in_turns(struct contestant *const *who, int count)
{
    for (int i = 0; i < count; i++)
        open_run(who[i]);
    for (uint32_t index = 0; index < plans; index++)
        for (int i = 0; i < count; i++)
            run_as_alone(who[i], index);
    for (int i = 0; i < count; i++)
        close_run(who[i]);
}

static void test_two_of_one_database(void **state)
{
    (void)state;
    run_in_turns((struct contestant *const[]){&sqlite, &another_sqlite}, 2);
    run_in_turns((struct contestant *const[]){&memory, &another_memory}, 2);
}

static void test_two_databases(void **state)
{
    (void)state;
    run_in_turns((struct contestant *const[]){&sqlite, &memory}, 2);
}

/* A deadlock beside it, with all that the abandoned tasks held. */
static void test_beside_one_that_is_renewed(void **state)
{
    (void)state;
    hanging.renewed = hanging.stuck = 0;
    run_in_turns((struct contestant *const[]){&hanging, &sqlite, &memory}, 3);
    assert_true(hanging.stuck > plans / 20 && hanging.renewed < plans);
}

/* One stays, the others come and go around it. */
static void test_opened_and_closed_beside_another(void **state)
{
    (void)state;
    open_run(&sqlite);
    for (uint32_t index = 0; index < plans; index++) {
        struct contestant *other = contestants[1 + index % (CONTESTANTS - 1)];
        bool is_open = other->run != NULL;
        (is_open ? close_run : open_run)(other);
        run_as_alone(&sqlite, index);
        for (int i = 1; i < CONTESTANTS; i++)
            if (contestants[i]->run != NULL)
                run_as_alone(contestants[i], index);
    }
    for (int i = 0; i < CONTESTANTS; i++)
        if (contestants[i]->run != NULL)
            close_run(contestants[i]);
}

int main(void)
{
    const char *asked = getenv("INTERPLAY_TEST_PLANS");
    if (asked != NULL)
        plans = (uint32_t)strtoul(asked, NULL, 10);
    hanging_backend = interplay_backend_sqlite;
    hanging_backend.step = step_or_hang;
    hanging_subject = interplay_subject_sqlite;
    hanging_subject.backend = &hanging_backend;
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_of_one_database),
        cmocka_unit_test(test_two_databases),
        cmocka_unit_test(test_beside_one_that_is_renewed),
        cmocka_unit_test(test_opened_and_closed_beside_another),
    };
    int failed = cmocka_run_group_tests_name("worlds", tests, run_alone, forget);
    arena_clean_up(&arena);
    return failed;
}
