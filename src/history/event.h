/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one stream of what happens in a run. The runner emits it, at one place (run_emit,
 * run/state.h); the trace and its hash, the recording, the feedback and the oracles read it, in
 * this order, and learn of the run from nothing else.
 *
 * An event, and what it points to, is valid while it is being read.
 */
#ifndef HISTORY_EVENT_H
#define HISTORY_EVENT_H

#include "model/database.h"
#include "model/observation.h"

#include <interplay/stack.h>

#include <stddef.h>
#include <stdint.h>

enum event_kind {
#define TRACED(name, meaning) EVENT_##name,
#define EVENT(name, meaning)  EVENT_##name,
#include "history/events.def"
    EVENT_COUNT,
};

/* For sets of kinds. */
#define EVENT_BIT(name) (UINT64_C(1) << EVENT_##name)

#define EVENT_AT_END UINT32_MAX /* as an interaction: after the last one */

/* How a call ended, and what was around it. */
struct event_result {
    const struct observation *seen;
    uint32_t held_back; /* tasks that pauses hold back: a bit set */
    bool is_struck;     /* a fault struck in the task's interaction */
    uint64_t footprint; /* what was done to the storage for it, see sim/footprint.h */
};

/* Of the task, when a call of its lease has ended. */
enum event_lease_bit {
    EVENT_LEASE_IN_TRANSACTION = 1,  /* its connection is in one */
    EVENT_LEASE_HAS_TRANSACTION = 2, /* the task has not ended one (the database may have) */
};

/*
 * Of a call: it runs beside a stream of the same lease, which is open; or is that stream, which
 * goes on to its end now that others have run.
 */
enum { EVENT_CALL_BESIDE = 1, EVENT_CALL_GOES_ON = 2 };

/* What a server has committed; or nobody knows for which task it was. */
enum event_commit { EVENT_COMMIT_EMPTY, EVENT_COMMIT_WROTE, EVENT_COMMIT_OF_ANYBODY };

/* Of a misuse; else it is one of POSIX. */
enum { EVENT_MISUSE_OF_HANDLE = 1 };

/*
 * Of a cancel that is told when a call begins: it began before that, and was meant for an earlier
 * one.
 */
enum { EVENT_CANCEL_IS_LATE = 1 };

/*
 * What the tasks wait for at a moment when nobody can go on without a timer or another interaction.
 */
enum event_waiting { WAITS_FOR_NOTHING, WAITS_FOR_LEASE, WAITS_FOR_CALL };

struct event_look {
    uint8_t waiting[PLAN_TASKS_MAX];   /* enum event_waiting */
    uint8_t access[PLAN_TASKS_MAX];    /* enum stack_access of what it waits for */
    uint64_t timer_ns[PLAN_TASKS_MAX]; /* when it goes on by itself; UINT64_MAX: never */
    const struct stack_view *view;     /* NULL: the stack cannot be inspected */
};

/* Why nothing is promised any more, or content is not judged any more. */
enum event_reason {
    REASON_NONE,
    REASON_POWER_LOSS,   /* what survives one is open in this mode */
    REASON_DEATH,        /* what a process that dies leaves behind is open in this mode */
    REASON_UNDO,         /* what had to be undone cannot be in this mode */
    REASON_LATE_REQUEST, /* a request that nobody waited for any more was done after all */
    REASON_SHORT_READ,   /* the storage lied, and nothing told the database */
    REASON_GARBLED,      /* the network did, and nothing told the client */
    /* What the plan's own SQL has done. */
    REASON_RAW_WROTE,       /* to rows or schema */
    REASON_RAW_TRANSACTION, /* opened or ended a transaction or a savepoint */
    REASON_RAW_SET,         /* set what results depend on */
    REASON_RAW_UNKNOWN,     /* nobody tells */
    REASON_PARTIAL_BATCH,   /* of a call of many requests one was not done, but told to be */
    REASON_NOT_SET_BACK,    /* the plan began with what somebody else had left */
    REASON_NO_SNAPSHOT,     /* an action of the database's own keeps to no snapshot */
};

/* What the database held after a power loss. */
struct event_recovery {
    const struct model_database *content, *again; /* recovered once, and a second time */
};

/* What one open file holds from now on. */
struct event_lock {
    const void *handle;        /* tells one file from the other; means nothing else */
    uint8_t holder;            /* task or thread (from PLAN_TASKS_MAX on) that changed it */
    uint8_t level;             /* enum storage_lock_level */
    uint8_t shared, exclusive; /* shared-memory locks, bit sets */
};

/* The log that commits go to first. */
struct event_log {
    uint64_t bytes, written_bytes; /* as in struct subject_log */
    uint64_t call_bytes;           /* that were written since the call began that has committed */
};

/* Beyond what was there before the plan. */
struct event_left_over {
    int64_t memory_bytes;
    int64_t allocations;
    int64_t open_files;
    int64_t file_locks;
    int64_t shared_memory; /* attachments */
    int64_t connections;   /* that refused to close: statements were not finalized */
    int64_t threads;       /* that run, or were not joined */
    int64_t locks;         /* mutexes */
};

struct event {
    uint8_t kind; /* enum event_kind */
    uint8_t task; /* or a thread, from PLAN_TASKS_MAX on */
    uint16_t detail;
    uint32_t interaction;
    int64_t value;
    uint64_t now_ns;                    /* virtual time */
    uint64_t yields;                    /* yield points crossed before */
    const struct observed_lists *lists; /* of content; NULL: the plan has no appends */
    union {                             /* by kind, see events.def */
        const struct observation *seen;
        const struct event_result *result;
        const struct model_database *content;
        const struct event_recovery *recovery;
        const struct event_lock *lock;
        const struct event_log *log;
        const struct stack_lease *lease; /* tells one from the other; NULL: none */
        const struct event_look *look;
        const struct event_left_over *left_over;
        const struct subject_damage *damage;
        const char *text;
    };
};

/* The interaction in terms of a verdict: SIZE_MAX, after the last one. */
static inline size_t event_interaction(const struct event *event)
{
    return event->interaction == EVENT_AT_END ? SIZE_MAX : event->interaction;
}

#endif
