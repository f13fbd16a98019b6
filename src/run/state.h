/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the runner share: the one `struct run` of the process and the tasks in it.
 * Nobody outside of src/run includes this.
 */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "base/arena.h"
#include "oracle/error_class.h"
#include "oracle/snapshot.h"
#include "oracle/state.h"
#include "plan/sql.h"
#include "run/run.h"
#include "stack/fixed_pool.h"

enum { RUN_PAYLOAD_BYTES = 2500 * PLAN_PAYLOAD_UNIT_BYTES, RUN_CONTENT_TEXT_BYTES = 1024 };

struct run_task {
    struct run *run;
    uint32_t number;
    struct backend_connection *connection;
    size_t interaction; /* the one under way, or the last one */
    bool is_parked;     /* the trace knows that it is held back */
    struct observation seen;
    char sql[PLAN_SQL_BYTES];
    char payload[RUN_PAYLOAD_BYTES];
};

struct run {
    struct run_options options;
    const struct backend_ops *backend;
    char version[160];
    struct arena arena;
    struct trace trace;
    struct run_result result;

    /* Of the plan that runs. */
    const struct plan *plan;
    struct backend_options connect_options[PLAN_TASKS_MAX];
    char setup[256];        /* statements of a new connection */
    struct fixed_pool pool; /* of plans of sql-middleware's simulator */
    size_t position;        /* the interaction that was started last */
    bool power_is_lost;     /* and nobody recovered yet */
    bool is_blind;          /* the plan went where the database promises nothing */
    bool is_stuck;          /* deadlock or no progress: the tasks cannot be finished */
    int64_t unclosed;       /* connections that refused to close */
    struct snapshot_oracle snapshot;
    struct error_class_oracle error_class;
    struct run_task tasks[PLAN_TASKS_MAX];
};

static inline struct verdict *run_verdict(struct run *run)
{
    return &run->result.verdict;
}

/* Nothing is claimed any more about content and errors. */
void run_give_up(struct run *run);

/*
 * --- call.c: one interaction, on the task's coroutine
 * ----------------------------------------------
 */

/* The work of a task for world_start: `argument` is its struct run_task with `interaction` set. */
void run_call(void *argument);

/* Closes the task's connection, if any, and tells the oracles. */
void run_disconnect(struct run_task *task);

/*
 * The value that a text repeats, and how often; a text that nobody could have written is not
 * intact.
 */
void run_read_text(const char *text, size_t length, struct observed_row *row);

/*
 * --- check.c: looking at the whole database
 * --------------------------------------------------------
 */

/*
 * Reads all tables with a connection of the harness and lets the database check itself. False with
 * a verdict when it cannot be read or is damaged.
 */
bool run_read_content(struct run *run, struct model_database *ret_content, size_t interaction);

/* After a power loss: recovers a copy twice, judges the survivors, puts the copy's original back. */
void run_check_survivors(struct run *run);

/* At the end, every connection closed: content, integrity, resources. */
void run_check_end(struct run *run);

#endif
