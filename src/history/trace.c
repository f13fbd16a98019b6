/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping and printing events. */
#include "history/trace.h"

#include "base/hash.h"
#include "plan/describe.h"
#include "sim/world.h"

#include <string.h>

void trace_begin(struct trace *trace, const struct plan *plan)
{
    trace->plan = plan;
    trace->hash = 0;
    trace->count = 0;
    trace->notes.count = 0;
}

/* --- notes ----------------------------------------------------------------------------------- */

static bool has_report(const struct plan *plan, const struct event *event)
{
    return event->seen->row_count > 0 &&
           plan_action_infos[plan->interactions[event->interaction].action].result != NULL;
}

/* Why it failed, or the rows that came of the plan's own SQL, in words; NULL: neither. */
static const char *message_of(const struct plan *plan, const struct event *event)
{
    const struct observation *seen = event->seen;
    if (event->detail != OUTCOME_OK)
        return seen->error_message[0] != '\0' ? seen->error_message : NULL;
    bool has_rows = plan->interactions[event->interaction].sql != NULL && seen->row_count > 0;
    return has_rows ? seen->row_text : NULL;
}

void trace_notes_read(struct trace_notes *notes, const struct plan *plan, uint64_t at,
                      const struct event *event)
{
    if (event->kind != EVENT_return || notes->count == TRACE_NOTES_MAX)
        return;
    const char *message = message_of(plan, event);
    if (message == NULL && (event->detail != OUTCOME_OK || !has_report(plan, event)))
        return;
    struct trace_note *note = &notes->notes[notes->count++];
    note->event = at;
    memcpy(note->report, event->seen->report, sizeof note->report);
    memset(note->message, 0, sizeof note->message);
    if (message != NULL)
        memcpy(note->message, message, strnlen(message, sizeof note->message - 1));
}

const struct trace_note *trace_notes_find(const struct trace_notes *notes, uint64_t at)
{
    for (uint32_t i = 0; i < notes->count; i++)
        if (notes->notes[i].event == at)
            return &notes->notes[i];
    return NULL;
}

/* --- events ---------------------------------------------------------------------------------- */

/* Any odd number with bits all over it: one round of mixing serves both halves of an event. */
static const uint64_t value_factor = 0x9e3779b97f4a7c15u;

static uint64_t observation_hash(const struct observation *seen)
{
    uint64_t end = (uint64_t)seen->outcome | (uint64_t)seen->in_transaction << 8 |
                   (uint64_t)seen->number_is_null << 9 | (uint64_t)(uint32_t)seen->error_code << 32;
    uint64_t hash = hash_word(end, (uint64_t)seen->changes);
    hash = hash_word(hash, seen->row_count);
    hash = hash_word(hash, (uint64_t)seen->number);
    if ((seen->report[0] | seen->report[1] | seen->report[2]) != 0)
        hash = hash_bytes(hash, seen->report, sizeof seen->report);
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        const struct observed_row *row = &seen->rows[i];
        hash = hash_word(hash, (uint64_t)row->key);
        hash = hash_word(hash, (uint64_t)row->value);
        hash = hash_word(hash, (uint64_t)row->text_value);
        hash = hash_word(hash, (uint64_t)row->text_units << 1 | row->intact);
        if (row->addend != 0)
            hash = hash_word(hash, (uint64_t)row->addend);
    }
    return hash;
}

void trace_read(struct trace *trace, const struct event *event)
{
    struct trace_event kept = trace_event_of(event);
    uint64_t head = (uint64_t)kept.kind | (uint64_t)kept.task << 8 | (uint64_t)kept.detail << 16 |
                    (uint64_t)kept.interaction << 32;
    uint64_t hash = hash_word(trace->hash + (uint64_t)kept.value * value_factor, head);
    if (kept.kind == TRACE_return) {
        hash = hash_word(hash, observation_hash(event->seen));
        trace_notes_read(&trace->notes, trace->plan, trace->count, event);
    }
    trace->hash = hash;
    if (trace->count < TRACE_EVENTS_MAX)
        trace->events[trace->count] = kept;
    trace->count++;
}

