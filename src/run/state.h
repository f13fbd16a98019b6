/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the runner share: the run and the tasks in it.
 * Nobody outside of src/run includes this.
 */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "base/arena.h"
#include "history/trace.h"
#include "oracle/oracles.h"
#include "plan/sql.h"
#include "run/feedback.h"
#include "run/rows.h"
#include "run/run.h"
#include "sim/requests.h"
#include "sim/world.h"

#include <interplay/stack.h>
#include <interplay/subject.h>

enum {
    RUN_PAYLOAD_BYTES = 2500 * PLAN_PAYLOAD_UNIT_BYTES,
    RUN_CONTENT_TEXT_BYTES = 1024,
    RUN_STACKS_MAX = 1024, /* that a plan may open one after the other, until a disaster */
};

/* Of a task's calls, and as many of its transactions: one more than others can be cancelling. */
enum { RUN_TAGS = PLAN_TASKS_MAX };

/* What a stack with threads of its own tells about a call that was sent to it. */
struct run_tag {
    uint32_t task;
    bool is_served; /* the work for it has ended, as `reply` says */
    struct stack_reply reply;
};

/* What task and stack have going on, beside the call under way. */
struct run_lease {
    struct stack_lease *lease; /* NULL: none */
    enum stack_access access;
    bool is_implicit;    /* nobody asked for it: it ends with the statement or the transaction */
    bool in_transaction; /* begun, and not ended by the task (pools only) */
    struct stack_stream *stream;
    size_t stream_interaction; /* that opened it */
    enum stack_access stream_access;
    struct run_tag *stream_tag;
    bool stream_was_beside, stream_saw_write; /* other statements ran meanwhile; one may write */
};

struct run_task {
    struct run *run;
    uint32_t number;
    struct run_lease held;
    size_t interaction;            /* the one under way, or the last one */
    bool is_in_checkout;           /* waits for a connection, or opens one */
    bool is_in_call;               /* something of the lease is under way */
    bool gave_up_look;             /* which waited for what could not go on without its end */
    enum stack_access call_access; /* what that needs */
    const char *call_sql;          /* of a statement: its text; NULL: another call */
    /* Of a call whose SQL is the plan's own: told of by the backend, has committed, began so. */
    bool is_told, has_committed, began_in_transaction;
    bool writes_log;      /* it has committed, and nobody was told what that did to the log */
    uint64_t log_bytes;   /* that had been written to it when the call began, if anybody listens */
    bool is_cancelled;    /* somebody cancelled that call while its rows came */
    uint32_t cancellers;  /* tasks on their way to cancel or drop what runs for this one */
    uint32_t droppers;    /* those of them that drop it */
    uint32_t call_count;  /* calls ever: tells one from the next */
    uint32_t lease_count; /* leases that ended: the same */
    uint32_t rows_after_cancel;
    struct run_tag *tag;                  /* of the call under way, or the last one */
    struct run_tag *call_tag, *begin_tag; /* of the last call, of the last transaction */
    struct run_tag tags[2 * RUN_TAGS];    /* of calls, then of transactions */
    uint8_t tag_cancellers[2 * RUN_TAGS]; /* tasks on their way to cancel the call with it */
    struct observation seen;
    struct observation streamed; /* of the open stream, so far */
    char sql[PLAN_SQL_BYTES];
    char payload[RUN_PAYLOAD_BYTES];
};

struct run {
    struct run_options options;
    struct world *world;
    struct subject subject;
    const struct backend_ops *backend; /* the subject's */
    struct subject_instance *instance; /* of its world */
    char version[160];
    bool can_say[ACTION_COUNT]; /* what the database's dialect has words for */
    struct arena arena;
    struct trace trace;
    struct feedback feedback;
    struct recording *recording;       /* gets every event, too; NULL: there is none */
    const struct run_watcher *watcher; /* of yield points; NULL: there is none */
    uint64_t others_read;              /* events that feedback or recording read: a bit set */
    struct run_result result;

