/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for actions, pauses, faults and expectations. */
#include "plan/describe.h"

#include <inttypes.h>
#include <string.h>

/*
 * Text of a person's on one line: no control characters, a question mark for each character beyond
 * ASCII.
 */
static void append_plain(struct text *text, const char *piece)
{
    for (const char *next = piece; *next != '\0'; next++) {
        unsigned char byte = (unsigned char)*next;
        char plain[2] = {*next, '\0'};
        if (byte < ' ' || byte == 0x7f)
            plain[0] = ' ';
        else if ((byte & 0xC0) == 0x80)
            continue;
        else if (byte >= 0x80)
            plain[0] = '?';
        text_append(text, plain);
    }
}

static void append_filter(const struct interaction *interaction, struct text *text)
{
    int key = interaction->arguments[FIELD_key];
    int span = interaction->arguments[FIELD_span];
    switch ((enum plan_filter)interaction->arguments[FIELD_filter]) {
    case FILTER_ALL:
        text_append(text, " all");
        return;
    case FILTER_KEY:
        text_append_format(text, " k=%d", key);
        return;
    case FILTER_RANGE:
        text_append_format(text, " k=%d..%d", key, key + span);
        return;
    case FILTER_FROM:
        text_append_format(text, " k>=%d", key);
        return;
    case FILTER_VALUE_FROM:
        text_append_format(text, " v>=%" PRId64, plan_filter_bound((uint32_t)key));
        return;
    case FILTER_VALUE_BELOW:
        text_append_format(text, " v<%" PRId64, plan_filter_bound((uint32_t)key));
        return;
    }
}

static void append_count(struct text *text, const char *separator, uint64_t count, const char *what)
{
    text_append_format(text, "%s %" PRIu64 " %s%s", separator, count, what, count == 1 ? "" : "s");
}

/* What filters do not say. */
static void append_span(const struct interaction *interaction, struct text *text)
{
    if (interaction->action == ACTION_batch)
        text_append_format(text, "..%d",
                           interaction->arguments[FIELD_key] + (int)plan_batch_count(interaction) -
                               1);
    else if (interaction->action == ACTION_stream_next)
        append_count(text, "", interaction->arguments[FIELD_span] + 1u, "row");
}

static void append_field(const struct interaction *interaction, enum plan_field field,
                         struct text *text)
{
    const struct plan_field_info *info = &plan_field_infos[field];
    uint32_t fields = plan_action_infos[interaction->action].fields;
    uint8_t value = interaction->arguments[field];
    switch (field) {
    case FIELD_table:
        text_append_format(text, " t%d", value);
        return;
    case FIELD_filter:
        append_filter(interaction, text);
        return;
    case FIELD_key: /* a part of the filter, where there is one */
        if ((fields & (1u << FIELD_filter)) == 0)
            text_append_format(text, " k=%d", value);
        return;
    case FIELD_span:
        append_span(interaction, text);
        return;
    case FIELD_savepoint:
        text_append_format(text, " s%d", value);
        return;
    case FIELD_column:
        text_append_format(text, ".%s", info->words[value]);
        return;
    case FIELD_checkpoint_mode: /* a word that says it all, simplest or not */
        text_append_format(text, " %s", info->words[value]);
        return;
    case FIELD_duration:
        text_append_format(text, " %" PRIu64 " ms", interaction->sleep_ms);
        return;
    case FIELD_begin_mode:
    case FIELD_layout:
    case FIELD_aggregate:
    case FIELD_access:
    case FIELD_close_mode:
        if (value > 0)
            text_append_format(text, " %s", info->words[value]);
        return;
    case FIELD_target:
        text_append_format(text, " task %d", value);
        return;
    case FIELD_timeout:
        if (value > 0)
            text_append_format(text, " timeout=%s", info->words[value]);
        return;
    case FIELD_order:
        if (value > 0)
            text_append_format(text, " order=%s", info->words[value]);
        return;
    case FIELD_size:
    case FIELD_limit:
        if (value > 0)
            text_append_format(text, " %s=%d", info->name, value);
        return;
    case FIELD_COUNT:
        return;
    }
}

void plan_describe_action(const struct interaction *interaction, struct text *text)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    /* As one would say it: what, where, which, how. */
    static const enum plan_field order[] = {
        FIELD_table,   FIELD_column,          FIELD_filter,     FIELD_key,      FIELD_span,
        FIELD_size,    FIELD_aggregate,       FIELD_order,      FIELD_limit,    FIELD_begin_mode,
        FIELD_layout,  FIELD_checkpoint_mode, FIELD_savepoint,  FIELD_duration, FIELD_access,
        FIELD_timeout, FIELD_target,          FIELD_close_mode,
    };
    _Static_assert(sizeof order / sizeof order[0] == FIELD_COUNT, "every field has its place");
    text_append(text, info->name);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if ((info->fields & (1u << order[i])) != 0)
            append_field(interaction, order[i], text);
    if (interaction->sql != NULL) {
        text_append(text, " ");
        append_plain(text, interaction->sql);
    }
}

void plan_describe_pause(const struct interaction *interaction, struct text *text)
{
    if (interaction->pause_after > 0)
        text_append_format(text, "|| after %u %s", interaction->pause_after,
                           plan_pause_class_words[interaction->pause_class]);
}

void plan_describe_fault(const struct interaction *interaction, struct text *text)
{
    if (interaction->fault != FAULT_NONE)
        text_append_format(text, "!! %s #%u", fault_infos[interaction->fault].name,
                           interaction->fault_at);
}

void plan_describe_expectation(const struct interaction *interaction, struct text *text)
{
    const struct plan_expectation *expectation = interaction->expectation;
    if (expectation == NULL)
        return;
    const char *separator = "=>";
    if (expectation->has_row_count) {
        append_count(text, separator, expectation->row_count, "row");
        separator = ",";
    }
    if (expectation->has_column_count) {
        append_count(text, separator, expectation->column_count, "column");
        separator = ",";
    }
    if (expectation->expects_error) {
        text_append_format(text, "%s error \"", separator);
        append_plain(text, expectation->error_contains);
        text_append(text, "\"");
    }
}

void plan_describe(const struct interaction *interaction, struct text *text)
{
    plan_describe_action(interaction, text);
    if (interaction->pause_after > 0)
        text_append(text, " ");
    plan_describe_pause(interaction, text);
    if (interaction->fault != FAULT_NONE)
        text_append(text, " ");
    plan_describe_fault(interaction, text);
    if (interaction->expectation != NULL)
        text_append(text, " ");
    plan_describe_expectation(interaction, text);
}
