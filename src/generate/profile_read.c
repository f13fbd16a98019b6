/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a profile from JSON: what is wrong is told with file, place and what was expected. */
#include "generate/profile.h"

#include "plan/json_node.h"
#include "plan/json_parse.h"

#include <stdio.h>
#include <string.h>

/* --- names ------------------------------------------------------------------------------------ */

static const char *const keys[] = {
    "comment", "weights", "actions", "fault_kinds", "config", "family", "swarm", "exhausts_pool",
#define COUNT(name, minimum, maximum, meaning) #name,
#define RATE(name, meaning)                    #name,
#include "generate/profile_fields.def"
};
enum { KEY_COUNT = sizeof keys / sizeof keys[0] };

static const char *key_name(const void *context, size_t index)
{
    (void)context;
    return keys[index];
}

static const char *group_name(const void *context, size_t index)
{
    (void)context;
    return generate_group_infos[index].name;
}

/* Those that random plans have. */
static const char *drawn_action_name(const void *context, size_t index)
{
    (void)context;
    return plan_action_infos[index].is_document ? NULL : plan_action_infos[index].name;
}

static const char *kind_name(const void *context, size_t index)
{
    (void)context;
    return index == FAULT_NONE ? NULL : fault_infos[index].name;
}

static const char *setting_name(const void *context, size_t index)
{
    (void)context;
    return plan_config_infos[index].name;
}

/* --- weights ---------------------------------------------------------------------------------- */

/* An object of names and weights; what it does not name keeps its weight. */
static enum error_code read_weights(const struct json_node *root, const char *key,
                                    json_name_fn *name_of, size_t count, uint16_t *weights)
{
    struct json_node object = json_node_member(root, key);
    if (!json_node_is_present(&object))
        return ERROR_NONE;
    enum error_code code = json_node_need_object(&object);
    if (code == ERROR_NONE)
        code = json_node_need_keys(&object, name_of, NULL, count);
    for (size_t i = 0; code == ERROR_NONE && i < count; i++) {
        if (name_of(NULL, i) == NULL)
            continue;
        struct json_node node = json_node_member(&object, name_of(NULL, i));
        uint32_t weight = weights[i];
        if (json_node_is_present(&node))
            code = json_node_integer(&node, 0, GENERATE_WEIGHT_MAX, &weight);
        weights[i] = (uint16_t)weight;
    }
    return code;
}

/* --- the configuration ------------------------------------------------------------------------ */

static enum error_code expect_number(const struct json_node *node,
                                     const struct plan_config_info *info)
{
    char bytes[256];
    struct text expected;
    text_init(&expected, bytes, sizeof bytes);
    text_append(&expected, "one of");
    for (size_t i = 0; i < info->value_count; i++)
        text_append_format(&expected, "%s %d", i == 0 ? "" : ",", info->values[i].number);
    return json_node_expected(node, expected.bytes);
}

static enum error_code read_value(const struct json_node *node, const struct plan_config_info *info,
                                  uint16_t *values)
{
    size_t choice = 0;
    if (info->is_word) {
        enum error_code code =
            json_node_word(node, plan_config_value_name, info, info->value_count, &choice);
        if (code != ERROR_NONE)
            return code;
    } else {
        while (choice < info->value_count &&
               !(json_is_integer(node->value) &&
                 json_integer_value(node->value) == info->values[choice].number))
            choice++;
        if (choice == info->value_count)
            return expect_number(node, info);
    }
    *values = (uint16_t)(*values | 1u << choice);
    return ERROR_NONE;
}

/* A value, or a list of those that are drawn. */
static enum error_code read_setting(const struct json_node *node,
                                    const struct plan_config_info *info, uint16_t *ret_values)
{
    uint16_t values = 0;
    enum error_code code = ERROR_NONE;
    size_t count = json_array_size(node->value);
    if (json_is_array(node->value) && count == 0)
        return json_node_expected(node, "a value, or a list with at least one");
    if (!json_is_array(node->value))
        code = read_value(node, info, &values);
    for (size_t i = 0; code == ERROR_NONE && i < count; i++) {
        struct json_node element = json_node_element(node, i);
        code = read_value(&element, info, &values);
    }
    *ret_values = values;
    return code;
}

