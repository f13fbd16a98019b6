/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A value of a parsed JSON document together with the way to it, so that every complaint names the
 * file, the line, the column, the field, what was expected and what was found. Nodes live on the C
 * stack of the reader; values and keys belong to jansson's tree.
 */
#ifndef PLAN_JSON_NODE_H
#define PLAN_JSON_NODE_H

#include <interplay/error.h>

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json_document {
    const char *name; /* of the file, for errors */
    const char *text;
    size_t length;
    struct error *error;
};

struct json_node {
    const struct json_document *document;
    const struct json_node *parent; /* NULL: the outermost value */
    json_t *value;                  /* NULL: there is none */
    const char *key;                /* in an object, else NULL */
    size_t index;                   /* in an array */
};

struct json_node json_node_member(const struct json_node *object, const char *key);
struct json_node json_node_element(const struct json_node *array, size_t index);

/* False for what is absent and for null: optional fields may be either. */
bool json_node_is_present(const struct json_node *node);

/*
 * "FILE:LINE:COLUMN: path.of.field: MESSAGE"; the place is the enclosing value's where the node is
 * absent.
 */
enum error_code json_node_fail(const struct json_node *node, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "...: expected EXPECTED, found what the node holds" */
enum error_code json_node_expected(const struct json_node *node, const char *expected);

/* "...: expected one of "a", "b", found ..."; `name_of` returns NULL for what is not offered. */
typedef const char *json_name_fn(const void *context, size_t index);
enum error_code json_node_expected_one_of(const struct json_node *node, json_name_fn *name_of,
                                          const void *context, size_t count);

/* The node must be of this kind. */
enum error_code json_node_need_object(const struct json_node *node)
    __attribute__((warn_unused_result));
enum error_code json_node_need_array(const struct json_node *node)
    __attribute__((warn_unused_result));

/* An object may have these keys only. The error is placed at the key that is one too many. */
enum error_code json_node_need_keys(const struct json_node *object, json_name_fn *name_of,
                                    const void *context, size_t count)
    __attribute__((warn_unused_result));

enum error_code json_node_integer(const struct json_node *node, uint32_t minimum, uint32_t maximum,
                                  uint32_t *ret_number) __attribute__((warn_unused_result));

/* Any unsigned number of 64 bits: an integer, or a text of decimal digits. */
enum error_code json_node_uint64(const struct json_node *node, uint64_t *ret_number)
    __attribute__((warn_unused_result));

/* The text belongs to the tree. */
enum error_code json_node_text(const struct json_node *node, const char **ret_text)
    __attribute__((warn_unused_result));

/* A text that is one of the `count` names. */
enum error_code json_node_word(const struct json_node *node, json_name_fn *name_of,
                               const void *context, size_t count, size_t *ret_index)
    __attribute__((warn_unused_result));

#endif
