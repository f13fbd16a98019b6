/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recordings of many generated plans: to be recorded changes nothing in a run, and what is recorded
 * of a run without a violation contradicts nobody: each result is one that the model predicts for
 * it, and its transactions have no dependency cycle.
 */
#include "generate/generate.h"
#include "generated/subjects.h"
#include "history/transactions.h"
#include "isolation/judge.h"
#include "run/run.h"
#include "subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PLANS = 1500 };

static struct run *run;
static struct arena plans, reports;

static struct {
    uint64_t agreed, rows, locks, contents, commits;
} seen;

/* Its fault has the connection say what is not so, and every oracle knows. */
static bool is_told_wrong(const struct interaction *interaction)
{
    return interaction->fault == FAULT_partial_success ||
           interaction->fault == FAULT_partial_failure;
}

static void check_steps(const struct plan *plan, const struct recording *recording, uint64_t index)
{
    for (size_t i = 0; i < recording->step_count; i++) {
        const struct recorded_step *step = &recording->steps[i];
        if (!step->has_ended || !step->is_judged || step->expected.count == 0 ||
            is_told_wrong(&plan->interactions[i]))
            continue;
        if (!step->expected.agrees)
            print_error("plan %llu, step %zu\n", (unsigned long long)index, i);
        assert_true(step->expected.agrees);
        assert_int_equal(step->expected.count, 1);
        seen.agreed++;
        seen.rows += step->expected.predictions[0].expected.rows_kept;
    }
}

static void check_transactions(const struct plan *plan, const struct recording *recording,
                               const struct verdict *verdict, uint64_t index)
{
    struct transactions found;
    struct isolation_finding finding;
    arena_reset(&reports);
    transactions_find(plan, recording, verdict_violated(verdict), &reports, &found);
    for (uint32_t i = 0; i < found.history.transaction_count; i++)
        seen.commits += found.transactions[i].task != TRANSACTION_LOOK &&
                        found.history.transactions[i].status == ISOLATION_COMMITTED;
    (void)isolation_judge(&found.history,
                          isolation_levels[ISOLATION_LEVEL_strict_serializable].forbids,
                          ISOLATION_EFFORT, &reports, &finding);
    if (finding.length != 0)
        print_error("plan %llu: %s\n", (unsigned long long)index,
                    isolation_anomalies[finding.anomaly].word);
    assert_int_equal(finding.length, 0);
}

static void check_plan(uint64_t index)
{
    struct plan plan;
    struct random random;
    struct recording *recording;
    struct error error;
    arena_reset(&plans);
    generate_seed(&random, 20261122, index);
    generate_plan(&plan, &plans, &random, FOR_SQLITE);
    uint64_t unrecorded = run_plan(run, &plan)->trace_hash;
    assert_int_equal(recording_new(&recording, &plan, &error), ERROR_NONE);
    run_record(run, recording);
    const struct run_result *result = run_plan(run, &plan);
    run_record(run, NULL);
    assert_int_equal(result->trace_hash, unrecorded);
    assert_int_equal(recording->event_count, result->trace->count);
    if (result->verdict.kind == VERDICT_OK) {
        check_steps(&plan, recording, index);
        check_transactions(&plan, recording, &result->verdict, index);
    }
    seen.locks += recording->lock_count;
    seen.contents += recording->content_count;
    recording_free(recording);
}

static void test_recordings(void **state)
{
    (void)state;
    for (uint64_t index = 0; index < PLANS; index++)
        check_plan(index);
    assert_true(seen.agreed > PLANS && seen.rows > PLANS && seen.commits > PLANS);
    assert_true(seen.locks > PLANS && seen.contents > PLANS / 2);
}

/* What the model writes out is what it accepts, and nothing else is. */
static void test_predictions(void **state)
{
    (void)state;
    struct model_database database;
    struct observation expected;
    uint64_t selects = 0, refused = 0;
    for (uint64_t index = 0; index < 200; index++) {
        struct plan plan;
        struct random random;
        arena_reset(&plans);
        generate_seed(&random, 7, index);
        generate_plan(&plan, &plans, &random, FOR_SQLITE);
        model_database_init(&database);
        for (size_t i = 0; i < plan.interaction_count; i++) {
            const struct interaction *interaction = &plan.interactions[i];
            model_predict(&database, interaction, (int64_t)i, &expected);
            if (model_is_write((enum plan_action)interaction->action)) {
                struct prediction prediction = model_apply(&database, interaction, (int64_t)i);
                assert_int_equal(expected.outcome, prediction.outcome);
                assert_int_equal(expected.changes, prediction.changes);
            }
            if (interaction->action != ACTION_select)
                continue;
            assert_true(model_read_matches(&database, interaction, &expected));
            selects++;
            expected.row_count++;
            expected.rows_kept += expected.rows_kept > 0;
            refused += !model_read_matches(&database, interaction, &expected);
        }
    }
    assert_true(selects > 200);
    assert_in_range(refused, selects * 9 / 10, selects - 1); /* but for tables that are not there */
}

static int set_up(void **state)
{
    (void)state;
    const struct run_options options = {.subject = &interplay_subject_sqlite};
    struct error error;
    arena_init(&plans, 1u << 24);
    arena_init(&reports, 1u << 28);
    return run_open(&run, &options, &error) == ERROR_NONE ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    run_close(run);
    arena_clean_up(&plans);
    arena_clean_up(&reports);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recordings),
        cmocka_unit_test(test_predictions),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
