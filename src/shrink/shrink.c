/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The judge of a finding: a candidate is kept when it comes to the same signature in a process of
 * its own.
 */
#include "shrink/shrink.h"

#include "run/isolated.h"
#include "shrink/attempt.h"
#include "shrink/rounds.h"

#include <stdio.h>
#include <string.h>

struct investigation {
    struct run *run;
    const struct shrink_options *options;
    struct shrink_result result;
    enum error_code code; /* why there was no answer */
    struct error error;
};

static enum error_code run_quietly(struct run *run, const struct plan *plan,
                                   struct isolated_result *ret_result, struct error *error)
{
    static const struct isolated_options quiet = {.is_quiet = true};
    return isolated_run(run, plan, &quiet, ret_result, error);
}

static void report_progress(struct investigation *investigation, struct shrinker *shrinker,
                            size_t interactions)
{
    const struct shrink_options *options = investigation->options;
    const struct shrink_progress progress = {
        .candidates = investigation->result.candidates,
        .yields = investigation->result.yields,
        .round = shrinker->round,
        .interactions = interactions,
    };
    if (options->on_progress != NULL && !options->on_progress(options->context, &progress))
        shrinker->is_over = true;
}

static bool shows_finding(struct shrinker *shrinker, const struct plan *candidate,
                          size_t *ret_noticed)
{
    struct investigation *investigation = shrinker->context;
    struct isolated_result result;
    investigation->result.candidates++;
    enum error_code code =
        run_quietly(investigation->run, candidate, &result, &investigation->error);
    if (code != ERROR_NONE && code != ERROR_BACKEND) {
        investigation->code = code;
        shrinker->is_over = true;
        return false;
    }
    investigation->result.aborted += code == ERROR_BACKEND;
    investigation->result.yields += code == ERROR_NONE ? result.yields : 0;
    bool is_shown = code == ERROR_NONE && result.verdict.kind == VERDICT_VIOLATION &&
                    strcmp(result.verdict.signature, investigation->result.signature) == 0;
    if (is_shown)
        *ret_noticed = result.verdict.interaction;
    report_progress(investigation, shrinker,
                    is_shown ? candidate->interaction_count : shrinker->best.interaction_count);
    return is_shown;
}

/* The finding as it is: what all candidates are held against. */
static enum error_code look_at_original(struct investigation *investigation,
                                        const struct plan *plan, size_t *ret_noticed,
                                        struct error *error)
{
    const char *asked = investigation->options->signature;
    struct isolated_result result;
    enum error_code code = run_quietly(investigation->run, plan, &result, error);
    if (code != ERROR_NONE)
        return code;
    investigation->result.end = SHRINK_MINIMAL;
    switch (result.verdict.kind) {
    case VERDICT_OK:
        investigation->result.end = SHRINK_NOTHING;
        return ERROR_NONE;
    case VERDICT_VIOLATION:
        break;
    case VERDICT_PLAN_ERROR:
    case VERDICT_LIMIT:
    case VERDICT_HARNESS_ERROR:
        return verdict_error(&result.verdict, error);
    }
    if (asked != NULL && strcmp(asked, result.verdict.signature) != 0)
        return interplay_error(error, ERROR_USAGE, "the plan comes to %s, not to %s",
                               result.verdict.signature, asked);
    (void)snprintf(investigation->result.signature, sizeof investigation->result.signature, "%s",
                   result.verdict.signature);
    *ret_noticed = result.verdict.interaction;
    return ERROR_NONE;
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

static enum error_code simplify(struct investigation *investigation, struct shrinker *shrinker,
                                struct plan *plan, struct error *error)
{
    uint32_t rounds_max = investigation->options->rounds_max;
    if (!rounds_begin(shrinker, plan))
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    if (!rounds_run(shrinker, rounds_max))
        investigation->result.end = shrinker->is_over ? SHRINK_STOPPED : SHRINK_ROUNDS;
    if (investigation->code == ERROR_NONE)
        take_over(plan, &shrinker->best);
    else if (error != NULL)
        *error = investigation->error;
    return investigation->code;
}

enum error_code shrink_plan(struct run *run, struct plan *plan,
                            const struct shrink_options *options, struct shrink_result *ret_result,
                            struct error *error)
{
    struct investigation investigation = {
        .run = run,
        .options = options,
        .result.interactions_before = plan->interaction_count,
    };
    struct shrinker shrinker = {.judge = shows_finding,
                                .context = &investigation,
                                .draws_losses = true,
                                .replaces_actions = true};
    enum error_code code = look_at_original(&investigation, plan, &shrinker.noticed, error);
    if (code == ERROR_NONE && investigation.result.end != SHRINK_NOTHING) {
        code = simplify(&investigation, &shrinker, plan, error);
        rounds_clean_up(&shrinker);
    }
    if (code == ERROR_NONE)
        *ret_result = investigation.result;
    return code;
}
