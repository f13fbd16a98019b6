/* SPDX-License-Identifier: Apache-2.0 */
/* What the processes of a crew do with the paths of a stage. */
#include "explore/work.h"

#include "base/assert.h"
#include "run/isolated.h"
#include "run/watchdog.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NOTES_MAX = 1 << 22, ARENA_BYTES = 1 << 20 };

/* What a worker leaves behind. */
struct desk {
    struct tally tally;
    uint64_t left_out;
    uint8_t bonds[STEPS_MAX];
    size_t note_count; /* more than there is room for, perhaps */
    struct note notes[NOTES_MAX];
};

struct site {
    const struct work *work;
    struct desk *desks[CREW_JOBS_MAX];
    /* Of a worker's process: */
    struct run *run;
    struct desk *desk;
    struct arena arena;
    struct probe probe;
    struct cursor cursor;
    bool has_cursor;
};

void work_seek(const struct work *work, struct cursor *cursor, uint64_t number,
               struct path_fault *ret_fault)
{
    *ret_fault = (struct path_fault){0};
    if (work->faults != NULL)
        number = faults_at(work->faults, number, ret_fault);
    cursor_seek(cursor, work->stage, number);
}

/*
 * The turn of its last note may be the first that is late: held back, it stays where it is. What
 * begins with more than that is left out.
 */
bool work_leaves_out(const struct work *work, const struct cursor *cursor)
{
    if (work->faults != NULL || work->commute->of_readers == 0)
        return false;
    uint32_t late = commute_first_late(work->commute, work->stage->steps, &cursor->path);
    return late < cursor->path.count && (!work->counts_points || cursor_owned(cursor) > late);
}

static void put_note(struct desk *desk, uint64_t number, uint32_t where, enum fault_kind kind,
                     uint16_t count)
{
    if (count == 0)
        return;
    if (desk->note_count < NOTES_MAX)
        desk->notes[desk->note_count] = (struct note){number, where, (uint16_t)kind, count};
    desk->note_count++;
}

static void note_points(struct desk *desk, const struct cursor *cursor, const struct probe *probe)
{
    for (uint32_t turn = cursor_owned(cursor); turn < cursor->path.count; turn++)
        put_note(desk, cursor->number, turn, FAULT_NONE, probe->turn_points[turn]);
}

static void take_verdict(struct tally *tally, const struct verdict *verdict,
                         const struct probe *probe, struct tally_place place)
{
    if (verdict->kind == VERDICT_OK)
        tally_add_outcome(tally, results_hash(&probe->results), 1, place);
    else if (verdict->kind == VERDICT_VIOLATION)
        tally_add_finding(tally, verdict->signature, 1, place);
    else
        tally_add_limits(tally, 1, place);
}

/* --- in a worker's process ------------------------------------------------------------------- */

/* Whoever runs the plan again will find out, too. */
static void on_timeout(void *context, const struct verdict *verdict)
{
    (void)context;
    (void)verdict;
    _exit(EXIT_FAILURE);
}

/* A run of one's own: processes that were forked from one with a run share storage with it. */
static void open_run(struct site *site)
{
    struct error error;
    if (run_open(&site->run, site->work->backend, &error) != ERROR_NONE)
        _exit(EXIT_FAILURE);
}

static void begin(void *context, uint32_t worker)
{
    struct site *site = context;
    site->desk = site->desks[worker];
    open_run(site);
    arena_init(&site->arena, ARENA_BYTES);
    probe_init(&site->probe, &site->arena, site->work->stage->steps, site->work->options->points);
    site->probe.of_readers = site->work->faults == NULL ? site->work->commute->of_readers : 0;
    watchdog_begin(on_timeout, NULL);
}

/* What a violation has left behind is no ground to run others on. */
static void renew(struct site *site, const struct verdict *verdict)
{
    struct error error;
    if (verdict->kind != VERDICT_OK && run_renew(&site->run, &error) != ERROR_NONE)
        _exit(EXIT_FAILURE);
}

static void count_opportunities(struct site *site, uint64_t number)
{
    for (int kind = 1; kind < FAULT_KIND_COUNT; kind++) {
        if ((site->work->options->faults >> kind & 1u) == 0)
            continue;
        const struct run_result *result = probe_count_opportunities(
            &site->probe, site->run, &site->cursor.path, (enum fault_kind)kind);
        for (uint32_t step = 0; step < site->work->stage->steps->plan.interaction_count; step++)
            put_note(site->desk, number, step, (enum fault_kind)kind,
                     site->probe.opportunities[step]);
        renew(site, &result->verdict);
    }
}

static void seek(struct site *site, uint64_t number, struct path_fault *ret_fault)
{
    *ret_fault = (struct path_fault){0};
    bool is_next = site->has_cursor && site->work->faults == NULL &&
                   site->cursor.number + 1 == number && cursor_next(&site->cursor);
    if (!is_next)
        work_seek(site->work, &site->cursor, number, ret_fault);
    site->has_cursor = true;
}

static void note_bonds(struct site *site)
{
    const struct steps *steps = site->work->stage->steps;
    for (uint32_t task = 0; site->probe.of_readers != 0 && task < PLAN_TASKS_MAX; task++)
        for (uint32_t i = 0; i < steps->count[task]; i++) {
            uint32_t step = steps->of[task][i];
            uint8_t *bond = &site->desk->bonds[step];
            if (*bond < site->work->commute->bond[step])
                *bond = site->work->commute->bond[step];
            uint8_t seen = *bond < BOND_ALL ? (uint8_t)probe_bond(&site->probe, step) : BOND_ALL;
            if (seen > *bond)
                *bond = seen;
        }
}

