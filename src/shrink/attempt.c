/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a candidate is worth a run, and whether it shows the same finding. */
#include "shrink/attempt.h"

#include <string.h>

struct plan *attempt_begin(struct shrinker *shrinker)
{
    const struct plan *best = &shrinker->best;
    struct plan *candidate = &shrinker->candidate;
    struct interaction *room = candidate->interactions;
    *candidate = *best;
    candidate->interactions = room;
    if (best->interaction_count > 0)
        memcpy(room, best->interactions, best->interaction_count * sizeof *room);
    return candidate;
}

enum error_code attempt_run(struct run *run, const struct plan *plan,
                            struct isolated_result *ret_result, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true,
                                                  .cpu_limit_s = SHRINK_CPU_LIMIT_S};
    return isolated_run(run, plan, &quiet, ret_result, error);
}

/* The document does not say how many tasks these have: the reader takes as many as act. */
static void count_tasks(struct plan *plan)
{
    if (plan->kind != PLAN_MIDDLEWARE)
        return;
    uint8_t last = 0;
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].task > last)
            last = plan->interactions[i].task;
    plan->config.choice[PLAN_CONFIG_tasks] = last;
}

static bool shows_finding(struct shrinker *shrinker)
{
    struct isolated_result result;
    shrinker->result.candidates++;
    enum error_code code =
        attempt_run(shrinker->run, &shrinker->candidate, &result, &shrinker->error);
    if (code == ERROR_BACKEND) {
        shrinker->result.aborted++;
        return false;
    }
    if (code != ERROR_NONE) {
        shrinker->code = code;
        shrinker->is_over = true;
        return false;
    }
    if (result.verdict.kind != VERDICT_VIOLATION ||
        strcmp(result.verdict.signature, shrinker->result.signature) != 0)
        return false;
    shrinker->noticed = result.verdict.interaction;
    return true;
}

static void report_progress(struct shrinker *shrinker)
{
    const struct shrink_options *options = shrinker->options;
    const struct shrink_progress progress = {
        .candidates = shrinker->result.candidates,
        .round = shrinker->round,
        .interactions = shrinker->best.interaction_count,
    };
    if (!shrinker->is_over && options->on_progress != NULL &&
        !options->on_progress(options->context, &progress)) {
        shrinker->is_over = true;
        shrinker->result.end = SHRINK_STOPPED;
    }
}

bool attempt(struct shrinker *shrinker)
{
    if (shrinker->is_over)
        return false;
    count_tasks(&shrinker->candidate);
    struct cost cost = cost_of(&shrinker->candidate);
    if (!cost_is_less(&cost, &shrinker->best_cost) ||
        !tried_add(&shrinker->tried, &shrinker->candidate))
        return false;
    bool succeeds = shows_finding(shrinker);
    if (succeeds) {
        struct plan old = shrinker->best;
        shrinker->best = shrinker->candidate;
        shrinker->candidate = old;
        shrinker->best_cost = cost;
    }
    report_progress(shrinker);
    return succeeds;
}

bool attempt_without_marked(struct shrinker *shrinker)
{
    struct plan *candidate = attempt_begin(shrinker);
    size_t kept = 0;
    for (size_t i = 0; i < shrinker->best.interaction_count; i++)
        if (!shrinker->marked[i])
            candidate->interactions[kept++] = shrinker->best.interactions[i];
    candidate->interaction_count = kept;
    return attempt(shrinker);
}

void attempt_unmark(struct shrinker *shrinker)
{
    memset(shrinker->marked, 0, shrinker->best.interaction_count * sizeof *shrinker->marked);
}
