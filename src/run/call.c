/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One interaction of a task, from the first byte sent to the oracles' judgement; runs on the task's
 * coroutine.
 */
#include "run/state.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const uint64_t ns_of_ms = 1000000;

/* --- what can be done at all ----------------------------------------------------------------- */

static bool may_write(const struct run_task *task)
{
    return task->held.lease == NULL || task->held.access == STACK_WRITE ||
           !(task->run->ops->traits & STACK_HAS_READERS);
}

static bool has_target(const struct run_task *task, const struct interaction *interaction)
{
    const struct run *run = task->run;
    const struct run_task *target = &run->tasks[plan_target(run->plan, interaction)];
    if (interaction->action == ACTION_cancel)
        return run->ops->cancel != NULL && target != task && target->is_in_call;
    /* A stream ends on its own task, which waits for that. */
    return target->held.lease != NULL && (target == task || target->held.stream == NULL);
}

static bool has_streams(const struct stack_ops *ops, const struct plan_action_info *info)
{
    bool writes = info->connection == CONNECTION_WRITER;
    return ops->stream_open != NULL && !(writes && (ops->traits & STACK_STREAMS_ARE_CURSORS) != 0);
}

static bool has_transaction(const struct run_task *task, const struct interaction *interaction)
{
    return task->held.in_transaction || (interaction->action == ACTION_savepoint &&
                                         (task->run->ops->traits & STACK_SQL_BEGINS) != 0);
}

/* In a pool: whether types and state let the task do it. */
static bool is_possible_in_pool(const struct run_task *task, const struct interaction *interaction)
{
    const struct run_lease *held = &task->held;
    const struct run *run = task->run;
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    uint32_t needs = info->needs;
    return !((needs & NEEDS_DIRECT) || ((needs & NEEDS_LEASE) && held->lease == NULL) ||
             ((needs & NEEDS_NO_LEASE) && held->lease != NULL) ||
             ((needs & NEEDS_TRANSACTION) && !has_transaction(task, interaction)) ||
             ((needs & NEEDS_NO_TRANSACTION) && held->in_transaction) ||
             ((needs & NEEDS_STREAM) && held->stream == NULL) ||
             ((needs & NEEDS_STREAMS) && !has_streams(run->ops, info)) ||
             ((needs & NEEDS_TARGET) && !has_target(task, interaction)) ||
             ((needs & NEEDS_ROOM_FOR_STACK) && run->is_closing) ||
             (info->connection == CONNECTION_WRITER && !may_write(task)));
}

static bool is_possible(const struct run_task *task, const struct interaction *interaction)
{
    uint32_t needs = plan_action_infos[interaction->action].needs;
    if (!run_supports(&task->run->subject, interaction))
        return false;
    if (plan_kind(task->run->plan)->has_rules)
        return true;
    if (!task->run->can_say[interaction->action])
        return false;
    if (run_is_pooled(task->run))
        return is_possible_in_pool(task, interaction);
    return !(needs & NEEDS_POOL) && (!(needs & NEEDS_TARGET) || has_target(task, interaction)) &&
           (!(needs & NEEDS_DIRECT) || run_can_look(task->run));
}

/* --- without a statement --------------------------------------------------------------------- */

static void do_sleep(struct run_task *task, const struct interaction *interaction)
{
    (void)task;
    world_sleep(interaction->sleep_ms * ns_of_ms);
}

static void do_cancel(struct run_task *task, const struct interaction *interaction)
{
    run_cancel(task, plan_target(task->run->plan, interaction));
}

static void do_look(struct run_task *task, const struct interaction *interaction)
{
    (void)interaction;
    run_look(task);
}

/* --- with a connection of one's own ---------------------------------------------------------- */

static void plan_error(struct run_task *task, const char *what)
{
    verdict_plan_error(run_verdict(task->run), task->interaction, "task %u %s", task->number, what);
}

