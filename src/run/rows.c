/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that came back, in the plan's own terms and as texts. */
#include "run/state.h"

#include "model/text.h"

#include <string.h>

enum { EXPECTED_ROW_BYTES = 1024 };

/* False: these are not digits. */
static bool read_unit(const char *text, int64_t *ret_value)
{
    *ret_value = 0;
    for (size_t i = 0; i < PLAN_PAYLOAD_UNIT_BYTES; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        *ret_value = *ret_value * 10 + (text[i] - '0');
    }
    return true;
}

/* Room for the elements of one more; NULL: there is none, or nobody asks. */
static int32_t *add_list(struct observed_lists *lists, uint32_t table, int64_t key, size_t count)
{
    if (lists == NULL || key < 0 || key >= PLAN_KEYS || lists->count == PLAN_TABLES * PLAN_KEYS ||
        count > OBSERVED_ELEMENTS_MAX - lists->element_count)
        return NULL;
    lists->lists[lists->count++] = (struct observed_list){
        (uint8_t)table, (uint8_t)key, (uint16_t)lists->element_count, (uint16_t)count};
    lists->element_count += (uint32_t)count;
    return &lists->elements[lists->element_count - count];
}

/* Units that differ: values that were appended. */
static __attribute__((noinline)) void read_list(const char *text, struct observed_row *row,
                                                uint32_t table, struct observed_lists *lists)
{
    int64_t count = row->text_units, value;
    int32_t *elements = add_list(lists, table, row->key, (size_t)count);
    for (int64_t i = 0; row->intact && i < count; i++) {
        row->intact = read_unit(text + i * PLAN_PAYLOAD_UNIT_BYTES, &value);
        if (elements != NULL)
            elements[i] = (int32_t)value;
        row->text_value = model_text_append((int32_t)row->text_value, (uint32_t)i, (int32_t)value);
    }
    if (!row->intact && elements != NULL)
        lists->count--; /* nobody has written it */
}

/* A text that nobody could have written is not intact. */
static void read_text(const char *text, size_t length, struct observed_row *row, uint32_t table,
                      struct observed_lists *lists)
{
    const size_t unit = PLAN_PAYLOAD_UNIT_BYTES;
    row->text_units = (int64_t)(length / unit);
    row->text_value = 0;
    row->intact = length % unit == 0 && length > 0;
    if (row->intact && memcmp(text, text + unit, length - unit) != 0)
        read_list(text, row, table, lists);
    else if (row->intact)
        row->intact = read_unit(text, &row->text_value);
}

/* A value of another kind is one that no interaction wrote. */
static int64_t number_of(const struct value *value)
{
    return value->kind == VALUE_INTEGER ? value->integer : value->kind == VALUE_NULL ? 0 : -1;
}

void run_read_table_row(const struct value *columns, uint32_t table, struct observed_row *ret_row,
                        struct observed_lists *lists)
{
    *ret_row = (struct observed_row){.key = number_of(&columns[0]),
                                     .value = number_of(&columns[1]),
                                     .text_value = MODEL_TEXT_NULL};
    if (columns[2].kind == VALUE_NULL)
        ret_row->intact = true;
    else if (columns[2].kind == VALUE_TEXT)
        read_text(columns[2].text.bytes, columns[2].text.length, ret_row, table, lists);
}

static void keep_table_row(const struct value *columns, uint32_t count, uint32_t table,
                           struct observation *seen)
{
    if (seen->rows_kept == OBSERVED_ROWS_MAX || count < MODEL_COLUMNS)
        return;
    struct observed_row *row = &seen->rows[seen->rows_kept++];
    run_read_table_row(columns, table, row, seen->lists);
    if (count > MODEL_COLUMNS)
        observed_row_set_x(row, number_of(&columns[MODEL_COLUMNS]));
}

struct observed_lists *run_new_lists(struct run *run)
{
    if (!run->has_lists)
        return NULL;
    struct observed_lists *lists = ARENA_NEW(&run->arena, struct observed_lists);
    lists->count = lists->element_count = 0;
    return lists;
}

/* --- as texts -------------------------------------------------------------------------------- */

static void append_text(struct text *text, const char *bytes, size_t length)
{
    text_append(text, "'");
    for (size_t i = 0; i < length; i++)
        text_append_bytes(text, bytes[i] == '\'' ? "''" : &bytes[i], bytes[i] == '\'' ? 2 : 1);
    text_append(text, "'");
}

