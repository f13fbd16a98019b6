/* SPDX-License-Identifier: Apache-2.0 */
/* Connections of the tasks: taken, given back, dropped; transactions on them; the pool itself. */
#include "base/assert.h"
#include "run/state.h"
#include "sim/net.h"

#include <string.h>

enum { CLOSE_TIMEOUT_MS = 1000 };

static const uint64_t ns_of_ms = 1000000;

/* --- the stack ------------------------------------------------------------------------------- */

static enum outcome open_stack(struct run *run)
{
    if (run->stack_count == RUN_STACKS_MAX) {
        world_meet_limit("pools that are opened between two disasters of a plan (1024)");
        return OUTCOME_OTHER;
    }
    run->stacks[run->stack_count] = NULL;
    enum outcome outcome = run->ops->open(&run->stacks[run->stack_count], &run->stack_options);
    if (outcome == OUTCOME_OK && run->stacks[run->stack_count] == NULL)
        outcome = OUTCOME_OTHER;
    run->stack_count += outcome == OUTCOME_OK;
    return outcome;
}

static void open_first_stack(void *argument)
{
    struct run *run = argument;
    enum outcome outcome = open_stack(run);
    run_tell_here(run, EVENT_pool_opened, outcome);
}

void run_open_stack(struct run *run)
{
    if (run_is_pooled(run))
        run_aside(run, open_first_stack);
    else
        open_first_stack(run);
}

static struct stack *current_stack(const struct run *run)
{
    return run->stack_count > run->closed_count ? run->stacks[run->stack_count - 1] : NULL;
}

static void tell_closed(struct run *run, struct event *event, enum outcome outcome, bool interrupts)
{
    event->detail = (uint16_t)outcome;
    event->value = interrupts;
    run_emit(run, event);
}

void run_reopen(struct run_task *task, const struct interaction *interaction)
{
    struct run *run = task->run;
    bool interrupts = interaction->arguments[FIELD_close_mode] == CLOSE_INTERRUPT;
    run->is_closing = true;
    (void)run_give_back(task);
    struct stack *stack = current_stack(run);
    struct event closed = run_event(task, EVENT_pool_closed);
    run_tell(task, EVENT_pool_closes, interrupts);
    run->was_interrupted |= interrupts;
    task->seen.outcome =
        stack == NULL ? OUTCOME_OK : run->ops->close(stack, interrupts, CLOSE_TIMEOUT_MS);
    tell_closed(run, &closed, task->seen.outcome, interrupts);
    if (task->seen.outcome == OUTCOME_OK) {
        run->closed_count = run->stack_count;
        task->seen.outcome = open_stack(run);
    }
    run->is_closing = false;
}

static void give_back_all(void *argument)
{
    struct run *run = argument;
    for (uint32_t i = 0; i < plan_tasks(run->plan); i++)
        (void)run_give_back(&run->tasks[i]);
}

static void close_last_stack(void *argument)
{
    struct run *run = argument;
    struct stack *stack = current_stack(run);
    if (stack == NULL)
        return;
    enum outcome outcome = run->ops->close(stack, false, CLOSE_TIMEOUT_MS);
    if (outcome == OUTCOME_OK)
        run->closed_count = run->stack_count;
    else if (!run_is_pooled(run))
        run->unclosed++;
    struct event closed = {.kind = EVENT_pool_closed, .interaction = EVENT_AT_END};
    tell_closed(run, &closed, outcome, false);
}

/* A fault belongs to its interaction, and all of these are over. */
static void disarm_faults(void)
{
    for (uint32_t i = 0; i < PLAN_TASKS_MAX; i++)
        world->tasks[i].fault.kind = FAULT_NONE;
}

void run_close_stacks(struct run *run)
{
    if (run_is_pooled(run)) {
        disarm_faults();
        net_end_silence();
        run_aside(run, give_back_all);
        run_check_pool(run);
        run_aside(run, close_last_stack);
    } else {
        give_back_all(run);
        close_last_stack(run);
    }
    for (uint32_t i = 0; i < run->closed_count; i++)
        run->ops->destroy(run->stacks[i]);
    run->stack_count = run->closed_count = 0;
}

/* --- leases ---------------------------------------------------------------------------------- */

static void tell_asked(struct run_task *task, enum stack_access access, uint32_t timeout_ms)
{
    struct event event = run_event(task, EVENT_lease_asked);
    event.detail = (uint16_t)access;
    event.value = (int64_t)(timeout_ms * ns_of_ms);
    run_emit(task->run, &event);
}

static void tell_got(struct run_task *task, struct stack_lease *lease, enum outcome outcome)
{
    struct event event = run_event(task, EVENT_lease_got);
    event.detail = (uint16_t)outcome;
    event.lease = lease;
    event.value = lease != NULL && task->run->ops->in_transaction(lease);
    run_emit(task->run, &event);
}

