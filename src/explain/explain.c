/* SPDX-License-Identifier: Apache-2.0 */
/* The finding as it is, then without each pause and fault, then with each order turned round. */
#include "explain/explain.h"

#include "base/assert.h"
#include "explain/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Address space only. */
static const size_t arena_bytes = (size_t)256 << 20;

struct investigation {
    struct explain_result *result;
    struct judge judge;
    struct unnamed_places unnamed;
    struct plan candidate; /* as much room as the plan */
};

/* --- names, all at once ---------------------------------------------------------------------- */

void unnamed_add(struct unnamed_places *unnamed, struct arena *arena,
                 const struct course_stack *stack, struct code_places *places)
{
    if (unnamed->count == unnamed->capacity)
        return;
    struct course_stack *copy = ARENA_NEW(arena, struct course_stack);
    *copy = *stack;
    unnamed->items[unnamed->count++] = (struct unnamed_place){copy, places};
}

static void name_places(struct investigation *investigation, const char *const *passes_on)
{
    struct unnamed_places *unnamed = &investigation->unnamed;
    struct arena *arena = &investigation->result->arena;
    const struct course_stack **stacks =
        arena_alloc(arena, (unnamed->count + 1) * sizeof(const struct course_stack *));
    struct code_places *places = ARENA_ARRAY(arena, struct code_places, unnamed->count + 1);
    for (size_t i = 0; i < unnamed->count; i++)
        stacks[i] = unnamed->items[i].stack;
    code_places_name(stacks, unnamed->count, passes_on, places);
    for (size_t i = 0; i < unnamed->count; i++)
        *unnamed->items[i].places = places[i];
}

/* --- without ---------------------------------------------------------------------------------- */

/* A copy of the plan, and the interaction in it. */
static struct interaction *copy_of(struct investigation *investigation, size_t interaction)
{
    const struct plan *plan = &investigation->result->plan;
    struct interaction *interactions = investigation->candidate.interactions;
    investigation->candidate = *plan;
    investigation->candidate.interactions = interactions;
    memcpy(interactions, plan->interactions, plan->interaction_count * sizeof *interactions);
    return &interactions[interaction];
}

static enum explain_need need_of(struct investigation *investigation, char *came_to)
{
    switch (judge_ask_moved(&investigation->judge, &investigation->candidate, came_to)) {
    case JUDGE_SHOWS:
        return EXPLAIN_NOT_NEEDED;
    case JUDGE_OTHER:
        return EXPLAIN_NEEDED;
    case JUDGE_UNKNOWN:
        break;
    }
    return EXPLAIN_NEED_UNKNOWN;
}

static void try_pause(struct investigation *investigation, size_t interaction)
{
    struct explain_result *result = investigation->result;
    struct explain_pause *pause = &result->pauses[result->pause_count++];
    struct interaction *copy = copy_of(investigation, interaction);
    copy->pause_after = 0;
    copy->pause_class = 0;
    pause->interaction = (uint32_t)interaction;
    pause->need = need_of(investigation, pause->came_to);
}

static bool is_shown_at(struct investigation *investigation, size_t interaction, uint32_t at)
{
    if (at < 1 || at > UINT16_MAX)
        return false;
    copy_of(investigation, interaction)->fault_at = (uint16_t)at;
    return judge_ask(&investigation->judge, &investigation->candidate, NULL) == JUDGE_SHOWS;
}

static void try_fault(struct investigation *investigation, size_t interaction)
{
    struct explain_result *result = investigation->result;
    struct explain_fault *fault = &result->faults[result->fault_count++];
    struct interaction *copy = copy_of(investigation, interaction);
    uint32_t at = copy->fault_at;
    fault->interaction = (uint32_t)interaction;
    fault->kind = (enum fault_kind)copy->fault;
    copy->fault = FAULT_NONE;
    copy->fault_at = 0;
    fault->need = need_of(investigation, fault->came_to);
    fault->shows_earlier = is_shown_at(investigation, interaction, at - 1);
    fault->shows_later = is_shown_at(investigation, interaction, at + 1);
}

static void try_marks(struct investigation *investigation)
{
    struct explain_result *result = investigation->result;
    const struct plan *plan = &result->plan;
    result->pauses = ARENA_ARRAY(&result->arena, struct explain_pause, plan->interaction_count + 1);
    result->faults = ARENA_ARRAY(&result->arena, struct explain_fault, plan->interaction_count + 1);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        if (plan->interactions[i].pause_after > 0)
            try_pause(investigation, i);
        if (plan->interactions[i].fault != FAULT_NONE)
            try_fault(investigation, i);
    }
}

/* --- as it is -------------------------------------------------------------------------------- */

