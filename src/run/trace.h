/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened in a run, event by event, and the hash that two runs of the same plan must share.
 * No addresses, no real time. The oldest events are kept, up to TRACE_EVENTS_MAX; the hash covers
 * all.
 */
#ifndef RUN_TRACE_H
#define RUN_TRACE_H

#include "base/text.h"
#include "model/observation.h"

#include <stdint.h>
#include <stdio.h>

enum trace_kind {
    TRACE_INVOKE,       /* a task begins an interaction */
    TRACE_SKIP,         /* nothing of it can be done: types or state forbid it */
    TRACE_RETURN,       /* it ends; detail: outcome, value: rows or changes */
    TRACE_COMMIT_POINT, /* a commit is the next in the order */
    TRACE_PARK,         /* a pause holds a task back; detail: yield point, value: yields so far */
    TRACE_WAIT,         /* a task waits for another one; value: which */
    TRACE_SLEEP,        /* a task sleeps; value: until when, ns */
    TRACE_CONTINUE,     /* a held-back task goes on */
    TRACE_FAULT,        /* a fault strikes; detail: kind */
    TRACE_POWER_LOSS,   /* all processes are gone; value: hash of what survived */
    TRACE_RECOVERED,    /* the database was checked after it; value: hash of what it holds */
    TRACE_DISCONNECT,   /* a task's connection was closed; detail: outcome */
    TRACE_END,          /* detail: verdict's kind, value: yields */
};

struct trace_event {
    uint8_t kind; /* enum trace_kind */
    uint8_t task;
    uint16_t detail;
    uint32_t interaction;
    int64_t value;
};

enum { TRACE_EVENTS_MAX = 8192 };

struct recording;

struct trace {
    const struct plan *plan;
    struct recording *recording; /* gets every event, too; NULL: there is none */
    uint64_t hash;
    uint64_t count; /* of all events, kept or not */
    struct trace_event events[TRACE_EVENTS_MAX];
};

void trace_begin(struct trace *trace, const struct plan *plan);
void trace_add(struct trace *trace, enum trace_kind kind, uint32_t task, uint32_t detail,
               size_t interaction, int64_t value);

/* A TRACE_RETURN with `number` to show; the hash covers everything in the observation. */
void trace_return(struct trace *trace, uint32_t task, size_t interaction,
                  const struct observation *seen, int64_t number);

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
