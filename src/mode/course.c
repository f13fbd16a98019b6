/* SPDX-License-Identifier: Apache-2.0 */
/* Writing down what a run came to. */
#include "mode/course.h"

#include "base/hash.h"
#include "run/rows.h"

#include <interplay/backend.h>

#include <string.h>

/* Address space; a plan of a document may have many interactions. */
static const size_t arena_bytes = (size_t)256 << 20;

/* Begin and end of each interaction, and the end of a stream that it opened. */
enum { STEPS_OF_AN_INTERACTION = 3 };

void course_init(struct course *course)
{
    *course = (struct course){0};
    arena_init(&course->arena, arena_bytes);
}

void course_clean_up(struct course *course)
{
    arena_clean_up(&course->arena);
}

void course_begin(struct course *course, const struct plan *plan)
{
    arena_reset(&course->arena);
    course->plan = plan;
    course->is_cut = course->has_content = false;
    course->step_count = 0;
    course->step_max = STEPS_OF_AN_INTERACTION * plan->interaction_count;
    course->steps = ARENA_ARRAY(&course->arena, struct course_step, course->step_max);
    course->rows = ARENA_ARRAY(&course->arena, struct course_rows, plan->interaction_count);
}

/* --- steps ----------------------------------------------------------------------------------- */

static struct model_database content_of(const struct course *course,
                                        const struct model_database *found)
{
    struct model_database content = *found;
    for (uint32_t table = 0; course->is_portable && table < PLAN_TABLES; table++)
        content.tables[table].indexes = 0;
    return content;
}

static void take_look(const struct course *course, struct course_step *step,
                      const struct model_database *looked)
{
    const struct model_database content = content_of(course, looked);
    step->looked = hash_bytes(1, &content, sizeof content);
}

static void take_observation(struct course_step *step, const struct observation *seen)
{
    step->outcome = (uint8_t)seen->outcome;
    step->in_transaction = seen->in_transaction;
    step->number_is_null = seen->number_is_null;
    step->error_code = seen->error_code;
    step->changes = seen->changes;
    step->number = seen->number;
    step->row_count = seen->row_count;
    memcpy(step->report, seen->report, sizeof step->report);
    if (seen->outcome == OUTCOME_OK)
        return;
    memcpy(step->error_state, seen->error_state, sizeof step->error_state);
    memcpy(step->message, seen->error_message, sizeof step->message);
}

_Static_assert(sizeof((struct observation){0}.error_message) == COURSE_MESSAGE_BYTES,
               "messages are kept as they are observed");

static void add_step(struct course *course, const struct event *event,
                     const struct observation *seen)
{
    if (course->step_count == course->step_max) {
        course->is_cut = true;
        return;
    }
    struct course_step *step = &course->steps[course->step_count++];
    step->kind = event->kind;
    step->task = event->task;
    step->interaction = event->interaction;
    if (seen != NULL)
        take_observation(step, seen);
    if (seen != NULL && seen->looked != NULL)
        take_look(course, step, seen->looked);
}

static bool opens_stream(const struct course *course, uint32_t interaction)
{
    return plan_action_infos[course->plan->interactions[interaction].action].stream_of != 0;
}

void course_on_event(void *context, const struct event *event)
{
    struct course *course = context;
    if (event->kind == EVENT_content) {
        course->has_content = true;
        course->content = content_of(course, event->content);
    } else if (event->kind == EVENT_return) {
        add_step(course, event, event->seen);
    } else if (event->kind != EVENT_result) {
        add_step(course, event, NULL);
    } else if (opens_stream(course, event->interaction)) {
        add_step(course, event, event->result->seen);
    }
}

/* --- rows ------------------------------------------------------------------------------------ */

static bool is_whole(double number)
{
    static const double exact_below = 9007199254740992.0; /* 2^53 */
    return number > -exact_below && number < exact_below && (double)(int64_t)number == number;
}

static uint64_t hash_value(uint64_t hash, const struct value *value, bool is_portable)
{
    enum value_kind kind = value->kind;
    int64_t integer = kind == VALUE_INTEGER ? value->integer : 0;
    if (kind == VALUE_REAL && is_portable && is_whole(value->real)) {
        kind = VALUE_INTEGER;
        integer = (int64_t)value->real;
    }
    hash = hash_word(hash, kind);
    switch (kind) {
    case VALUE_NULL:
        return hash;
    case VALUE_INTEGER:
        return hash_word(hash, (uint64_t)integer);
    case VALUE_REAL:
        return hash_bytes(hash, &value->real, sizeof value->real);
    case VALUE_TEXT:
    case VALUE_BLOB:
        return hash_bytes(hash, value->text.bytes, value->text.length);
    }
    return hash;
}

void course_on_row(void *context, size_t interaction, const struct value *columns, uint32_t count)
{
    struct course *course = context;
    struct course_rows *rows = &course->rows[interaction];
    uint64_t hash = count;
    for (uint32_t i = 0; i < count; i++)
        hash = hash_value(hash, &columns[i], course->is_portable);
    rows->sequence = hash_word(rows->sequence, hash);
    rows->set += hash;
    struct text text = {rows->text, rows->length, sizeof rows->text, false};
    if (rows->length + 1 < sizeof rows->text) {
        text_append(&text, rows->count == 0 ? "" : "; ");
        run_append_row(&text, columns, count);
    }
    rows->length = text.length;
    rows->count++;
}

/* --- for people ------------------------------------------------------------------------------ */

void course_describe(const struct course *course, const struct course_step *step, struct text *text)
{
    const struct course_rows *rows = &course->rows[step->interaction];
    if (step->kind == EVENT_invoke || step->kind == EVENT_skip) {
        text_append(text, step->kind == EVENT_invoke ? "begins" : "cannot be done");
        return;
    }
    text_append(text, interplay_outcome_names[step->outcome]);
    if (step->outcome != OUTCOME_OK)
        text_append_format(text, " (code %d%s%s): %s", step->error_code,
                           step->error_state[0] == '\0' ? "" : ", ", step->error_state,
                           step->message);
    else if (rows->count > 0)
        text_append_format(text, ", %llu rows: %s", (unsigned long long)rows->count, rows->text);
    else
        text_append_format(text, ", %lld changes, %llu rows", (long long)step->changes,
                           (unsigned long long)step->row_count);
    if (step->in_transaction)
        text_append(text, ", in a transaction");
}
