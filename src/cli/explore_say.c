/* SPDX-License-Identifier: Apache-2.0 */
/* Counts, findings and outcomes of an exploration, as text. */
#include "cli/explore_say.h"

#include "base/file.h"
#include "cli/cli.h"
#include "cli/plan_files.h"
#include "cli/terminal.h"
#include "explore/count.h"
#include "plan/describe.h"
#include "report/plan_table.h"
#include "shrink/shrink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUTCOMES_SHOWN_MAX = 20, LINE_BYTES = 4096 };

/* --- counts ---------------------------------------------------------------------------------- */

static void say_kind(const struct explore_stage *stage)
{
    if (stage->preemptions == 0)
        printf("  of steps");
    else
        printf("  with %" PRIu32 " preemption%s", stage->preemptions,
               stage->preemptions == 1 ? "" : "s");
    printf("%s: ", stage->has_fault ? ", each with a fault" : "");
}

static void say_stage(const struct explore_stage *stage)
{
    say_kind(stage);
    if (!stage->is_counted)
        printf("how many is not known, as not all that they follow from were run; %" PRIu64
               " run\n",
               stage->run);
    else if (stage->total == COUNT_MANY)
        printf("%" PRIu64 " or more, %" PRIu64 " run\n", stage->total, stage->run);
    else if (stage->run == stage->total)
        printf("%" PRIu64 ", all run\n", stage->total);
    else if (stage->run + stage->left_out == stage->total)
        printf("%" PRIu64 ", %" PRIu64 " run, %" PRIu64 " left out\n", stage->total, stage->run,
               stage->left_out);
    else
        printf("%" PRIu64 ", %" PRIu64 " run\n", stage->total, stage->run);
}

static void say_whether_all(const struct explore_told *told, uint64_t run)
{
    const struct tally *tally = explore_tally(told->explore);
    if (tally->limits > 0)
        printf("%" PRIu64 " met a limit of the harness and were not judged\n", tally->limits);
    uint64_t left_out = explore_left_out(told->explore);
    if (left_out > 0)
        printf("left out: %" PRIu64 ", each like one that was run but for the order of neighbours "
               "that have nothing in common\n",
               left_out);
    if (explore_is_all(told->explore) && left_out > 0)
        printf("all others were run: %" PRIu64 "\n", run);
    else if (explore_is_all(told->explore))
        printf("all were run: %" PRIu64 "\n", run);
    else if (run == told->order->max)
        printf("not all: %" PRIu64 " were run, as many as --max allows\n", run);
    else
        printf("not all: %" PRIu64 " were run\n", run);
}

void explore_say_counts(const struct explore_told *told)
{
    const struct explore_stage *stages;
    uint32_t tasks = 0, count = explore_stages(told->explore, &stages);
    uint64_t run = 0;
    uint32_t steps = 0;
    for (uint32_t task = 0; task < PLAN_TASKS_MAX; task++) {
        tasks += told->steps->count[task] > 0;
        steps += told->steps->count[task];
    }
    printf("%s: %" PRIu32 " steps of %" PRIu32 " task%s", told->path, steps, tasks,
           tasks == 1 ? "" : "s");
    if (told->steps->setup > 0)
        printf(", behind %zu of set-up", told->steps->setup);
    if (told->steps->check > 0)
        printf(", before %zu that check", told->steps->check);
    printf(", on %s\n", run_backend_version(told->run));
    if (told->steps->pauses_left_out > 0)
        printf("its own pauses (%" PRIu32 ") are left out: preemptions stand for them\n",
               told->steps->pauses_left_out);
    printf("interleavings\n");
    for (uint32_t i = 0; i < count; i++) {
        say_stage(&stages[i]);
        run += stages[i].run;
    }
    say_whether_all(told, run);
}

/* --- plans ----------------------------------------------------------------------------------- */

