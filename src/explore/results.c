/* SPDX-License-Identifier: Apache-2.0 */
/* From events to what a step came to, in a few words. */
#include "explore/results.h"

#include "base/hash.h"
#include "plan/describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct reader {
    const struct steps *steps;
    const uint32_t *step_of;
    size_t count;
};

void results_begin(struct results *results, const struct steps *steps)
{
    results->count = (uint32_t)steps->plan.interaction_count;
    for (uint32_t i = 0; i <= results->count; i++)
        results->of[i][0] = '\0';
}

/* --- who wrote it ---------------------------------------------------------------------------- */

/* "s4": the scenario's step 4 did; `place` counts interactions of the plan. */
static void append_writer(const struct reader *reader, int64_t place, struct text *text)
{
    if (place == -1)
        text_append(text, "seed");
    else if (place >= 0 && (uint64_t)place < reader->count &&
             reader->step_of[place] != PATH_NO_STEP)
        text_append_format(text, "s%" PRIu32, reader->step_of[place]);
    else
        text_append_format(text, "?%" PRId64, place);
}

static void append_value(const struct reader *reader, int64_t value, struct text *text)
{
    if (value < 0)
        text_append_format(text, "?%" PRId64, value);
    else
        append_writer(reader, value / PLAN_KEYS - 1, text);
}

static void append_number(const struct reader *reader, int64_t number, struct text *text)
{
    if (number == 0)
        text_append(text, "0");
    else if (number < 0)
        text_append_format(text, "?%" PRId64, number);
    else
        append_writer(reader, number - 1, text);
}

/* "4=s3", and who wrote the text if that was somebody else. */
static void append_row(const struct reader *reader, const struct observed_row *row,
                       struct text *text)
{
    text_append_format(text, "%" PRId64 "=", row->key);
    append_value(reader, row->value, text);
    if (row->addend != 0) {
        text_append(text, "&");
        append_number(reader, row->addend, text);
    }
    if (row->value == plan_value(-1, (uint32_t)row->key) && row->text_value == row->value &&
        row->text_units == plan_payload_units[1] && row->intact)
        return; /* as it was */
    if (row->text_value >= 0 && row->text_value != row->value) {
        text_append(text, "+");
        append_value(reader, row->text_value, text);
    }
    if (row->text_value >= 0)
        text_append_format(text, "x%" PRId64, row->text_units);
    if (!row->intact)
        text_append(text, "!");
}

/* --- of a step ------------------------------------------------------------------------------- */

/* A sum hangs on the numbers of the steps in the plan, which are not the scenario's. */
static void append_aggregate(const struct reader *reader, const struct interaction *interaction,
                             const struct observation *seen, struct text *text)
{
    uint32_t aggregate = interaction->arguments[FIELD_aggregate];
    text_append(text, ": ");
    if (seen->number_is_null)
        text_append(text, "NULL");
    else if (aggregate == AGGREGATE_COUNT)
        text_append_number(text, seen->number);
    else if (aggregate == AGGREGATE_SUM)
        text_append(text, "a sum");
    else
        append_value(reader, seen->number, text);
}

static void append_report(const struct observation *seen, struct text *text)
{
    text_append_format(text, ": %" PRId64 "|%" PRId64 "|%" PRId64, seen->report[0], seen->report[1],
                       seen->report[2]);
}

static void append_rows(const struct reader *reader, const struct observation *seen,
                        struct text *text)
{
    for (uint32_t i = 0; i < seen->rows_kept; i++) {
        text_append(text, i == 0 ? ": " : " ");
        append_row(reader, &seen->rows[i], text);
    }
}

static void append_read(const struct reader *reader, const struct interaction *interaction,
                        const struct observation *seen, struct text *text)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    if (seen->row_count == 0)
        return;
    if (interaction->sql != NULL) {
        text_append(text, ": ");
        plan_describe_text(seen->row_text, text);
    } else if (effect == EFFECT_READ && interaction->arguments[FIELD_aggregate] != AGGREGATE_ROWS) {
        append_aggregate(reader, interaction, seen, text);
    } else if (effect == EFFECT_READ_NUMBER) {
        text_append(text, ": ");
        append_number(reader, seen->number, text);
    } else if (effect == EFFECT_REPORT) {
        append_report(seen, text);
    } else {
        append_rows(reader, seen, text);
    }
}

