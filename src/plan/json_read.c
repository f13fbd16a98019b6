/* SPDX-License-Identifier: Apache-2.0 */
/* Reading plans from JSON: the document, its interactions, the two kinds of plan. */
#include "plan/json.h"
#include "plan/json_node.h"
#include "plan/json_parse.h"

#include "base/file.h"

#include <string.h>

struct reader {
    struct plan *plan;
    struct arena *arena;
    uint32_t tasks; /* that the configuration allows */
};

/* --- memory ---------------------------------------------------------------------------------- */

/* NULL where arena_alloc would abort: what a user gave us must not end in an assertion. */
static void *read_alloc(struct reader *reader, const struct json_node *node, size_t size)
{
    enum { ALIGNMENT_SLACK = 16 };
    size_t room = reader->arena->capacity_bytes - reader->arena->used_bytes;
    if (room < ALIGNMENT_SLACK || size > room - ALIGNMENT_SLACK) {
        (void)json_node_fail(node, "the plan is too large for its %zu bytes of memory",
                             reader->arena->capacity_bytes);
        if (node->document->error != NULL)
            node->document->error->code = ERROR_MEMORY;
        return NULL;
    }
    return arena_alloc_zeroed(reader->arena, size);
}

static enum error_code read_text(struct reader *reader, const struct json_node *node,
                                 const char **ret_text)
{
    const char *text = NULL;
    enum error_code code = json_node_text(node, &text);
    if (code != ERROR_NONE)
        return code;
    size_t size = json_string_length(node->value) + 1;
    char *copy = read_alloc(reader, node, size);
    if (copy == NULL)
        return ERROR_MEMORY;
    memcpy(copy, text, size);
    *ret_text = copy;
    return ERROR_NONE;
}

/* --- names ----------------------------------------------------------------------------------- */

static const char *listed_name(const void *context, size_t index)
{
    return ((const char *const *)context)[index];
}

/* All settings, and the databases that have any of their own, or might. */
enum { CONFIG_KEY_COUNT = PLAN_CONFIG_COUNT + DATABASE_COUNT };

static const char *config_key_name(const void *context, size_t index)
{
    (void)context;
    if (index < PLAN_CONFIG_COUNT)
        return plan_config_infos[index].name;
    return plan_database_infos[index - PLAN_CONFIG_COUNT].name; /* NULL for DATABASE_ALL */
}

static const char *own_setting_name(const void *context, size_t index)
{
    enum plan_database database = *(const enum plan_database *)context;
    bool is_own = plan_config_infos[index].database == database;
    return is_own ? plan_config_infos[index].name : NULL;
}

static const char *fault_name(const void *context, size_t index)
{
    (void)context;
    return index == FAULT_NONE ? NULL : fault_infos[index].name;
}

static const char *action_name(const void *context, size_t index)
{
    (void)context;
    return plan_action_infos[index].name;
}

static const char *middleware_action_name(const void *context, size_t index)
{
    (void)context;
    return plan_action_infos[index].is_middleware ? plan_action_infos[index].name : NULL;
}

/* The keys of a native action: these, then its argument fields. `duration` is written as "ms". */
enum action_key { KEY_TYPE, KEY_MS, KEY_SQL, KEY_EXPECT, KEY_EXPECT_ERROR, ACTION_KEY_COUNT };

static const char *action_key_name(const void *context, size_t index)
{
    const struct plan_action_info *info = context;
    if (index >= ACTION_KEY_COUNT) {
        enum plan_field field = (enum plan_field)(index - ACTION_KEY_COUNT);
        bool has = field != FIELD_duration && plan_action_info_has(info, field);
        return has ? plan_field_infos[field].name : NULL;
    }
    switch ((enum action_key)index) {
    case KEY_TYPE:
        return "type";
    case KEY_MS:
        return plan_action_info_has(info, FIELD_duration) ? "ms" : NULL;
    case KEY_SQL:
        return info->has_sql ? "sql" : NULL;
    case KEY_EXPECT:
        return info->has_sql ? "expect" : NULL;
    case KEY_EXPECT_ERROR:
        return info->has_sql ? "expect_error" : NULL;
    case ACTION_KEY_COUNT:
        break;
    }
    return NULL;
}

