/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From JSON text to jansson's tree: duplicate keys are refused, integers beyond 64 bits signed are
 * kept as texts, syntax errors name their place. The caller releases the tree (json_decref).
 */
#ifndef PLAN_JSON_PARSE_H
#define PLAN_JSON_PARSE_H

#include <interplay/error.h>

#include <jansson.h>
#include <stddef.h>

/* For json_object_seed. Any constant: with the system's seed, runs would differ. */
enum { JSON_HASH_SEED = 0x1a7e };

enum error_code json_parse(json_t **ret_root, const char *name, const char *text, size_t length,
                           struct error *error) __attribute__((warn_unused_result));

#endif
