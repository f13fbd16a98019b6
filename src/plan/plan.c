/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind the plan's types, made from the .def files, and the comparison of two plans. */
#include "plan/plan.h"

#include <string.h>

static const char *const plan_filter_words[] = {"all",  "key",        "range",
                                                "from", "value_from", "value_below"};
static const char *const plan_order_words[] = {"none", "key", "key_desc", "value", "value_desc"};
static const char *const plan_aggregate_words[] = {"rows", "count", "sum", "min", "max"};
static const char *const plan_begin_words[] = {"deferred", "immediate", "exclusive"};
static const char *const plan_checkpoint_words[] = {"passive", "full", "restart", "truncate"};
static const char *const plan_column_words[] = {"v", "p"};
static const char *const plan_layout_words[] = {"rowid", "without_rowid"};
static const char *const plan_access_words[] = {"write", "read"};
static const char *const plan_timeout_words[] = {"default", "none", "10ms", "1s"};
static const char *const plan_close_words[] = {"wait", "interrupt"};

const char *const plan_pause_class_words[PAUSE_CLASS_COUNT] = {"storage", "lock", "write", "any"};

const uint16_t plan_fault_at_values[PLAN_FAULT_AT_COUNT] = {1,  2,  3,  4,  5,  6,  7,  8,
                                                            10, 12, 16, 20, 28, 40, 64, 100};

const uint16_t plan_payload_units[8] = {0, 1, 4, 16, 64, 200, 700, 2500};

const struct plan_field_info plan_field_infos[FIELD_COUNT] = {
#define FIELD(name, byte, shift, width, domain, words, meaning)                                    \
    {#name, meaning, byte, shift, width, domain, words},
#include "plan/fields.def"
#undef FIELD
};

#define HAS(field) (1u << FIELD_##field)
#define COMPACT    true
#define DOCUMENT   false
const struct plan_action_info plan_action_infos[ACTION_COUNT] = {
#define OP(number, name, fields, form, shrink_rank, meaning)                                       \
    {#name, meaning, fields, number, form, shrink_rank},
#include "plan/ops.def"
#undef OP
};

#define V(name, number) {name, number},
#define CONFIG(byte, divisor, name, kind, meaning, values)                                         \
    static const struct plan_config_value config_##name##_values[] = {values};
#include "plan/config.def"
#undef CONFIG

#define NUMBER false
#define WORD   true
const struct plan_config_info plan_config_infos[PLAN_CONFIG_COUNT] = {
#define CONFIG(byte, divisor, name, kind, meaning, values)                                         \
    {#name,                                                                                        \
     meaning,                                                                                      \
     kind,                                                                                         \
     byte,                                                                                         \
     divisor,                                                                                      \
     sizeof config_##name##_values / sizeof config_##name##_values[0],                             \
     config_##name##_values},
#include "plan/config.def"
#undef CONFIG
};

const uint8_t plan_middleware_actions[PLAN_MIDDLEWARE_ACTIONS] = {
    ACTION_checkout, ACTION_return,  ACTION_begin, ACTION_commit,
    ACTION_rollback, ACTION_execute, ACTION_query, ACTION_sleep};

bool plan_is_middleware_action(uint8_t action)
{
    return memchr(plan_middleware_actions, action, sizeof plan_middleware_actions) != NULL;
}

uint8_t plan_tasks_choice(const struct plan *plan)
{
    uint8_t highest = 0;
    for (size_t i = 0; i < plan->interaction_count; i++)
        if (plan->interactions[i].task > highest)
            highest = plan->interactions[i].task;
    return highest;
}

void plan_set_sleep(struct interaction *sleep, uint64_t ms)
{
    sleep->sleep_ms = ms;
    for (uint8_t power = 0; power < plan_field_infos[FIELD_duration].domain; power++)
        if (ms == 1ull << power)
            sleep->arguments[FIELD_duration] = power;
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
           left->column_count == right->column_count &&
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
