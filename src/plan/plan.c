/* SPDX-License-Identifier: Apache-2.0 */
/* What the fields of plans and interactions mean together, and the comparison of two plans. */
#include "plan/plan.h"

#include "base/assert.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

const struct plan_kind_info plan_kind_infos[] = {
    [PLAN_NATIVE] = {.is_prepared = true, .has_config = true},
    [PLAN_MIDDLEWARE] = {.has_pool_size = true,
                         .is_strict = true,
                         .has_rules = true,
                         .errors_are_findings = true},
};

uint8_t plan_tasks_choice(const struct plan *plan)
{
    uint8_t highest = 0;
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].task > highest)
            highest = plan->interactions[i].task;
    return highest;
}

void plan_own_settings(const struct plan_config *config, enum plan_database database,
                       int32_t *ret_values)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT && database != DATABASE_ALL; field++)
        if (plan_config_infos[field].database == database)
            *ret_values++ = plan_config_get(config, (enum plan_config_field)field);
}

void plan_settle_database(struct plan *plan)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT && plan->database == DATABASE_ALL; field++)
        if (plan->config.choice[field] != 0)
            plan->database = plan_config_infos[field].database;
    for (size_t i = 0; i < plan->interaction_count && plan->database == DATABASE_ALL; i++)
        plan->database = plan_action_infos[plan->interactions[i].action].database;
}

void plan_set_sleep(struct interaction *sleep, uint64_t ms)
{
    sleep->sleep_ms = ms;
    sleep->arguments[FIELD_duration] = 0;
    for (uint8_t power = 0; power < plan_field_infos[FIELD_duration].domain; power++)
        if (ms == 1ull << power)
            sleep->arguments[FIELD_duration] = power;
}

void plan_settle_sleep(struct interaction *interaction)
{
    bool sleeps = plan_action_has((enum plan_action)interaction->action, FIELD_duration);
    interaction->sleep_ms = sleeps ? 1ull << interaction->arguments[FIELD_duration] : 0;
}

uint32_t plan_timeout_ms(const struct plan *plan, const struct interaction *checkout)
{
    switch ((enum plan_timeout)checkout->arguments[FIELD_timeout]) {
    case TIMEOUT_DEFAULT:
        break;
    case TIMEOUT_NONE:
        return 0;
    case TIMEOUT_10_MS:
        return 10;
    case TIMEOUT_1_S:
        return 1000;
    }
    return (uint32_t)plan_config_get(&plan->config, PLAN_CONFIG_acquire_timeout);
}

/* --- what only one database has --------------------------------------------------------------- */

/* The argument whose name is the `length` bytes at `name`. */
static enum plan_field field_named(const char *name, size_t length)
{
    int field = 0;
    while (field < FIELD_COUNT && (strlen(plan_field_infos[field].name) != length ||
                                   memcmp(plan_field_infos[field].name, name, length) != 0))
        field++;
    ASSERT(field < FIELD_COUNT);
    return (enum plan_field)field;
}

static void append_capitals(struct text *text, const char *word, bool is_several)
{
    for (; *word != '\0'; word++) {
        bool is_between = is_several && *word == '_';
        char letter = is_between ? ' ' : (char)toupper((unsigned char)*word);
        text_append_bytes(text, &letter, 1);
    }
}

/* `how` is the sign before the argument's name, or what that begins with. */
static void append_argument(struct text *text, const struct interaction *interaction,
                            enum plan_field field, char how)
{
    const struct plan_field_info *info = &plan_field_infos[field];
    uint8_t value = interaction->arguments[field];
    if (how == '?' && value == 0)
        return;
    if (info->words == NULL)
        text_append_number(text, value + (how == '+'));
    else
        append_capitals(text, info->words[value], how == '-' || how == '?');
}

void plan_own_sql(const struct interaction *interaction, int64_t step, struct text *text)
{
    const char *rest = plan_action_infos[interaction->action].sql;
    for (const char *open; (open = strchr(rest, '{')) != NULL;) {
        size_t length = strcspn(open + 1, "}"), sign = strspn(open + 1, "-?+");
        text_append_bytes(text, rest, (size_t)(open - rest));
        if (strncmp(open, "{number}", length + 2) == 0)
            text_append_number(text, plan_number(step));
        else
            append_argument(text, interaction, field_named(open + 1 + sign, length - sign),
                            open[1]);
        rest = open + 1 + length + 1;
    }
    text_append(text, rest);
}

