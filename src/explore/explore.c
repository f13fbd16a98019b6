/* SPDX-License-Identifier: Apache-2.0 */
/* Stage after stage. */
#include "explore/explore.h"

#include "base/assert.h"
#include "explore/count.h"
#include "explore/work.h"
#include "run/isolated.h"

#include <stdlib.h>

enum { ARENA_BYTES = 1 << 20 };

/* All paths with so many preemptions, and all of these with a fault. */
struct level {
    struct stage stage;
    struct faults faults;
};

struct explore {
    const struct run_options *backend;
    struct run *run;
    const struct steps *steps;
    struct explore_options options;
    struct level levels[PREEMPTIONS_MAX + 1];
    uint32_t stage_count;
    struct explore_stage stages[EXPLORE_STAGES_MAX];
    uint64_t run_count;
    bool is_stopped;
    struct arena arena;
    struct probe *probe; /* shared */
    struct tally tally;
};

/* --- stages ---------------------------------------------------------------------------------- */

static struct explore_stage *add_stage(struct explore *explore, uint32_t preemptions,
                                       bool has_fault, bool is_counted)
{
    struct explore_stage *stage = &explore->stages[explore->stage_count++];
    struct level *level = &explore->levels[preemptions];
    *stage = (struct explore_stage){.preemptions = preemptions, .has_fault = has_fault};
    stage->total = has_fault ? level->faults.total : level->stage.total;
    stage->is_counted = is_counted;
    return stage;
}

static uint64_t total_so_far(const struct explore *explore)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < explore->stage_count; i++)
        total = count_add(total, explore->stages[i].total);
    return total;
}

static void take_notes(struct explore *explore, uint32_t preemptions, const struct notes *notes)
{
    struct level *level = &explore->levels[preemptions];
    struct cursor *cursor = calloc(1, sizeof *cursor);
    ASSERT(cursor != NULL);
    for (size_t i = 0; i < notes->count; i++) {
        const struct note *note = &notes->notes[i];
        if (note->kind != FAULT_NONE) {
            faults_add(&level->faults, note->number, note->where, (enum fault_kind)note->kind,
                       note->count, explore->options.loss_seeds);
            continue;
        }
        cursor_seek(cursor, &level->stage, note->number);
        stage_add(&explore->levels[preemptions + 1].stage, &cursor->path, note->where, note->count);
    }
    free(cursor);
}

/* `ret_is_whole`: all its paths were run, and all that follows from them is known. */
static enum error_code run_stage(struct explore *explore, struct explore_stage *told,
                                 bool *ret_is_whole, struct error *error)
{
    struct level *level = &explore->levels[told->preemptions];
    uint64_t left = explore->options.max - explore->run_count;
    struct notes notes = {.are_all = true};
    const struct work work = {
        .backend = explore->backend,
        .run = explore->run,
        .options = &explore->options,
        .stage = &level->stage,
        .faults = told->has_fault ? &level->faults : NULL,
        .place = (uint32_t)(told - explore->stages),
        .counts_points = !told->has_fault && told->preemptions < explore->options.preemptions,
        .total = told->total < left ? told->total : left,
        .probe = explore->probe,
        .run_before = explore->run_count,
        .total_before = total_so_far(explore),
    };
    enum error_code code = ERROR_NONE;
    if (work.total > 0 && !explore->is_stopped)
        code = work_run(&work, &explore->tally, &notes, &told->run, error);
    if (code != ERROR_NONE)
        return code;
    explore->run_count += told->run;
    explore->is_stopped |= told->run < work.total;
    *ret_is_whole = told->is_counted && told->run == told->total && notes.are_all;
    if (!told->has_fault)
        take_notes(explore, told->preemptions, &notes);
    free(notes.notes);
    return ERROR_NONE;
}