/* The rules of a plan that has some; false after a plan error. */
static bool keeps_rules(struct run_task *task, const struct interaction *interaction)
{
    bool has_connection = task->held.lease != NULL;
    bool in_transaction = has_connection && task->run->ops->in_transaction(task->held.lease);
    const char *error = NULL;
    if (interaction->action == ACTION_checkout && has_connection)
        error = "has a connection already";
    else if (interaction->action == ACTION_return && in_transaction)
        error = "returns its connection inside a transaction";
    else if (interaction->action == ACTION_begin && in_transaction)
        error = "begins a transaction inside another one";
    else if ((interaction->action == ACTION_commit || interaction->action == ACTION_rollback) &&
             !in_transaction)
        error = "ends a transaction, but none is open";
    else if (interaction->action != ACTION_checkout && interaction->action != ACTION_sleep &&
             !has_connection)
        error = "has no connection: check one out first";
    if (error != NULL)
        plan_error(task, error);
    return error == NULL;
}

static void execute_direct(struct run_task *task, const struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    static void (*const without_connection[ACTION_COUNT])(struct run_task * task,
                                                          const struct interaction *interaction) = {
        [ACTION_sleep] = do_sleep,
        [ACTION_cancel] = do_cancel,
        [ACTION_look] = do_look,
    };
    if (without_connection[action] != NULL) {
        without_connection[action](task, interaction);
        return;
    }
    if (action == ACTION_reopen || action == ACTION_return)
        (void)run_give_back(task);
    if (action == ACTION_return)
        return;
    bool has_lease = task->held.lease != NULL || run_take_lease(task, STACK_WRITE, 0, false);
    if (!has_lease && task->seen.outcome == OUTCOME_TIMEOUT)
        plan_error(task, "asks for a connection, but all of the pool's are checked out");
    if (has_lease && action != ACTION_reopen && action != ACTION_checkout)
        run_statement(task, interaction);
}

/* --- with a pool ----------------------------------------------------------------------------- */

/* Pools may begin transactions in their own way: the oracles judge that one. */
static void begin(struct run_task *task)
{
    struct interaction *judged = &task->run->effective.interactions[task->interaction];
    uint8_t *mode = &judged->arguments[FIELD_begin_mode];
    *mode =
        (uint8_t)run_begin_mode(task->run->ops, task->held.access, (enum plan_begin_mode) * mode);
    run_begin(task);
}

/* A statement may have begun the transaction, or ended it. */
static void follow_statement(struct run_task *task, const struct interaction *interaction)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool is_meant =
        effect == EFFECT_SAVEPOINT || effect == EFFECT_RELEASE || interaction->sql != NULL;
    if (is_meant && (task->run->ops->traits & STACK_SQL_BEGINS) != 0)
        task->held.in_transaction = task->run->ops->in_transaction(task->held.lease);
}

static void execute_on_lease(struct run_task *task, const struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (action == ACTION_begin)
        begin(task);
    else if (action == ACTION_commit || action == ACTION_rollback)
        run_end_transaction(task, action == ACTION_commit);
    else if (action == ACTION_stream_open || action == ACTION_mutate_stream)
        run_stream_open(task, interaction);
    else if (action == ACTION_batch)
        run_batch(task, interaction);
    else
        run_statement(task, interaction);
    follow_statement(task, interaction);
}

static void tell_called(struct run_task *task)
{
    if (task->run->is_down)
        return; /* who is dead tells nothing of the pool */
    struct event event = run_event(task, EVENT_lease_called);
    event.detail = (uint16_t)task->seen.outcome;
    if (task->run->ops->in_transaction(task->held.lease))
        event.value |= EVENT_LEASE_IN_TRANSACTION;
    if (task->held.in_transaction)
        event.value |= EVENT_LEASE_HAS_TRANSACTION;
    run_emit(task->run, &event);
}

static void note_beside(struct run_task *task, const struct interaction *interaction)
{
    if (task->held.stream == NULL)
        return;
    task->held.stream_was_beside = true;
    /* After SQL of the plan's own that wrote, content is not judged anyhow. */
    task->held.stream_saw_write |= model_is_write((enum plan_action)interaction->action);
}

