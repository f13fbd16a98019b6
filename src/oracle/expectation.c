/* SPDX-License-Identifier: Apache-2.0 */
/* Expectations of documents. */
#include "oracle/expectation.h"

#include <string.h>

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

void expectation_judge(const struct interaction *interaction, size_t index,
                       const struct observation *seen, bool errors_are_findings,
                       struct verdict *verdict)
{
    const struct plan_expectation *expected = interaction->expectation;
    if (expected != NULL && expected->expects_error) {
        judge_error(expected, index, seen, verdict);
        return;
    }
    if (seen->outcome != OUTCOME_OK) {
        if (errors_are_findings || expected != NULL)
            verdict_violation(verdict, index, "expectation/unexpected-error",
                              "no error was expected, but it was %s: %s",
                              interplay_outcome_names[seen->outcome], seen->error_message);
        return;
    }
    if (expected == NULL)
        return;
    if (expected->has_row_count && seen->row_count != expected->row_count)
        verdict_violation(
            verdict, index, "expectation/row-count", "%llu rows were expected, %llu came",
            (unsigned long long)expected->row_count, (unsigned long long)seen->row_count);
    if (expected->has_column_count && (uint64_t)seen->column_count != expected->column_count)
        verdict_violation(verdict, index, "expectation/column-count",
                          "%llu columns were expected, %d came",
                          (unsigned long long)expected->column_count, seen->column_count);
}
