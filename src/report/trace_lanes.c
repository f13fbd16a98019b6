/* SPDX-License-Identifier: Apache-2.0 */
/* Events with lanes and colours. */
#include "report/trace_lanes.h"

#include <inttypes.h>
#include <string.h>

enum { TEXT_WIDTH_MIN = 20 };

/* What a task does between its events. */
enum doing { IDLE, IN_CALL, HELD, WAITING };
static const char doing_signs[] = {' ', '|', ':', '.'};

/*
 * Terminals have no more than these that are legible on dark and light; red is for what is wrong.
 */
static const char *const task_colours[PLAN_TASKS_MAX] = {"34", "33", "32", "35",
                                                         "36", "94", "92", "95"};
static const char wrong[] = "1;31", fine[] = "1;32", pale[] = "2", failed[] = "33";

struct printer {
    const struct trace_lanes *lanes;
    FILE *out;
    uint32_t tasks;
    size_t margin; /* columns before an event's text */
    uint64_t now_ns;
    enum doing doing[PLAN_TASKS_MAX];
};

static void put(FILE *out, const char *colour, const char *text, size_t length)
{
    fprintf(out, "\033[%sm%.*s\033[0m", colour, (int)length, text);
}

/* The text, on several lines below each other where need be. */
static void put_text(const struct printer *printer, const char *colour, const char *text)
{
    size_t width = printer->lanes->width, left = strlen(text);
    size_t room = width == 0                                 ? SIZE_MAX
                  : width > printer->margin + TEXT_WIDTH_MIN ? width - printer->margin
                                                             : TEXT_WIDTH_MIN;
    while (left > 0) {
        size_t length = text_line_length(text, left, room);
        put(printer->out, colour, text, length);
        for (; length < left && text[length] == ' '; length++)
            ;
        text += length;
        left -= length;
        fputc('\n', printer->out);
        if (left > 0)
            fprintf(printer->out, "%*s", (int)printer->margin, "");
    }
}

static void put_lanes(const struct printer *printer, uint32_t active, char sign)
{
    for (uint32_t task = 0; task < printer->tasks; task++) {
        char lane[] = {doing_signs[printer->doing[task]], ' '};
        if (task == active)
            lane[0] = sign;
        put(printer->out, task_colours[task], lane, 2);
    }
}

static const char *colour_of(const struct trace_event *event)
{
    switch ((enum trace_kind)event->kind) {
    case TRACE_invoke:
        return event->task < PLAN_TASKS_MAX ? task_colours[event->task] : pale;
    case TRACE_return:
        return event->detail == OUTCOME_OK ? task_colours[event->task % PLAN_TASKS_MAX] : failed;
    case TRACE_commit_point:
    case TRACE_recovered:
        return fine;
    case TRACE_fault:
    case TRACE_power_loss:
        return wrong;
    case TRACE_skip:
    case TRACE_park:
    case TRACE_wait:
    case TRACE_sleep:
    case TRACE_continue:
    case TRACE_disconnect:
    case TRACE_end:
        return pale;
    }
    return pale;
}

static enum doing doing_after(const struct trace_event *event, enum doing before)
{
    switch ((enum trace_kind)event->kind) {
    case TRACE_invoke:
        return IN_CALL;
    case TRACE_skip:
    case TRACE_return:
        return IDLE;
    case TRACE_park:
        return HELD;
    case TRACE_wait:
    case TRACE_sleep:
        return WAITING;
    case TRACE_commit_point:
    case TRACE_continue:
    case TRACE_fault:
    case TRACE_power_loss:
    case TRACE_recovered:
    case TRACE_disconnect:
    case TRACE_end:
        return before == IDLE ? IDLE : IN_CALL;
    }
    return before;
}

static bool is_for_everybody(const struct trace_event *event)
{
    return event->kind == TRACE_power_loss || event->kind == TRACE_recovered ||
           event->kind == TRACE_end;
}

static void put_time(struct printer *printer, uint64_t now_ns)
{
    char text[64];
    if (now_ns == printer->now_ns)
        return;
    printer->now_ns = now_ns;
    (void)snprintf(text, sizeof text, "virtual time %.3f ms", (double)now_ns / 1e6);
    fprintf(printer->out, "%*s", (int)printer->margin, "");
    put_text(printer, pale, text);
}

static void put_event(struct printer *printer, const struct recorded_event *recorded,
                      const struct trace_note *note)
{
    const struct trace_event *event = &recorded->event;
    bool is_task = event->task < printer->tasks && !is_for_everybody(event);
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    if (!is_for_everybody(event) && !is_task)
        text_append_format(&text, "%s  ", trace_who(event->task).text);
    size_t start = text.length;
    trace_describe(printer->lanes->plan, event, note, &text);
    put_time(printer, recorded->now_ns);
    fprintf(printer->out, "%8" PRIu64 "  ", recorded->yields);
    put_lanes(printer, is_task ? event->task : UINT32_MAX, buffer[start]);
    if (event->kind == TRACE_end)
        fputs("   end  ", printer->out);
    else
        fprintf(printer->out, "%6" PRIu32 "  ", event->interaction);
    put_text(printer, colour_of(event), buffer);
    if (is_task)
        printer->doing[event->task] = doing_after(event, printer->doing[event->task]);
}

static void put_violation(const struct printer *printer)
{
    char text[160];
    (void)snprintf(text, sizeof text, "^ violation %s", printer->lanes->verdict->signature);
    fprintf(printer->out, "%*s", (int)printer->margin, "");
    put_text(printer, wrong, text);
}

static bool is_violated(const struct trace_lanes *lanes, const struct trace_event *event)
{
    return lanes->verdict->kind == VERDICT_VIOLATION && event->kind == TRACE_return &&
           event->interaction == lanes->verdict->interaction;
}

/* That a call went on is told when it has ended: the lane has shown it already. */
static bool is_late(const struct printer *printer, const struct trace_event *event)
{
    return event->kind == TRACE_continue && event->task < printer->tasks &&
           printer->doing[event->task] == IDLE;
}

static void print_coloured(const struct trace_lanes *lanes, uint64_t kept, FILE *out)
{
    struct printer printer = {.lanes = lanes, .out = out, .tasks = plan_tasks(lanes->plan)};
    printer.margin = 8 + 2 + 2 * (size_t)printer.tasks + 6 + 2;
    fputs("  yields  ", out);
    for (uint32_t task = 0; task < printer.tasks; task++) {
        const char name[] = {(char)('0' + task), ' '};
        put(out, task_colours[task], name, 2);
    }
    fputs("  step\n", out);
    for (uint64_t i = 0; i < kept; i++) {
        if (is_late(&printer, &lanes->recording->events[i].event))
            continue;
        put_event(&printer, &lanes->recording->events[i],
                  trace_notes_find(&lanes->recording->notes, i));
        if (is_violated(lanes, &lanes->recording->events[i].event))
            put_violation(&printer);
    }
}

void trace_lanes_print(const struct trace_lanes *lanes, FILE *out)
{
    uint64_t count = lanes->recording->event_count, kept = recording_kept(count);
    if (lanes->has_colours)
        print_coloured(lanes, kept, out);
    uint64_t last_ns = 0;
    for (uint64_t i = 0; !lanes->has_colours && i < kept; i++) {
        trace_print_time(lanes->recording->events[i].now_ns, &last_ns, out);
        trace_print_event(lanes->plan, &lanes->recording->events[i].event,
                          trace_notes_find(&lanes->recording->notes, i), out);
    }
    if (count > kept)
        fprintf(out, "  ...  (%" PRIu64 " events more)\n", count - kept);
}
