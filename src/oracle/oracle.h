/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an oracle is: a file of this folder and a row in oracles.def. It reads those events of a run
 * (history/event.h) that it has a handler for, keeps what it needs in its own state, and writes a
 * violation into the verdict when its claim does not hold. It never asserts, has no side effects,
 * and knows nothing of other oracles or of the runner.
 *
 * The file x.c defines `const struct oracle_ops oracle_x_ops`; tests/x_oracle_test.c, if there is
 * one, is its unit test.
 */
#ifndef ORACLE_ORACLE_H
#define ORACLE_ORACLE_H

#include "base/arena.h"
#include "history/event.h"
#include "history/explanation.h"
#include "isolation/judge.h"
#include "oracle/verdict.h"
#include "plan/plan.h"

#include <interplay/stack.h>
#include <interplay/subject.h>

/* What a run is judged under. It and what it points to live as long as the run. */
struct oracle_setting {
    struct arena *arena; /* for what an oracle keeps */
    const struct plan *plan;
    const struct plan *judged;       /* the same as the database gets it, see run/prepare.c */
    const struct promises *promises; /* of the database */
    const int32_t *settings;         /* of the database, as the stack lets them be */
    /* What lasts with the settings of this run; NULL: nothing is known of it. */
    const struct durability_promise *durability;
    const struct isolation_level_info *isolation; /* that is promised; NULL: none */
    /* Of statements that only read, each as a transaction of its own; NULL: nothing. */
    const struct isolation_level_info *statements;
    bool idle_blocks;          /* who is connected may be in the way, in a transaction or not */
    bool lingers;              /* what somebody took may be in the way, whoever is connected */
    bool has_model;            /* what a statement must come to is known */
    bool is_pooled;            /* connections are taken from a pool and given back */
    bool has_properties;       /* the plan asks for some */
    bool hears_commits;        /* a server's words are read on the wire: EVENT_server_commit */
    bool calls_time_out;       /* clients give up calls that take too long, whatever the reason */
    uint32_t traits;           /* of the stack: enum stack_trait */
    uint32_t overtaken_max;    /* of the stack, with STACK_BOUNDS_OVERTAKING */
    uint32_t readers, writers; /* slots of the pool */
};

/* Without which an oracle has nothing to say. */
enum oracle_need {
    ORACLE_NEEDS_NOTHING = 0,
    ORACLE_NEEDS_MODEL = 1 << 0,    /* what a statement must come to is known */
    ORACLE_NEEDS_PREPARED = 1 << 1, /* the plan's database starts with the tables of native plans */
    ORACLE_NEEDS_COMMIT_ORDER = 1 << 2, /* promised: each commit tells its place in the order */
    ORACLE_NEEDS_ONE_WRITER = 1 << 3,   /* promised: who writes builds on the newest commit */
    ORACLE_NEEDS_POOL = 1 << 4,         /* connections are taken from a pool and given back */
    ORACLE_NEEDS_BUSY_TIMEOUT = 1 << 5, /* promised: who meets a lock waits; the stack lets it */
    ORACLE_NEEDS_QUEUE = 1 << 6,        /* the stack says how often a waiter is overtaken */
    ORACLE_NEEDS_LOG_LIMIT = 1 << 7,    /* promised: how long the log is; the stack lets it */
    ORACLE_NEEDS_ISOLATION = 1 << 8,    /* promised: an isolation level */
    ORACLE_NEEDS_PROPERTY = 1 << 9,     /* the plan asks for properties */
    ORACLE_NEEDS_ROW_LOCKS = 1 << 10,   /* promised: who writes a row keeps others from it */
    ORACLE_NEEDS_HEARING = 1 << 11,     /* what a server says of commits is heard */
};

/* The database waits for locks, and the stack keeps the timeout that the plan gives it. */
static inline bool oracle_waits_when_busy(const struct oracle_setting *setting)
{
    return (setting->traits & STACK_KEEPS_BUSY_TIMEOUT) != 0 &&
           setting->promises->waits_when_busy != NULL;
}

/* With these settings the database keeps its log short, and the stack leaves that to it. */
static inline bool oracle_knows_log_limit(const struct oracle_setting *setting)
{
    return (setting->traits & STACK_LEAVES_LOG_ALONE) != 0 &&
           setting->promises->log_limit_bytes != NULL &&
           setting->promises->log_limit_bytes(setting->settings) > 0;
}

/* That an oracle judges nothing any more; zeros: it does. */
struct oracle_end {
    /*
     * A few words, static; NULL: it judges; "": what has come has said so itself (a verdict,
     * EVENT_claims_end, EVENT_content_ends).
     */
    const char *why;
    uint32_t interaction; /* from here on */
};

/* It ends, unless it has. */
static inline void oracle_end(struct oracle_end *end, uint32_t interaction, const char *why)
{
    if (end->why == NULL)
        *end = (struct oracle_end){why, interaction};
}

static inline bool oracle_has_ended(const struct oracle_end *end)
{
    return end->why != NULL;
}

typedef void oracle_handler_fn(void *state, const struct event *event, struct verdict *verdict);

struct oracle_handler {
    enum event_kind kind;
    oracle_handler_fn *on_event;
};

enum { ORACLE_HINTS_MAX = 128 };

struct oracle_ops {
    size_t state_bytes;
    /* `state` is not initialized. NULL: there is none. */
    void (*begin)(void *state, const struct oracle_setting *setting);
    const struct oracle_handler *handlers; /* one for each kind that it reads; the last is {0} */
    /*
     * What the oracle will hold the event against; called before its handler, or for an event that
     * has not happened yet and has nothing but its kind. Leaves `explanation` alone where nothing
     * is known. NULL: never.
     */
    void (*explain)(const void *state, const struct event *event, struct explanation *explanation);
    /*
     * Of a run that is over: numbers of states that it has come to and that are near a violation,
     * so that plans with new ones are worth keeping. Returns how many, at most ORACLE_HINTS_MAX;
     * there are few of them over all runs. NULL: never.
     */
    uint32_t (*hint)(const void *state, uint32_t ret_hints[ORACLE_HINTS_MAX]);
    /* Whether it judges, so that nobody takes silence for a verdict. NULL: it always does. */
    const struct oracle_end *(*end)(const void *state);
};

struct oracle {
    const char *name;
    const char *signatures; /* how those of its verdicts begin, by commas */
    uint32_t needs;         /* bit set of enum oracle_need */
    const char *claim;
    const struct oracle_ops *ops;
};

#endif