static void describe(const struct reader *reader, const struct interaction *interaction,
                     const struct observation *seen, struct text *text)
{
    text_append(text, interplay_outcome_names[seen->outcome]);
    if (seen->outcome == OUTCOME_DIED)
        return; /* what it heard last is nobody's any more */
    if (seen->outcome != OUTCOME_OK) {
        text_append(text, seen->error_message[0] == '\0' ? "" : ": ");
        plan_describe_text(seen->error_message, text);
        return;
    }
    int64_t number = seen->row_count > 0 ? (int64_t)seen->row_count : seen->changes;
    if (number != 0)
        text_append_format(text, " (%" PRId64 ")", number);
    append_read(reader, interaction, seen, text);
}

/* What does not fit is told by its hash, so that texts are equal where results are. */
static void put(char *result, const char *whole)
{
    size_t length = strlen(whole);
    if (length < RESULT_BYTES) {
        memcpy(result, whole, length + 1);
        return;
    }
    enum { MARK_BYTES = 12 };
    memcpy(result, whole, RESULT_BYTES);
    (void)snprintf(result + RESULT_BYTES - MARK_BYTES, MARK_BYTES, "..#%08" PRIx32,
                   (uint32_t)hash_bytes(0, whole, length));
}

/* --- what there is at the end ---------------------------------------------------------------- */

static void append_table_rows(const struct reader *reader, const struct model_table *table,
                              bool is_seeded, struct text *text)
{
    for (uint32_t key = 0; key < PLAN_KEYS; key++) {
        bool has_seed = is_seeded && key % PLAN_SEED_KEY_STRIDE == 0;
        if ((table->present >> key & 1u) == 0) {
            if (has_seed)
                text_append_format(text, " -%" PRIu32, key);
            continue;
        }
        const struct observed_row row = {.key = key,
                                         .value = table->value[key],
                                         .text_value = table->text_value[key],
                                         .text_units = table->text_units[key],
                                         .intact = true};
        if (has_seed && row.value == plan_value(-1, key))
            continue;
        text_append(text, " ");
        append_row(reader, &row, text);
    }
}

/* Seed rows that are as they were are not told, and those that are gone are "-4". */
static void describe_content(const struct reader *reader, const struct model_database *content,
                             struct text *text)
{
    for (uint32_t number = 0; number < PLAN_TABLES; number++) {
        const struct model_table *table = &content->tables[number];
        bool is_seeded = number < PLAN_SEED_TABLES;
        const char *space = text->length == 0 ? "" : "; ";
        if (table->exists) {
            text_append_format(text, "%st%" PRIu32, space, number);
            if (table->addend != 0) {
                text_append(text, " x=");
                append_number(reader, table->addend, text);
            }
            append_table_rows(reader, table, is_seeded, text);
        } else if (is_seeded) {
            text_append_format(text, "%sno t%" PRIu32, space, number);
        }
    }
    for (uint32_t i = 0; i < PLAN_NUMBERS; i++) {
        if (content->numbers[i] == 0)
            continue;
        text_append_format(text, "; number %" PRIu32 " ", i);
        append_number(reader, content->numbers[i], text);
    }
}

void results_read(struct results *results, const struct steps *steps, const struct path_plan *made,
                  const struct event *event)
{
    enum { WHOLE_BYTES = 8192 };
    const struct reader reader = {steps, made->step_of, made->plan.interaction_count};
    char whole[WHOLE_BYTES];
    struct text text;
    text_init(&text, whole, sizeof whole);
    uint32_t place = results->count;
    if (event->kind == EVENT_content) {
        describe_content(&reader, event->content, &text);
        put(results->of[place], whole);
        return;
    }
    if (event->kind != EVENT_return && event->kind != EVENT_skip)
        return;
    place = made->step_of[event->interaction];
    if (place == PATH_NO_STEP)
        return;
    if (event->kind == EVENT_skip)
        text_append(&text, "cannot");
    else
        describe(&reader, &steps->plan.interactions[place], event->seen, &text);
    put(results->of[place], whole);
}

void results_note_wait(struct results *results, uint32_t interaction)
{
    char *result = results->of[interaction];
    size_t length = strlen(result);
    if (length < RESULT_BYTES)
        (void)snprintf(result + length, RESULT_BYTES - length, ", waited");
}

uint64_t results_hash(const struct results *results)
{
    uint64_t hash = 0;
    for (uint32_t i = 0; i <= results->count; i++)
        hash = hash_bytes(hash, results->of[i], strlen(results->of[i]));
    return hash;
}
