/* SPDX-License-Identifier: Apache-2.0 */
/* Writing plans as JSON: jansson makes each value, the lines are ours. */
#include "plan/json.h"
#include "plan/json_parse.h"

#include "base/file.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

struct writer {
    FILE *out;
    enum error_code code; /* of the first failure */
};

/* Integers above this are not exact where numbers are doubles (JavaScript): they become texts. */
static const uint64_t exact_integer_max = 1ull << 53;

static void fail(struct writer *writer, enum error_code code)
{
    if (writer->code == ERROR_NONE)
        writer->code = code;
}

/* Takes over `value`, which may be NULL where it could not be made. */
static void set(struct writer *writer, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        fail(writer, ERROR_MEMORY);
}

static void set_number(struct writer *writer, json_t *object, const char *key, uint64_t number)
{
    if (number <= exact_integer_max)
        set(writer, object, key, json_integer((json_int_t)number));
    else
        set(writer, object, key, json_sprintf("%" PRIu64, number));
}

static void set_text(struct writer *writer, json_t *object, const char *key, const char *text)
{
    json_t *value = json_string(text);
    if (value == NULL)
        fail(writer, ERROR_INPUT); /* not UTF-8, most likely */
    set(writer, object, key, value);
}

static json_t *new_object(struct writer *writer)
{
    json_t *object = json_object();
    if (object == NULL)
        fail(writer, ERROR_MEMORY);
    return object;
}

static void put(struct writer *writer, const char *text)
{
    if (fputs(text, writer->out) < 0)
        fail(writer, ERROR_MEMORY);
}

/* Writes `object` on one line and releases it. */
static void put_object(struct writer *writer, json_t *object)
{
    if (writer->code == ERROR_NONE && json_dumpf(object, writer->out, 0) != 0)
        fail(writer, ERROR_MEMORY);
    json_decref(object);
}

static json_t *action_object(struct writer *writer, const struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    json_t *action = new_object(writer);
    set_text(writer, action, "type", info->name);
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *place = &plan_field_infos[field];
        uint8_t value = interaction->arguments[field];
        if (value == 0 || field == FIELD_duration)
            continue;
        if (place->words != NULL)
            set_text(writer, action, place->name, place->words[value]);
        else
            set_number(writer, action, place->name, value);
    }
    if (plan_action_has((enum plan_action)interaction->action, FIELD_duration))
        set_number(writer, action, "ms", interaction->sleep_ms);
    if (interaction->sql != NULL)
        set_text(writer, action, "sql", interaction->sql);
    return action;
}

static void set_expectation(struct writer *writer, json_t *object,
                            const struct plan_expectation *expectation)
{
    if (expectation == NULL)
        return;
    if (expectation->has_row_count || expectation->has_column_count || expectation->rows != NULL) {
        json_t *expect = new_object(writer);
        if (expectation->has_row_count)
            set_number(writer, expect, "row_count", expectation->row_count);
        if (expectation->has_column_count)
            set_number(writer, expect, "column_count", expectation->column_count);
        if (expectation->rows != NULL)
            set_text(writer, expect, "rows", expectation->rows);
        set(writer, object, "expect", expect);
    }
    if (expectation->expects_error) {
        json_t *expect = new_object(writer);
        set_text(writer, expect, "contains", expectation->error_contains);
        set(writer, object, "expect_error", expect);
    }
}

static json_t *interaction_object(struct writer *writer, const struct interaction *interaction)
{
    json_t *object = new_object(writer);
    json_t *action = action_object(writer, interaction);
    bool expects_within = plan_action_infos[interaction->action].has_sql;
    if (expects_within)
        set_expectation(writer, action, interaction->expectation);
    set_number(writer, object, "task", interaction->task);
    set(writer, object, "action", action);
    if (interaction->pause_after > 0) {
        json_t *pause = new_object(writer);
        set_number(writer, pause, "after", interaction->pause_after);
        if (interaction->pause_class != PAUSE_STORAGE)
            set_text(writer, pause, "at", plan_pause_class_words[interaction->pause_class]);
        set(writer, object, "pause", pause);
    }
    if (interaction->fault != FAULT_NONE) {
        json_t *fault = new_object(writer);
        set_text(writer, fault, "kind", fault_infos[interaction->fault].name);
        if (interaction->fault_at != 1)
            set_number(writer, fault, "at", interaction->fault_at);
        set(writer, object, "fault", fault);
    }
    if (!expects_within)
        set_expectation(writer, object, interaction->expectation);
    return object;
}

