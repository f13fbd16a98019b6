/* SPDX-License-Identifier: Apache-2.0 */
/* Stage after stage. */
#include "explore/explore.h"

#include "base/assert.h"
#include "explore/count.h"
#include "explore/work.h"
#include "run/isolated.h"

#include <stdlib.h>
#include <string.h>

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
    struct commute commute;
    struct level levels[PREEMPTIONS_MAX + 1];
    uint32_t stage_count;
    struct explore_stage stages[EXPLORE_STAGES_MAX];
    uint64_t run_count;
    bool is_stopped;
    bool was_wrong; /* what was supposed of a step's having nothing in common with others */
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

/* The first paths of which so many are run. More than this many are not looked at. */
enum { LOOKED_AT_MAX = 100000000 };
static uint64_t bound(const struct work *work, uint64_t left)
{
    if (work->total <= left || work->faults != NULL || work->commute->of_readers == 0)
        return work->total < left ? work->total : left;
    struct cursor *cursor = calloc(1, sizeof *cursor);
    ASSERT(cursor != NULL);
    uint64_t run = 0, number = 0;
    cursor_seek(cursor, work->stage, 0);
    do {
        run += !work_leaves_out(work, cursor);
        number++;
    } while (run < left && number < LOOKED_AT_MAX && cursor_next(cursor));
    free(cursor);
    return left == 0 ? 0 : number;
}

/* `ret_is_whole`: all its paths were run, and all that follows from them is known. */
static enum error_code run_stage(struct explore *explore, struct explore_stage *told,
                                 bool *ret_is_whole, struct error *error)
{
    struct level *level = &explore->levels[told->preemptions];
    struct notes notes = {.are_all = true};
    struct work work = {
        .backend = explore->backend,
        .run = explore->run,
        .options = &explore->options,
        .stage = &level->stage,
        .faults = told->has_fault ? &level->faults : NULL,
        .place = (uint32_t)(told - explore->stages),
        .counts_points = !told->has_fault && told->preemptions < explore->options.preemptions,
        .commute = &explore->commute,
        .total = told->total,
        .probe = explore->probe,
        .run_before = explore->run_count,
        .total_before = total_so_far(explore),
    };
    uint64_t done = 0;
    enum error_code code = ERROR_NONE;
    work.total = bound(&work, explore->options.max - explore->run_count);
    if (work.total > 0 && !explore->is_stopped)
        code = work_run(&work, &explore->tally, &notes, &done, error);
    if (code != ERROR_NONE)
        return code;
    told->left_out = notes.left_out;
    told->run = done - notes.left_out;
    explore->run_count += told->run;
    explore->is_stopped |= done < work.total;
    for (uint32_t step = 0; step < STEPS_MAX; step++)
        explore->was_wrong |= commute_raise(&explore->commute, step, notes.bonds[step]);
    *ret_is_whole = told->is_counted && done == told->total && notes.are_all;
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

static void init_levels(struct explore *explore)
{
    stage_init(&explore->levels[0].stage, explore->steps);
    for (uint32_t i = 0; i <= PREEMPTIONS_MAX; i++) {
        if (i > 0)
            stage_init_empty(&explore->levels[i].stage, explore->steps);
        faults_init(&explore->levels[i].faults, &explore->levels[i].stage);
    }
}

static void clean_up_levels(struct explore *explore)
{
    for (uint32_t i = 0; i <= PREEMPTIONS_MAX; i++) {
        faults_clean_up(&explore->levels[i].faults);
        stage_clean_up(&explore->levels[i].stage);
    }
}

/* Until all that was supposed of what was left out has turned out to be so. */
static enum error_code run_until_sure(struct explore *explore, struct error *error)
{
    enum error_code code;
    for (;;) {
        code = run_stages(explore, error);
        if (code != ERROR_NONE || !explore->was_wrong || explore->is_stopped)
            return code;
        clean_up_levels(explore);
        init_levels(explore);
        memset(&explore->tally, 0, sizeof explore->tally);
        explore->stage_count = 0;
        explore->run_count = 0;
        explore->was_wrong = false;
    }
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
    init_levels(explore);
    commute_init(&explore->commute, steps, backend->subject, backend->stack != NULL);
    if (options->runs_all || options->faults != 0)
        explore->commute.of_readers = 0;
    code = run_until_sure(explore, error);
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
    clean_up_levels(explore);
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
        if (!explore->stages[i].is_counted ||
            explore->stages[i].run + explore->stages[i].left_out != explore->stages[i].total)
            return false;
    return explore->tally.limits == 0 && !explore->was_wrong;
}

uint64_t explore_left_out(const struct explore *explore)
{
    uint64_t left_out = 0;
    for (uint32_t i = 0; i < explore->stage_count; i++)
        left_out += explore->stages[i].left_out;
    return left_out;
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
    probe_place(explore->probe, explore->run);
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