static void append_blob(struct text *text, const char *bytes, size_t length)
{
    text_append(text, "x'");
    for (size_t i = 0; i < length && !text->truncated; i++)
        text_append_format(text, "%02x", (unsigned char)bytes[i]);
    text_append(text, "'");
}

static void append_value(struct text *text, const struct value *value)
{
    switch (value->kind) {
    case VALUE_NULL:
        text_append(text, "NULL");
        return;
    case VALUE_INTEGER:
        text_append_number(text, value->integer);
        return;
    case VALUE_REAL:
        text_append_format(text, "%.15g", value->real);
        return;
    case VALUE_TEXT:
        append_text(text, value->text.bytes, value->text.length);
        return;
    case VALUE_BLOB:
        append_blob(text, value->text.bytes, value->text.length);
        return;
    }
}

void run_append_row(struct text *text, const struct value *columns, uint32_t count)
{
    for (uint32_t i = 0; i < count && !text->truncated; i++) {
        text_append(text, i == 0 ? "" : "|");
        append_value(text, &columns[i]);
    }
}

/* The next row of those that the plan expects. */
static __attribute__((noinline)) void match_row(const char *expected, const struct value *columns,
                                                uint32_t count, struct observation *seen)
{
    char bytes[EXPECTED_ROW_BYTES];
    struct text row;
    text_init(&row, bytes, sizeof bytes);
    text_append(&row, seen->row_count == 0 ? "" : "; ");
    run_append_row(&row, columns, count);
    const char *rest = expected + seen->rows_matched;
    size_t end = seen->rows_matched + row.length;
    bool is_whole = strlen(rest) >= row.length && memcmp(rest, row.bytes, row.length) == 0 &&
                    (expected[end] == '\0' || strncmp(expected + end, "; ", 2) == 0);
    seen->rows_differ |= row.truncated || !is_whole;
    if (!seen->rows_differ)
        seen->rows_matched += (uint32_t)row.length;
}

/* --- in the plan's terms --------------------------------------------------------------------- */

static struct value value_of_field(const char *bytes, size_t length, bool is_number)
{
    int64_t number = 0;
    bool is_digits = length > 0 && length < 18;
    for (size_t i = 0; i < length && is_digits; i++) {
        is_digits = bytes[i] >= '0' && bytes[i] <= '9';
        number = number * 10 + (bytes[i] - '0');
    }
    if (length == 0)
        return (struct value){.kind = VALUE_NULL};
    return is_number && is_digits ? value_integer(number) : value_text(bytes, length);
}

uint32_t run_read_line(const struct value *line, struct value ret_fields[MODEL_COLUMNS])
{
    uint32_t count = 0;
    const char *next = line->text.bytes, *end = next + line->text.length;
    if (line->kind != VALUE_TEXT)
        return 0;
    while (count < MODEL_COLUMNS && next <= end) {
        const char *tab = memchr(next, '\t', (size_t)(end - next));
        const char *stop = tab == NULL ? end : tab;
        ret_fields[count] = value_of_field(next, (size_t)(stop - next), count < MODEL_COLUMNS - 1);
        count++;
        next = stop + 1;
    }
    return count;
}

void run_read_row(const struct interaction *interaction, const struct value *columns,
                  uint32_t count, struct observation *seen)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    bool are_rows =
        effect == EFFECT_LOCK_ROWS || effect == EFFECT_FETCH || effect == EFFECT_ROWS ||
        (effect == EFFECT_READ && interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS);
    if (are_rows) {
        keep_table_row(columns, count, interaction->arguments[FIELD_table], seen);
    } else if (effect == EFFECT_READ || effect == EFFECT_READ_NUMBER) {
        seen->number_is_null = columns[0].kind == VALUE_NULL;
        seen->number = number_of(&columns[0]);
    } else if (effect == EFFECT_REPORT) {
        for (uint32_t i = 0; i < 3 && i < count; i++)
            seen->report[i] = number_of(&columns[i]);
    }
    if (interaction->expectation != NULL && interaction->expectation->rows != NULL)
        match_row(interaction->expectation->rows, columns, count, seen);
    seen->row_count++;
}
