/* SPDX-License-Identifier: Apache-2.0 */
/* Who reads the events, beside the trace and the oracles; run_emit itself is in state.h. */
#include "history/recording.h"
#include "run/state.h"
#include "sim/storage.h"

static void record(struct run *run, const struct event *event)
{
    struct explanation explanation = {.result = recording_room(run->recording, event)};
    oracles_explain(&run->oracles, event, &explanation);
    recording_read(run->recording, event, &explanation);
}

void run_tell_others(struct run *run, const struct event *event)
{
    if (FEEDBACK_EVENTS >> event->kind & 1u)
        feedback_read(&run->feedback, event);
    if (run->recording != NULL)
        record(run, event);
    if (run->watcher != NULL && run->watcher->on_event != NULL)
        run->watcher->on_event(run->watcher->context, event);
    const struct run_mode *mode = run->options.mode;
    if (mode != NULL && (mode->events >> event->kind & 1u))
        mode->on_event(mode->context, event);
}

static void on_lock(void *context, const struct storage_handle *handle)
{
    if (world->current == NULL)
        return; /* the harness itself */
    uint32_t acting_for = world->current->acting_for;
    const struct event_lock lock = {
        .handle = handle,
        .holder = (uint8_t)(acting_for == WORLD_NOBODY ? world_current_task() : acting_for),
        .level = handle->level,
        .shared = handle->shm_shared,
        .exclusive = handle->shm_exclusive,
    };
    run_emit(context, &(struct event){.kind = EVENT_lock, .task = lock.holder, .lock = &lock});
}

/* --- whoever watches yield points ------------------------------------------------------------ */

void run_watch(struct run *run, const struct run_watcher *watcher)
{
    run->watcher = watcher;
}

static void run_tell_crossing(void *context, enum yield_point point)
{
    const struct run *run = context;
    const struct world_task *current = world->current;
    if (current == NULL || current->acting_for >= PLAN_TASKS_MAX)
        return; /* nobody's call */
    const struct run_crossing crossing = {
        .number = world->yields,
        .coroutine = current->number,
        .task = current->acting_for,
        .interaction = (uint32_t)run->tasks[current->acting_for].interaction,
        .position = (uint32_t)run->position,
        .can_pause = run->can_pause,
        .point = point,
    };
    run->watcher->on_crossing(run->watcher->context, &crossing);
}

void run_tell_watcher(struct run *run, const struct run_task *task, enum fault_kind kind)
{
    if (run->watcher != NULL && run->watcher->on_fault != NULL)
        run->watcher->on_fault(run->watcher->context, (uint32_t)task->interaction, kind);
}

/* --- everybody ------------------------------------------------------------------------------- */

void run_begin_history(struct run *run)
{
    if (run->watcher != NULL && run->watcher->on_crossing != NULL)
        world_watch(run_tell_crossing, run);
    trace_begin(&run->trace, run->plan);
    feedback_begin(&run->feedback, run->judged);
    bool is_all_read =
        run->recording != NULL || (run->watcher != NULL && run->watcher->on_event != NULL);
    run->others_read = is_all_read ? UINT64_MAX : FEEDBACK_EVENTS;
    if (run->options.mode != NULL)
        run->others_read |= run->options.mode->events;
    if (run->recording != NULL)
        recording_begin(run->recording, run->judged);
    world->on_locks = run->recording == NULL ? NULL : on_lock;
    world->on_locks_context = run;
    oracles_begin(&run->oracles, &run->setting);
}
