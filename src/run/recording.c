/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a run down. */
#include "run/recording.h"

#include "base/assert.h"
#include "oracle/snapshot_judge.h"
#include "sim/storage.h"
#include "sim/world.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum error_code recording_new(struct recording **ret_recording, const struct plan *plan,
                              struct error *error)
{
    size_t size = sizeof(struct recording) + plan->interaction_count * sizeof(struct recorded_step);
    void *memory =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return interplay_error(error, ERROR_MEMORY, "no memory for a recording: %s",
                               strerror(errno));
    struct recording *recording = memory;
    recording->size_bytes = size;
    recording->step_count = plan->interaction_count;
    *ret_recording = recording;
    return ERROR_NONE;
}

void recording_free(struct recording *recording)
{
    if (recording != NULL)
        ASSERT(munmap(recording, recording->size_bytes) == 0);
}

static void on_lock(void *context, const struct storage_handle *handle)
{
    struct recording *recording = context;
    if (world->current == NULL)
        return; /* the harness itself */
    uint32_t acting_for = world->current->acting_for;
    uint64_t at = recording->lock_count++;
    if (at >= RECORDING_EVENTS_MAX)
        return;
    recording->locks[at] = (struct recorded_lock){
        .events = recording->event_count,
        .handle = handle,
        .holder = (uint8_t)(acting_for == WORLD_NOBODY ? world_current_task() : acting_for),
        .level = handle->level,
        .shared = handle->shm_shared,
        .exclusive = handle->shm_exclusive,
    };
}

void recording_watch_locks(struct recording *recording)
{
    world->on_locks = recording == NULL ? NULL : on_lock;
    world->on_locks_context = recording;
}

void recording_add_event(struct recording *recording, const struct trace_event *event)
{
    uint64_t at = recording->event_count++;
    if (at < RECORDING_EVENTS_MAX)
        recording->events[at] = (struct recorded_event){*event, world->now_ns, world->yields};
}

void recording_add_return(struct recording *recording, size_t interaction,
                          const struct observation *seen)
{
    struct recorded_step *step = &recording->steps[interaction];
    step->has_ended = true;
    step->ended = recording->event_count;
    step->seen = *seen;
}

static void add_write(struct recording *recording, const struct recorded_write *write)
{
    uint64_t at = recording->write_count++;
    if (at < RECORDING_EVENTS_MAX)
        recording->writes[at] = *write;
}

/* The rows that the interaction makes of `before`, or takes away. */
static void add_writes(struct recording *recording, const struct model_database *before,
                       const struct interaction *interaction, size_t index)
{
    uint32_t table = interaction->arguments[FIELD_table];
    struct model_database after = *before;
    (void)model_apply(&after, interaction, (int64_t)index);
    const struct model_table *was = &before->tables[table], *is = &after.tables[table];
    for (uint32_t key = 0; key < PLAN_KEYS; key++) {
        bool was_there = was->present >> key & 1u, is_there = is->present >> key & 1u;
        if (is_there ? was_there && was->value[key] == is->value[key] : !was_there)
            continue;
        const struct recorded_write write = {
            .interaction = (uint32_t)index,
            .table = (uint8_t)table,
            .key = (uint8_t)key,
            .is_removal = !is_there,
            .value = is_there ? is->value[key] : 0,
        };
        add_write(recording, &write);
    }
}

static void note_blindness(struct recording *recording, const struct snapshot_oracle *oracle,
                           uint64_t from)
{
    if (!oracle->is_blind || recording->is_blind)
        return;
    recording->is_blind = true;
    recording->blind_from = from;
}

void recording_add_judged(struct recording *recording, const struct snapshot_oracle *oracle,
                          uint32_t task, size_t interaction, const struct observation *seen)
{
    struct recorded_step *step = &recording->steps[interaction];
    step->has_ended = true;
    step->ended = recording->event_count; /* of a stream: now, its rows came in several calls */
    note_blindness(recording, oracle, step->ended - 1);
    step->seen = *seen;
    step->is_judged = true;
    snapshot_explain(oracle, task, seen, &step->expected);
    const struct interaction *judged = &oracle->plan->interactions[interaction];
    if (!model_is_write((enum plan_action)judged->action) || seen->outcome != OUTCOME_OK)
        return;
    const struct model_database *before = snapshot_write_base(oracle, task, seen);
    if (before == NULL)
        recording->has_unclear_writes = true;
    else
        add_writes(recording, before, judged, interaction);
}

void recording_add_content(struct recording *recording, const struct snapshot_oracle *oracle,
                           const struct model_database *found)
{
    if (recording == NULL || recording->content_count == RECORDING_CONTENTS_MAX)
        return;
    struct recorded_content *content = &recording->contents[recording->content_count++];
    content->events = recording->event_count;
    content->found = *found;
    content->has_expected = !oracle->is_blind;
    if (!oracle->is_blind)
        content->expected = *snapshot_expected(oracle);
}
