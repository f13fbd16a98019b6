/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What JSON schemas are built from, for the programs that print them. A value that is put into
 * another one belongs to it. There is no way to go on without memory: they assert.
 */
#ifndef PROTO_SCHEMA_H
#define PROTO_SCHEMA_H

#include "plan/plan.h"

#include <jansson.h>

/* json_pack. */
#define SCHEMA(...) schema_checked(json_pack(__VA_ARGS__))
json_t *schema_checked(json_t *value);

void schema_put(json_t *object, const char *key, json_t *value);

/* One of "$defs". */
json_t *schema_reference(const char *name);

/* What is optional may be null. */
json_t *schema_or_null(json_t *schema);

json_t *schema_integer(int minimum, int maximum);
json_t *schema_integer_or_null(int minimum, int maximum);
json_t *schema_described(json_t *schema, const char *description);

/* No other keys than these. */
json_t *schema_closed_object(json_t *properties, json_t *required);

json_t *schema_comment(void);

/* A value of a setting, or null. */
json_t *schema_setting(const struct plan_config_info *info);

/* Prints the schema, which is gone then; the program's exit status. */
int schema_print(json_t *schema);

#endif
