/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams: one statement whose rows come in several interactions. For who reads the events it is
 * one call, from its opening to its end.
 */
#include "run/state.h"

#include <string.h>

static bool are_cursors(const struct run *run)
{
    return (run->ops->traits & STACK_STREAMS_ARE_CURSORS) != 0;
}

static void on_stream_row(void *context, const struct value *columns, uint32_t count)
{
    struct run_task *task = context;
    const struct interaction *judged =
        &task->run->judged->interactions[task->held.stream_interaction];
    task->streamed.column_count = (int)count;
    run_tell_row(task->run, task->held.stream_interaction, columns, count);
    run_read_row(judged, columns, count, &task->streamed);
}

void run_stream_open(struct run_task *task, const struct interaction *interaction)
{
    const struct stack_ops *ops = task->run->ops;
    struct stack_call call;
    run_take_call_tag(task);
    task->tag = task->call_tag;
    run_make_call(task, interaction, &call);
    call.on_row = on_stream_row;
    memset(&task->streamed, 0, offsetof(struct observation, rows));
    task->streamed.lists = run_new_lists(task->run);
    task->held.stream_interaction = task->interaction;
    task->held.stream_access = call.access;
    task->held.stream_tag = task->call_tag;
    task->held.stream_was_beside = task->held.stream_saw_write = false;
    task->run->result.statements++;
    task->call_tag->is_served = false;
    task->seen.outcome = ops->stream_open(task->held.lease, &call, &task->held.stream);
    if (task->seen.outcome != OUTCOME_OK)
        task->held.stream = NULL;
}

static void tell_stream(struct run_task *task, enum event_kind kind, int64_t value)
{
    struct event event = run_event(task, kind);
    event.interaction = (uint32_t)task->held.stream_interaction;
    event.detail = (uint16_t)task->streamed.outcome;
    event.value = value;
    event.seen = &task->streamed;
    run_emit(task->run, &event);
}

static void tell_goes_on(struct run_task *task)
{
    struct event event = run_event(task, EVENT_call);
    event.interaction = (uint32_t)task->held.stream_interaction;
    event.detail = EVENT_CALL_GOES_ON;
    run_emit(task->run, &event);
}

/* The statement has come to an end of which `reply` tells. */
static void finish_stream(struct run_task *task, const struct stack_reply *reply, bool is_complete)
{
    struct observation *seen = &task->streamed;
    run_take_reply(seen, reply);
    if (seen->outcome == OUTCOME_OK && task->held.stream_access == STACK_WRITE) {
        if (is_complete)
            tell_stream(task, EVENT_stream_ended, reply->changes);
        seen->changes = reply->changes;
        seen->row_count = 0;
    } else if (seen->outcome == OUTCOME_OK && !is_complete) {
        seen->outcome = OUTCOME_INTERRUPTED; /* not all rows were read */
    }
    if (world->tasks[task->number].dead)
        seen->outcome = OUTCOME_DIED;
    seen->in_transaction = false;
    if (!task->run->is_down)
        tell_stream(task, EVENT_lease_called, 0);
    if (task->held.stream_was_beside)
        tell_goes_on(task);
    run_tell_result(task, task->held.stream_interaction, seen);
}

/* Where it is no cursor, somebody may still be at it when the stream is gone: that end counts. */
static void wait_for_end(struct run_task *task, struct stack_reply *reply)
{
    struct run_tag *tag = task->held.stream_tag;
    if (are_cursors(task->run))
        return;
    while (!tag->is_served)
        (void)world_wait(tag, WORLD_NEVER);
    *reply = tag->reply;
}

/* `reply` is what its owner was told last. */
static void end_stream(struct run_task *task, struct stack_reply *reply, bool is_complete)
{
    struct run *run = task->run;
    is_complete &= !task->held.stream_saw_write; /* what it shows of that is open */
    if (!is_complete)
        run_tell(task, EVENT_cancel, 0);
    run->ops->stream_close(task->held.stream);
    task->held.stream = NULL;
    wait_for_end(task, reply);
    finish_stream(task, reply, is_complete);
    if (task->held.is_implicit)
        (void)run_give_back(task);
}

void run_stream_next(struct run_task *task, const struct interaction *interaction)
{
    const struct stack_ops *ops = task->run->ops;
    struct stack_reply reply = {.outcome = OUTCOME_ROW};
    for (uint32_t left = interaction->arguments[FIELD_span] + 1u; left > 0; left--) {
        task->is_in_call = true;
        task->tag = task->held.stream_tag;
        task->call_access = task->held.stream_access;
        ops->stream_next(task->held.stream, &reply);
        task->is_in_call = false;
        if (reply.outcome != OUTCOME_ROW)
            break;
        task->seen.row_count++;
    }
    task->seen.outcome = reply.outcome == OUTCOME_ROW ? OUTCOME_OK : reply.outcome;
    if (reply.outcome != OUTCOME_ROW)
        end_stream(task, &reply, reply.outcome != OUTCOME_TIMEOUT);
}

void run_stream_close(struct run_task *task)
{
    struct stack_reply reply = {.outcome = OUTCOME_OK};
    if (task->held.stream != NULL)
        end_stream(task, &reply, false);
}

/* --- beside other statements ------------------------------------------------------------------ */

bool run_is_beside_stream(const struct run_task *task, const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    bool is_statement = info->effect == EFFECT_READ || info->effect == EFFECT_ROWS || info->has_sql;
    return task->held.stream != NULL && are_cursors(task->run) && is_statement &&
           info->stream_of == 0 && interaction->action != ACTION_batch;
}

void run_cut_stream(struct run_task *task)
{
    struct run_cuts *cuts = &task->run->result.cuts;
    if (task->held.stream == NULL)
        return;
    if (cuts->count++ == 0)
        cuts->interaction = (uint32_t)task->interaction;
    run_stream_close(task);
}
