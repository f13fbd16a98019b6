/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the JSON schema of plans (draft 2020-12), made from the tables that the reader uses too.
 * the build writes its output to plan.schema.json; tests/plan_schema_test.py compares it with the
 * reader.
 */
#include "base/assert.h"
#include "plan/json.h"
#include "plan/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { UINT64_DIGITS = 20 };

/* json_pack, and no way to go on without it. */
#define PACK(...) checked(json_pack(__VA_ARGS__))

static json_t *checked(json_t *value)
{
    ASSERT(value != NULL);
    return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
    ASSERT(json_object_set_new(object, key, value) == 0);
}

static json_t *reference(const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "#/$defs/%s", name);
    return PACK("{ss}", "$ref", path);
}

/* What is optional may be null. */
static json_t *or_null(json_t *schema)
{
    return PACK("{s[o{ss}]}", "anyOf", schema, "type", "null");
}

static json_t *integer(int minimum, int maximum)
{
    return PACK("{sssisi}", "type", "integer", "minimum", minimum, "maximum", maximum);
}

static json_t *integer_or_null(int minimum, int maximum)
{
    return PACK("{s[ss]sisi}", "type", "integer", "null", "minimum", minimum, "maximum", maximum);
}

static json_t *described(json_t *schema, const char *description)
{
    put(schema, "description", PACK("s", description));
    return schema;
}

static json_t *closed_object(json_t *properties, json_t *required)
{
    return PACK("{sssososb}", "type", "object", "properties", properties, "required", required,
                "additionalProperties", 0);
}

static json_t *comment(void)
{
    return PACK("{s[ss]ss}", "type", "string", "null", "description", "free text; not kept");
}

/* --- numbers --------------------------------------------------------------------------------- */

/* Digits of a number up to 2^64 - 1, whatever zeros they begin with. */
static json_t *uint64_pattern(void)
{
    static const char maximum[] = "18446744073709551615";
    char pattern[1024] = "^0*([0-9]{1,19}";
    size_t length = strlen(pattern);
    for (int at = 1; at < UINT64_DIGITS; at++) {
        if (maximum[at] == '0')
            continue;
        length += (size_t)snprintf(pattern + length, sizeof pattern - length, "|%.*s[0-%c]", at,
                                   maximum, maximum[at] - 1);
        if (at < UINT64_DIGITS - 1)
            length += (size_t)snprintf(pattern + length, sizeof pattern - length, "[0-9]{%d}",
                                       UINT64_DIGITS - 1 - at);
    }
    length += (size_t)snprintf(pattern + length, sizeof pattern - length, "|%s)$", maximum);
    ASSERT(length < sizeof pattern);
    return PACK("s", pattern);
}

static json_t *uint64_schema(void)
{
    return PACK("{s[{sssisf}{ssso}]ss}", "anyOf", "type", "integer", "minimum", 0,
                "exclusiveMaximum", 18446744073709551616.0, "type", "string", "pattern",
                uint64_pattern(), "description",
                "0 to 2^64 - 1; above 2^53 as a text, so that no program rounds it");
}

/* --- expectations, pauses, faults ------------------------------------------------------------ */

static json_t *expect_schema(bool is_native)
{
    json_t *schema =
        PACK("{sss{soso}}", "type", "object", "properties", "row_count",
             or_null(reference("uint64")), "column_count", or_null(reference("uint64")));
    if (is_native) {
        json_t *rows =
            or_null(described(PACK("{ss}", "type", "string"),
                              "the rows themselves, values as SQL writes them: \"1|'a'; 2|NULL\""));
        json_object_set_new(json_object_get(schema, "properties"), "rows", rows);
        put(schema, "additionalProperties", json_false());
    }
    return schema;
}

static json_t *expect_error_schema(bool is_native)
{
    json_t *schema =
        PACK("{sss{s{ssss}}s[s]}", "type", "object", "properties", "contains", "type", "string",
             "description", "what the error's text contains", "required", "contains");
    if (is_native)
        put(schema, "additionalProperties", json_false());
    return schema;
}

static json_t *pause_schema(void)
{
    json_t *words = json_array();
    for (int class = 0; class < PAUSE_CLASS_COUNT; class ++)
        json_array_append_new(words, PACK("s", plan_pause_class_words[class]));
    json_array_append_new(words, json_null());
    json_t *properties =
        PACK("{soso}", "after", described(integer(1, UINT16_MAX), "before the call of this number"),
             "at", PACK("{soss}", "enum", words, "description", "which calls count; storage: all"));
    return described(closed_object(properties, PACK("[s]", "after")),
                     "holds back whatever runs at that call after the interaction began");
}

