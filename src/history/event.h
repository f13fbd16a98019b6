/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one stream of what happens in a run. The runner emits it, at one place (run/emit.c); the trace
 * and its hash, the recording, the feedback and the oracles read it, in this order, and learn of the
 * run from nothing else.
 *
 * An event, and what it points to, is valid while it is being read.
 */
#ifndef HISTORY_EVENT_H
#define HISTORY_EVENT_H

#include "model/database.h"
#include "model/observation.h"

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

struct event {
    uint8_t kind; /* enum event_kind */
    uint8_t task; /* or a thread, from PLAN_TASKS_MAX on */
    uint16_t detail;
    uint32_t interaction;
    int64_t value;
    uint64_t now_ns; /* virtual time */
    uint64_t yields; /* yield points crossed before */
    union {          /* by kind, see events.def */
        const struct observation *seen;
        const struct event_result *result;
        const struct model_database *content;
        const struct event_recovery *recovery;
        const struct event_lock *lock;
    };
};

#endif
