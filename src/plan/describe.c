/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for actions, pauses, faults and expectations. */
#include "plan/describe.h"

#include <inttypes.h>
#include <string.h>

void plan_describe_text(const char *piece, struct text *text)
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

/* A part of the filter, where there is one. */
static void append_key(const struct interaction *interaction, struct text *text)
{
    if (!plan_action_has((enum plan_action)interaction->action, FIELD_filter))
        text_append_format(text, " k=%d", interaction->arguments[FIELD_key]);
}

/* What filters do not say. */
static void append_span(const struct interaction *interaction, struct text *text)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (plan_action_has(action, FIELD_filter))
        return;
    if (plan_action_has(action, FIELD_key))
        text_append_format(text, "..%d",
                           interaction->arguments[FIELD_key] + (int)plan_batch_count(interaction) -
                               1);
    else
        append_count(text, "", interaction->arguments[FIELD_span] + 1u, "row");
}

static void append_duration(const struct interaction *interaction, struct text *text)
{
    text_append_format(text, " %" PRIu64 " ms", interaction->sleep_ms);
}

/* SHOW_OWN */
static void (*const own_rules[FIELD_COUNT])(const struct interaction *interaction,
                                            struct text *text) = {
    [FIELD_filter] = append_filter,
    [FIELD_key] = append_key,
    [FIELD_span] = append_span,
    [FIELD_duration] = append_duration,
};

static void append_field(const struct interaction *interaction, int field, struct text *text)
{
    const struct plan_field_info *info = &plan_field_infos[field];
    uint8_t value = interaction->arguments[field];
    if (info->show == SHOW_OWN) {
        own_rules[field](interaction, text);
        return;
    }
    if (info->show == SHOW_CHOSEN && value == 0)
        return;
    text_append(text, info->prefix);
    if (info->words != NULL)
        text_append(text, info->words[value]);
    else
        text_append_number(text, value);
}

/* Of the fields in the set, the one that people are told first. */
static int first_told(uint64_t fields)
{
    int first = __builtin_ctzll(fields);
    for (; fields != 0; fields &= fields - 1)
        if (plan_field_infos[__builtin_ctzll(fields)].rank < plan_field_infos[first].rank)
            first = __builtin_ctzll(fields);
    return first;
}

void plan_describe_action(const struct interaction *interaction, struct text *text)
{
    uint64_t fields = plan_action_infos[interaction->action].fields;
    text_append(text, plan_action_infos[interaction->action].name);
    while (fields != 0) {
        int field = first_told(fields);
        append_field(interaction, field, text);
        fields &= ~(UINT64_C(1) << field);
    }
    if (interaction->sql != NULL) {
        text_append(text, " ");
        plan_describe_text(interaction->sql, text);
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
    if (expectation->rows != NULL) {
        text_append_format(text, "%s [", separator);
        plan_describe_text(expectation->rows, text);
        text_append(text, "]");
        separator = ",";
    }
    if (expectation->expects_error) {
        text_append_format(text, "%s error \"", separator);
        plan_describe_text(expectation->error_contains, text);
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