static void run_one(void *context, uint32_t worker, uint64_t number)
{
    struct site *site = context;
    (void)worker;
    struct path_fault fault;
    seek(site, number, &fault);
    if (work_leaves_out(site->work, &site->cursor)) {
        site->desk->left_out++;
        return;
    }
    probe_take(&site->probe, &site->cursor.path, &fault);
    const struct run_result *result = probe_run(&site->probe, site->run, site->work->counts_points);
    bool is_ok = result->verdict.kind == VERDICT_OK;
    take_verdict(&site->desk->tally, &result->verdict, &site->probe,
                 (struct tally_place){site->work->place, number});
    if (site->work->counts_points)
        note_points(site->desk, &site->cursor, &site->probe);
    note_bonds(site);
    renew(site, &result->verdict);
    if (site->work->faults == NULL && is_ok)
        count_opportunities(site, number);
}

/* --- in ours --------------------------------------------------------------------------------- */

/*
 * The path that ended a worker's process is run again, alone: its crash is a verdict. Where it does
 * not end its process this time, we know nothing of what happened.
 */
static enum error_code on_death(void *context, uint32_t worker, uint64_t number,
                                struct error *error)
{
    const struct site *site = context;
    const struct work *work = site->work;
    struct cursor cursor;
    struct path_fault fault;
    struct isolated_result result;
    work_seek(work, &cursor, number, &fault);
    probe_take(work->probe, &cursor.path, &fault);
    enum error_code code =
        probe_run_isolated(work->probe, work->run, work->counts_points, &result, error);
    if (code != ERROR_NONE)
        return code;
    if (!result.has_died)
        return interplay_error(error, ERROR_BACKEND,
                               "path %llu of stage %u ended its process, but not when it ran alone",
                               (unsigned long long)number, work->place);
    struct desk *desk = site->desks[worker];
    memset(desk->bonds, BOND_ALL, sizeof desk->bonds); /* nobody has seen all of it */
    take_verdict(&desk->tally, &result.verdict, work->probe,
                 (struct tally_place){work->place, number});
    if (work->counts_points)
        note_points(desk, &cursor, work->probe);
    return ERROR_NONE;
}

static bool on_progress(void *context, uint64_t done)
{
    const struct work *work = ((const struct site *)context)->work;
    const struct explore_progress progress = {.run = work->run_before + done,
                                              .total = work->total_before};
    return work->options->on_progress == NULL ||
           work->options->on_progress(work->options->context, &progress);
}

static int compare_notes(const void *left, const void *right)
{
    const struct note *a = left, *b = right;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return a->where < b->where ? -1 : a->where > b->where;
}

static void collect(const struct site *site, uint32_t jobs, struct tally *tally,
                    struct notes *ret_notes)
{
    size_t total = 0;
    struct notes notes = {.are_all = true};
    for (uint32_t i = 0; i < jobs; i++)
        total += site->desks[i]->note_count < NOTES_MAX ? site->desks[i]->note_count : NOTES_MAX;
    notes.notes = calloc(total + 1, sizeof *notes.notes);
    ASSERT(notes.notes != NULL);
    for (uint32_t i = 0; i < jobs; i++) {
        const struct desk *desk = site->desks[i];
        size_t count = desk->note_count < NOTES_MAX ? desk->note_count : NOTES_MAX;
        notes.are_all &= count == desk->note_count;
        for (size_t j = 0; j < count; j++)
            notes.are_all &= desk->notes[j].count != UINT16_MAX; /* or more */
        memcpy(notes.notes + notes.count, desk->notes, count * sizeof *desk->notes);
        notes.count += count;
        notes.left_out += desk->left_out;
        for (size_t step = 0; step < STEPS_MAX; step++)
            if (desk->bonds[step] > notes.bonds[step])
                notes.bonds[step] = desk->bonds[step];
        tally_join(tally, &desk->tally);
    }
    qsort(notes.notes, notes.count, sizeof *notes.notes, compare_notes);
    *ret_notes = notes;
}

enum error_code work_run(const struct work *work, struct tally *tally, struct notes *ret_notes,
                         uint64_t *ret_done, struct error *error)
{
    struct site *site = calloc(1, sizeof *site);
    ASSERT(site != NULL);
    site->work = work;
    uint32_t jobs = work->options->jobs;
    enum error_code code = ERROR_NONE;
    for (uint32_t i = 0; i < jobs && code == ERROR_NONE; i++) {
        void *memory = NULL;
        code = crew_memory(&memory, sizeof(struct desk), error);
        site->desks[i] = memory;
    }
    const struct crew_work crew = {
        .jobs = jobs,
        .total = work->total,
        .begin = begin,
        .work = run_one,
        .on_death = on_death,
        .on_progress = on_progress,
        .context = site,
    };
    if (code == ERROR_NONE)
        code = crew_run(&crew, ret_done, error);
    if (code == ERROR_NONE)
        collect(site, jobs, tally, ret_notes);
    for (uint32_t i = 0; i < jobs; i++)
        crew_memory_free(site->desks[i], sizeof(struct desk));
    free(site);
    return code;
}
