/* SPDX-License-Identifier: Apache-2.0 */
/* What all modes have in common: a second run of each plan, after the first. */
#include "mode/mode.h"

#include "mode/sides.h"

#include <stdio.h>
#include <stdlib.h>

const char *const mode_reason_words[MODE_REASON_COUNT] = {
#define REASON(name, words) [MODE_REASON_##name] = words,
#include "mode/reasons.def"
};

static const struct plan *begin_first(void *context, const struct plan *plan)
{
    struct mode *mode = context;
    const struct plan *first = mode->kind->begin(mode, plan);
    course_begin(&mode->first, first);
    return first;
}

static void on_event_of_first(void *context, const struct event *event)
{
    struct mode *mode = context;
    course_on_event(&mode->first, event);
}

static void on_row_of_first(void *context, size_t interaction, const struct value *columns,
                            uint32_t count)
{
    struct mode *mode = context;
    course_on_row(&mode->first, interaction, columns, count);
}

static const struct plan *begin_second(void *context, const struct plan *plan)
{
    course_begin(context, plan);
    return plan;
}

/* What a verdict leaves behind must not show in what runs later. */
static void renew(struct mode *mode, struct verdict *verdict)
{
    struct error error;
    if (run_renew(&mode->run, &error) != ERROR_NONE)
        verdict_harness_error(verdict, SIZE_MAX, "%s", error.message);
}

/* The second run may have a verdict of its own: what differs until then says more. */
static void compare(struct mode *mode, const struct trace *first, const struct run_result *second,
                    struct verdict *verdict)
{
    const struct verdict *own = &second->verdict;
    const struct comparison comparison = {
        .mode = mode->kind->word,
        .courses = {&mode->first, &mode->second},
        .names = {mode->names[0], mode->names[1]},
        .second_is_cut = own->kind == VERDICT_VIOLATION,
        .verdict = verdict,
    };
    mode->kind->compare(mode, first, second, &comparison);
    if (own->kind == VERDICT_VIOLATION)
        verdict_violation(verdict, own->interaction, own->signature, "%s: %s", mode->names[1],
                          own->report);
}

static void review(void *context, const struct plan *plan, const struct trace *trace,
                   struct verdict *verdict)
{
    struct mode *mode = context;
    if (mode->run == NULL)
        return;
    const struct run_result *second = run_plan(mode->run, mode->kind->second(mode, plan));
    if (verdict_is_error(&second->verdict))
        mode_pass_over(mode, MODE_REASON_limit);
    else
        compare(mode, trace, second, verdict);
    if (second->verdict.kind != VERDICT_OK)
        renew(mode, verdict);
}

/* --- opening --------------------------------------------------------------------------------- */

static void init(struct mode *mode, const struct run_options *options)
{
    static const struct mode_kind_ops *const kinds[] = {
        [MODE_TWICE] = &mode_twice,
        [MODE_AGAINST] = &mode_against,
    };
    mode->kind = kinds[mode->order.kind];
    mode->subject = options->subject;
    mode->second_options = mode->order.other != NULL ? *mode->order.other : *options;
    mode->second_options.mode = &mode->on_second;
    course_init(&mode->first);
    course_init(&mode->second);
    mode->on_first = (struct run_mode){
        .begin = begin_first,
        .events = COURSE_EVENTS,
        .on_event = on_event_of_first,
        .on_row = on_row_of_first,
        .review = review,
        .context = mode,
    };
    mode->on_second = (struct run_mode){
        .begin = begin_second,
        .events = COURSE_EVENTS,
        .on_event = course_on_event,
        .on_row = course_on_row,
        .context = &mode->second,
    };
}

enum error_code mode_open(struct mode **ret_mode, const struct mode_order *order,
                          const struct run_options *options, struct error *error)
{
    *ret_mode = NULL;
    if (order->kind == MODE_ONCE)
        return ERROR_NONE;
    struct mode *mode = calloc(1, sizeof *mode);
    if (mode == NULL)
        return interplay_error(error, ERROR_MEMORY, "out of memory");
    mode->order = *order;
    init(mode, options);
    enum error_code code = run_open(&mode->run, &mode->second_options, error);
    if (code == ERROR_NONE && order->kind == MODE_AGAINST)
        code = mode_open_against(mode, error);
    if (code != ERROR_NONE) {
        mode_close(mode);
        return code;
    }
    if (order->kind == MODE_TWICE) {
        (void)snprintf(mode->names[0], sizeof mode->names[0], "the first run");
        (void)snprintf(mode->names[1], sizeof mode->names[1], "the second run");
        (void)snprintf(mode->description, sizeof mode->description, "itself, once more");
    }
    *ret_mode = mode;
    return ERROR_NONE;
}

void mode_close(struct mode *mode)
{
    if (mode == NULL)
        return;
    run_close(mode->run);
    course_clean_up(&mode->first);
    course_clean_up(&mode->second);
    if (mode->arena.base != NULL)
        arena_clean_up(&mode->arena);
    free(mode);
}

const struct run_mode *mode_run(const struct mode *mode)
{
    return mode == NULL ? NULL : &mode->on_first;
}

struct mode *mode_of_run(const struct run_mode *run_mode)
{
    return run_mode == NULL ? NULL : run_mode->context;
}

const struct mode_counts *mode_counts(const struct mode *mode)
{
    return &mode->counts;
}

enum error_code mode_open_own(struct mode *mode, struct error *error)
{
    mode->counts = (struct mode_counts){0};
    return run_open(&mode->run, &mode->second_options, error);
}

void mode_add_counts(struct mode *mode, const struct mode_counts *more)
{
    mode->counts.compared += more->compared;
    for (int reason = 0; reason < MODE_REASON_COUNT; reason++)
        mode->counts.passed_over[reason] += more->passed_over[reason];
}

const char *mode_describe(const struct mode *mode)
{
    return mode->description;
}