/* The settings of `database` that have not their first value; NULL: there are none. */
static json_t *settings_object(struct writer *writer, const struct plan_config *config,
                               enum plan_database database)
{
    json_t *object = NULL;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        const struct plan_config_value *value = &info->values[config->choice[field]];
        if (config->choice[field] == 0 || info->database != database)
            continue;
        if (object == NULL)
            object = new_object(writer);
        if (info->is_word)
            set_text(writer, object, info->name, value->name);
        else
            set(writer, object, info->name, json_integer(value->number));
    }
    return object;
}

static json_t *config_object(struct writer *writer, const struct plan_config *config)
{
    json_t *object = settings_object(writer, config, DATABASE_ALL);
    if (object == NULL)
        object = new_object(writer);
    for (int database = DATABASE_ALL + 1; database < DATABASE_COUNT; database++) {
        json_t *own = settings_object(writer, config, (enum plan_database)database);
        if (own != NULL)
            set(writer, object, plan_database_infos[database].name, own);
    }
    return object;
}

static void put_origin(struct writer *writer, const struct plan_origin *origin)
{
    if (origin == NULL)
        return;
    json_t *object = new_object(writer);
    set_text(writer, object, "target", origin->target);
    set_text(writer, object, "backend", origin->backend);
    put(writer, "  \"recorded_on\": ");
    put_object(writer, object);
    put(writer, ",\n");
}

static void put_plan(struct writer *writer, const struct plan *plan)
{
    put(writer, "{\n");
    switch (plan->kind) {
    case PLAN_NATIVE:
        put(writer, "  \"version\": 1,\n  \"config\": ");
        put_object(writer, config_object(writer, &plan->config));
        put(writer, ",\n");
        put_origin(writer, plan->origin);
        break;
    case PLAN_MIDDLEWARE:
        if (plan->pool_size != PLAN_POOL_SIZE_DEFAULT)
            fprintf(writer->out, "  \"pool_size\": %" PRIu32 ",\n", plan->pool_size);
        break;
    }
    put(writer, "  \"interactions\": [");
    for (size_t i = 0; i < plan->interaction_count; i++) {
        put(writer, i == 0 ? "\n    " : ",\n    ");
        put_object(writer, interaction_object(writer, &plan->interactions[i]));
    }
    put(writer, plan->interaction_count > 0 ? "\n  ]\n}\n" : "]\n}\n");
}

enum error_code json_write(const struct plan *plan, struct arena *arena, char **ret_text,
                           size_t *ret_length)
{
    char *text = NULL;
    size_t length = 0;
    struct writer writer = {.out = open_memstream(&text, &length)};
    if (writer.out == NULL)
        return ERROR_MEMORY;
    json_object_seed(JSON_HASH_SEED);
    put_plan(&writer, plan);
    if (fclose(writer.out) != 0)
        fail(&writer, ERROR_MEMORY);
    enum { ALIGNMENT_SLACK = 32 };
    if (writer.code == ERROR_NONE &&
        length + ALIGNMENT_SLACK > arena->capacity_bytes - arena->used_bytes)
        fail(&writer, ERROR_MEMORY);
    if (writer.code == ERROR_NONE) {
        *ret_text = arena_copy_text(arena, text, length);
        *ret_length = length;
    }
    free(text);
    return writer.code;
}

enum error_code json_save(const struct plan *plan, const char *name, const char *path,
                          struct error *error)
{
    /* Address space; what is written is backed by memory. */
    static const size_t arena_bytes = (size_t)1 << 30;
    struct arena arena;
    char *text;
    size_t length;
    arena_init(&arena, arena_bytes);
    enum error_code code = json_write(plan, &arena, &text, &length);
    if (code == ERROR_NONE)
        code = file_write(path, text, length, error);
    else
        code =
            interplay_error(error, code, "%s: cannot be written as JSON: %s", file_short_path(name),
                            code == ERROR_INPUT ? "a text is not UTF-8" : "out of memory");
    arena_clean_up(&arena);
    return code;
}
