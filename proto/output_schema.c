/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the JSON schema (draft 2020-12) of a line that --json prints, made from the table that
 * writes them. The build writes its output to output.schema.json; tests/output_test.py holds what
 * the commands print against it.
 */
#include "schema.h"

#include "report/records.h"

#include <string.h>

static json_t *words_schema(const char *words)
{
    json_t *values = json_array();
    while (*words != '\0') {
        size_t length = strcspn(words, "|");
        json_array_append_new(values, schema_checked(json_stringn(words, length)));
        words += length;
        words += *words == '|';
    }
    return SCHEMA("{so}", "enum", values);
}

static json_t *field_schema(const struct record_field_info *field)
{
    switch (field->kind) {
    case RECORD_TEXT:
        return SCHEMA("{ss}", "type", "string");
    case RECORD_NUMBER:
        return SCHEMA("{sssi}", "type", "integer", "minimum", 0);
    case RECORD_REAL:
        return SCHEMA("{sssi}", "type", "number", "minimum", 0);
    case RECORD_FLAG:
        return SCHEMA("{ss}", "type", "boolean");
    case RECORD_WORD:
        return words_schema(field->words);
    case RECORD_TEXTS:
        return SCHEMA("{sss{ss}}", "type", "array", "items", "type", "string");
    case RECORD_OBJECT:
        return SCHEMA("{ss}", "type", "object");
    }
    return NULL;
}

static json_t *record_schema(enum record_type type)
{
    json_t *properties = json_object(), *required = json_array();
    schema_put(properties, "type", SCHEMA("{ss}", "const", record_infos[type].name));
    json_array_append_new(required, SCHEMA("s", "type"));
    for (int i = 0; i < RECORD_FIELD_COUNT; i++) {
        const struct record_field_info *field = &record_field_infos[i];
        if (field->record != type)
            continue;
        schema_put(properties, field->name,
                   schema_described(schema_checked(field_schema(field)), field->meaning));
        if (field->presence == RECORD_ALWAYS)
            json_array_append_new(required, SCHEMA("s", field->name));
    }
    return schema_described(schema_closed_object(properties, required), record_infos[type].meaning);
}

int main(void)
{
    json_t *types = json_array(), *definitions = json_object();
    for (int type = 0; type < RECORD_TYPE_COUNT; type++) {
        json_array_append_new(types, schema_reference(record_infos[type].name));
        schema_put(definitions, record_infos[type].name, record_schema((enum record_type)type));
    }
    json_t *schema =
        SCHEMA("{ss ss ss ss so so}", "$schema", "https://json-schema.org/draft/2020-12/schema",
               "title", "A line of Interplay's --json", "$comment",
               "Made by proto/output_schema.c from src/report/records.def.", "type", "object",
               "oneOf", types, "$defs", definitions);
    return schema_print(schema);
}