static enum error_code read_config(const struct json_node *root, struct generate_profile *profile)
{
    struct json_node config = json_node_member(root, "config");
    if (!json_node_is_present(&config))
        return ERROR_NONE;
    enum error_code code = json_node_need_object(&config);
    if (code == ERROR_NONE)
        code = json_node_need_keys(&config, setting_name, NULL, PLAN_CONFIG_COUNT);
    for (size_t i = 0; code == ERROR_NONE && i < PLAN_CONFIG_COUNT; i++) {
        struct json_node node = json_node_member(&config, plan_config_infos[i].name);
        if (json_node_is_present(&node))
            code = read_setting(&node, &plan_config_infos[i], &profile->settings[i]);
    }
    return code;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static enum error_code read_flag(const struct json_node *root, const char *key, bool *ret_flag)
{
    struct json_node node = json_node_member(root, key);
    if (!json_node_is_present(&node))
        return ERROR_NONE;
    if (!json_is_boolean(node.value))
        return json_node_expected(&node, "true or false");
    *ret_flag = json_is_true(node.value);
    return ERROR_NONE;
}

static enum error_code read_count(const struct json_node *root, const char *key, uint32_t minimum,
                                  uint32_t maximum, uint32_t *ret_count)
{
    struct json_node node = json_node_member(root, key);
    if (!json_node_is_present(&node))
        return ERROR_NONE;
    return json_node_integer(&node, minimum, maximum, ret_count);
}

static enum error_code read_rate(const struct json_node *root, const char *key,
                                 struct generate_rate *ret_rate)
{
    struct json_node node = json_node_member(root, key);
    if (!json_node_is_present(&node))
        return ERROR_NONE;
    double rate = json_number_value(node.value);
    if (!json_is_number(node.value) || !(rate >= 0 && rate <= 1))
        return json_node_expected(&node, "a number from 0 to 1");
    *ret_rate = (struct generate_rate){true, (uint32_t)(rate * GENERATE_RATE_ONE + 0.5)};
    return ERROR_NONE;
}

static enum error_code read_numbers(const struct json_node *root, struct generate_profile *profile)
{
    enum error_code code = read_flag(root, "family", &profile->is_family);
    if (code == ERROR_NONE)
        code = read_flag(root, "swarm", &profile->is_swarm);
    if (code == ERROR_NONE)
        code = read_flag(root, "exhausts_pool", &profile->exhausts_pool);
#define COUNT(name, minimum, maximum, meaning)                                                     \
    if (code == ERROR_NONE)                                                                        \
        code = read_count(root, #name, minimum, maximum, &profile->name);
#define RATE(name, meaning)                                                                        \
    if (code == ERROR_NONE)                                                                        \
        code = read_rate(root, #name, &profile->name);
#include "generate/profile_fields.def"
    return code;
}

/* --- the document ----------------------------------------------------------------------------- */

static enum error_code read_root(const struct json_node *root, struct generate_profile *profile)
{
    const char *text;
    struct json_node comment = json_node_member(root, "comment");
    enum error_code code = json_node_need_object(root);
    if (code == ERROR_NONE)
        code = json_node_need_keys(root, key_name, NULL, KEY_COUNT);
    if (code == ERROR_NONE && json_node_is_present(&comment))
        code = json_node_text(&comment, &text);
    if (code == ERROR_NONE)
        code = read_weights(root, "weights", group_name, GROUP_COUNT, profile->weights);
    if (code == ERROR_NONE)
        code = read_weights(root, "actions", drawn_action_name, ACTION_COUNT, profile->actions);
    if (code == ERROR_NONE)
        code = read_weights(root, "fault_kinds", kind_name, FAULT_KIND_COUNT, profile->fault_kinds);
    if (code == ERROR_NONE)
        code = read_config(root, profile);
    return code == ERROR_NONE ? read_numbers(root, profile) : code;
}

enum error_code generate_profile_read(struct generate_profile *ret_profile, const char *name,
                                      const char *text, size_t length, struct error *error)
{
    json_t *value = NULL;
    enum error_code code = json_parse(&value, name, text, length, error);
    if (code != ERROR_NONE)
        return code;
    struct json_document document = {name, text, length, error};
    struct json_node root = {.document = &document, .value = value};
    struct generate_profile profile;
    generate_profile_init(&profile);
    code = read_root(&root, &profile);
    json_decref(value);
    if (code == ERROR_NONE)
        *ret_profile = profile;
    return code;
}