    /* Of the plan that runs. */
    const struct plan *plan;   /* as it was given */
    const struct plan *judged; /* what the oracles judge: the same, or `effective` */
    struct plan effective;     /* the plan as a pool understands it, see prepare.c */
    const struct stack_ops *ops;
    int32_t settings[SUBJECT_SETTINGS_MAX]; /* of the database, as the stack lets them be */
    struct requests requests; /* between the stack and the database, if the plan loses some */
    struct stack_options stack_options;
    struct stack *stacks[RUN_STACKS_MAX]; /* that the plan has opened; the last one is in use */
    uint32_t stack_count, closed_count;
    uint32_t releases;  /* leases that are being given back or dropped */
    bool is_closing;    /* a task closes the one in use, or opens the next one */
    size_t position;    /* the interaction that was started last */
    bool can_pause;     /* its pause holds back whoever runs now */
    uint64_t begun_at;  /* yield points that were crossed before the plan went on with it */
    bool is_down;       /* all processes are gone, and nobody recovered yet */
    bool power_is_lost; /* that is why */
    bool has_raw_sql;   /* statements of the plan's own */
    bool has_lists;     /* some interaction appends to a text */
    bool has_columns;   /* some interaction adds one to a table */
    bool has_numbers;   /* some interaction sets or reads one beside the tables, or all there is */
    bool is_content_lost;           /* they did what the model does not follow */
    struct durability_promise held; /* the weakest that held so far, if modes were set */
    bool has_mixed_modes;           /* such that what was promised before is no more */
    bool begins_clean;              /* the plan, as all do but in somebody's own database */
    bool is_blind;                  /* the plan went where the database promises nothing */
    bool is_stuck;                  /* deadlock or no progress: the tasks cannot be finished */
    int64_t unclosed;               /* connections that refused to close */
    uint32_t parked;                /* coroutines that are, as the trace knows it: a bit set */
    bool was_interrupted; /* calls and transactions were given up when a pool was closed */
    struct oracle_setting setting;
    struct oracles oracles;
    struct stack_view view; /* of the pool, for check.c: it is large */
    struct run_task tasks[PLAN_TASKS_MAX];
};

static inline struct verdict *run_verdict(struct run *run)
{
    return &run->result.verdict;
}

static inline bool run_has_verdict(const struct run *run)
{
    return run->result.verdict.kind != VERDICT_OK;
}

/* Leases are taken and given back; else each task keeps its connection. */
static inline bool run_is_pooled(const struct run *run)
{
    return !(run->ops->traits & STACK_TASKS_KEEP_CONNECTIONS);
}

/* Somebody knows what each statement must come to. */
static inline bool run_has_model(const struct run *run)
{
    return (run->backend->capabilities & BACKEND_HAS_MODEL) != 0;
}

/* What a connection must be allowed to for this action. */
static inline enum stack_access run_access(enum plan_action action)
{
    bool reads = plan_action_infos[action].connection == CONNECTION_READER;
    return reads ? STACK_READ : STACK_WRITE;
}

static inline const struct interaction *run_interaction(const struct run_task *task)
{
    return &task->run->plan->interactions[task->interaction];
}

/* A row of the interaction's statement has come. */
static inline void run_tell_row(const struct run *run, size_t interaction,
                                const struct value *columns, uint32_t count)
{
    const struct run_mode *mode = run->options.mode;
    if (mode != NULL && mode->on_row != NULL)
        mode->on_row(mode->context, interaction, columns, count);
}

/* --- emit.c: what happens, told to everybody who reads it ------------------------------------ */

/* Readers start anew. */
void run_begin_history(struct run *run);

/* A fault strikes: whoever watches the run is told, with all that led there on the stack. */
void run_tell_watcher(struct run *run, const struct run_task *task, enum fault_kind kind);

