/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the plan itself says of an interaction's result. Without an expectation, an error in a plan
 * of sql-middleware's simulator is unexpected too.
 */
#include "oracle/oracle.h"

#include <string.h>

struct expectation_oracle {
    const struct plan *judged;
    bool errors_are_findings;
};

static void begin(void *state, const struct oracle_setting *setting)
{
    struct expectation_oracle *oracle = state;
    oracle->judged = setting->judged;
    oracle->errors_are_findings = plan_kind(setting->plan)->errors_are_findings;
}

static void judge_error(const struct plan_expectation *expected, size_t index,
                        const struct observation *seen, struct verdict *verdict)
{
    if (seen->outcome == OUTCOME_OK)
        verdict_violation(verdict, index, "expectation/no-error",
                          "an error with \"%s\" was expected, but there was none",
                          expected->error_contains);
    else if (strstr(seen->error_message, expected->error_contains) == NULL)
        verdict_violation(verdict, index, "expectation/other-error",
                          "an error with \"%s\" was expected, but it was: %s",
                          expected->error_contains, seen->error_message);
}

static void judge_counts(const struct plan_expectation *expected, size_t index,
                         const struct observation *seen, struct verdict *verdict)
{
    if (expected->has_row_count && seen->row_count != expected->row_count)
        verdict_violation(
            verdict, index, "expectation/row-count", "%llu rows were expected, %llu came",
            (unsigned long long)expected->row_count, (unsigned long long)seen->row_count);
    bool is_known = seen->column_count >= 0;
    if (is_known && expected->has_column_count &&
        (uint64_t)seen->column_count != expected->column_count)
        verdict_violation(verdict, index, "expectation/column-count",
                          "%llu columns were expected, %d came",
                          (unsigned long long)expected->column_count, seen->column_count);
}

static void on_result(void *state, const struct event *event, struct verdict *verdict)
{
    const struct expectation_oracle *oracle = state;
    const struct observation *seen = event->result->seen;
    const struct plan_expectation *expected =
        oracle->judged->interactions[event->interaction].expectation;
    if (expected != NULL && expected->expects_error)
        judge_error(expected, event->interaction, seen, verdict);
    else if (seen->outcome != OUTCOME_OK && (oracle->errors_are_findings || expected != NULL))
        verdict_violation(verdict, event->interaction, "expectation/unexpected-error",
                          "no error was expected, but it was %s: %s",
                          interplay_outcome_names[seen->outcome], seen->error_message);
    else if (seen->outcome == OUTCOME_OK && expected != NULL)
        judge_counts(expected, event->interaction, seen, verdict);
}

static const struct oracle_handler handlers[] = {{EVENT_result, on_result}, {0}};

const struct oracle_ops oracle_expectation_ops = {
    .state_bytes = sizeof(struct expectation_oracle),
    .begin = begin,
    .handlers = handlers,
};
