/* SPDX-License-Identifier: Apache-2.0 */
/* Events, put together to rows. */
#include "report/picture_rows.h"

uint32_t picture_lane(const struct trace_event *event)
{
    if (event->kind == TRACE_power_loss || event->kind == TRACE_recovered ||
        event->kind == TRACE_end)
        return PICTURE_EVERYBODY;
    return event->task < PLAN_TASKS_MAX ? event->task : LOCK_LANE_THREADS;
}

bool picture_hides(const struct trace_event *event)
{
    return event->kind == TRACE_continue;
}

static bool goes_in_row(const struct recording *recording, const struct picture_row *row,
                        uint64_t number)
{
    const struct trace_event *event = &recording->events[number].event;
    const struct recorded_event *first = &recording->events[row->first];
    if (picture_hides(event))
        return true;
    if (first->now_ns != recording->events[number].now_ns)
        return false;
    if (event->kind == TRACE_disconnect || first->event.kind == TRACE_disconnect)
        return event->kind == first->event.kind;
    uint32_t lane = picture_lane(event);
    /* A call begins in a row of its own, so that each has a place of its own. */
    return lane == row->lane && lane != PICTURE_EVERYBODY && lane != LOCK_LANE_THREADS &&
           event->kind != TRACE_invoke && event->kind != TRACE_skip;
}

size_t picture_rows_make(const struct recording *recording, struct picture_row *ret_rows)
{
    size_t count = 0;
    uint64_t now_ns = 0;
    uint32_t line = 2;
    for (uint64_t i = 0; i < recording_kept(recording->event_count); i++) {
        if (count > 0 && goes_in_row(recording, &ret_rows[count - 1], i)) {
            ret_rows[count - 1].last = i;
            continue;
        }
        const struct recorded_event *event = &recording->events[i];
        struct picture_row *row = &ret_rows[count++];
        *row = (struct picture_row){.first = i, .last = i, .lane = picture_lane(&event->event)};
        row->has_tick = event->now_ns != now_ns;
        line += row->has_tick;
        row->line = line++;
        now_ns = event->now_ns;
    }
    return count;
}
