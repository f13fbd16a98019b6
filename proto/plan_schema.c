/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the JSON schema of plans (draft 2020-12), made from the tables that the reader uses too.
 * the build writes its output to plan.schema.json; tests/plan_schema_test.py compares it with the
 * reader.
 */
#include "schema.h"

#include "base/assert.h"
#include "plan/json.h"
#include "plan/plan.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

enum { UINT64_DIGITS = 20 };

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
    return SCHEMA("s", pattern);
}

static json_t *uint64_schema(void)
{
    return SCHEMA("{s[{sssisf}{ssso}]ss}", "anyOf", "type", "integer", "minimum", 0,
                  "exclusiveMaximum", 18446744073709551616.0, "type", "string", "pattern",
                  uint64_pattern(), "description",
                  "0 to 2^64 - 1; above 2^53 as a text, so that no program rounds it");
}

/* --- expectations, pauses, faults ------------------------------------------------------------ */

static json_t *expect_schema(bool is_native)
{
    json_t *schema = SCHEMA("{sss{soso}}", "type", "object", "properties", "row_count",
                            schema_or_null(schema_reference("uint64")), "column_count",
                            schema_or_null(schema_reference("uint64")));
    if (is_native) {
        json_t *rows = schema_or_null(
            schema_described(SCHEMA("{ss}", "type", "string"),
                             "the rows themselves, values as SQL writes them: \"1|'a'; 2|NULL\""));
        json_object_set_new(json_object_get(schema, "properties"), "rows", rows);
        schema_put(schema, "additionalProperties", json_false());
    }
    return schema;
}

static json_t *expect_error_schema(bool is_native)
{
    json_t *schema =
        SCHEMA("{sss{s{ssss}}s[s]}", "type", "object", "properties", "contains", "type", "string",
               "description", "what the error's text contains", "required", "contains");
    if (is_native)
        schema_put(schema, "additionalProperties", json_false());
    return schema;
}

static json_t *pause_schema(void)
{
    json_t *words = json_array();
    for (int class = 0; class < PAUSE_CLASS_COUNT; class ++)
        json_array_append_new(words, SCHEMA("s", plan_pause_class_words[class]));
    json_array_append_new(words, json_null());
    json_t *properties = SCHEMA(
        "{soso}", "after",
        schema_described(schema_integer(1, UINT16_MAX), "before the call of this number"), "at",
        SCHEMA("{soss}", "enum", words, "description", "which calls count; storage: all"));
    return schema_described(schema_closed_object(properties, SCHEMA("[s]", "after")),
                            "holds back whatever runs at that call after the interaction began");
}

static json_t *fault_schema(void)
{
    json_t *kinds = json_array();
    for (int fault = FAULT_NONE + 1; fault < FAULT_KIND_COUNT; fault++)
        json_array_append_new(kinds, SCHEMA("{ssss}", "const", fault_infos[fault].name,
                                            "description", fault_infos[fault].meaning));
    json_t *properties = SCHEMA("{s{so}so}", "kind", "oneOf", kinds, "at",
                                schema_described(schema_integer_or_null(1, UINT16_MAX),
                                                 "which opportunity; without it the first"));
    return schema_closed_object(properties, SCHEMA("[s]", "kind"));
}

/* --- actions --------------------------------------------------------------------------------- */

static json_t *field_schema(const struct plan_field_info *info)
{
    if (info->words == NULL)
        return schema_described(schema_integer_or_null(0, info->domain - 1), info->meaning);
    json_t *words = json_array();
    for (int word = 0; word < info->domain; word++)
        json_array_append_new(words, SCHEMA("s", info->words[word]));
    json_array_append_new(words, json_null());
    return schema_described(SCHEMA("{so}", "enum", words), info->meaning);
}

static json_t *action_schema(int action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    json_t *required = SCHEMA("[s]", "type");
    json_t *properties = SCHEMA("{s{ss}}", "type", "const", info->name);
    for (int field = 0; field < FIELD_COUNT; field++) {
        if ((info->fields >> field & 1u) == 0)
            continue;
        if (field == FIELD_duration) {
            schema_put(properties, "ms", schema_reference("uint64"));
            json_array_append_new(required, SCHEMA("s", "ms"));
        } else {
            schema_put(properties, plan_field_infos[field].name,
                       field_schema(&plan_field_infos[field]));
        }
    }
    if (info->has_sql) {
        schema_put(properties, "sql", SCHEMA("{ss}", "type", "string"));
        schema_put(properties, "expect", schema_or_null(schema_reference("expect")));
        schema_put(properties, "expect_error", schema_or_null(schema_reference("expect_error")));
        json_array_append_new(required, SCHEMA("s", "sql"));
    }
    return schema_described(schema_closed_object(properties, required), info->meaning);
}