static void say_path(const struct explore_told *told, const struct path *path,
                     const struct path_fault *fault)
{
    char bytes[LINE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    path_describe(told->steps, path, &text);
    if (fault->kind != FAULT_NONE)
        text_append_format(&text, ", %s #%u in step %" PRIu32, fault_infos[fault->kind].name,
                           fault->at, fault->step);
    if (fault->kind != FAULT_NONE && fault_loses_power((enum fault_kind)fault->kind))
        text_append_format(&text, " (loss_seed %u)", fault->loss_seed);
    printf("%s\n", bytes);
}

/* "finding-1.json" in the folder, if there is to be one. */
static enum error_code save(const struct explore_told *told, const struct plan *plan,
                            const char *word, uint32_t number, struct error *error)
{
    char path[PATH_MAX];
    if (told->folder == NULL)
        return ERROR_NONE;
    int length = snprintf(path, sizeof path, "%s/%s-%" PRIu32 ".json", told->folder, word, number);
    if (length < 0 || (size_t)length >= sizeof path)
        return interplay_error(error, ERROR_USAGE, "%s: the name is too long",
                               file_short_path(told->folder));
    return cli_save_plan(plan, path, path, error);
}

static enum error_code differs(const struct explore_told *told, struct error *error)
{
    return interplay_error(error, ERROR_BACKEND,
                           "%s: not deterministic: an interleaving came to something else when it "
                           "was run again",
                           told->path);
}

/* --- findings -------------------------------------------------------------------------------- */

static enum error_code make_small(const struct explore_told *told, struct plan *plan,
                                  const char *signature, struct error *error)
{
    struct shrink_result result;
    const struct shrink_options options = {.signature = signature};
    if (told->order->no_shrink)
        return ERROR_NONE;
    enum error_code code = shrink_plan(told->run, plan, &options, &result, error);
    if (code == ERROR_NONE && result.end == SHRINK_NOTHING)
        return differs(told, error);
    return code;
}

static enum error_code say_small(const struct explore_told *told, struct plan *plan,
                                 const char *signature, uint32_t number, struct error *error)
{
    enum error_code code = make_small(told, plan, signature, error);
    if (code != ERROR_NONE)
        return code;
    plan_table_print(plan, cli_width(), stdout);
    return save(told, plan, "finding", number, error);
}

enum error_code explore_say_plan(const struct explore_told *told, const struct plan *plan,
                                 const char *signature, uint32_t number, struct error *error)
{
    struct plan copy = *plan;
    copy.interactions = calloc(plan->interaction_count + 1, sizeof *copy.interactions);
    if (copy.interactions == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    memcpy(copy.interactions, plan->interactions,
           plan->interaction_count * sizeof *copy.interactions);
    enum error_code code = say_small(told, &copy, signature, number, error);
    free(copy.interactions);
    return code;
}

static enum error_code say_finding(const struct explore_told *told, uint32_t number,
                                   struct error *error)
{
    const struct tally_finding *finding = &explore_tally(told->explore)->findings[number];
    struct path path;
    struct path_fault fault;
    const struct plan *plan = explore_plan_at(told->explore, finding->first, &path, &fault);
    printf("\nfinding %" PRIu32 ": %s, in %" PRIu64 " interleaving%s\n  first in: ", number + 1,
           finding->signature, finding->count, finding->count == 1 ? "" : "s");
    say_path(told, &path, &fault);
    return explore_say_plan(told, plan, finding->signature, number + 1, error);
}

enum error_code explore_say_findings(const struct explore_told *told, struct error *error)
{
    const struct tally *tally = explore_tally(told->explore);
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; i < tally->finding_count && code == ERROR_NONE; i++)
        code = say_finding(told, i, error);
    if (tally->other_findings > 0)
        printf("\n%" PRIu64 " interleavings come to further findings\n", tally->other_findings);
    if (tally->finding_count == 0)
        printf("\nno finding\n");
    return code;
}

/* --- outcomes -------------------------------------------------------------------------------- */

/* What every one of them came to is told once. */
static bool is_same_in_all(const struct results *all, uint32_t count, uint32_t step)
{
    for (uint32_t i = 1; i < count; i++)
        if (strcmp(all[i].of[step], all[0].of[step]) != 0)
            return false;
    return true;
}

static void say_result(const struct explore_told *told, const struct results *results,
                       uint32_t step)
{
    char bytes[LINE_BYTES];
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    const char *result = results->of[step];
    if (step < results->count) {
        const struct interaction *interaction = &told->steps->plan.interactions[step];
        if (told->steps->names != NULL && told->steps->names->names[step] != NULL)
            text_append_format(&text, "%s, ", told->steps->names->names[step]);
        else
            text_append_format(&text, "task %u, step %" PRIu32 ", ", interaction->task, step);
        plan_describe_action(interaction, &text);
    } else {
        text_append(&text, "at the end");
    }
    printf("    %s: %s\n", bytes, result[0] == '\0' ? "-" : result);
}

/* Also what is wrong in all of them, as a statement that never works. */
static void say_common(const struct explore_told *told, const struct results *all, uint32_t count)
{
    printf("  the same in all\n");
    for (uint32_t step = 0; step <= all[0].count; step++)
        if (is_same_in_all(all, count, step) &&
            (step == all[0].count || step >= told->steps->setup) && all[0].of[step][0] != '\0')
            say_result(told, &all[0], step);
}

static enum error_code say_outcome(const struct explore_told *told, const struct results *all,
                                   uint32_t count, uint32_t number, struct error *error)
{
    const struct tally_outcome *outcome = &explore_tally(told->explore)->outcomes[number];
    struct path path;
    struct path_fault fault;
    const struct plan *plan = explore_plan_at(told->explore, outcome->first, &path, &fault);
    printf("  outcome %" PRIu32 ", in %" PRIu64 " interleaving%s, as in: ", number + 1,
           outcome->count, outcome->count == 1 ? "" : "s");
    say_path(told, &path, &fault);
    for (uint32_t step = 0; step <= all[number].count; step++)
        if (!is_same_in_all(all, count, step))
            say_result(told, &all[number], step);
    return save(told, plan, "outcome", number + 1, error);
}

/* Each example is run once more; it must come to the same. */
static enum error_code run_examples(const struct explore_told *told, struct results *ret_all,
                                    uint32_t count, struct error *error)
{
    const struct tally *tally = explore_tally(told->explore);
    for (uint32_t i = 0; i < count; i++) {
        struct verdict verdict;
        enum error_code code = explore_results_at(told->explore, tally->outcomes[i].first,
                                                  &ret_all[i], &verdict, error);
        if (code != ERROR_NONE)
            return code;
        if (verdict.kind != VERDICT_OK || results_hash(&ret_all[i]) != tally->outcomes[i].hash)
            return differs(told, error);
    }
    return ERROR_NONE;
}

enum error_code explore_say_outcomes(const struct explore_told *told, struct error *error)
{
    const struct tally *tally = explore_tally(told->explore);
    uint32_t shown = tally->outcome_count;
    if (shown > OUTCOMES_SHOWN_MAX)
        shown = OUTCOMES_SHOWN_MAX;
    struct results *all = calloc(shown + 1, sizeof *all);
    if (all == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    enum error_code code = run_examples(told, all, shown, error);
    printf("\noutcomes: %" PRIu32 "%s\n", tally->outcome_count,
           tally->other_outcomes > 0 ? " or more" : "");
    if (shown > 0 && code == ERROR_NONE)
        say_common(told, all, shown);
    for (uint32_t i = 0; i < shown && code == ERROR_NONE; i++)
        code = say_outcome(told, all, shown, i, error);
    if (shown < tally->outcome_count)
        printf("  and %" PRIu32 " more\n", tally->outcome_count - shown);
    free(all);
    return code;
}
