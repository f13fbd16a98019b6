/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves that transactions which are texts of the plan's own are judged as those that are actions:
 * random plans come to the same verdict and the same trace, whichever of the two their transactions
 * are, and nothing is left unjudged for it; and a commit that is lost, by a planted bug, is found.
 *
 * Usage: raw_transactions_test [PLANS [FIRST]]
 */
#include "base/arena.h"
#include "generate/generate.h"
#include "generated/subjects.h"
#include "plan/json.h"
#include "plan/sql.h"
#include "run/run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

static struct arena arena;
static uint64_t plan_count = 400, first_plan;

struct came {
    struct verdict verdict;
    struct run_unjudged unjudged;
    uint64_t trace_hash;
};

static void run_it(const struct plan *plan, const struct backend_ops *backend, struct came *ret)
{
    struct error error = {0};
    struct run *run = NULL;
    struct subject subject = interplay_subject_sqlite;
    subject.backend = backend;
    const struct run_options options = {.subject = &subject};
    if (run_open(&run, &options, &error) != ERROR_NONE)
        fail_msg("%s", error.message);
    const struct run_result *result = run_plan(run, plan);
    *ret = (struct came){result->verdict, result->unjudged, result->trace_hash};
    run_close(run);
}

/* --- the same in other words ------------------------------------------------------------------ */

/* One of the ways to say it: `choice` says which. */
static const char *reword(const char *sql, uint64_t choice)
{
    static const struct {
        const char *usual, *other[2];
    } ways[] = {
        {"BEGIN", {"begin transaction", " /* a */ BEGIN DEFERRED;"}},
        {"BEGIN IMMEDIATE", {"Begin Immediate Transaction", "BEGIN--\nIMMEDIATE"}},
        {"COMMIT", {"END", "commit transaction ;"}},
        {"ROLLBACK", {"rollback", "ROLLBACK TRANSACTION"}},
        {"SAVEPOINT s1", {"savepoint S1", "SAVEPOINT/**/s1"}},
        {"RELEASE s1", {"RELEASE SAVEPOINT s1", "release S1"}},
        {"ROLLBACK TO s1", {"ROLLBACK TRANSACTION TO SAVEPOINT s1", "rollback to S1;"}},
        /* Names that no action of a plan has: all of them, so that they are the same. */
        {"SAVEPOINT s2", {"SAVEPOINT mine", "SAVEPOINT mine"}},
        {"RELEASE s2", {"RELEASE MINE", "RELEASE SAVEPOINT mine"}},
        {"ROLLBACK TO s2", {"ROLLBACK TO mine", "ROLLBACK TO SAVEPOINT Mine"}},
    };
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (strcmp(sql, ways[i].usual) == 0 && (choice % 3 > 0 || strstr(sql, "s2") != NULL))
            return ways[i].other[choice % 2];
    return sql;
}

static bool is_transaction(uint8_t action)
{
    return action == ACTION_begin || action == ACTION_commit || action == ACTION_rollback ||
           action == ACTION_savepoint || action == ACTION_release || action == ACTION_rollback_to;
}

static bool is_named_mine(const struct interaction *interaction)
{
    return interaction->arguments[FIELD_savepoint] == 2 && interaction->action != ACTION_begin &&
           interaction->action != ACTION_commit && interaction->action != ACTION_rollback;
}

/* Some of them, but all of a savepoint with a name of its own. Returns how many. */
static uint32_t make_raw(struct plan *plan, struct random *random)
{
    uint32_t count = 0;
    for (size_t i = 0; i < plan->interaction_count; i++) {
        struct interaction *interaction = &plan->interactions[i];
        uint64_t choice = random_below(random, 12);
        if (!is_transaction(interaction->action) || (choice < 3 && !is_named_mine(interaction)))
            continue;
        char sql[PLAN_SQL_BYTES];
        struct text text;
        text_init(&text, sql, sizeof sql);
        (void)plan_sql(interaction, (int64_t)i, DIALECT_SQLITE, &text);
        const char *words = reword(sql, choice);
        char *copy = arena_alloc(&arena, strlen(words) + 1);
        interaction->sql = strcpy(copy, words);
        interaction->action = choice % 2 ? ACTION_execute : ACTION_query;
        count++;
    }
    return count;
}

/* Both plans end with a text: where there is one, connections are listened to. */
static void add_text(struct plan *plan)
{
    struct interaction *interactions =
        ARENA_ARRAY(&arena, struct interaction, plan->interaction_count + 1);
    memcpy(interactions, plan->interactions, plan->interaction_count * sizeof *interactions);
    interactions[plan->interaction_count++] =
        (struct interaction){.action = ACTION_query, .sql = "SELECT 1"};
    plan->interactions = interactions;
}

static void draw(struct plan *plan, uint64_t index)
{
    struct random random;
    const struct generate_subject subject = {.search = GENERATE_FOR_DATABASE,
                                             .database = DATABASE_sqlite};
    generate_seed(&random, 42, index);
    generate_plan(plan, &arena, &random, subject);
    add_text(plan);
}

static void fail_on(const struct plan *plan, uint64_t index, const char *what,
                    const struct came *came)
{
    char *text = NULL;
    size_t length;
    assert_int_equal(json_write(plan, &arena, &text, &length), ERROR_NONE);
    fail_msg("plan %llu: %s: %s (%s)\n%s", (unsigned long long)index, what, came->verdict.signature,
             came->verdict.report, text);
}

static void test_the_same_whichever_way_it_is_said(void **state)
{
    (void)state;
    uint64_t tried = 0, said = 0;
    for (uint64_t index = first_plan; index < first_plan + plan_count; index++) {
        struct plan plan;
        struct random random;
        struct came usual, raw;
        arena_reset(&arena);
        draw(&plan, index);
        run_it(&plan, &interplay_backend_sqlite, &usual);
        generate_seed(&random, 43, index);
        uint32_t count = make_raw(&plan, &random);
        bool is_direct = plan_config_get(&plan.config, PLAN_CONFIG_stack) == PLAN_STACK_DIRECT;
        if (count == 0)
            continue;
        run_it(&plan, &interplay_backend_sqlite, &raw);
        if (raw.verdict.kind != VERDICT_OK && usual.verdict.kind == VERDICT_OK)
            fail_on(&plan, index, "not without the texts", &raw);
        if (!is_direct)
            continue;
        if (strcmp(raw.verdict.signature, usual.verdict.signature) != 0)
            fail_on(&plan, index, usual.verdict.signature, &raw);
        if (raw.trace_hash != usual.trace_hash)
            fail_on(&plan, index, "trace", &raw);
        if (raw.unjudged.reason != NULL && usual.unjudged.reason == NULL)
            fail_on(&plan, index, raw.unjudged.reason, &raw);
        tried++;
        said += count;
    }
    print_message("%llu plans, %llu texts\n", (unsigned long long)tried, (unsigned long long)said);
    assert_true(tried > plan_count / 4);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        plan_count = strtoull(argv[1], NULL, 10);
    if (argc > 2)
        first_plan = strtoull(argv[2], NULL, 10);
    arena_init(&arena, (size_t)16 << 20);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_whichever_way_it_is_said),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    arena_clean_up(&arena);
    return failed;
}