/* Native plans: an object with these keys, no others. */
static enum error_code need_listed_keys(const struct json_node *object, const char *const *names,
                                        size_t count)
{
    enum error_code code = json_node_need_object(object);
    if (code != ERROR_NONE)
        return code;
    return json_node_need_keys(object, listed_name, names, count);
}

#define NEED_KEYS(object, ...)                                                                     \
    need_listed_keys((object), (const char *const[]){__VA_ARGS__},                                 \
                     sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

static enum error_code check_comment(const struct json_node *object)
{
    const char *text;
    struct json_node comment = json_node_member(object, "comment");
    return json_node_is_present(&comment) ? json_node_text(&comment, &text) : ERROR_NONE;
}

/* --- expectations ---------------------------------------------------------------------------- */

static enum error_code read_count(const struct json_node *expect, const char *key, bool *ret_has,
                                  uint64_t *ret_count)
{
    struct json_node count = json_node_member(expect, key);
    if (!json_node_is_present(&count))
        return ERROR_NONE;
    enum error_code code = json_node_uint64(&count, ret_count);
    if (code == ERROR_NONE)
        *ret_has = true;
    return code;
}

/* Only of native plans: the key may stand for anything in others. */
static enum error_code read_rows(struct reader *reader, const struct json_node *expect,
                                 const char **ret_rows)
{
    struct json_node rows = json_node_member(expect, "rows");
    if (reader->plan->kind != PLAN_NATIVE || !json_node_is_present(&rows))
        return ERROR_NONE;
    return read_text(reader, &rows, ret_rows);
}

static enum error_code read_expect(struct reader *reader, const struct json_node *expect,
                                   struct plan_expectation *expectation)
{
    enum error_code code = json_node_need_object(expect);
    if (code == ERROR_NONE && reader->plan->kind == PLAN_NATIVE)
        code = NEED_KEYS(expect, "row_count", "column_count", "rows");
    if (code == ERROR_NONE)
        code =
            read_count(expect, "row_count", &expectation->has_row_count, &expectation->row_count);
    if (code == ERROR_NONE)
        code = read_count(expect, "column_count", &expectation->has_column_count,
                          &expectation->column_count);
    if (code == ERROR_NONE)
        code = read_rows(reader, expect, &expectation->rows);
    return code;
}

static enum error_code read_expect_error(struct reader *reader, const struct json_node *expect,
                                         struct plan_expectation *expectation)
{
    enum error_code code = json_node_need_object(expect);
    if (code == ERROR_NONE && reader->plan->kind == PLAN_NATIVE)
        code = NEED_KEYS(expect, "contains");
    if (code != ERROR_NONE)
        return code;
    struct json_node contains = json_node_member(expect, "contains");
    code = read_text(reader, &contains, &expectation->error_contains);
    if (code == ERROR_NONE)
        expectation->expects_error = true;
    return code;
}

typedef enum error_code expect_reader_fn(struct reader *reader, const struct json_node *expect,
                                         struct plan_expectation *expectation);

/* From within the action, or, in native plans, from beside it. */
static enum error_code read_expectation_at(struct reader *reader, const struct json_node *within,
                                           const struct json_node *beside, const char *key,
                                           expect_reader_fn *read,
                                           struct plan_expectation *expectation)
{
    struct json_node inner = {0};
    struct json_node outer = {0};
    if (within != NULL)
        inner = json_node_member(within, key);
    if (beside != NULL)
        outer = json_node_member(beside, key);
    if (json_node_is_present(&inner) && json_node_is_present(&outer))
        return json_node_fail(&outer, "is there twice: beside the action and in it");
    if (json_node_is_present(&inner))
        return read(reader, &inner, expectation);
    if (json_node_is_present(&outer))
        return read(reader, &outer, expectation);
    return ERROR_NONE;
}

static enum error_code read_expectation(struct reader *reader, const struct json_node *node,
                                        const struct json_node *action,
                                        struct interaction *interaction)
{
    bool is_native = reader->plan->kind == PLAN_NATIVE;
    bool has_rows = is_native || interaction->action == ACTION_query;
    const struct json_node *within = plan_action_infos[interaction->action].has_sql ? action : NULL;
    const struct json_node *beside = is_native ? node : NULL;
    struct plan_expectation expectation = {0};
    enum error_code code = ERROR_NONE;
    if (has_rows)
        code = read_expectation_at(reader, within, beside, "expect", read_expect, &expectation);
    if (code == ERROR_NONE)
        code = read_expectation_at(reader, within, beside, "expect_error", read_expect_error,
                                   &expectation);
    if (code != ERROR_NONE)
        return code;
    if (!expectation.has_row_count && !expectation.has_column_count && expectation.rows == NULL &&
        !expectation.expects_error)
        return ERROR_NONE;
    struct plan_expectation *kept = read_alloc(reader, node, sizeof *kept);
    if (kept == NULL)
        return ERROR_MEMORY;
    *kept = expectation;
    interaction->expectation = kept;
    return ERROR_NONE;
}

/* --- actions --------------------------------------------------------------------------------- */

/* A word that names an action, only not here. */
static bool is_any_action(const struct json_node *type)
{
    for (size_t action = 0; json_is_string(type->value) && action < ACTION_COUNT; action++)
        if (strcmp(json_string_value(type->value), plan_action_infos[action].name) == 0)
            return true;
    return false;
}

static enum error_code read_native_type(const struct json_node *type, uint8_t *ret_action)
{
    size_t index = 0;
    enum error_code code = json_node_word(type, action_name, NULL, ACTION_COUNT, &index);
    if (code == ERROR_NONE)
        *ret_action = (uint8_t)index;
    return code;
}

static enum error_code read_middleware_type(const struct json_node *type, uint8_t *ret_action)
{
    size_t index = 0;
    enum error_code code = json_node_word(type, middleware_action_name, NULL, ACTION_COUNT, &index);
    if (code == ERROR_NONE)
        *ret_action = (uint8_t)index;
    else if (is_any_action(type))
        code = json_node_fail(type, "\"%s\" needs a plan with \"config\" (at least {})",
                              json_string_value(type->value));
    return code;
}

static enum error_code read_field(const struct json_node *action, int field, uint8_t *ret_value)
{
    const struct plan_field_info *info = &plan_field_infos[field];
    struct json_node node = json_node_member(action, info->name);
    if (!json_node_is_present(&node))
        return ERROR_NONE;
    enum error_code code;
    if (info->words != NULL) {
        size_t word = 0;
        code = json_node_word(&node, listed_name, info->words, info->domain, &word);
        if (code == ERROR_NONE)
            *ret_value = (uint8_t)word;
    } else {
        uint32_t number = 0;
        code = json_node_integer(&node, 0, info->domain - 1u, &number);
        if (code == ERROR_NONE)
            *ret_value = (uint8_t)number;
    }
    return code;
}

static enum error_code read_native_fields(const struct json_node *action,
                                          struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    enum error_code code =
        json_node_need_keys(action, action_key_name, info, ACTION_KEY_COUNT + FIELD_COUNT);
    for (int field = 0; code == ERROR_NONE && field < FIELD_COUNT; field++)
        if (field != FIELD_duration && plan_action_info_has(info, (enum plan_field)field))
            code = read_field(action, field, &interaction->arguments[field]);
    return code;
}

static enum error_code read_sleep(const struct json_node *action, struct interaction *interaction)
{
    struct json_node ms = json_node_member(action, "ms");
    uint64_t number;
    enum error_code code = json_node_uint64(&ms, &number);
    if (code == ERROR_NONE)
        plan_set_sleep(interaction, number);
    return code;
}

static enum error_code read_action(struct reader *reader, const struct json_node *node,
                                   struct interaction *interaction)
{
    struct json_node action = json_node_member(node, "action");
    enum error_code code = json_node_need_object(&action);
    if (code != ERROR_NONE)
        return code;
    bool is_native = reader->plan->kind == PLAN_NATIVE;
    struct json_node type = json_node_member(&action, "type");
    if (is_native)
        code = read_native_type(&type, &interaction->action);
    else
        code = read_middleware_type(&type, &interaction->action);
    if (code == ERROR_NONE && is_native)
        code = read_native_fields(&action, interaction);
    if (code == ERROR_NONE &&
        plan_action_has((enum plan_action)interaction->action, FIELD_duration))
        code = read_sleep(&action, interaction);
    if (code == ERROR_NONE && plan_action_infos[interaction->action].has_sql) {
        struct json_node sql = json_node_member(&action, "sql");
        code = read_text(reader, &sql, &interaction->sql);
    }
    if (code == ERROR_NONE)
        code = read_expectation(reader, node, &action, interaction);
    return code;
}

/* --- interactions ---------------------------------------------------------------------------- */

static enum error_code read_pause(const struct json_node *node, struct interaction *interaction)
{
    struct json_node pause = json_node_member(node, "pause");
    if (!json_node_is_present(&pause))
        return ERROR_NONE;
    enum error_code code = NEED_KEYS(&pause, "after", "at");
    if (code != ERROR_NONE)
        return code;
    struct json_node after = json_node_member(&pause, "after");
    uint32_t count = 0;
    size_t class = PAUSE_STORAGE;
    code = json_node_integer(&after, 1, UINT16_MAX, &count);
    struct json_node at = json_node_member(&pause, "at");
    if (code == ERROR_NONE && json_node_is_present(&at))
        code = json_node_word(&at, listed_name, plan_pause_class_words, PAUSE_CLASS_COUNT, &class);
    if (code != ERROR_NONE)
        return code;
    interaction->pause_after = (uint16_t)count;
    interaction->pause_class = (uint8_t) class;
    return ERROR_NONE;
}

static enum error_code read_fault(const struct json_node *node, struct interaction *interaction)
{
    struct json_node fault = json_node_member(node, "fault");
    if (!json_node_is_present(&fault))
        return ERROR_NONE;
    enum error_code code = NEED_KEYS(&fault, "kind", "at");
    if (code != ERROR_NONE)
        return code;
    struct json_node kind = json_node_member(&fault, "kind");
    size_t index = FAULT_NONE;
    uint32_t opportunity = 1;
    code = json_node_word(&kind, fault_name, NULL, FAULT_KIND_COUNT, &index);
    struct json_node at = json_node_member(&fault, "at");
    if (code == ERROR_NONE && json_node_is_present(&at))
        code = json_node_integer(&at, 1, UINT16_MAX, &opportunity);
    if (code != ERROR_NONE)
        return code;
    interaction->fault = (uint8_t)index;
    interaction->fault_at = (uint16_t)opportunity;
    return ERROR_NONE;
}

static enum error_code read_task(struct reader *reader, const struct json_node *node,
                                 struct interaction *interaction)
{
    struct json_node task = json_node_member(node, "task");
    if (json_is_integer(task.value) && json_integer_value(task.value) >= (json_int_t)reader->tasks)
        return json_node_fail(
            &task, "expected an integer 0 to %u (%s %u task%s), found %lld", reader->tasks - 1,
            reader->tasks < PLAN_TASKS_MAX ? "the config has" : "there are at most", reader->tasks,
            reader->tasks == 1 ? "" : "s", (long long)json_integer_value(task.value));
    uint32_t number = 0;
    enum error_code code = json_node_integer(&task, 0, reader->tasks - 1, &number);
    if (code == ERROR_NONE)
        interaction->task = (uint8_t)number;
    return code;
}

static enum error_code read_interaction(struct reader *reader, const struct json_node *node,
                                        struct interaction *interaction)
{
    bool is_native = reader->plan->kind == PLAN_NATIVE;
    enum error_code code = json_node_need_object(node);
    if (code == ERROR_NONE && is_native)
        code = NEED_KEYS(node, "task", "action", "pause", "fault", "expect", "expect_error",
                         "comment");
    if (code == ERROR_NONE)
        code = read_task(reader, node, interaction);
    if (code == ERROR_NONE)
        code = read_action(reader, node, interaction);
    if (code == ERROR_NONE && is_native)
        code = read_pause(node, interaction);
    if (code == ERROR_NONE && is_native)
        code = read_fault(node, interaction);
    if (code == ERROR_NONE && is_native)
        code = check_comment(node);
    return code;
}

static enum error_code read_interactions(struct reader *reader, const struct json_node *root)
{
    struct json_node array = json_node_member(root, "interactions");
    enum error_code code = json_node_need_array(&array);
    if (code != ERROR_NONE)
        return code;
    size_t count = json_array_size(array.value);
    struct interaction *interactions = read_alloc(reader, &array, count * sizeof *interactions);
    if (interactions == NULL)
        return ERROR_MEMORY;
    for (size_t i = 0; code == ERROR_NONE && i < count; i++) {
        struct json_node element = json_node_element(&array, i);
        code = read_interaction(reader, &element, &interactions[i]);
    }
    if (code != ERROR_NONE)
        return code;
    reader->plan->interaction_count = count;
    reader->plan->interactions = interactions;
    return ERROR_NONE;
}

/* --- documents ------------------------------------------------------------------------------- */

static enum error_code read_config_number(const struct json_node *node,
                                          const struct plan_config_info *info, size_t *ret_choice)
{
    for (size_t i = 0; json_is_integer(node->value) && i < info->value_count; i++) {
        if (json_integer_value(node->value) == info->values[i].number) {
            *ret_choice = i;
            return ERROR_NONE;
        }
    }
    char expected[160] = "one of";
    size_t length = strlen(expected);
    for (size_t i = 0; i < info->value_count && length + 16 < sizeof expected; i++)
        length += (size_t)snprintf(expected + length, sizeof expected - length, "%s %d",
                                   i == 0 ? "" : ",", info->values[i].number);
    return json_node_expected(node, expected);
}

static enum error_code read_setting(struct reader *reader, const struct json_node *node, int field)
{
    const struct plan_config_info *info = &plan_config_infos[field];
    size_t choice = 0;
    enum error_code code = info->is_word ? json_node_word(node, plan_config_value_name, info,
                                                          info->value_count, &choice)
                                         : read_config_number(node, info, &choice);
    if (code == ERROR_NONE)
        reader->plan->config.choice[field] = (uint8_t)choice;
    return code;
}

/* The settings of one database in an object with its name. */
static enum error_code read_own_settings(struct reader *reader, const struct json_node *own,
                                         enum plan_database database)
{
    enum error_code code = json_node_need_object(own);
    if (code == ERROR_NONE)
        code = json_node_need_keys(own, own_setting_name, &database, PLAN_CONFIG_COUNT);
    for (int field = 0; code == ERROR_NONE && field < PLAN_CONFIG_COUNT; field++) {
        struct json_node node = json_node_member(own, plan_config_infos[field].name);
        if (plan_config_infos[field].database == database && json_node_is_present(&node))
            code = read_setting(reader, &node, field);
    }
    reader->plan->database = database;
    return code;
}

/* Beside the settings that all databases share, or within an object with the database's name. */
static enum error_code read_shared_settings(struct reader *reader, const struct json_node *config)
{
    bool is_named = reader->plan->database != DATABASE_ALL;
    enum error_code code = ERROR_NONE;
    for (int field = 0; code == ERROR_NONE && field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        struct json_node node = json_node_member(config, info->name);
        if (!json_node_is_present(&node))
            continue;
        if (info->database != DATABASE_ALL && is_named)
            return json_node_fail(&node, "belongs into \"%s\" in a plan that names its database",
                                  plan_database_infos[info->database].name);
        code = read_setting(reader, &node, field);
    }
    return code;
}

static enum error_code read_config(struct reader *reader, const struct json_node *config)
{
    enum error_code code = json_node_need_object(config);
    if (code == ERROR_NONE)
        code = json_node_need_keys(config, config_key_name, NULL, CONFIG_KEY_COUNT);
    for (int i = DATABASE_ALL + 1; code == ERROR_NONE && i < DATABASE_COUNT; i++) {
        struct json_node own = json_node_member(config, plan_database_infos[i].name);
        if (!json_node_is_present(&own))
            continue;
        if (reader->plan->database != DATABASE_ALL)
            return json_node_fail(&own, "a plan is for one database, this one for %s",
                                  plan_database_infos[reader->plan->database].name);
        code = read_own_settings(reader, &own, (enum plan_database)i);
    }
    return code == ERROR_NONE ? read_shared_settings(reader, config) : code;
}

static enum error_code read_origin(struct reader *reader, const struct json_node *root)
{
    struct json_node node = json_node_member(root, "recorded_on");
    if (!json_node_is_present(&node))
        return ERROR_NONE;
    struct plan_origin *origin = read_alloc(reader, &node, sizeof *origin);
    if (origin == NULL)
        return ERROR_MEMORY;
    enum error_code code = json_node_need_object(&node);
    if (code == ERROR_NONE)
        code = NEED_KEYS(&node, "target", "backend");
    struct json_node target = json_node_member(&node, "target");
    struct json_node backend = json_node_member(&node, "backend");
    if (code == ERROR_NONE)
        code = read_text(reader, &target, &origin->target);
    if (code == ERROR_NONE)
        code = read_text(reader, &backend, &origin->backend);
    reader->plan->origin = origin;
    return code;
}

static enum error_code read_native(struct reader *reader, const struct json_node *root,
                                   const struct json_node *config)
{
    enum error_code code =
        NEED_KEYS(root, "version", "config", "recorded_on", "interactions", "comment");
    if (code != ERROR_NONE)
        return code;
    struct json_node version = json_node_member(root, "version");
    if (json_node_is_present(&version) &&
        !(json_is_integer(version.value) && json_integer_value(version.value) == JSON_VERSION))
        return json_node_expected(&version, "1, the only version that is known");
    code = check_comment(root);
    if (code == ERROR_NONE)
        code = read_origin(reader, root);
    if (code == ERROR_NONE)
        code = read_config(reader, config);
    if (code != ERROR_NONE)
        return code;
    struct json_node tasks = json_node_member(config, "tasks");
    bool has_tasks = json_node_is_present(&tasks);
    if (has_tasks)
        reader->tasks = plan_tasks(reader->plan);
    code = read_interactions(reader, root);
    if (code != ERROR_NONE)
        return code;
    plan_settle_database(reader->plan);
    if (!has_tasks)
        reader->plan->config.choice[PLAN_CONFIG_tasks] = plan_tasks_choice(reader->plan);
    return ERROR_NONE;
}

static enum error_code read_middleware(struct reader *reader, const struct json_node *root)
{
    struct json_node pool_size = json_node_member(root, "pool_size");
    reader->plan->pool_size = PLAN_POOL_SIZE_DEFAULT;
    enum error_code code = ERROR_NONE;
    if (json_node_is_present(&pool_size))
        code = json_node_integer(&pool_size, 1, PLAN_POOL_SIZE_MAX, &reader->plan->pool_size);
    if (code == ERROR_NONE)
        code = read_interactions(reader, root);
    if (code == ERROR_NONE)
        reader->plan->config.choice[PLAN_CONFIG_tasks] = plan_tasks_choice(reader->plan);
    return code;
}

enum error_code json_read(struct plan *ret_plan, struct arena *arena, const char *name,
                          const char *text, size_t length, struct error *error)
{
    json_t *value = NULL;
    enum error_code code = json_parse(&value, name, text, length, error);
    if (code != ERROR_NONE)
        return code;
    struct json_document document = {name, text, length, error};
    struct json_node root = {.document = &document, .value = value};
    struct plan plan = {.kind = PLAN_MIDDLEWARE};
    struct reader reader = {&plan, arena, PLAN_TASKS_MAX};
    code = json_node_need_object(&root);
    if (code == ERROR_NONE) {
        struct json_node config = json_node_member(&root, "config");
        plan.kind = json_node_is_present(&config) ? PLAN_NATIVE : PLAN_MIDDLEWARE;
        if (plan.kind == PLAN_NATIVE)
            code = read_native(&reader, &root, &config);
        else
            code = read_middleware(&reader, &root);
    }
    json_decref(value);
    if (code == ERROR_NONE)
        *ret_plan = plan;
    return code;
}
