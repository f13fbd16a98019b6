/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a run, event by event, and the hash that two runs of the same plan must share.
 * No addresses, no real time. The oldest events are kept, up to TRACE_EVENTS_MAX; the hash covers
 * all, and everything in the observations of calls.
 */
#ifndef HISTORY_TRACE_H
#define HISTORY_TRACE_H

#include "base/text.h"
#include "history/event.h"

#include <stdio.h>

/* The traced events, by the same numbers. */
enum trace_kind {
#define TRACED(name, meaning) TRACE_##name,
#include "history/events.def"
};

enum {
    TRACE_EVENTS_MAX = 8192,
    TRACE_NOTES_MAX = 128,
    TRACE_KIND_COUNT = 0
#define TRACED(name, meaning) +1
#include "history/events.def"
};

/* An event as far as it is kept. */
struct trace_event {
    uint8_t kind; /* enum trace_kind */
    uint8_t task;
    uint16_t detail;
    uint32_t interaction;
    int64_t value;
    uint64_t now_ns; /* virtual time; the hash does not cover it */
};

static inline struct trace_event trace_event_of(const struct event *event)
{
    return (struct trace_event){event->kind,        event->task,  event->detail,
                                event->interaction, event->value, event->now_ns};
}

/*
 * What the event of a return says besides: why it failed, the first rows that came of the plan's
 * own SQL, or what its action reports.
 */
struct trace_note {
    uint64_t event;                         /* its place among all events */
    char message[128];                      /* "": what the action reports */
    int64_t report[SUBJECT_REPORT_NUMBERS]; /* of an action of the database's own */
};

/* Of the first returns that have something to say. */
struct trace_notes {
    uint32_t count;
    struct trace_note notes[TRACE_NOTES_MAX];
};

/* Takes a note where the event, the one at that place, has something to say. */
void trace_notes_read(struct trace_notes *notes, const struct plan *plan, uint64_t at,
                      const struct event *event);

/* Of the event at that place; NULL: there is none. */
const struct trace_note *trace_notes_find(const struct trace_notes *notes, uint64_t at);

struct trace {
    const struct plan *plan;
    uint64_t hash;
    uint64_t count; /* of all events, kept or not */
    struct trace_event events[TRACE_EVENTS_MAX];
    struct trace_notes notes;
};

void trace_begin(struct trace *trace, const struct plan *plan);

/* Only of a traced kind. */
void trace_read(struct trace *trace, const struct event *event);

/*
 * What happened, in the words of a trace: "> insert t0 k=3", "< ok (1)", ... `note` is the event's,
 * or NULL.
 */
void trace_describe(const struct plan *plan, const struct trace_event *event,
                    const struct trace_note *note, struct text *text);

/* "task 2", or "thread 0" for what the code under test has started. */
struct trace_name {
    char text[24];
};
struct trace_name trace_who(uint32_t coroutine);

/* The event's line. */
void trace_print_event(const struct plan *plan, const struct trace_event *event,
                       const struct trace_note *note, FILE *file);

/* A line where virtual time has moved on; `last_ns` is what it was, and then is what it is. */
void trace_print_time(uint64_t now_ns, uint64_t *last_ns, FILE *file);

/* One line an event, and one where virtual time has moved on. */
void trace_print(const struct trace *trace, FILE *file);
/* Only the last `count` ones. */
void trace_print_tail(const struct trace *trace, size_t count, FILE *file);

#endif