static json_t *fault_schema(void)
{
    json_t *kinds = json_array();
    for (int fault = FAULT_NONE + 1; fault < FAULT_KIND_COUNT; fault++)
        json_array_append_new(kinds, PACK("{ssss}", "const", fault_infos[fault].name, "description",
                                          fault_infos[fault].meaning));
    json_t *properties =
        PACK("{s{so}so}", "kind", "oneOf", kinds, "at",
             described(integer_or_null(1, UINT16_MAX), "which opportunity; without it the first"));
    return closed_object(properties, PACK("[s]", "kind"));
}

/* --- actions --------------------------------------------------------------------------------- */

static json_t *field_schema(const struct plan_field_info *info)
{
    if (info->words == NULL)
        return described(integer_or_null(0, info->domain - 1), info->meaning);
    json_t *words = json_array();
    for (int word = 0; word < info->domain; word++)
        json_array_append_new(words, PACK("s", info->words[word]));
    json_array_append_new(words, json_null());
    return described(PACK("{so}", "enum", words), info->meaning);
}

static json_t *action_schema(int action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    json_t *required = PACK("[s]", "type");
    json_t *properties = PACK("{s{ss}}", "type", "const", info->name);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if ((info->fields & (1u << field)) == 0)
            continue;
        if (field == FIELD_duration) {
            put(properties, "ms", reference("uint64"));
            json_array_append_new(required, PACK("s", "ms"));
        } else {
            put(properties, plan_field_infos[field].name, field_schema(&plan_field_infos[field]));
        }
    }
    if (info->has_sql) {
        put(properties, "sql", PACK("{ss}", "type", "string"));
        put(properties, "expect", or_null(reference("expect")));
        put(properties, "expect_error", or_null(reference("expect_error")));
        json_array_append_new(required, PACK("s", "sql"));
    }
    return described(closed_object(properties, required), info->meaning);
}

static json_t *native_action_schema(void)
{
    json_t *actions = json_array();
    for (int action = 0; action < ACTION_COUNT; action++)
        json_array_append_new(actions, action_schema(action));
    return PACK("{sssoss}", "type", "object", "oneOf", actions, "description",
                "what is done; which fields there are depends on the type");
}

/* --- native plans ---------------------------------------------------------------------------- */

/* An expectation stands beside the action or in it, not twice. */
static json_t *not_twice(const char *key)
{
    return PACK("{s{s{s{s[s]s{s{s{ss}}}}}}s{s{s{ss}}}}", "if", "properties", "action", "required",
                key, "properties", key, "not", "type", "null", "then", "properties", key, "type",
                "null");
}

static json_t *native_interaction_schema(void)
{
    json_t *properties =
        PACK("{sosososososo}", "task",
             described(integer(0, PLAN_TASKS_MAX - 1), "the simulated client that does it"),
             "action", reference("action"), "pause", or_null(reference("pause")), "fault",
             or_null(reference("fault")), "expect", or_null(reference("expect")), "expect_error",
             or_null(reference("expect_error")));
    put(properties, "comment", comment());
    json_t *schema = closed_object(properties, PACK("[ss]", "task", "action"));
    put(schema, "allOf", PACK("[oo]", not_twice("expect"), not_twice("expect_error")));
    return schema;
}

static json_t *setting_schema(const struct plan_config_info *info)
{
    json_t *values = json_array();
    for (int i = 0; i < info->value_count; i++)
        json_array_append_new(values, info->is_word ? PACK("s", info->values[i].name)
                                                    : PACK("i", info->values[i].number));
    json_array_append_new(values, json_null());
    return described(PACK("{so}", "enum", values), info->meaning);
}

static json_t *own_settings_schema(int database)
{
    json_t *properties = json_object();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if ((int)plan_config_infos[field].database == database)
            put(properties, plan_config_infos[field].name,
                setting_schema(&plan_config_infos[field]));
    return or_null(described(closed_object(properties, json_array()),
                             "the plan is for this database, and these are its settings"));
}

/* Who names the database of a plan names no other, and its settings stand there. */
static json_t *database_rule(int database)
{
    const char *name = plan_database_infos[database].name;
    json_t *excluded = json_object();
    for (int other = DATABASE_ALL + 1; other < DATABASE_COUNT; other++)
        if (other != database)
            put(excluded, plan_database_infos[other].name, PACK("{ss}", "type", "null"));
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (plan_config_infos[field].database != DATABASE_ALL)
            put(excluded, plan_config_infos[field].name, PACK("{ss}", "type", "null"));
    return PACK("{s{s[s]s{s{ss}}}s{so}}", "if", "required", name, "properties", name, "type",
                "object", "then", "properties", excluded);
}