static void take_fault_places(struct investigation *investigation, const struct course *course)
{
    struct explain_result *result = investigation->result;
    for (size_t i = 0; i < result->fault_count; i++) {
        struct explain_fault *fault = &result->faults[i];
        for (uint32_t k = 0; k < course->fault_count && !fault->has_struck; k++) {
            if (course->faults[k].interaction != fault->interaction)
                continue;
            fault->has_struck = true;
            unnamed_add(&investigation->unnamed, &result->arena, &course->faults[k].stack,
                        &fault->code);
        }
    }
}

static bool is_held_back(const struct interaction *interaction,
                         const struct course_crossing *crossing)
{
    return crossing->counts.of[interaction->pause_class] == interaction->pause_after;
}

static void take_pause_places(struct investigation *investigation, const struct course *course)
{
    struct explain_result *result = investigation->result;
    uint64_t kept = course_is_whole(course) ? course->count : COURSE_CROSSINGS_MAX;
    for (size_t i = 0; i < result->pause_count; i++) {
        struct explain_pause *pause = &result->pauses[i];
        const struct interaction *paused = &result->plan.interactions[pause->interaction];
        for (uint64_t k = 0; k < kept && !pause->has_place; k++) {
            const struct course_crossing *crossing = &course->crossings[k];
            if (crossing->interaction != pause->interaction || !is_held_back(paused, crossing))
                continue;
            pause->has_place = true;
            pause->point = crossing->point;
            unnamed_add(&investigation->unnamed, &result->arena, &crossing->stack, &pause->code);
        }
    }
}

/* The caller's plan, whose texts stay his. */
static void take_plan(struct explain_result *result, const struct plan *plan)
{
    size_t bytes = plan->interaction_count * sizeof *plan->interactions;
    result->plan = *plan;
    result->plan.interactions = arena_alloc(&result->arena, bytes + 1);
    if (bytes > 0)
        memcpy(result->plan.interactions, plan->interactions, bytes);
}

static enum error_code explain_finding(struct investigation *investigation, struct course *course,
                                       struct error *error)
{
    struct explain_result *result = investigation->result;
    memcpy(investigation->judge.signature, result->signature, sizeof result->signature);
    try_marks(investigation);
    take_fault_places(investigation, course);
    take_pause_places(investigation, course);
    enum error_code code =
        orders_find(result, &investigation->judge, &investigation->unnamed, error);
    name_places(investigation, run_subject(investigation->judge.run)->passes_on);
    orders_reduce(result);
    return code == ERROR_NONE ? investigation->judge.code : code;
}

static enum error_code look_at_plan(struct investigation *investigation, struct course *course,
                                    struct error *error)
{
    struct isolated_result run;
    struct explain_result *result = investigation->result;
    enum error_code code = course_run(course, investigation->judge.run, &result->plan,
                                      COURSE_SHARED_POINTS, true, &run, error);
    if (code == ERROR_NONE && verdict_is_error(&run.verdict))
        code = verdict_error(&run.verdict, error);
    if (code != ERROR_NONE || run.verdict.kind == VERDICT_OK)
        return code;
    memcpy(result->signature, run.verdict.signature, sizeof result->signature);
    return explain_finding(investigation, course, error);
}

static enum error_code investigate(struct investigation *investigation, struct error *error)
{
    struct explain_result *result = investigation->result;
    struct course *course;
    enum error_code code = course_new(&course, result->plan.interaction_count, error);
    if (code != ERROR_NONE)
        return code;
    code = look_at_plan(investigation, course, error);
    course_free(course);
    result->candidates = investigation->judge.candidates;
    result->is_stopped = investigation->judge.is_over;
    return code;
}

enum { PLACES_MAX = 1024 };

enum error_code explain_plan(struct explain_result **ret_result, struct run *run,
                             const struct plan *plan, const struct explain_options *options,
                             struct error *error)
{
    struct explain_result *result = calloc(1, sizeof *result);
    if (result == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    arena_init(&result->arena, arena_bytes);
    take_plan(result, plan);
    struct investigation investigation = {
        .result = result,
        .judge = {.run = run,
                  .on_progress = options->on_progress,
                  .context = options->context,
                  .error = error},
        .unnamed = {.capacity = PLACES_MAX,
                    .items = ARENA_ARRAY(&result->arena, struct unnamed_place, PLACES_MAX)},
        .candidate.interactions =
            ARENA_ARRAY(&result->arena, struct interaction, plan->interaction_count + 1),
    };
    enum error_code code = investigate(&investigation, error);
    if (code == ERROR_NONE)
        *ret_result = result;
    else
        explain_free(result);
    return code;
}

void explain_free(struct explain_result *result)
{
    if (result == NULL)
        return;
    arena_clean_up(&result->arena);
    free(result);
}
