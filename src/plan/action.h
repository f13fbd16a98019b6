/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of each action and each argument: the columns of ops.def and fields.def. Whoever
 * treats actions differently asks for a column here rather than for an action by name; what only
 * one database has is never named.
 */
#ifndef PLAN_ACTION_H
#define PLAN_ACTION_H

#include "plan/database.h"
#include "plan/properties.h"

#include <stdbool.h>
#include <stdint.h>

/* The values of the tables' columns need these. */
enum {
    PLAN_TASKS_MAX = 8,
    PLAN_TABLES = 4,
    PLAN_KEYS = 32,
    PLAN_SAVEPOINTS = 4,
    PLAN_NUMBERS = 2, /* that a database keeps beside its tables, part of each commit; 0 at first */
    PLAN_PREPARED = 4, /* names that transactions are prepared under, by number, at most */
};

enum plan_action {
#define OP(number, name, fields, meaning, ...) ACTION_##name,
#include "plan/actions.def"
    ACTION_COUNT
};

enum plan_field {
#define FIELD(number, name, byte, shift, width, domain, words, weights, show, meaning) FIELD_##name,
#include "plan/actions.def"
    FIELD_COUNT
};

/* What it needs of a connection from a pool. */
enum plan_connection {
    CONNECTION_ANY,    /* runs on each; where none is held, it takes one that may write */
    CONNECTION_READER, /* runs on each; where none is held, it takes one that only reads */
    CONNECTION_WRITER, /* runs on one that may write */
};

/* What must be so for it to be possible at all, but for NEEDS_POOL only in a plan with a pool. */
enum plan_need {
    NEEDS_POOL = 1 << 0, /* nothing of a direct connection can be taken, streamed or dropped */
    NEEDS_LEASE = 1 << 1,
    NEEDS_NO_LEASE = 1 << 2,
    NEEDS_TRANSACTION = 1 << 3,
    NEEDS_NO_TRANSACTION = 1 << 4,
    NEEDS_STREAM = 1 << 5,         /* that is open */
    NEEDS_STREAMS = 1 << 6,        /* that the stack can open */
    NEEDS_TARGET = 1 << 7,         /* a task with something to take from it; also without a pool */
    NEEDS_ROOM_FOR_STACK = 1 << 8, /* one more may be opened, and nobody is about to */
    NEEDS_DIRECT = 1 << 9,         /* no pool, which another connection would be in the way of */
};

/* What it does to the content, as the model and the oracles see it. */
enum plan_effect {
    EFFECT_NONE,
    EFFECT_READ,
    EFFECT_ROWS,   /* changes rows of a table */
    EFFECT_SCHEMA, /* changes a table or an index, and reports no number of changed rows */
    EFFECT_NUMBER, /* sets one of the numbers beside the tables (PLAN_NUMBERS) */
    EFFECT_READ_NUMBER,
    EFFECT_LOCK_ROWS, /* reads rows as they are by now, skipping some perhaps, and locks them */
    EFFECT_CURSOR,    /* opens a cursor over a table, one a table */
    EFFECT_FETCH,     /* reads rows of it, as they were when it was opened */
    EFFECT_ASIDE,     /* a statement that does nothing to content, also inside a transaction */
    EFFECT_BEGIN,
    EFFECT_COMMIT,
    EFFECT_ROLLBACK,
    EFFECT_SAVEPOINT,
    EFFECT_RELEASE,
    EFFECT_ROLLBACK_TO,
    /*
     * Two-phase commit: the transaction is its session's no more, and keeps what it holds under a
     * name until anybody ends it, outside of a transaction, by that (`number_of`).
     */
    EFFECT_PREPARE,
    EFFECT_COMMIT_PREPARED,
    EFFECT_ROLLBACK_PREPARED,
    EFFECT_LOOK,    /* none on the task's connection: everything is read on another one */
    EFFECT_REPORT,  /* none, but its result says something about the database */
    EFFECT_OUTSIDE, /* none, and it is refused inside a transaction */
    EFFECT_UNKNOWN, /* nobody knows, or it keeps to no snapshot: content is judged no more */
    EFFECT_COUNT
};

/* What a task is in the middle of, from an action that opens it to one that closes it. */
enum plan_section {
    SECTION_NONE,
    SECTION_TRANSACTION,
    SECTION_SAVEPOINT, /* the one that the argument names */
    SECTION_LEASE,
    SECTION_STREAM,
    SECTION_POOL, /* which nothing opens: it is there from the start */
};