/* Takes a connection for it, if the task has none, and gives it back where nothing is left open. */
static void execute_statement(struct run_task *task, const struct interaction *interaction)
{
    note_beside(task, interaction);
    enum stack_access access = run_access((enum plan_action)interaction->action);
    uint32_t timeout_ms = task->run->stack_options.acquire_timeout_ms;
    if (task->held.lease == NULL && !run_take_lease(task, access, timeout_ms, true))
        return;
    execute_on_lease(task, interaction);
    bool is_left_open = task->held.in_transaction || task->held.stream != NULL;
    tell_called(task);
    if (task->held.stream != NULL)
        run_tell(task, EVENT_lease_streams, task->held.stream_access);
    if (task->held.is_implicit && !is_left_open)
        (void)run_give_back(task);
}

static void do_checkout(struct run_task *task, const struct interaction *interaction)
{
    bool reads = interaction->arguments[FIELD_access] == ACCESS_READ;
    (void)run_take_lease(task, reads ? STACK_READ : STACK_WRITE,
                         plan_timeout_ms(task->run->plan, interaction), false);
}

static void do_return(struct run_task *task, const struct interaction *interaction)
{
    (void)interaction;
    task->seen.outcome = run_give_back(task);
}

static void do_drop(struct run_task *task, const struct interaction *interaction)
{
    run_drop(task, plan_target(task->run->plan, interaction));
}

static void do_stream_close(struct run_task *task, const struct interaction *interaction)
{
    (void)interaction;
    run_stream_close(task);
}

/* Actions that are more, or less, than a statement on a connection. */
static void (*const pool_actions[ACTION_COUNT])(struct run_task *task,
                                                const struct interaction *interaction) = {
    [ACTION_sleep] = do_sleep,
    [ACTION_checkout] = do_checkout,
    [ACTION_return] = do_return,
    [ACTION_drop] = do_drop,
    [ACTION_cancel] = do_cancel,
    [ACTION_reopen] = run_reopen,
    [ACTION_stream_next] = run_stream_next,
    [ACTION_stream_close] = do_stream_close,
};

static void execute_pooled(struct run_task *task, const struct interaction *interaction)
{
    if (pool_actions[interaction->action] != NULL)
        pool_actions[interaction->action](task, interaction);
    else
        execute_statement(task, interaction);
}

/* --- telling what came of it ------------------------------------------------------------------ */

static int64_t result_number(const struct interaction *interaction, const struct observation *seen)
{
    if (plan_action_infos[interaction->action].effect == EFFECT_READ_NUMBER ||
        (interaction->action == ACTION_select &&
         interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS))
        return seen->number;
    return seen->row_count > 0 ? (int64_t)seen->row_count : seen->changes;
}

static void note_failure(struct run_task *task, const struct interaction *interaction)
{
    struct run_failures *failures = &task->run->result.failures;
    const struct plan_expectation *expected = interaction->expectation;
    if (interaction->sql == NULL || task->seen.outcome == OUTCOME_OK ||
        (expected != NULL && expected->expects_error))
        return;
    if (failures->count++ > 0)
        return;
    const char *message = task->seen.error_message;
    failures->interaction = (uint32_t)task->interaction;
    (void)snprintf(failures->message, sizeof failures->message, "%s",
                   message[0] != '\0' ? message : interplay_outcome_names[task->seen.outcome]);
}

static void tell_return(struct run_task *task)
{
    const struct interaction *interaction = &task->run->judged->interactions[task->interaction];
    struct event event = run_event(task, EVENT_return);
    event.detail = (uint16_t)task->seen.outcome;
    event.value = result_number(interaction, &task->seen);
    event.seen = &task->seen;
    run_emit(task->run, &event);
    note_failure(task, run_interaction(task));
}

/* False: nobody wants to know. */
static bool look_at_log(const struct run *run, struct subject_log *ret_log)
{
    if (!oracles_listen(&run->oracles, EVENT_log))
        return false;
    run->subject.world->look_at_log(run->instance, ret_log);
    return true;
}