/* The connection says whether it is as the stack says that it is. */
static void tell_session(struct run_task *task)
{
    const struct run *run = task->run;
    const struct stack_ops *ops = run->ops;
    if (!(ops->traits & STACK_RETURNS_AS_SET_UP) || ops->connection == NULL ||
        run->stack_options.backend->session_change == NULL)
        return;
    struct backend_connection *connection = ops->connection(task->held.lease);
    if (connection == NULL)
        return;
    const char *change = run->stack_options.backend->session_change(connection);
    if (change == NULL || change[0] == '\0')
        return;
    struct event event = run_event(task, EVENT_session_changed);
    event.text = change;
    run_emit(task->run, &event);
}

bool run_take_lease(struct run_task *task, enum stack_access access, uint32_t timeout_ms,
                    bool is_implicit)
{
    struct run *run = task->run;
    struct stack_lease *lease = NULL;
    struct stack *stack = current_stack(run);
    tell_asked(task, access, timeout_ms);
    task->is_in_checkout = true;
    task->held.access = access;
    enum outcome outcome =
        stack == NULL ? OUTCOME_CLOSED : run->ops->checkout(stack, access, timeout_ms, &lease);
    task->is_in_checkout = false;
    if (outcome != OUTCOME_OK)
        lease = NULL;
    tell_got(task, lease, outcome);
    if (lease == NULL) {
        task->seen.outcome = outcome != OUTCOME_OK ? outcome : OUTCOME_OTHER;
        return false;
    }
    task->held = (struct run_lease){.lease = lease, .access = access, .is_implicit = is_implicit};
    tell_session(task);
    run_claim_fresh(task);
    return true;
}

/* While somebody else is about to drop its lease. */
static bool is_at_work_for_itself(const struct run_task *task)
{
    return world->current != NULL && world_current_task() != task->number &&
           world->tasks[task->number].state != TASK_IDLE;
}

bool run_is_in_transaction(const struct run_task *task)
{
    if (run_is_pooled(task->run))
        return task->held.in_transaction;
    return task->held.lease != NULL && task->run->ops->in_transaction(task->held.lease);
}

/*
 * Nobody's lease any more: for everybody who reads the events its transaction is over. NULL: while
 * this one waited for those who worked on it, somebody else has ended it, or its task has begun a
 * call.
 */
static struct stack_lease *detach_lease(struct run_task *task)
{
    struct run *run = task->run;
    uint32_t number = task->lease_count;
    while (task->cancellers > 0) /* they work on the lease */
        (void)world_wait(&task->cancellers, WORLD_NEVER);
    struct stack_lease *lease = task->held.lease;
    if (task->lease_count != number || is_at_work_for_itself(task))
        return NULL;
    task->lease_count++;
    if (run_is_in_transaction(task))
        run_claim_disconnect(run);
    task->held = (struct run_lease){0};
    run_tell(task, EVENT_lease_ended, 0);
    return lease;
}

enum outcome run_give_back(struct run_task *task)
{
    struct run *run = task->run;
    run_stream_close(task);
    if (task->held.lease == NULL)
        return OUTCOME_OK;
    bool had_transaction =
        !run_is_pooled(run) || !task->held.is_implicit || task->held.in_transaction;
    struct stack_lease *lease = detach_lease(task);
    if (lease == NULL)
        return OUTCOME_OK;
    run->releases++;
    enum outcome outcome = run->ops->give_back(lease);
    run->releases--;
    if (!run_is_pooled(run))
        run->unclosed += outcome != OUTCOME_OK;
    if (had_transaction)
        run_tell(task, EVENT_disconnect, outcome);
    return outcome;
}

void run_drop_lease(struct run_task *task)
{
    struct run *run = task->run;
    run_stream_close(task);
    if (task->held.lease == NULL)
        return;
    struct stack_lease *lease = detach_lease(task);
    if (lease == NULL)
        return;
    /* now: its task may go on while somebody else drops it */
    run_tell(task, EVENT_disconnect, OUTCOME_OK);
    run_tell(task, EVENT_drop_begins, 0);
    run->releases++;
    if (run->ops->drop != NULL)
        run->ops->drop(lease);
    else
        (void)run->ops->give_back(lease);
    run->releases--;
    run_tell(task, EVENT_drop_ends, 0);
}

/* --- transactions of pools ------------------------------------------------------------------- */

/* For stacks that have no calls for transactions. */
static void execute_text(struct run_task *task, const char *sql, struct run_tag *tag,
                         struct stack_reply *reply)
{
    struct stack_call call = {
        .access = STACK_WRITE, .sql = sql, .sql_length = strlen(sql), .tag = tag};
    task->run->ops->execute(task->held.lease, &call, reply);
}

