/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of all tactics, biggest first, until one changes nothing. */
#include "shrink/shrink.h"

#include "shrink/attempt.h"
#include "shrink/tactics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static tactic_fn *const tactics[] = {
    tactic_cut_tail,      tactic_drop_blocks, tactic_drop_tasks, tactic_drop_actions,
    tactic_drop_sections, tactic_drop_single, tactic_strip,      tactic_config,
    tactic_tasks,         tactic_unify,       tactic_zero,       tactic_numbers,
    tactic_sequence,
};

/* The finding as it is: what all candidates are held against. */
static enum error_code look_at_original(struct shrinker *shrinker, const struct plan *plan,
                                        struct error *error)
{
    const char *asked = shrinker->options->signature;
    struct isolated_result result;
    enum error_code code = attempt_run(shrinker->run, plan, &result, error);
    if (code != ERROR_NONE)
        return code;
    shrinker->result.end = SHRINK_MINIMAL;
    switch (result.verdict.kind) {
    case VERDICT_OK:
        shrinker->result.end = SHRINK_NOTHING;
        return ERROR_NONE;
    case VERDICT_VIOLATION:
        break;
    case VERDICT_PLAN_ERROR:
        return interplay_error(error, ERROR_INPUT, "interactions[%zu]: %s",
                               result.verdict.interaction, result.verdict.report);
    }
    if (asked != NULL && strcmp(asked, result.verdict.signature) != 0)
        return interplay_error(error, ERROR_USAGE, "the plan comes to %s, not to %s",
                               result.verdict.signature, asked);
    (void)snprintf(shrinker->result.signature, sizeof shrinker->result.signature, "%s",
                   result.verdict.signature);
    shrinker->noticed = result.verdict.interaction;
    return ERROR_NONE;
}

static enum error_code make_room(struct shrinker *shrinker, const struct plan *plan,
                                 struct error *error)
{
    size_t count = plan->interaction_count + 1; /* never 0 bytes */
    shrinker->best = shrinker->candidate = *plan;
    shrinker->best.interactions = calloc(count, sizeof *plan->interactions);
    shrinker->candidate.interactions = calloc(count, sizeof *plan->interactions);
    shrinker->marked = calloc(count, sizeof *shrinker->marked);
    if (shrinker->best.interactions == NULL || shrinker->candidate.interactions == NULL ||
        shrinker->marked == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    if (plan->interaction_count > 0)
        memcpy(shrinker->best.interactions, plan->interactions,
               plan->interaction_count * sizeof *plan->interactions);
    shrinker->best_cost = cost_of(plan);
    return ERROR_NONE;
}

static void clean_up(struct shrinker *shrinker)
{
    free(shrinker->best.interactions);
    free(shrinker->candidate.interactions);
    free(shrinker->marked);
    tried_clean_up(&shrinker->tried);
}

static void run_rounds(struct shrinker *shrinker)
{
    struct cost before;
    do {
        before = shrinker->best_cost;
        shrinker->round++;
        for (size_t i = 0; i < sizeof tactics / sizeof tactics[0]; i++)
            tactics[i](shrinker);
        if (shrinker->is_over)
            return;
        if (cost_is_less(&shrinker->best_cost, &before) &&
            shrinker->round == shrinker->options->rounds_max) {
            shrinker->result.end = SHRINK_ROUNDS;
            return;
        }
    } while (cost_is_less(&shrinker->best_cost, &before));
}

/* The best plan into the caller's, which has room for all it had before. */
static void take_over(struct plan *plan, const struct plan *best)
{
    struct interaction *interactions = plan->interactions;
    if (best->interaction_count > 0)
        memcpy(interactions, best->interactions, best->interaction_count * sizeof *interactions);
    *plan = *best;
    plan->interactions = interactions;
}

enum error_code shrink_plan(struct run *run, struct plan *plan,
                            const struct shrink_options *options, struct shrink_result *ret_result,
                            struct error *error)
{
    struct shrinker shrinker = {
        .run = run,
        .options = options,
        .result.interactions_before = plan->interaction_count,
    };
    enum error_code code = look_at_original(&shrinker, plan, error);
    if (code == ERROR_NONE && shrinker.result.end != SHRINK_NOTHING) {
        code = make_room(&shrinker, plan, error);
        if (code == ERROR_NONE) {
            run_rounds(&shrinker);
            code = shrinker.code;
            if (code != ERROR_NONE && error != NULL)
                *error = shrinker.error;
        }
        if (code == ERROR_NONE)
            take_over(plan, &shrinker.best);
        clean_up(&shrinker);
    }
    if (code == ERROR_NONE)
        *ret_result = shrinker.result;
    return code;
}
