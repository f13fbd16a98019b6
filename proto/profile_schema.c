/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the JSON schema of profiles (draft 2020-12), made from the tables that the reader uses,
 * too. The build writes its output to profile.schema.json; tests/profile_schema_test.py compares it
 * with the reader.
 */
#include "schema.h"

#include "generate/profile.h"

/* A weight of each, with what it is. */
static json_t *weight(const char *meaning)
{
    return schema_described(schema_integer_or_null(0, GENERATE_WEIGHT_MAX), meaning);
}

static json_t *weights_of(json_t *properties, const char *meaning)
{
    return schema_or_null(
        schema_described(schema_closed_object(properties, json_array()), meaning));
}

static json_t *groups(void)
{
    json_t *properties = json_object();
    for (int group = 0; group < GROUP_COUNT; group++)
        schema_put(properties, generate_group_infos[group].name,
                   weight(generate_group_infos[group].meaning));
    return weights_of(properties, "of groups, in per cent of what it is without a profile; 0: "
                                  "never");
}

static json_t *actions(void)
{
    json_t *properties = json_object();
    for (int action = 0; action < ACTION_COUNT; action++)
        if (!plan_action_infos[action].is_document)
            schema_put(properties, plan_action_infos[action].name,
                       weight(plan_action_infos[action].meaning));
    return weights_of(properties, "of single actions, in per cent of what their group leaves them");
}

static json_t *fault_kinds(void)
{
    json_t *properties = json_object();
    for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
        schema_put(properties, fault_infos[kind].name, weight(fault_infos[kind].meaning));
    return weights_of(properties, "of kinds of faults, against each other; 100 if left out");
}

/* A value, or those of a list. */
static json_t *setting(const struct plan_config_info *info)
{
    json_t *one = schema_setting(info), *listed = json_copy(json_object_get(one, "enum"));
    (void)json_array_remove(listed, json_array_size(listed) - 1); /* null */
    json_object_del(one, "description");
    return schema_described(SCHEMA("{s[o{sssis{so}}]}", "anyOf", one, "type", "array", "minItems",
                                   1, "items", "enum", listed),
                            info->meaning);
}

static json_t *config(void)
{
    json_t *properties = json_object();
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++)
        schema_put(properties, plan_config_infos[field].name, setting(&plan_config_infos[field]));
    return schema_or_null(schema_described(
        schema_closed_object(properties, json_array()),
        "values of settings, or lists of those that are drawn; all of them if left out"));
}

static json_t *flag(const char *meaning)
{
    return schema_described(SCHEMA("{s[ss]}", "type", "boolean", "null"), meaning);
}

static json_t *rate(const char *meaning)
{
    return schema_described(
        SCHEMA("{s[ss]sisi}", "type", "number", "null", "minimum", 0, "maximum", 1), meaning);
}

int main(void)
{
    json_t *properties = json_object();
    schema_put(properties, "comment", schema_comment());
    schema_put(properties, "weights", groups());
    schema_put(properties, "actions", actions());
    schema_put(properties, "fault_kinds", fault_kinds());
    schema_put(properties, "config", config());
    schema_put(properties, "family",
               flag("of Interplay's own profiles: one of those that take turns"));
    schema_put(
        properties, "swarm",
        flag("each plan draws nothing, a quarter, all or four times of each group's weight"));
    schema_put(properties, "exhausts_pool",
               flag("clients may wait for connections that others keep"));
#define COUNT(name, minimum, maximum, meaning)                                                     \
    schema_put(properties, #name,                                                                  \
               schema_described(schema_integer_or_null(minimum, maximum), meaning));
#define RATE(name, meaning) schema_put(properties, #name, rate(meaning));
#include "generate/profile_fields.def"
    json_t *schema = schema_closed_object(properties, json_array());
    schema_put(schema, "$schema", SCHEMA("s", "https://json-schema.org/draft/2020-12/schema"));
    schema_put(schema, "title", SCHEMA("s", "Profile of Interplay"));
    schema_put(schema, "$comment",
               SCHEMA("s", "Made by proto/profile_schema.c from the tables of groups, actions, "
                           "faults, settings and numbers."));
    return schema_print(schema);
}