/* In the words of pools that have such calls: the database has undone the transaction earlier. */
static void execute_end(struct run_task *task, const char *sql, struct stack_reply *reply)
{
    bool was_open = task->run->ops->in_transaction(task->held.lease);
    execute_text(task, sql, task->call_tag, reply);
    if (!was_open && reply->outcome == OUTCOME_SQL_ERROR)
        reply->outcome = OUTCOME_ROLLED_BACK;
}

/* As the oracles are told that it begins. */
static const char *begin_text(struct run_task *task)
{
    struct text text;
    text_init(&text, task->sql, sizeof task->sql);
    (void)plan_sql(&task->run->judged->interactions[task->interaction], (int64_t)task->interaction,
                   task->run->backend->dialect, &text);
    return task->sql;
}

static enum stack_begin begin_mode(const struct run_task *task)
{
    static const enum stack_begin modes[] = {[BEGIN_DEFERRED] = STACK_BEGIN_DEFERRED,
                                             [BEGIN_IMMEDIATE] = STACK_BEGIN_IMMEDIATE,
                                             [BEGIN_EXCLUSIVE] = STACK_BEGIN_EXCLUSIVE};
    const struct interaction *begins = &task->run->judged->interactions[task->interaction];
    return modes[begins->arguments[FIELD_begin_mode]];
}

void run_begin(struct run_task *task)
{
    const struct stack_ops *ops = task->run->ops;
    struct stack_reply reply;
    run_take_begin_tag(task);
    run_begin_call(task, task->begin_tag, task->held.access);
    if (ops->begins[task->held.access] == STACK_BEGIN_AS_ASKED && ops->begin_as != NULL)
        ops->begin_as(task->held.lease, begin_mode(task), task->begin_tag, &reply);
    else if (ops->begin != NULL)
        ops->begin(task->held.lease, task->begin_tag, &reply);
    else
        execute_text(task, begin_text(task), task->begin_tag, &reply);
    run_end_call(task, task->begin_tag, &reply);
    task->held.in_transaction = reply.outcome == OUTCOME_OK && !reply.is_abandoned;
    if (reply.outcome == OUTCOME_OK && reply.is_abandoned)
        reply.outcome = OUTCOME_INTERRUPTED; /* the stack has ended it, too */
    run_take_reply(&task->seen, &reply);
}

void run_end_transaction(struct run_task *task, bool commits)
{
    const struct stack_ops *ops = task->run->ops;
    struct stack_reply reply;
    run_take_call_tag(task);
    run_begin_call(task, task->call_tag, task->held.access);
    if (ops->begin == NULL)
        execute_end(task, commits ? "COMMIT" : "ROLLBACK", &reply);
    else
        (commits ? ops->commit : ops->rollback)(task->held.lease, task->call_tag, &reply);
    run_end_call(task, task->call_tag, &reply);
    run_take_reply(&task->seen, &reply);
    /* Tried again, perhaps; whatever else came out, the pool has ended the transaction. */
    task->held.in_transaction = ops->begin == NULL ? ops->in_transaction(task->held.lease)
                                                   : commits && reply.outcome == OUTCOME_BUSY;
}

/* --- what one task does to another ----------------------------------------------------------- */

static void end_cancel(struct run_task *target)
{
    target->cancellers--;
    world_wake_all(&target->cancellers);
}

void run_cancel(struct run_task *task, uint32_t target)
{
    struct run *run = task->run;
    struct run_task *there = &run->tasks[target];
    if (target == task->number || !there->is_in_call || there->held.lease == NULL)
        return;
    uint32_t call = there->call_count;
    bool has_begun = there->seen.row_count > 0;
    run_tell(there, EVENT_cancel, 0);
    const struct run_tag *tag = there->tag;
    uint8_t *tag_cancellers = &there->tag_cancellers[tag - there->tags];
    there->cancellers++;
    ++*tag_cancellers;
    run->ops->cancel(there->held.lease, tag);
    --*tag_cancellers;
    end_cancel(there);
    /* The stack had its chance: a row may be on its way, two may not. */
    if (has_begun && there->is_in_call && there->call_count == call)
        there->is_cancelled = true;
}

void run_drop(struct run_task *task, uint32_t target)
{
    struct run *run = task->run;
    struct run_task *there = &run->tasks[target];
    if (there == task || world->tasks[target].state == TASK_IDLE) {
        run_drop_lease(there);
        return;
    }
    if (!there->is_in_call || there->held.lease == NULL || run->ops->abandon == NULL)
        return;
    run_tell(there, EVENT_cancel, 0);
    there->cancellers++;
    there->droppers++;
    (void)run->ops->abandon(there->held.lease);
    there->droppers--;
    end_cancel(there);
}
