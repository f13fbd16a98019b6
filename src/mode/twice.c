/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Doublecheck: a plan that runs twice does exactly the same, to the last message. The second run is
 * on an instance of its own, which has run other plans before.
 */
#include "mode/sides.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct plan *same(struct mode *mode, const struct plan *plan)
{
    (void)mode;
    return plan;
}

/* What of two results differs; NULL: nothing. */
static const char *difference(const struct comparison *comparison, const struct step_pair *pair)
{
    if (!compare_is_same_place(pair))
        return "order";
    const struct course_step *left = pair->steps[0], *right = pair->steps[1];
    if (left->outcome != right->outcome)
        return "outcome";
    if (left->error_code != right->error_code || strcmp(left->message, right->message) != 0 ||
        strcmp(left->error_state, right->error_state) != 0)
        return "message";
    if (!compare_rows(comparison, pair, false) || left->row_count != right->row_count)
        return "rows";
    if (!compare_rows(comparison, pair, true))
        return "row-order";
    if (left->changes != right->changes || left->number != right->number ||
        left->number_is_null != right->number_is_null || left->looked != right->looked ||
        memcmp(left->report, right->report, sizeof left->report) != 0)
        return "result";
    return left->in_transaction != right->in_transaction ? "transaction" : NULL;
}

static bool compare_steps(const struct comparison *comparison)
{
    struct step_pair pair;
    for (size_t place = 0; compare_at(comparison, place, &pair); place++) {
        const char *what = difference(comparison, &pair);
        if (what == NULL)
            continue;
        compare_report(comparison, what, &pair);
        return false;
    }
    return true;
}

/* Results are the same, but not what led there. */
static void compare_traces(const struct trace *first, const struct trace *second,
                           struct verdict *verdict)
{
    if (first->hash == second->hash)
        return;
    uint64_t at = 0;
    while (at < first->count && at < second->count && at < TRACE_EVENTS_MAX &&
           memcmp(&first->events[at], &second->events[at], sizeof first->events[at]) == 0)
        at++;
    bool is_kept = at < first->count && at < TRACE_EVENTS_MAX;
    verdict_violation(verdict, is_kept ? first->events[at].interaction : SIZE_MAX,
                      "doublecheck/trace",
                      "results are the same, but not what led there: the traces differ from event "
                      "%" PRIu64 " on (%" PRIu64 " and %" PRIu64 " events)",
                      at, first->count, second->count);
}

static void compare(struct mode *mode, const struct trace *first, const struct run_result *second,
                    const struct comparison *comparison)
{
    if (!compare_steps(comparison) || !compare_content(comparison))
        return;
    if (comparison->second_is_cut)
        return;
    compare_traces(first, second->trace, comparison->verdict);
    mode->counts.compared++;
}

const struct mode_kind_ops mode_twice = {
    .begin = same,
    .second = same,
    .compare = compare,
    .word = "doublecheck",
};