/* For run_emit: those who read few events, or few runs. */
void run_tell_others(struct run *run, const struct event *event);

/*
 * The one place where events come from: fills in the time and lets everybody read the event.
 * Inline, as the hot loop emits a hundred a plan, each of a kind that the compiler knows.
 */
static inline __attribute__((always_inline)) void run_emit(struct run *run, struct event *event)
{
    enum event_kind kind = (enum event_kind)event->kind;
    event->now_ns = world->now_ns;
    event->yields = world->yields;
    if ((int)kind < TRACE_KIND_COUNT)
        trace_read(&run->trace, event);
    if (run->others_read >> kind & 1u)
        run_tell_others(run, event);
    oracles_read(&run->oracles, kind, event, run_verdict(run));
}

/* An event of the task's interaction, and of the one that was started last. */
static inline struct event run_event(const struct run_task *task, enum event_kind kind)
{
    return (struct event){.kind = (uint8_t)kind,
                          .task = (uint8_t)task->number,
                          .interaction = (uint32_t)task->interaction};
}

static inline struct event run_event_here(const struct run *run, enum event_kind kind)
{
    return (struct event){.kind = (uint8_t)kind, .interaction = (uint32_t)run->position};
}

/* Such an event with a detail, and nothing more to say. */
static inline void run_tell(struct run_task *task, enum event_kind kind, uint32_t detail)
{
    struct event event = run_event(task, kind);
    event.detail = (uint16_t)detail;
    run_emit(task->run, &event);
}

static inline void run_tell_here(struct run *run, enum event_kind kind, uint32_t detail)
{
    struct event event = run_event_here(run, kind);
    event.detail = (uint16_t)detail;
    run_emit(run, &event);
}

/* --- prepare.c: clean state ------------------------------------------------------------------ */

void run_prepare(struct run *run, const struct plan *plan);

/* --- overrides.c: what the stack makes of what the plan asks for ------------------------------ */

/* The stack that the plan runs on; `own` is a person's, NULL: there is none. */
const struct stack_ops *run_stack_of(const struct subject *subject, const struct stack_ops *own,
                                     const struct plan *plan);

/* What the stack says of itself can be. */
enum error_code run_check_stack(const struct run_options *options, struct error *error)
    __attribute__((warn_unused_result));

/* The database's settings, as the stack lets them be. */
void run_take_settings(struct run *run, const struct plan *plan);

/* In which mode a transaction of such a lease really begins. */
enum plan_begin_mode run_begin_mode(const struct stack_ops *ops, enum stack_access access,
                                    enum plan_begin_mode asked);

/* --- claims.c: what the database does not promise ------------------------------------------- */

/*
 * A disaster of this kind is about to strike: nothing is claimed any more where that is not
 * promised.
 */
void run_claim_power_loss(struct run *run);
void run_claim_process_death(struct run *run);
void run_claim_short_read(struct run *run);
void run_claim_garbled(struct run *run);

/* The plan begins with what somebody else has left. */
void run_claim_start(struct run *run);

/* A request that was lost arrives: what came meanwhile, and what comes, may be due to it. */
void run_claim_late_request(struct run *run);

/* Something of a call that is many requests is missing, and nobody tells what. */
void run_claim_partial_batch(struct run_task *task);

/*
 * A call has ended so, or an open transaction ends with its connection: what of that must be
 * undone?
 */
void run_claim_result(struct run *run, const struct interaction *interaction,
                      const struct observation *seen);
void run_claim_disconnect(struct run *run);

/* The task's own SQL did this, a bit set of enum backend_effect. */
void run_claim_effects(struct run_task *task, uint32_t effects);
/* It begins, and is an action of which nobody knows what it does to others' reads. */
void run_claim_unpredicted(struct run_task *task);
/* It begins: somebody's snapshot may be older than a table that is made anew. */
void run_claim_columns(struct run_task *task);
/* It is over, and nobody has told what it did. */
void run_claim_untold(struct run_task *task);

