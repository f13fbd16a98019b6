/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the place, and calling what has the breakpoint. */
#include "cli/stop.h"

#include "cli/numbers.h"
#include "plan/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const event_names[TRACE_KIND_COUNT] = {
#define TRACED(name, meaning) #name,
#include "history/events.def"
};

/* Nobody in this program looks at it, so the compiler must not know that. */
void interplay_stop(const struct stop_view *view);

void __attribute__((noinline)) interplay_stop(const struct stop_view *view)
{
    __asm__ volatile("" : : "r"(view) : "memory");
}

/* --- stopping -------------------------------------------------------------------------------- */

static void describe(struct stop *stop, uint32_t interaction, char bytes[STOP_TEXT_BYTES])
{
    struct text text;
    text_init(&text, bytes, STOP_TEXT_BYTES);
    const struct interaction *step = &stop->plan->interactions[interaction];
    text_append_format(&text, "step %" PRIu32 ", ", interaction);
    plan_describe_action(step, &text);
}

static void note_step(struct stop *stop, uint32_t task, uint32_t interaction)
{
    if (task < PLAN_TASKS_MAX && interaction < stop->plan->interaction_count)
        describe(stop, interaction, stop->view.steps[task]);
}

static void stop_here(struct stop *stop, uint32_t coroutine, uint32_t interaction, const char *what)
{
    char step[STOP_TEXT_BYTES] = "the end";
    struct text text;
    text_init(&text, stop->view.what, sizeof stop->view.what);
    if (interaction < stop->plan->interaction_count)
        describe(stop, interaction, step);
    text_append_format(&text, "%s, %s: %s", trace_who(coroutine).text, step, what);
    stop->view.coroutine = coroutine;
    stop->is_reached = true;
    interplay_stop(&stop->view);
}

static void on_crossing(void *context, const struct run_crossing *crossing)
{
    struct stop *stop = context;
    uint64_t point = UINT64_C(1) << crossing->point;
    note_step(stop, crossing->task, crossing->interaction);
    if (stop->is_reached || crossing->interaction != stop->step ||
        (point & (yield_points_storage | yield_points_lock)) == 0)
        return;
    stop->crossed++;
    if (stop->event >= 0 || (stop->crossing != 0 && stop->crossing != stop->crossed))
        return;
    char what[STOP_TEXT_BYTES];
    (void)snprintf(what, sizeof what, "call %" PRIu32 " into the system: %s (%s)", stop->crossed,
                   yield_point_names[crossing->point], yield_point_deeds[crossing->point]);
    stop_here(stop, crossing->coroutine, crossing->interaction, what);
}

/* A step that does nothing into the system has events all the same. */
static bool is_here(const struct stop *stop, const struct event *event)
{
    if (stop->is_reached)
        return true;
    if (event->interaction != stop->step || event->kind == EVENT_invoke)
        return stop->event == EVENT_invoke && event->kind == EVENT_invoke &&
               event->interaction == stop->step;
    if (stop->event >= 0)
        return stop->event == event->kind;
    return stop->crossing == 0 && (event->kind == EVENT_skip || event->kind == EVENT_return);
}

static void on_event(void *context, const struct event *event)
{
    struct stop *stop = context;
    if (event->kind >= TRACE_KIND_COUNT)
        return;
    note_step(stop, event->task, event->interaction);
    if (!is_here(stop, event))
        return;
    const struct trace_event kept = trace_event_of(event);
    char said[STOP_TEXT_BYTES], what[STOP_TEXT_BYTES + 32];
    struct text text;
    text_init(&text, said, sizeof said);
    trace_describe(stop->plan, &kept, NULL, &text);
    (void)snprintf(what, sizeof what, "event %s: %s", event_names[event->kind], said);
    stop_here(stop, event->task, event->interaction, what);
}

/* --- where ----------------------------------------------------------------------------------- */

static int find_event(const char *name)
{
    for (int i = 0; i < TRACE_KIND_COUNT; i++)
        if (strcmp(event_names[i], name) == 0)
            return i;
    return -1;
}

static enum error_code fail_with_events(const char *where, struct error *error)
{
    char bytes[256];
    struct text names;
    text_init(&names, bytes, sizeof bytes);
    for (int i = 0; i < TRACE_KIND_COUNT; i++)
        text_append_format(&names, "%s%s", i == 0 ? "" : ", ", event_names[i]);
    return interplay_error(error, ERROR_USAGE,
                           "--at %s: expected STEP, STEP:NUMBER from 1, or STEP:EVENT, one of %s",
                           where, bytes);
}

static enum error_code read_where(struct stop *stop, const char *where, struct error *error)
{
    char word[32];
    const char *colon = strchr(where, ':');
    size_t length = colon == NULL ? strlen(where) : (size_t)(colon - where);
    uint64_t step, crossing = 0;
    (void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : 0), where);
    if (!cli_parse_number(word, &step))
        return fail_with_events(where, error);
    if (step >= stop->plan->interaction_count)
        return interplay_error(error, ERROR_USAGE, "--at %s: there are %zu steps, from 0", where,
                               stop->plan->interaction_count);
    stop->step = (uint32_t)step;
    stop->event = -1;
    if (colon == NULL)
        return ERROR_NONE;
    if (!cli_parse_number(colon + 1, &crossing))
        stop->event = find_event(colon + 1);
    if (crossing > UINT32_MAX || (crossing == 0 && stop->event < 0))
        return fail_with_events(where, error);
    stop->crossing = (uint32_t)crossing;
    return ERROR_NONE;
}

enum error_code stop_at(struct stop *ret_stop, const char *where, const struct plan *plan,
                        struct error *error)
{
    *ret_stop = (struct stop){
        .plan = plan,
        .watcher = {.on_crossing = on_crossing, .on_event = on_event, .context = ret_stop},
    };
    return read_where(ret_stop, where, error);
}