static json_t *native_action_schema(void)
{
    json_t *actions = json_array();
    for (int action = 0; action < ACTION_COUNT; action++)
        json_array_append_new(actions, action_schema(action));
    return SCHEMA("{sssoss}", "type", "object", "oneOf", actions, "description",
                  "what is done; which fields there are depends on the type");
}

/* --- native plans ---------------------------------------------------------------------------- */

/* An expectation stands beside the action or in it, not twice. */
static json_t *not_twice(const char *key)
{
    return SCHEMA("{s{s{s{s[s]s{s{s{ss}}}}}}s{s{s{ss}}}}", "if", "properties", "action", "required",
                  key, "properties", key, "not", "type", "null", "then", "properties", key, "type",
                  "null");
}

static json_t *native_interaction_schema(void)
{
    json_t *properties = SCHEMA("{sosososososo}", "task",
                                schema_described(schema_integer(0, PLAN_TASKS_MAX - 1),
                                                 "the simulated client that does it"),
                                "action", schema_reference("action"), "pause",
                                schema_or_null(schema_reference("pause")), "fault",
                                schema_or_null(schema_reference("fault")), "expect",
                                schema_or_null(schema_reference("expect")), "expect_error",
                                schema_or_null(schema_reference("expect_error")));
    schema_put(properties, "comment", schema_comment());
    json_t *schema = schema_closed_object(properties, SCHEMA("[ss]", "task", "action"));
    schema_put(schema, "allOf", SCHEMA("[oo]", not_twice("expect"), not_twice("expect_error")));
    return schema;
}

static json_t *own_settings_schema(int database)
{
    json_t *properties = json_object();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if ((int)plan_config_infos[field].database == database)
            schema_put(properties, plan_config_infos[field].name,
                       schema_setting(&plan_config_infos[field]));
    return schema_or_null(
        schema_described(schema_closed_object(properties, json_array()),
                         "the plan is for this database, and these are its settings"));
}

/* Who names the database of a plan names no other, and its settings stand there. */
static json_t *database_rule(int database)
{
    const char *name = plan_database_infos[database].name;
    json_t *excluded = json_object();
    for (int other = DATABASE_ALL + 1; other < DATABASE_COUNT; other++)
        if (other != database)
            schema_put(excluded, plan_database_infos[other].name, SCHEMA("{ss}", "type", "null"));
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        if (plan_config_infos[field].database != DATABASE_ALL)
            schema_put(excluded, plan_config_infos[field].name, SCHEMA("{ss}", "type", "null"));
    return SCHEMA("{s{s[s]s{s{ss}}}s{so}}", "if", "required", name, "properties", name, "type",
                  "object", "then", "properties", excluded);
}

static json_t *config_schema(void)
{
    json_t *properties = json_object(), *rules = json_array();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        schema_put(properties, plan_config_infos[field].name,
                   schema_setting(&plan_config_infos[field]));
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        schema_put(properties, plan_database_infos[database].name, own_settings_schema(database));
        json_array_append_new(rules, database_rule(database));
    }
    json_t *schema = schema_closed_object(properties, json_array());
    schema_put(schema, "allOf", rules);
    return schema_described(schema,
                            "what is left out has the first of its values; tasks: as many as the "
                            "interactions name");
}

/* With `tasks` in the configuration, tasks are below it. */
static json_t *tasks_rule(int tasks)
{
    return SCHEMA("{s{s{s{s{s{si}}s[s]}}}s{s{s{s{s{s{si}}}}}}}", "if", "properties", "config",
                  "properties", "tasks", "const", tasks, "required", "tasks", "then", "properties",
                  "interactions", "items", "properties", "task", "maximum", tasks - 1);
}