void plan_own_lines(const struct interaction *interaction, int64_t step, struct text *text)
{
    for (uint32_t i = 0; i < plan_batch_count(interaction); i++) {
        uint32_t key = interaction->arguments[FIELD_key] + i;
        text_append_format(text, "%" PRIu32 "\t%" PRId64 "\t\n", key, plan_value(step, key));
    }
}

void plan_own_result(enum plan_action action, const int64_t *numbers, struct text *text)
{
    const char *rest = plan_action_infos[action].result;
    for (const char *open; (open = strchr(rest, '{')) != NULL;) {
        size_t length = strcspn(open + 1, "}");
        int64_t number = numbers[open[1] - '0'];
        text_append_bytes(text, rest, (size_t)(open - rest));
        if (length == 1)
            text_append_number(text, number);
        else if (number != 0)
            text_append_bytes(text, open + 3, length - 2);
        rest = open + 1 + length + 1;
    }
    text_append(text, rest);
}

/* --- batches ---------------------------------------------------------------------------------- */

uint32_t plan_batch_count(const struct interaction *batch)
{
    uint32_t keys_left = PLAN_KEYS - batch->arguments[FIELD_key];
    uint32_t asked = batch->arguments[FIELD_span] + 1u;
    return asked < keys_left ? asked : keys_left;
}

struct interaction plan_batch_item(const struct interaction *batch, uint32_t index)
{
    struct interaction item = {.task = batch->task, .action = ACTION_upsert};
    item.arguments[FIELD_table] = batch->arguments[FIELD_table];
    item.arguments[FIELD_key] = (uint8_t)(batch->arguments[FIELD_key] + index);
    return item;
}

/* --- keys ------------------------------------------------------------------------------------- */

static uint32_t keys_from(uint32_t first, uint32_t count)
{
    uint32_t keys = count >= PLAN_KEYS ? UINT32_MAX : (1u << count) - 1;
    return keys << first;
}

static uint32_t keys_of_filter(const uint8_t *arguments)
{
    uint32_t key = arguments[FIELD_key];
    switch ((enum plan_filter)arguments[FIELD_filter]) {
    case FILTER_KEY:
        return 1u << key;
    case FILTER_RANGE:
        return keys_from(key, arguments[FIELD_span] + 1u);
    case FILTER_FROM:
        return keys_from(key, PLAN_KEYS);
    case FILTER_ALL:
    case FILTER_VALUE_FROM:
    case FILTER_VALUE_BELOW:
        break;
    }
    return UINT32_MAX;
}

uint32_t plan_keys_of(const struct interaction *interaction)
{
    enum plan_action action = (enum plan_action)interaction->action;
    if (!plan_action_has(action, FIELD_table))
        return 0;
    if (plan_action_has(action, FIELD_filter))
        return keys_of_filter(interaction->arguments);
    if (plan_action_has(action, FIELD_span))
        return keys_from(interaction->arguments[FIELD_key], plan_batch_count(interaction));
    return plan_action_has(action, FIELD_key) ? 1u << interaction->arguments[FIELD_key] : 0;
}

/* --- comparing plans -------------------------------------------------------------------------- */

static bool texts_equal(const char *left, const char *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return strcmp(left, right) == 0;
}

static bool expectations_equal(const struct plan_expectation *left,
                               const struct plan_expectation *right)
{
    if (left == NULL || right == NULL)
        return left == right;
    return left->has_row_count == right->has_row_count && left->row_count == right->row_count &&
           left->has_column_count == right->has_column_count &&
           left->column_count == right->column_count && texts_equal(left->rows, right->rows) &&
           left->expects_error == right->expects_error &&
           texts_equal(left->error_contains, right->error_contains);
}

static bool interactions_equal(const struct interaction *left, const struct interaction *right)
{
    return left->task == right->task && left->action == right->action &&
           memcmp(left->arguments, right->arguments, sizeof left->arguments) == 0 &&
           left->pause_class == right->pause_class && left->pause_after == right->pause_after &&
           left->fault == right->fault && left->fault_at == right->fault_at &&
           left->sleep_ms == right->sleep_ms && texts_equal(left->sql, right->sql) &&
           expectations_equal(left->expectation, right->expectation);
}

bool plan_equal(const struct plan *left, const struct plan *right)
{
    if (left->kind != right->kind || left->pool_size != right->pool_size ||
        left->interaction_count != right->interaction_count ||
        memcmp(&left->config, &right->config, sizeof left->config) != 0)
        return false;
    for (size_t i = 0; i < left->interaction_count; i++)
        if (!interactions_equal(&left->interactions[i], &right->interactions[i]))
            return false;
    return true;
}
