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

void run_begin_history(struct run *run)
{
    trace_begin(&run->trace, run->plan);
    feedback_begin(&run->feedback, run->judged);
    run->others_read = run->recording == NULL ? FEEDBACK_EVENTS : UINT64_MAX;
    if (run->recording != NULL)
        recording_begin(run->recording, run->judged);
    world->on_locks = run->recording == NULL ? NULL : on_lock;
    world->on_locks_context = run;
    oracles_begin(&run->oracles, &run->setting);
}
