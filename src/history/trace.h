/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a run, event by event, and the hash that two runs of the same plan must share.
 * No addresses, no real time. The oldest events are kept, up to TRACE_EVENTS_MAX; the hash covers
 * all, and everything in the observations of calls.
 */
#ifndef HISTORY_TRACE_H
#define HISTORY_TRACE_H

#include "base/hash.h"
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
};

static inline struct trace_event trace_event_of(const struct event *event)
{
    return (struct trace_event){event->kind, event->task, event->detail, event->interaction,
                                event->value};
}

struct trace {
    const struct plan *plan;
    uint64_t hash;
    uint64_t count; /* of all events, kept or not */
    struct trace_event events[TRACE_EVENTS_MAX];
};

void trace_begin(struct trace *trace, const struct plan *plan);

/* For trace_read. */
void trace_hash_observation(struct trace *trace, const struct observation *seen);

/* Only of a traced kind. */
static inline void trace_read(struct trace *trace, const struct event *event)
{
    struct trace_event kept = trace_event_of(event);
    uint64_t head = (uint64_t)kept.kind | (uint64_t)kept.task << 8 | (uint64_t)kept.detail << 16 |
                    (uint64_t)kept.interaction << 32;
    trace->hash = hash_word(hash_word(trace->hash, head), (uint64_t)kept.value);
    if (trace->count < TRACE_EVENTS_MAX)
        trace->events[trace->count] = kept;
    trace->count++;
    if (kept.kind == TRACE_return)
        trace_hash_observation(trace, event->seen);
}

/* What happened, in the words of a trace: "> insert t0 k=3", "< ok (1)", ... */
void trace_describe(const struct plan *plan, const struct trace_event *event, struct text *text);

/* "task 2", or "thread 0" for what the code under test has started. */
struct trace_name {
    char text[24];
};
struct trace_name trace_who(uint32_t coroutine);

/* The event's line. */
void trace_print_event(const struct plan *plan, const struct trace_event *event, FILE *file);

/* One line an event. */
void trace_print(const struct trace *trace, FILE *file);
/* Only the last `count` ones. */
void trace_print_tail(const struct trace *trace, size_t count, FILE *file);

#endif
