/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a run down. */
#include "history/recording.h"

#include "base/assert.h"
#include "sim/storage.h"

#include <errno.h>
#include <stdio.h>
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

void recording_begin(struct recording *recording, const struct plan *judged)
{
    recording->judged = judged;
}

static void add_event(struct recording *recording, const struct event *event)
{
    uint64_t at = recording->event_count++;
    trace_notes_read(&recording->notes, recording->judged, at, event);
    if (at < RECORDING_EVENTS_MAX)
        recording->events[at] =
            (struct recorded_event){trace_event_of(event), event->now_ns, event->yields};
}

static void add_lock(struct recording *recording, const struct event_lock *lock)
{
    uint64_t at = recording->lock_count++;
    if (at < RECORDING_EVENTS_MAX)
        recording->locks[at] = (struct recorded_lock){recording->event_count, *lock};
}

/* Of a stream: now, its rows came in several calls. */
static struct recorded_step *end_step(struct recording *recording, size_t interaction,
                                      const struct observation *seen)
{
    struct recorded_step *step = &recording->steps[interaction];
    step->has_ended = true;
    step->ended = recording->event_count;
    step->seen = *seen;
    return step;
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

static void note_blindness(struct recording *recording, const struct explanation *explanation,
                           uint64_t from)
{
    if (explanation->is_known || recording->is_blind)
        return;
    recording->is_blind = true;
    recording->blind_from = from;
}

static void add_result(struct recording *recording, const struct event *event,
                       const struct explanation *explanation)
{
    const struct observation *seen = event->result->seen;
    struct recorded_step *step = end_step(recording, event->interaction, seen);
    step->is_judged = true;
    note_blindness(recording, explanation, step->ended - 1);
    const struct interaction *judged = &recording->judged->interactions[event->interaction];
    if (!model_is_write((enum plan_action)judged->action) || seen->outcome != OUTCOME_OK)
        return;
    if (explanation->write_base == NULL)
        recording->has_unclear_writes = true;
    else
        add_writes(recording, explanation->write_base, judged, event->interaction);
}

static void add_content(struct recording *recording, const struct model_database *found,
                        bool is_end, const struct explanation *explanation)
{
    if (recording->content_count == RECORDING_CONTENTS_MAX)
        return;
    struct recorded_content *content = &recording->contents[recording->content_count++];
    content->events = recording->event_count;
    content->is_end = is_end;
    if (!is_end) {
        content->files = recording->files;
        recording->is_loss_open = false;
    }
    content->loss = explanation->loss;
    content->found = *found;
    content->has_expected = explanation->is_known;
    if (explanation->is_known)
        content->expected = *explanation->content;
}

/* --- power losses ---------------------------------------------------------------------------- */

void recording_begin_loss(struct recording *recording)
{
    recording->files.count = 0;
    recording->is_loss_open = true;
}

static void begin_file(struct recorded_files *files, const struct storage_fate *fate)
{
    if (files->count++ >= RECORDING_FILES_MAX)
        return;
    struct recorded_file *file = &files->kept[files->count - 1];
    *file = (struct recorded_file){
        .changes = fate->all,
        .arriving = UINT32_MAX,
        .is_gone = fate->kind == STORAGE_FATE_GONE,
    };
    (void)snprintf(file->name, sizeof file->name, "%s", fate->name);
}

/* Parts of one change come one after the other; all of them are the whole. */
static void add_arrival(struct recorded_file *file, const struct storage_fate *fate)
{
    if (file->arriving != fate->number) {
        file->arriving = fate->number;
        file->arrived_bytes = 0;
        file->torn++;
    }
    file->arrived_bytes += fate->to - fate->from;
    if (file->arrived_bytes == fate->all) {
        file->torn--;
        file->whole++;
    }
}

void recording_read_fate(struct recording *recording, const struct storage_fate *fate)
{
    struct recorded_files *files = &recording->files;
    if (fate->kind == STORAGE_FATE_NAMED || fate->kind == STORAGE_FATE_GONE) {
        begin_file(files, fate);
        return;
    }
    if (files->count == 0 || files->count > RECORDING_FILES_MAX)
        return;
    struct recorded_file *file = &files->kept[files->count - 1];
    if (fate->kind == STORAGE_FATE_ARRIVED)
        add_arrival(file, fate);
    if (fate->kind == STORAGE_FATE_SIZED)
        file->whole += fate->all;
    file->is_garbled |= fate->kind == STORAGE_FATE_GARBLED;
}

struct explained_result *recording_room(struct recording *recording, const struct event *event)
{
    return event->kind == EVENT_result ? &recording->steps[event->interaction].expected : NULL;
}

void recording_read(struct recording *recording, const struct event *event,
                    const struct explanation *explanation)
{
    if (event->kind < TRACE_KIND_COUNT)
        add_event(recording, event);
    if (event->kind == EVENT_return)
        (void)end_step(recording, event->interaction, event->seen);
    else if (event->kind == EVENT_result)
        add_result(recording, event, explanation);
    else if (event->kind == EVENT_recovered)
        add_content(recording, event->recovery->content, false, explanation);
    else if (event->kind == EVENT_content)
        add_content(recording, event->content, true, explanation);
    else if (event->kind == EVENT_lock)
        add_lock(recording, event->lock);
}