struct trace_name trace_who(uint32_t coroutine)
{
    struct trace_name name;
    bool is_task = coroutine < PLAN_TASKS_MAX;
    (void)snprintf(name.text, sizeof name.text, "%s %u", is_task ? "task" : "thread",
                   is_task ? coroutine : coroutine - PLAN_TASKS_MAX);
    return name;
}

static void describe_wait(const struct trace_event *event, struct text *text)
{
    if (event->value < WORLD_NOBODY)
        text_append_format(text, ". waits for %s", trace_who((uint32_t)event->value).text);
    else
        text_append(text, ". waits for a signal");
}

static void describe_return(const struct plan *plan, const struct trace_event *event,
                            const struct trace_note *note, struct text *text)
{
    uint8_t action = plan->interactions[event->interaction].action;
    text_append_format(text, "< %s (", interplay_outcome_names[event->detail]);
    if (note != NULL && note->message[0] == '\0')
        plan_own_result((enum plan_action)action, note->report, text);
    else
        text_append_number(text, event->value);
    text_append(text, ")");
    if (note == NULL || note->message[0] == '\0')
        return;
    text_append(text, ": ");
    plan_describe_text(note->message, text);
}

void trace_describe(const struct plan *plan, const struct trace_event *event,
                    const struct trace_note *note, struct text *text)
{
    const char *outcome =
        event->detail < OUTCOME_COUNT ? interplay_outcome_names[event->detail] : "";
    switch ((enum trace_kind)event->kind) {
    case TRACE_invoke:
    case TRACE_skip:
        text_append(text, event->kind == TRACE_skip ? "- cannot: " : "> ");
        plan_describe(&plan->interactions[event->interaction], text);
        return;
    case TRACE_return:
        describe_return(plan, event, note, text);
        return;
    case TRACE_commit_point:
        text_append(text, "* commit point");
        return;
    case TRACE_park:
        text_append_format(text, "| held back before %s", yield_point_names[event->detail]);
        return;
    case TRACE_wait:
        describe_wait(event, text);
        return;
    case TRACE_sleep:
        text_append_format(text, ". sleeps until %.3f ms", (double)event->value / 1e6);
        return;
    case TRACE_continue:
        text_append(text, "| goes on");
        return;
    case TRACE_fault:
        text_append_format(text, "! %s", fault_infos[event->detail].name);
        return;
    case TRACE_power_loss:
        text_append(text, "! the power is gone, for everybody");
        return;
    case TRACE_recovered:
        text_append(text, "* recovered a copy and read it");
        return;
    case TRACE_disconnect:
        text_append_format(text, "x disconnected (%s)", outcome);
        return;
    case TRACE_end:
        text_append_format(text, "%lld yield points crossed", (long long)event->value);
        return;
    }
}

void trace_print_event(const struct plan *plan, const struct trace_event *event,
                       const struct trace_note *note, FILE *file)
{
    char buffer[256];
    struct text text;
    text_init(&text, buffer, sizeof buffer);
    trace_describe(plan, event, note, &text);
    if (event->kind == TRACE_end)
        fprintf(file, "  end  %s\n", buffer);
    else
        fprintf(file, "%5u  %s  %s\n", event->interaction, trace_who(event->task).text, buffer);
}

void trace_print_time(uint64_t now_ns, uint64_t *last_ns, FILE *file)
{
    if (now_ns != *last_ns)
        fprintf(file, "  ...  virtual time %.3f ms\n", (double)now_ns / 1e6);
    *last_ns = now_ns;
}

void trace_print_tail(const struct trace *trace, size_t count, FILE *file)
{
    uint64_t kept = trace->count < TRACE_EVENTS_MAX ? trace->count : TRACE_EVENTS_MAX;
    uint64_t first = kept > count ? kept - count : 0;
    if (first > 0)
        fprintf(file, "  ...  (%llu events before)\n", (unsigned long long)first);
    uint64_t last_ns = 0;
    for (uint64_t i = first; i < kept; i++) {
        trace_print_time(trace->events[i].now_ns, &last_ns, file);
        trace_print_event(trace->plan, &trace->events[i], trace_notes_find(&trace->notes, i), file);
    }
    if (trace->count > kept)
        fprintf(file, "  ...  (%llu events more)\n", (unsigned long long)(trace->count - kept));
}

void trace_print(const struct trace *trace, FILE *file)
{
    trace_print_tail(trace, TRACE_EVENTS_MAX, file);
}
