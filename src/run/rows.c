/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that came back, in the plan's own terms. */
#include "run/state.h"

#include <string.h>

/*
 * The value that a text repeats, and how often; a text that nobody could have written is not
 * intact.
 */
static void read_text(const char *text, size_t length, struct observed_row *row)
{
    const size_t unit = PLAN_PAYLOAD_UNIT_BYTES;
    row->text_units = (int64_t)(length / unit);
    row->intact = length % unit == 0 && length > 0 && memcmp(text, text + unit, length - unit) == 0;
    row->text_value = 0;
    for (size_t i = 0; row->intact && i < unit; i++) {
        if (text[i] < '0' || text[i] > '9')
            row->intact = false;
        else
            row->text_value = row->text_value * 10 + (text[i] - '0');
    }
}

/* A value of another kind is one that no interaction wrote. */
static int64_t number_of(const struct value *value)
{
    return value->kind == VALUE_INTEGER ? value->integer : value->kind == VALUE_NULL ? 0 : -1;
}

void run_read_table_row(const struct value *columns, struct observed_row *ret_row)
{
    *ret_row = (struct observed_row){
        .key = number_of(&columns[0]), .value = number_of(&columns[1]), .text_value = -1};
    if (columns[2].kind == VALUE_NULL)
        ret_row->intact = true;
    else if (columns[2].kind == VALUE_TEXT)
        read_text(columns[2].text.bytes, columns[2].text.length, ret_row);
}

static void keep_table_row(const struct value *columns, uint32_t count, struct observation *seen)
{
    if (seen->rows_kept < OBSERVED_ROWS_MAX && count >= 3)
        run_read_table_row(columns, &seen->rows[seen->rows_kept++]);
}

void run_read_row(const struct interaction *interaction, const struct value *columns,
                  uint32_t count, struct observation *seen)
{
    enum plan_effect effect = plan_action_infos[interaction->action].effect;
    if (effect == EFFECT_READ && interaction->arguments[FIELD_aggregate] == AGGREGATE_ROWS) {
        keep_table_row(columns, count, seen);
    } else if (effect == EFFECT_READ || effect == EFFECT_READ_NUMBER) {
        seen->number_is_null = columns[0].kind == VALUE_NULL;
        seen->number = number_of(&columns[0]);
    } else if (effect == EFFECT_REPORT) {
        for (uint32_t i = 0; i < 3 && i < count; i++)
            seen->report[i] = number_of(&columns[i]);
    }
    seen->row_count++;
}