static json_t *origin_schema(void)
{
    json_t *properties = SCHEMA("{s{ssss}s{ssss}}", "target", "type", "string", "description",
                                "the program, with its options", "backend", "type", "string",
                                "description", "what it runs plans on");
    return schema_described(schema_closed_object(properties, SCHEMA("[ss]", "target", "backend")),
                            "where this was found: other programs refuse it, unless told --anyway");
}

static json_t *native_schema(void)
{
    json_t *rules = json_array();
    for (int tasks = 1; tasks < PLAN_TASKS_MAX; tasks++)
        json_array_append_new(rules, tasks_rule(tasks));
    json_t *properties = SCHEMA(
        "{s{s[io]}sosos{ssso}so}", "version", "enum", JSON_VERSION, json_null(), "config",
        schema_reference("config"), "recorded_on", schema_or_null(origin_schema()), "interactions",
        "type", "array", "items", schema_reference("interaction"), "comment", schema_comment());
    json_t *schema = schema_closed_object(properties, SCHEMA("[ss]", "config", "interactions"));
    schema_put(schema, "allOf", rules);
    return schema_described(schema, "a plan of Interplay's own");
}

/* --- plans of sql-middleware's simulator ----------------------------------------------------- */

/* Demands something of the actions of these types. */
static json_t *type_rule(json_t *types, json_t *required, json_t *properties)
{
    return SCHEMA("{s{s{s{so}}}s{soso}}", "if", "properties", "type", "enum", types, "then",
                  "required", required, "properties", properties);
}

static json_t *middleware_action_schema(void)
{
    json_t *types = json_array();
    for (int action = 0; action < ACTION_COUNT; action++)
        if (plan_action_infos[action].is_middleware)
            json_array_append_new(types, SCHEMA("s", plan_action_infos[action].name));
    json_t *rules =
        SCHEMA("[ooo]",
               type_rule(SCHEMA("[s]", "sleep"), SCHEMA("[s]", "ms"),
                         SCHEMA("{so}", "ms", schema_reference("uint64"))),
               type_rule(SCHEMA("[ss]", "execute", "query"), SCHEMA("[s]", "sql"),
                         SCHEMA("{s{ss}so}", "sql", "type", "string", "expect_error",
                                schema_or_null(expect_error_schema(false)))),
               type_rule(SCHEMA("[s]", "query"), json_array(),
                         SCHEMA("{so}", "expect", schema_or_null(expect_schema(false)))));
    return SCHEMA("{sss[s]s{s{so}}so}", "type", "object", "required", "type", "properties", "type",
                  "enum", types, "allOf", rules);
}

static json_t *middleware_schema(void)
{
    json_t *interaction =
        SCHEMA("{sss[ss]s{soso}}", "type", "object", "required", "task", "action", "properties",
               "task", schema_integer(0, PLAN_TASKS_MAX - 1), "action", middleware_action_schema());
    return SCHEMA("{sss[s]s{sos{ssso}}ss}", "type", "object", "required", "interactions",
                  "properties", "pool_size", schema_integer_or_null(1, PLAN_POOL_SIZE_MAX),
                  "interactions", "type", "array", "items", interaction, "description",
                  "a plan of sql-middleware's simulator: no config, and other keys are ignored");
}

/* --- the schema ------------------------------------------------------------------------------ */

static json_t *definitions(void)
{
    json_t *all = json_object();
    schema_put(all, "native", native_schema());
    schema_put(all, "config", config_schema());
    schema_put(all, "interaction", native_interaction_schema());
    schema_put(all, "action", native_action_schema());
    schema_put(all, "pause", pause_schema());
    schema_put(all, "fault", fault_schema());
    schema_put(all, "expect", expect_schema(true));
    schema_put(all, "expect_error", expect_error_schema(true));
    schema_put(all, "uint64", uint64_schema());
    schema_put(all, "middleware", middleware_schema());
    return all;
}

int main(void)
{
    json_t *schema = SCHEMA(
        "{sssssssss{s[s]s{s{s{ss}}}}sososo}", "$schema",
        "https://json-schema.org/draft/2020-12/schema", "title", "Plan of Interplay", "$comment",
        "Made by proto/plan_schema.c from the tables of actions, arguments and settings.", "type",
        "object", "if", "required", "config", "properties", "config", "not", "type", "null", "then",
        schema_reference("native"), "else", schema_reference("middleware"), "$defs", definitions());
    return schema_print(schema);
}