/*
 * A connection is in these modes now, as struct backend_told has them: that of task `setter`, if
 * each has its own.
 */
void run_claim_modes(struct run *run, uint32_t setter, const char *modes);
/* The task has a new connection, which is set up as all are. */
void run_claim_fresh(struct run_task *task);

/* --- raw.c: the plan's own SQL, as the connection tells of it --------------------------------- */

/*
 * In plans that `run_follows_raw_transactions`: SQL of their own that opens or ends transactions,
 * and is surely nothing else, is judged as the actions are that say so.
 */
bool run_follows_raw_transactions(const struct run *run);
void run_take_raw_transactions(struct run *run);
/* Not this one: beside an open stream, which actions of that kind would have ended. */
void run_forget_raw_transaction(struct run_task *task);

/* For backend_options.on_statement. */
void run_on_statement(void *context, const struct backend_told *told);

/* Before and after a call that runs the interaction's own SQL; and when it commits. */
void run_begin_raw(struct run_task *task);
void run_end_raw(struct run_task *task, enum outcome outcome);
void run_commit_raw(struct run_task *task);

/* Before anybody else is judged: has somebody's own SQL committed, and has not told yet what? */
void run_doubt_raw(struct run *run, const struct run_task *judged);

/* The plan has statements of its own. */
bool run_finds_raw_sql(const struct plan *plan);

/* Somebody must be told what statements do: they are the plan's own, or a pool of one's own has. */
bool run_listens(const struct run *run);

/* The task runs such a statement. */
static inline bool run_is_raw(const struct run_task *task)
{
    return run_interaction(task)->sql != NULL;
}

/* --- requests.c: between stack and database --------------------------------------------------- */

/* What a pool gets as its database. */
const struct backend_ops *run_backend_of_stack(struct run *run);

/* --- disaster.c: what strikes all at once ---------------------------------------------------- */

/* For world->on_fault. */
void run_on_fault(void *context, uint32_t task, enum fault_kind kind);

/* For world->on_server_end. */
void run_on_server_end(void *context);

/* Everybody is gone; what the storage kept is judged, and the tasks may connect anew. */
void run_recover(struct run *run);

enum { RUN_YIELDS_MAX = 5000000 };

/* --- outside.c ------------------------------------------------------------------------------- */

/* The world asks the subject who is in whose way, if that can tell. */
void run_ask_blockers(struct run *run);

/* --- drive.c: who runs, until when ----------------------------------------------------------- */

/* Gives an idle task its work and lets it run until nothing more happens by itself. */
void run_start(struct run *run, uint32_t task, const struct interaction *interaction);

/* Lets a task come to the end of what it does, whoever has to go on for that. */
void run_finish(struct run *run, uint32_t task);
void run_finish_all(struct run *run);

/* Tells whose calls have slept since it did so before. */
void run_tell_sleepers(struct run *run);

/* Goes on with a task that was held back. */
void run_resume(struct run *run, uint32_t task, const struct interaction *interaction);

/* Runs `work` on task 0's coroutine, which is idle, to its end. */
void run_aside(struct run *run, void (*work)(void *run));

/* --- call.c: one interaction, on the task's coroutine ---------------------------------------- */

/* The work of a task for world_start: `argument` is its struct run_task with `interaction` set. */
void run_call(void *argument);

/* Tells what interaction number `index` of the task came to. */
void run_tell_result(struct run_task *task, size_t index, const struct observation *seen);

/* --- lease.c: connections and transactions of a task ----------------------------------------- */

/* Opens the stack that the plan starts with. */
void run_open_stack(struct run *run);

/* The task has a lease afterwards; false with the failure in task->seen. */
bool run_take_lease(struct run_task *task, enum stack_access access, uint32_t timeout_ms,
                    bool is_implicit);

/* Gives the task's lease back, if any, or drops it. */
enum outcome run_give_back(struct run_task *task);
void run_drop_lease(struct run_task *task);

