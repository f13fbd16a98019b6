/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of JSON schemas. */
#include "schema.h"

#include "base/assert.h"

#include <stdio.h>

json_t *schema_checked(json_t *value)
{
    ASSERT(value != NULL);
    return value;
}

void schema_put(json_t *object, const char *key, json_t *value)
{
    ASSERT(json_object_set_new(object, key, value) == 0);
}

json_t *schema_reference(const char *name)
{
    char path[64];
    (void)snprintf(path, sizeof path, "#/$defs/%s", name);
    return SCHEMA("{ss}", "$ref", path);
}

json_t *schema_or_null(json_t *schema)
{
    return SCHEMA("{s[o{ss}]}", "anyOf", schema, "type", "null");
}

json_t *schema_integer(int minimum, int maximum)
{
    return SCHEMA("{sssisi}", "type", "integer", "minimum", minimum, "maximum", maximum);
}

json_t *schema_integer_or_null(int minimum, int maximum)
{
    return SCHEMA("{s[ss]sisi}", "type", "integer", "null", "minimum", minimum, "maximum", maximum);
}

json_t *schema_described(json_t *schema, const char *description)
{
    schema_put(schema, "description", SCHEMA("s", description));
    return schema;
}

json_t *schema_closed_object(json_t *properties, json_t *required)
{
    return SCHEMA("{sssososb}", "type", "object", "properties", properties, "required", required,
                  "additionalProperties", 0);
}

json_t *schema_comment(void)
{
    return SCHEMA("{s[ss]ss}", "type", "string", "null", "description", "free text; not kept");
}

json_t *schema_setting(const struct plan_config_info *info)
{
    json_t *values = json_array();
    for (int i = 0; i < info->value_count; i++)
        json_array_append_new(values, info->is_word ? SCHEMA("s", info->values[i].name)
                                                    : SCHEMA("i", info->values[i].number));
    json_array_append_new(values, json_null());
    return schema_described(SCHEMA("{so}", "enum", values), info->meaning);
}

int schema_print(json_t *schema)
{
    int code = json_dumpf(schema, stdout, JSON_INDENT(1));
    json_decref(schema);
    putchar('\n');
    return code == 0 && fflush(stdout) == 0 ? 0 : 2;
}