/* When an action makes sense; now and then a plan does it anyway. */
enum plan_moment {
    MOMENT_ALWAYS,
    MOMENT_OUTSIDE, /* no transaction is open, no stream */
    MOMENT_INSIDE,  /* a transaction is open */
    MOMENT_SAVED,   /* a savepoint is */
    MOMENT_HELD,    /* the task is held back in an interaction */
    /* These and those below only with a pool. */
    MOMENT_POOLED,
    MOMENT_POOLED_OUTSIDE,
    MOMENT_UNLEASED, /* nothing is checked out */
    MOMENT_LEASED,
    MOMENT_STREAMING,
};

/* What an action gives a pause to hold back. */
enum plan_work { WORK_NOTHING, WORK_READS, WORK_WRITES };

/* How random plans use it. */
struct plan_draw {
    uint8_t weight;        /* 0: never */
    uint8_t swarm_eighths; /* how many of 8 plans may use it at all */
    enum plan_moment moment;
    enum plan_work work;
    /* Plans that do not use it are drawn as if there were no such action. */
    bool is_aside;
};

struct plan_action_info {
    const char *name;
    const char *meaning;
    enum plan_database database; /* that has it */
    uint64_t fields;             /* bit set of enum plan_field */
    uint8_t number;              /* wire number */
    bool is_document;            /* the compact form cannot carry it */
    bool has_sql;                /* one statement of a person's, and expectations beside it */
    bool is_middleware;          /* plans of sql-middleware's simulator have it */
    uint8_t shrink_rank;         /* what a shrinker removes first: 0 first, 3 last */
    enum plan_connection connection;
    uint32_t needs; /* bit set of enum plan_need */
    enum plan_effect effect;
    uint8_t number_of; /* enum plan_field: says which, of EFFECT_..NUMBER and .._PREPARE.. */
    uint8_t stream_of; /* see plan_streamed_action */
    enum plan_section opens, closes; /* of the task that does it */
    enum plan_section within;        /* what it is a part of, without closing it */
    bool keeps_stream; /* is done without a statement, in the middle of a stream or not */
    bool is_unjudged;  /* comes to nothing by itself that could be judged */
    bool lingers;      /* what it takes may be in the way when nobody else is in a transaction */
    struct plan_draw draw;
    uint8_t same_as;    /* see plan_meant_action */
    bool has_lines;     /* what it reads, or writes, comes as texts: see plan_own_lines */
    uint8_t after;      /* AFTER(action): plans that are drawn without that one do without this */
    const char *sql;    /* of what only one database has, see plan_own_sql; else NULL */
    const char *result; /* see plan_own_result; NULL: its rows say nothing, or are data */
};

/* How people are told an argument. */
enum plan_show {
    SHOW_ALWAYS, /* prefix, then the word or number */
    SHOW_CHOSEN, /* the same, but nothing of the simplest value */
    SHOW_OWN,    /* by a rule of its own (describe.c) */
};

struct plan_field_info {
    const char *name;
    const char *meaning;
    enum plan_database database;        /* that has it */
    uint8_t number;                     /* of protobuf's message Action */
    uint8_t byte, shift, width, domain; /* place in the compact record, and how many values */
    const char *const *words;           /* NULL: JSON writes the number */
    const uint32_t *weights;            /* of the values in random plans; NULL: no weights */
    uint8_t rank;                       /* in which order people are told: 1 first */
    enum plan_show show;
    const char *prefix;
};

extern const struct plan_action_info plan_action_infos[ACTION_COUNT];
extern const struct plan_field_info plan_field_infos[FIELD_COUNT];

static inline bool plan_action_info_has(const struct plan_action_info *info, enum plan_field field)
{
    return (info->fields >> field & 1u) != 0;
}

static inline bool plan_action_has(enum plan_action action, enum plan_field field)
{
    return plan_action_info_has(&plan_action_infos[action], field);
}

/* What the statement does that a stream is opened over; of other actions, the action itself. */
enum plan_action plan_streamed_action(enum plan_action action);

/*
 * What does the same to the content, of the actions that all databases share; arguments that only
 * that one has are 0. Others are themselves.
 */
enum plan_action plan_meant_action(enum plan_action action);

/*
 * The actions that a plan for this database may have (DATABASE_ALL: those that all have), by wire
 * number; returns how many.
 */
uint32_t plan_list_actions(enum plan_database database, uint8_t ret_actions[ACTION_COUNT]);

#endif