static json_t *config_schema(void)
{
    json_t *properties = json_object(), *rules = json_array();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        put(properties, plan_config_infos[field].name, setting_schema(&plan_config_infos[field]));
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        put(properties, plan_database_infos[database].name, own_settings_schema(database));
        json_array_append_new(rules, database_rule(database));
    }
    json_t *schema = closed_object(properties, json_array());
    put(schema, "allOf", rules);
    return described(schema, "what is left out has the first of its values; tasks: as many as the "
                             "interactions name");
}

/* With `tasks` in the configuration, tasks are below it. */
static json_t *tasks_rule(int tasks)
{
    return PACK("{s{s{s{s{s{si}}s[s]}}}s{s{s{s{s{s{si}}}}}}}", "if", "properties", "config",
                "properties", "tasks", "const", tasks, "required", "tasks", "then", "properties",
                "interactions", "items", "properties", "task", "maximum", tasks - 1);
}

static json_t *native_schema(void)
{
    json_t *rules = json_array();
    for (int tasks = 1; tasks < PLAN_TASKS_MAX; tasks++)
        json_array_append_new(rules, tasks_rule(tasks));
    json_t *properties = PACK("{s{s[io]}sos{ssso}so}", "version", "enum", JSON_VERSION, json_null(),
                              "config", reference("config"), "interactions", "type", "array",
                              "items", reference("interaction"), "comment", comment());
    json_t *schema = closed_object(properties, PACK("[ss]", "config", "interactions"));
    put(schema, "allOf", rules);
    return described(schema, "a plan of Interplay's own");
}

/* --- plans of sql-middleware's simulator ----------------------------------------------------- */

/* Demands something of the actions of these types. */
static json_t *type_rule(json_t *types, json_t *required, json_t *properties)
{
    return PACK("{s{s{s{so}}}s{soso}}", "if", "properties", "type", "enum", types, "then",
                "required", required, "properties", properties);
}

static json_t *middleware_action_schema(void)
{
    json_t *types = json_array();
    for (int action = 0; action < ACTION_COUNT; action++)
        if (plan_action_infos[action].is_middleware)
            json_array_append_new(types, PACK("s", plan_action_infos[action].name));
    json_t *rules = PACK(
        "[ooo]",
        type_rule(PACK("[s]", "sleep"), PACK("[s]", "ms"), PACK("{so}", "ms", reference("uint64"))),
        type_rule(PACK("[ss]", "execute", "query"), PACK("[s]", "sql"),
                  PACK("{s{ss}so}", "sql", "type", "string", "expect_error",
                       or_null(expect_error_schema(false)))),
        type_rule(PACK("[s]", "query"), json_array(),
                  PACK("{so}", "expect", or_null(expect_schema(false)))));
    return PACK("{sss[s]s{s{so}}so}", "type", "object", "required", "type", "properties", "type",
                "enum", types, "allOf", rules);
}

static json_t *middleware_schema(void)
{
    json_t *interaction =
        PACK("{sss[ss]s{soso}}", "type", "object", "required", "task", "action", "properties",
             "task", integer(0, PLAN_TASKS_MAX - 1), "action", middleware_action_schema());
    return PACK("{sss[s]s{sos{ssso}}ss}", "type", "object", "required", "interactions",
                "properties", "pool_size", integer_or_null(1, PLAN_POOL_SIZE_MAX), "interactions",
                "type", "array", "items", interaction, "description",
                "a plan of sql-middleware's simulator: no config, and other keys are ignored");
}

/* --- the schema ------------------------------------------------------------------------------ */

static json_t *definitions(void)
{
    json_t *all = json_object();
    put(all, "native", native_schema());
    put(all, "config", config_schema());
    put(all, "interaction", native_interaction_schema());
    put(all, "action", native_action_schema());
    put(all, "pause", pause_schema());
    put(all, "fault", fault_schema());
    put(all, "expect", expect_schema(true));
    put(all, "expect_error", expect_error_schema(true));
    put(all, "uint64", uint64_schema());
    put(all, "middleware", middleware_schema());
    return all;
}

int main(void)
{
    json_t *schema = PACK(
        "{sssssssss{s[s]s{s{s{ss}}}}sososo}", "$schema",
        "https://json-schema.org/draft/2020-12/schema", "title", "Plan of Interplay", "$comment",
        "Made by proto/plan_schema.c from the tables of actions, arguments and settings.", "type",
        "object", "if", "required", "config", "properties", "config", "not", "type", "null", "then",
        reference("native"), "else", reference("middleware"), "$defs", definitions());
    int code = json_dumpf(schema, stdout, JSON_INDENT(1));
    json_decref(schema);
    putchar('\n');
    return code == 0 && fflush(stdout) == 0 ? 0 : 2;
}