static void tell_log(struct run_task *task, size_t index)
{
    struct run *run = task->run;
    struct subject_log now;
    task->writes_log = false;
    if (!look_at_log(run, &now))
        return;
    const struct event_log log = {.bytes = now.bytes,
                                  .written_bytes = now.written_bytes,
                                  .call_bytes = now.written_bytes - task->log_bytes};
    struct event event = run_event(task, EVENT_log);
    event.interaction = (uint32_t)index;
    event.log = &log;
    run_emit(run, &event);
}

void run_tell_result(struct run_task *task, size_t index, const struct observation *seen)
{
    if (task->run->has_raw_sql)
        run_doubt_raw(task->run, task);
    run_claim_result(task->run, &task->run->judged->interactions[index], seen);
    run_tell_sleepers(task->run);
    const struct world_task *there = &world->tasks[task->number];
    const struct event_result result = {
        .seen = seen,
        .held_back = world->in_state[TASK_PARKED] & ((1u << PLAN_TASKS_MAX) - 1),
        .is_struck = there->fault.fired,
        .footprint = there->footprint,
    };
    struct event event = run_event(task, EVENT_result);
    event.interaction = (uint32_t)index;
    event.result = &result;
    run_emit(task->run, &event);
    if (task->writes_log)
        tell_log(task, index);
}

static void tell_call(struct run_task *task, uint32_t detail)
{
    struct subject_log before;
    if (look_at_log(task->run, &before))
        task->log_bytes = before.written_bytes;
    run_tell(task, EVENT_call, detail);
    if (task->cancellers > 0)
        run_tell(task, EVENT_cancel, task->droppers == 0 ? EVENT_CANCEL_IS_LATE : 0);
}

static void look_at_connection(struct run_task *task)
{
    struct observation *seen = &task->seen;
    seen->in_transaction =
        task->held.lease != NULL && task->run->ops->in_transaction(task->held.lease);
    /*
     * Closing the pool may have ended the transaction after the call, which then counts for
     * nothing.
     */
    if (task->held.in_transaction && !seen->in_transaction && !outcome_is_failure(seen->outcome) &&
        task->run->was_interrupted)
        seen->outcome = OUTCOME_ROLLED_BACK;
    if (world->tasks[task->number].dead) {
        seen->outcome = OUTCOME_DIED;
        seen->in_transaction = false;
    }
}

void run_call(void *argument)
{
    struct run_task *task = argument;
    struct run *run = task->run;
    const struct interaction *interaction = run_interaction(task);
    struct observation *seen = &task->seen;
    memset(seen, 0, offsetof(struct observation, rows));
    if (run->has_lists && plan_action_infos[interaction->action].effect == EFFECT_READ)
        seen->lists = run_new_lists(run);
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    if (!info->keeps_stream && !run_is_beside_stream(task, interaction))
        run_cut_stream(task);
    if (!is_possible(task, interaction)) {
        run_tell(task, EVENT_skip, 0);
        return;
    }
    run_tell(task, EVENT_invoke, 0);
    if (info->effect == EFFECT_UNKNOWN && !info->has_sql)
        run_claim_unpredicted(task);
    run_claim_columns(task);
    bool is_beside = run_is_beside_stream(task, interaction);
    bool is_judged = (task->held.stream == NULL || is_beside) && !info->is_unjudged;
    if (is_beside)
        run_forget_raw_transaction(task);
    if (is_judged)
        tell_call(task, is_beside ? EVENT_CALL_BESIDE : 0);
    if (run_is_pooled(run))
        execute_pooled(task, interaction);
    else if (!plan_kind(run->plan)->has_rules || keeps_rules(task, interaction))
        execute_direct(task, interaction);
    look_at_connection(task);
    tell_return(task);
    if (is_judged &&
        (task->held.stream == NULL || is_beside)) /* a stream that it opened is judged at its end */
        run_tell_result(task, task->interaction, seen);
    if (world->tasks[task->number].dead && !run_is_pooled(run)) {
        (void)run_give_back(task);
        if (!run->is_down)
            world->tasks[task->number].dead = false;
    }
}
