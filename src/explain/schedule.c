/* SPDX-License-Identifier: Apache-2.0 */
/* From the course of a run to parts, and from parts to a plan whose pauses make them. */
#include "explain/schedule.h"

#include "base/assert.h"

/* --- from a course --------------------------------------------------------------------------- */

static void take_calls(struct schedule *schedule, struct arena *arena, const struct course *course)
{
    size_t interactions = schedule->plan->interaction_count;
    schedule->calls = ARENA_ARRAY(arena, struct schedule_call, interactions + 1);
    for (uint64_t i = 0; i < course->count; i++)
        schedule->calls[course->crossings[i].interaction].crossing_count++;
    for (size_t i = 0; i < interactions; i++) {
        struct schedule_call *call = &schedule->calls[i];
        call->crossings = arena_alloc_zeroed(arena, (call->crossing_count + 1) *
                                                        sizeof(const struct course_crossing *));
        call->crossing_count = 0;
    }
}

/* Going on with an interaction is no part of its own: what goes on is. */
static bool is_part(const struct plan *plan, size_t interaction)
{
    return plan->interactions[interaction].action != ACTION_resume;
}

static void add_part(struct schedule *schedule, uint32_t interaction, bool begins, uint32_t from,
                     uint32_t to)
{
    schedule->parts[schedule->part_count++] = (struct schedule_part){
        .interaction = interaction, .begins = begins, .from = from, .to = to};
}

/* Those before `end` that have crossed nothing yet, and have no part: they began all the same. */
static void add_silent(struct schedule *schedule, bool *has_part, size_t end)
{
    for (size_t i = 0; i < end; i++) {
        if (has_part[i] || !is_part(schedule->plan, i))
            continue;
        has_part[i] = true;
        add_part(schedule, (uint32_t)i, true, 0, 0);
    }
}

static void add_crossing(struct schedule *schedule, const struct course_crossing *crossing,
                         bool begins)
{
    struct schedule_call *call = &schedule->calls[crossing->interaction];
    uint32_t number = call->crossing_count++;
    call->crossings[number] = crossing;
    struct schedule_part *last =
        schedule->part_count == 0 ? NULL : &schedule->parts[schedule->part_count - 1];
    if (last != NULL && last->interaction == crossing->interaction)
        last->to = number + 1;
    else
        add_part(schedule, crossing->interaction, begins, number, number + 1);
}

void schedule_make(struct schedule *ret_schedule, struct arena *arena, const struct plan *plan,
                   const struct course *course)
{
    ASSERT(course_is_whole(course));
    struct schedule schedule = {.plan = plan};
    take_calls(&schedule, arena, course);
    schedule.parts =
        ARENA_ARRAY(arena, struct schedule_part, course->count + plan->interaction_count + 1);
    bool *has_part = ARENA_ARRAY(arena, bool, plan->interaction_count + 1);
    for (uint64_t i = 0; i < course->count; i++) {
        const struct course_crossing *crossing = &course->crossings[i];
        bool begins = !has_part[crossing->interaction];
        if (begins)
            add_silent(&schedule, has_part, crossing->interaction);
        has_part[crossing->interaction] = true;
        add_crossing(&schedule, crossing, begins);
    }
    add_silent(&schedule, has_part, plan->interaction_count);
    *ret_schedule = schedule;
}

/* --- to a plan ------------------------------------------------------------------------------- */

struct writer {
    const struct schedule *schedule;
    struct plan *plan;
};

static const struct schedule_call *call_of(const struct schedule *schedule,
                                           const struct schedule_part *part)
{
    return &schedule->calls[part->interaction];
}

static bool is_last(const struct schedule *schedule, const struct schedule_part *part)
{
    return part->to >= call_of(schedule, part)->crossing_count;
}

/*
 * A pause of the class that counts least, and how much it counts: from where the part begins, which
 * has been counted when its task was held back there, up to where it ends.
 */
static uint32_t count_to_end(const struct schedule *schedule, const struct schedule_part *part,
                             enum plan_pause_class *ret_class)
{
    const struct schedule_call *call = call_of(schedule, part);
    const struct course_crossing *end = call->crossings[part->to];
    static const struct course_counts none;
    const struct course_counts *before =
        part->begins ? &none : &call->crossings[part->from]->counts;
    uint64_t point = UINT64_C(1) << end->point;
    *ret_class = point & yield_points_storage ? PAUSE_STORAGE
                 : point & yield_points_lock  ? PAUSE_LOCK
                                              : PAUSE_ANY;
    return end->counts.of[*ret_class] - before->of[*ret_class];
}