static enum error_code run_stages(struct explore *explore, struct error *error)
{
    bool is_whole[PREEMPTIONS_MAX + 1] = {false};
    enum error_code code = ERROR_NONE;
    uint32_t last = explore->options.preemptions;
    for (uint32_t i = 0; i <= last && code == ERROR_NONE; i++) {
        struct explore_stage *stage = add_stage(explore, i, false, i == 0 || is_whole[i - 1]);
        code = run_stage(explore, stage, &is_whole[i], error);
    }
    for (uint32_t i = 0; i <= last && code == ERROR_NONE && explore->options.faults != 0; i++) {
        bool is_all;
        struct explore_stage *stage = add_stage(explore, i, true, is_whole[i]);
        code = run_stage(explore, stage, &is_all, error);
    }
    return code;
}

/* --- for callers ----------------------------------------------------------------------------- */

enum error_code explore_run(struct explore **ret_explore, const struct run_options *backend,
                            struct run *run, const struct steps *steps,
                            const struct explore_options *options, struct error *error)
{
    void *probe;
    ASSERT(options->preemptions <= PREEMPTIONS_MAX);
    enum error_code code = crew_memory(&probe, sizeof(struct probe), error);
    if (code != ERROR_NONE)
        return code;
    struct explore *explore = calloc(1, sizeof *explore);
    ASSERT(explore != NULL);
    explore->backend = backend;
    explore->run = run;
    explore->steps = steps;
    explore->options = *options;
    explore->probe = probe;
    arena_init(&explore->arena, ARENA_BYTES);
    probe_init(explore->probe, &explore->arena, steps, options->points);
    stage_init(&explore->levels[0].stage, steps);
    for (uint32_t i = 0; i <= PREEMPTIONS_MAX; i++) {
        if (i > 0)
            stage_init_empty(&explore->levels[i].stage, steps);
        faults_init(&explore->levels[i].faults, &explore->levels[i].stage);
    }
    code = run_stages(explore, error);
    tally_sort(&explore->tally);
    if (code == ERROR_NONE)
        *ret_explore = explore;
    else
        explore_free(explore);
    return code;
}

void explore_free(struct explore *explore)
{
    if (explore == NULL)
        return;
    for (uint32_t i = 0; i <= PREEMPTIONS_MAX; i++) {
        faults_clean_up(&explore->levels[i].faults);
        stage_clean_up(&explore->levels[i].stage);
    }
    arena_clean_up(&explore->arena);
    crew_memory_free(explore->probe, sizeof(struct probe));
    free(explore);
}

uint32_t explore_stages(const struct explore *explore, const struct explore_stage **ret_stages)
{
    *ret_stages = explore->stages;
    return explore->stage_count;
}

const struct tally *explore_tally(const struct explore *explore)
{
    return &explore->tally;
}

bool explore_is_all(const struct explore *explore)
{
    for (uint32_t i = 0; i < explore->stage_count; i++)
        if (!explore->stages[i].is_counted || explore->stages[i].run != explore->stages[i].total)
            return false;
    return explore->tally.limits == 0;
}

const struct plan *explore_plan_at(struct explore *explore, struct tally_place place,
                                   struct path *ret_path, struct path_fault *ret_fault)
{
    const struct explore_stage *told = &explore->stages[place.stage];
    const struct level *level = &explore->levels[told->preemptions];
    const struct work work = {.stage = &level->stage,
                              .faults = told->has_fault ? &level->faults : NULL};
    struct cursor cursor;
    work_seek(&work, &cursor, place.number, ret_fault);
    *ret_path = cursor.path;
    probe_take(explore->probe, ret_path, ret_fault);
    return &explore->probe->made.plan;
}

enum error_code explore_results_at(struct explore *explore, struct tally_place place,
                                   struct results *ret_results, struct verdict *ret_verdict,
                                   struct error *error)
{
    struct path path;
    struct path_fault fault;
    struct isolated_result result;
    (void)explore_plan_at(explore, place, &path, &fault);
    enum error_code code = probe_run_isolated(explore->probe, explore->run, false, &result, error);
    if (code != ERROR_NONE)
        return code;
    *ret_results = explore->probe->results;
    *ret_verdict = result.verdict;
    return ERROR_NONE;
}
