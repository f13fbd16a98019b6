/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where events come from: everybody who reads them is told here. */
#include "history/recording.h"
#include "run/state.h"
#include "sim/storage.h"

static void record(struct run *run, const struct event *event)
{
    struct explanation explanation = {.result = recording_room(run->recording, event)};
    oracles_explain(&run->oracles, event, &explanation);
    recording_read(run->recording, event, &explanation);
}

/* Those who read few events, or few runs. */
static void tell_others(struct run *run, const struct event *event)
{
    if (FEEDBACK_EVENTS >> event->kind & 1u)
        feedback_read(&run->feedback, event);
    if (run->recording != NULL)
        record(run, event);
}

void run_emit(struct run *run, struct event *event)
{
    event->now_ns = world->now_ns;
    event->yields = world->yields;
    if (event->kind < TRACE_KIND_COUNT)
        trace_read(&run->trace, event);
    if (run->others_read >> event->kind & 1u)
        tell_others(run, event);
    oracles_read(&run->oracles, event, run_verdict(run));
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
