/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind the plan's types, made from the .def files. */
#include "plan/plan.h"

#include <string.h>

const char *const plan_pause_class_words[PAUSE_CLASS_COUNT] = {"storage", "lock", "write", "any"};

const uint16_t plan_fault_at_values[PLAN_FAULT_AT_COUNT] = {1,  2,  3,  4,  5,  6,  7,  8,
                                                            10, 12, 16, 20, 28, 40, 64, 100};

const uint16_t plan_payload_units[8] = {0, 1, 4, 16, 64, 200, 700, 2500};

const struct plan_database_info plan_database_infos[DATABASE_COUNT] = {
#define DATABASE(wire, title, is_remote, is_mortal)                                                \
    [DATABASE_##title] = {#title, wire, is_remote, is_mortal},
#include "generated/databases.def"
#undef DATABASE
};

/* --- what the rows point to ------------------------------------------------------------------- */

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
#define V(name, number)          {name, number},
#define PROPERTY_WORD(name, ...) , #name
#define PROPERTY_WORDS           "none" PLAN_PROPERTIES(PROPERTY_WORD)
#define FIELD(number, name, byte, shift, width, domain, words, weights, show, meaning)             \
    static const char *const field_##name##_words[] = words;                                       \
    static const uint32_t field_##name##_weights[domain] = weights;
#include "plan/actions.def"
#define CONFIG(number, byte, scope, name, kind, weights, meaning, values)                          \
    static const struct plan_config_value config_##name##_values[] = {values};                     \
    static const uint32_t config_##name##_weights[] = weights;
#include "plan/settings.def"
#undef WORDS
#undef WEIGHTS
#undef NUMBERS
#undef EVEN
#undef V
#undef PROPERTY_WORDS
#undef PROPERTY_WORD

/* --- the rows --------------------------------------------------------------------------------- */

#define WORDS(...)              true
#define WEIGHTS(...)            true
#define NUMBERS                 false
#define EVEN                    false
#define SHOW(rank, how, prefix) rank, SHOW_##how, prefix
const struct plan_field_info plan_field_infos[FIELD_COUNT] = {
#define FIELD(number, name, byte, shift, width, domain, words, weights, show, meaning)             \
    {#name,                                                                                        \
     meaning,                                                                                      \
     TABLE_DATABASE,                                                                               \
     number,                                                                                       \
     byte,                                                                                         \
     shift,                                                                                        \
     width,                                                                                        \
     domain,                                                                                       \
     words ? field_##name##_words : NULL,                                                          \
     weights ? field_##name##_weights : NULL,                                                      \
     show},
#include "plan/actions.def"
};

#define HAS(field)        (UINT64_C(1) << FIELD_##field)
#define STREAM_OF(action) (ACTION_##action + 1)
#define AFTER(action)     (ACTION_##action + 1)
#define SAME_AS(action)   (ACTION_##action + 1)
#define DRAW(weight, eighths, moment, work)                                                        \
    {                                                                                              \
        weight, eighths, MOMENT_##moment, WORK_##work, false                                       \
    }
#define DRAW_ASIDE(weight, eighths, moment, work)                                                  \
    {                                                                                              \
        weight, eighths, MOMENT_##moment, WORK_##work, true                                        \
    }
const struct plan_action_info plan_action_infos[ACTION_COUNT] = {
#define OP(wire, title, has, text, ...)                                                            \
    {.name = #title,                                                                               \
     .meaning = text,                                                                              \
     .database = TABLE_DATABASE,                                                                   \
     .fields = has,                                                                                \
     .number = wire,                                                                               \
     __VA_ARGS__},
#include "plan/actions.def"
};

#define NUMBER    false
#define WORD      true
#define ALWAYS    false
#define WITH_POOL true
const struct plan_config_info plan_config_infos[PLAN_CONFIG_COUNT] = {
#define CONFIG(number, byte, scope, name, kind, weights, meaning, values)                          \
    {#name,                                                                                        \
     meaning,                                                                                      \
     TABLE_DATABASE,                                                                               \
     kind,                                                                                         \
     scope,                                                                                        \
     number,                                                                                       \
     byte,                                                                                         \
     sizeof config_##name##_values / sizeof config_##name##_values[0],                             \
     config_##name##_values,                                                                       \
     config_##name##_weights},
#include "plan/settings.def"
};

/* --- looking up ------------------------------------------------------------------------------- */

enum plan_database plan_database_named(const char *name)
{
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++)
        if (strcmp(plan_database_infos[database].name, name) == 0)
            return (enum plan_database)database;
    return DATABASE_ALL;
}

enum plan_database plan_database_numbered(uint32_t number)
{
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++)
        if (plan_database_infos[database].number == number)
            return (enum plan_database)database;
    return DATABASE_ALL;
}

enum plan_action plan_streamed_action(enum plan_action action)
{
    uint8_t stream_of = plan_action_infos[action].stream_of;
    return stream_of == 0 ? action : (enum plan_action)(stream_of - 1);
}

enum plan_action plan_meant_action(enum plan_action action)
{
    uint8_t same_as = plan_action_infos[action].same_as;
    return same_as == 0 ? action : (enum plan_action)(same_as - 1);
}

static bool is_of(enum plan_database row, enum plan_database database)
{
    return row == DATABASE_ALL || row == database;
}

uint32_t plan_list_actions(enum plan_database database, uint8_t ret_actions[ACTION_COUNT])
{
    uint32_t count = 0;
    for (uint8_t action = 0; action < ACTION_COUNT; action++) {
        const struct plan_action_info *info = &plan_action_infos[action];
        if (!is_of(info->database, database))
            continue;
        uint32_t place = count++;
        for (; place > 0 && plan_action_infos[ret_actions[place - 1]].number > info->number;
             place--)
            ret_actions[place] = ret_actions[place - 1];
        ret_actions[place] = action;
    }
    return count;
}

const char *plan_config_value_name(const void *info, size_t index)
{
    return ((const struct plan_config_info *)info)->values[index].name;
}

uint32_t plan_list_settings(enum plan_database database, uint8_t ret_settings[PLAN_CONFIG_COUNT])
{
    uint32_t count = 0;
    for (uint8_t field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (!is_of(info->database, database))
            continue;
        uint32_t place = count++;
        for (; place > 0 && plan_config_infos[ret_settings[place - 1]].number > info->number;
             place--)
            ret_settings[place] = ret_settings[place - 1];
        ret_settings[place] = field;
    }
    return count;
}
