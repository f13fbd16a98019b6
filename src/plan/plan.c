/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind the plan's types, made from the .def files, and the comparison of two plans. */
#include "plan/plan.h"

#include <string.h>

const char *const plan_pause_class_words[PAUSE_CLASS_COUNT] = {"storage", "lock", "write", "any"};

const uint16_t plan_fault_at_values[PLAN_FAULT_AT_COUNT] = {1,  2,  3,  4,  5,  6,  7,  8,
                                                            10, 12, 16, 20, 28, 40, 64, 100};

const struct plan_kind_info plan_kind_infos[] = {
    [PLAN_NATIVE] = {.is_prepared = true, .has_config = true},
    [PLAN_MIDDLEWARE] = {.has_pool_size = true,
                         .is_strict = true,
                         .has_rules = true,
                         .errors_are_findings = true},
};

const uint16_t plan_payload_units[8] = {0, 1, 4, 16, 64, 200, 700, 2500};

/* --- the tables ------------------------------------------------------------------------------ */

#define WORDS(...)                                                                                 \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define WEIGHTS(...)                                                                               \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define NUMBERS                                                                                    \
    {                                                                                              \
        NULL                                                                                       \
    }
#define EVEN                                                                                       \
    {                                                                                              \
        0                                                                                          \
    }
#define FIELD(name, byte, shift, width, domain, words, weights, meaning)                           \
    static const char *const field_##name##_words[] = words;                                       \
    static const uint8_t field_##name##_weights[domain] = weights;
#include "plan/fields.def"
#undef FIELD
#define V(name, number) {name, number},
#define CONFIG(byte, divisor, name, kind, weights, meaning, values)                                \
    static const struct plan_config_value config_##name##_values[] = {values};                     \
    static const uint8_t config_##name##_weights[] = weights;
#include "plan/config.def"
#undef CONFIG
#undef WORDS
#undef WEIGHTS
#undef NUMBERS
#undef EVEN

#define WORDS(...)   true
#define WEIGHTS(...) true
#define NUMBERS      false
#define EVEN         false
const struct plan_field_info plan_field_infos[FIELD_COUNT] = {
#define FIELD(name, byte, shift, width, domain, words, weights, meaning)                           \
    {#name,                                                                                        \
     meaning,                                                                                      \
     byte,                                                                                         \
     shift,                                                                                        \
     width,                                                                                        \
     domain,                                                                                       \
     words ? field_##name##_words : NULL,                                                          \
     weights ? field_##name##_weights : NULL},
#include "plan/fields.def"
#undef FIELD
};

#define HAS(field)        (1u << FIELD_##field)
#define STREAM_OF(action) (ACTION_##action + 1)
#define DRAW(weight, eighths, moment, work)                                                        \
    {                                                                                              \
        weight, eighths, MOMENT_##moment, WORK_##work                                              \
    }
const struct plan_action_info plan_action_infos[ACTION_COUNT] = {
#define OP(wire, title, has, text, ...)                                                            \
    {.name = #title, .meaning = text, .fields = has, .number = wire, __VA_ARGS__},
#include "plan/ops.def"
#undef OP
};

#define NUMBER false
#define WORD   true
const struct plan_config_info plan_config_infos[PLAN_CONFIG_COUNT] = {
#define CONFIG(byte, divisor, name, kind, weights, meaning, values)                                \
    {#name,                                                                                        \
     meaning,                                                                                      \
     kind,                                                                                         \
     byte,                                                                                         \
     divisor,                                                                                      \
     sizeof config_##name##_values / sizeof config_##name##_values[0],                             \
     config_##name##_values,                                                                       \
     config_##name##_weights},
#include "plan/config.def"
#undef CONFIG
};

enum plan_action plan_streamed_action(enum plan_action action)
{
    uint8_t stream_of = plan_action_infos[action].stream_of;
    return stream_of == 0 ? action : (enum plan_action)(stream_of - 1);
}

/* --- plans and interactions ------------------------------------------------------------------ */

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
    sleep->arguments[FIELD_duration] = 0;
    for (uint8_t power = 0; power < plan_field_infos[FIELD_duration].domain; power++)
        if (ms == 1ull << power)
            sleep->arguments[FIELD_duration] = power;
}

void plan_settle_sleep(struct interaction *interaction)
{
    bool sleeps = (plan_action_infos[interaction->action].fields & (1u << FIELD_duration)) != 0;
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