static struct interaction *append(struct writer *writer, const struct interaction *interaction)
{
    struct interaction *copy = &writer->plan->interactions[writer->plan->interaction_count++];
    *copy = *interaction;
    copy->pause_after = 0;
    copy->pause_class = 0;
    return copy;
}

static struct interaction *append_resume(struct writer *writer, const struct schedule_part *part)
{
    const struct interaction resume = {
        .task = (uint8_t)schedule_task(writer->schedule, part),
        .action = ACTION_resume,
    };
    return append(writer, &resume);
}

/* A pause has an end to its count: where more is needed, the task is stopped on the way. */
static void stop_at_end(struct writer *writer, const struct schedule_part *part,
                        struct interaction *first)
{
    enum plan_pause_class class;
    uint32_t left = count_to_end(writer->schedule, part, &class);
    for (struct interaction *stopped = first;; stopped = append_resume(writer, part)) {
        uint32_t step = left < PLAN_PAUSE_MAX ? left : PLAN_PAUSE_MAX;
        stopped->pause_class = (uint8_t) class;
        stopped->pause_after = (uint16_t)step;
        left -= step;
        if (left == 0)
            return;
    }
}

/* Every task comes to its end: so it does without being told to, task after task. */
static bool ends_by_itself(const struct schedule *schedule, const struct schedule_part *parts,
                           size_t part_count)
{
    for (size_t i = 0; i < part_count; i++) {
        if (parts[i].begins || !is_last(schedule, &parts[i]))
            return false;
        if (i > 0 && schedule_task(schedule, &parts[i - 1]) >= schedule_task(schedule, &parts[i]))
            return false;
    }
    return true;
}

/* The next one is the beginning of its task's next interaction, which waits for its end. */
static bool is_awaited_by_next(const struct schedule *schedule, const struct schedule_part *parts,
                               size_t part_count)
{
    return part_count > 1 && parts[1].begins &&
           schedule_task(schedule, &parts[0]) == schedule_task(schedule, &parts[1]);
}

static void write_part(struct writer *writer, const struct schedule_part *parts, size_t part_count,
                       uint32_t *ret_places)
{
    const struct schedule *schedule = writer->schedule;
    const struct schedule_part *part = parts;
    if (!part->begins && is_last(schedule, part) &&
        (ends_by_itself(schedule, parts, part_count) ||
         is_awaited_by_next(schedule, parts, part_count)))
        return;
    struct interaction *written;
    if (part->begins) {
        ret_places[part->interaction] = (uint32_t)writer->plan->interaction_count;
        written = append(writer, &schedule->plan->interactions[part->interaction]);
    } else {
        written = append_resume(writer, part);
    }
    if (!is_last(schedule, part))
        stop_at_end(writer, part, written);
}

/* In place; returns how many are left. */
static size_t join_neighbours(struct schedule_part *parts, size_t part_count)
{
    size_t joined = 0;
    for (size_t i = 0; i < part_count; i++) {
        if (joined > 0 && parts[joined - 1].interaction == parts[i].interaction)
            parts[joined - 1].to = parts[i].to;
        else
            parts[joined++] = parts[i];
    }
    return joined;
}

size_t schedule_interactions_max(const struct schedule *schedule)
{
    size_t max = schedule->plan->interaction_count + 1;
    for (size_t i = 0; i < schedule->plan->interaction_count; i++)
        max += schedule->calls[i].crossing_count;
    return max;
}

void schedule_plan(const struct schedule *schedule, struct schedule_part *parts, size_t part_count,
                   struct plan *ret_plan, uint32_t *ret_places)
{
    struct interaction *interactions = ret_plan->interactions;
    *ret_plan = *schedule->plan;
    ret_plan->interactions = interactions;
    ret_plan->interaction_count = 0;
    part_count = join_neighbours(parts, part_count);
    struct writer writer = {.schedule = schedule, .plan = ret_plan};
    for (size_t i = 0; i < part_count; i++)
        write_part(&writer, &parts[i], part_count - i, ret_places);
}