/* Of its lease, by the account of the pool, or of the connection where there is none. */
bool run_is_in_transaction(const struct run_task *task);

/* Actions. */
void run_begin(struct run_task *task);
void run_end_transaction(struct run_task *task, bool commits);
void run_drop(struct run_task *task, uint32_t target);
void run_cancel(struct run_task *task, uint32_t target);
void run_reopen(struct run_task *task, const struct interaction *interaction);

/* Everything back and closed, for the end of a plan; a pool that does not close is a verdict. */
void run_close_stacks(struct run *run);

/* --- statement.c: running SQL and reading what comes back ------------------------------------ */

/* Fills in `call` with the statement of `interaction`; texts live in the task. */
void run_make_call(struct run_task *task, const struct interaction *interaction,
                   struct stack_call *call);

/* Runs the interaction's statement on the task's lease; the result is in task->seen. */
void run_statement(struct run_task *task, const struct interaction *interaction);
void run_batch(struct run_task *task, const struct interaction *interaction);

/* A task's next call, or transaction, has a tag by which nobody is about to cancel an older one. */
void run_take_call_tag(struct run_task *task);
void run_take_begin_tag(struct run_task *task);

/* Around each call of the lease; `run_end_call` waits for the true end of one that was dropped. */
void run_begin_call(struct run_task *task, struct run_tag *tag, enum stack_access access);
void run_end_call(struct run_task *task, struct run_tag *tag, struct stack_reply *reply);

/* What `reply` says goes into task->seen. */
void run_take_reply(struct observation *seen, const struct stack_reply *reply);

/* For stack_options.listener. */
void run_on_serve(void *context, void *tag);
void run_on_served(void *context, void *tag, const struct stack_reply *reply);

/* --- rows.c: rows in the plan's terms -------------------------------------------------------- */

/* The fields of a line (plan_own_lines), of which all but the last one are numbers. */
uint32_t run_read_line(const struct value *line, struct value ret_fields[MODEL_COLUMNS]);

/* Adds a row of the interaction's result to the observation. */
void run_read_row(const struct interaction *interaction, const struct value *columns,
                  uint32_t count, struct observation *seen);

/* A row (k, v, p) of a table. */
void run_read_table_row(const struct value *columns, uint32_t table, struct observed_row *ret_row,
                        struct observed_lists *lists);

/* Where the lists of a read go; NULL: the plan has none. */
struct observed_lists *run_new_lists(struct run *run);

/* --- stream.c -------------------------------------------------------------------------------- */

void run_stream_open(struct run_task *task, const struct interaction *interaction);
void run_stream_next(struct run_task *task, const struct interaction *interaction);

/* The interaction runs beside the task's open stream. */
bool run_is_beside_stream(const struct run_task *task, const struct interaction *interaction);

/* Ends the task's stream, if any, because another action wants its connection: people are told. */
void run_cut_stream(struct run_task *task);

/* Ends the task's stream, if any, complete or not, and lets the oracles judge it. */
void run_stream_close(struct run_task *task);

/* --- check.c: looking at the whole database -------------------------------------------------- */

/*
 * Reads all tables with a connection of the harness and lets the database check itself. False with
 * a verdict when it cannot be read or is damaged.
 */
bool run_read_content(struct run *run, struct model_database *ret_content, size_t interaction);

/* An interaction that looks: whether that can be done at all, and the look of the task at work. */
bool run_can_look(const struct run *run);
void run_look(struct run_task *task);

/*
 * After a power loss: recovers a copy twice, judges the survivors, puts the copy's original back.
 * Where there is no copy to be had it looks twice.
 */
void run_check_survivors(struct run *run);

/* Between interactions of a plan with a pool: who has what, who waits for what. */
void run_check_pool(struct run *run);

/* At the end, every connection closed: content, integrity, resources. */
void run_check_end(struct run *run);

#endif
