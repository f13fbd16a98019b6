/* SPDX-License-Identifier: Apache-2.0 */
/* Reading plans from protobuf: protobuf-c parses, the rest is what the JSON form demands, too. */
#include "plan/protobuf.h"
#include "plan/protobuf_message.h"

#include "base/file.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct reader {
    struct plan *plan;
    struct protobuf_memory memory;
    const char *name;
    struct error *error;
    uint32_t tasks;                       /* that the configuration allows */
    const Interplay__Interaction *within; /* what is read, or NULL */
    size_t index;                         /* of it */
};

/* "NAME: interactions[3].FIELD: ..." */
static enum error_code fail(const struct reader *reader, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum error_code fail(const struct reader *reader, const char *field, const char *format, ...)
{
    char message[256], place[48] = "";
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (reader->within != NULL)
        (void)snprintf(place, sizeof place, "interactions[%zu].", reader->index);
    return interplay_error(reader->error, ERROR_INPUT, "%s: %s%s: %s",
                           file_short_path(reader->name), place, field, message);
}

static enum error_code fail_missing(const struct reader *reader, const char *field)
{
    return fail(reader, field, "is missing");
}

static enum error_code check_range(const struct reader *reader, const char *field, uint32_t value,
                                   uint32_t minimum, uint32_t maximum)
{
    if (value >= minimum && value <= maximum)
        return ERROR_NONE;
    return fail(reader, field, "expected an integer %" PRIu32 " to %" PRIu32 ", found %" PRIu32,
                minimum, maximum, value);
}

static void *read_alloc(struct reader *reader, size_t size)
{
    void *memory = reader->memory.allocator.alloc(&reader->memory, size);
    if (memory == NULL)
        (void)interplay_error(reader->error, ERROR_MEMORY,
                              "%s: the plan is too large for its %zu bytes of memory",
                              file_short_path(reader->name), reader->memory.arena->capacity_bytes);
    return memory;
}

/* --- interactions ---------------------------------------------------------------------------- */

static bool is_native(const struct reader *reader)
{
    return reader->plan->kind == PLAN_NATIVE;
}

static enum error_code read_type(const struct reader *reader, const Interplay__Action *action,
                                 uint8_t *ret_action)
{
    uint8_t index = 0;
    if (!action->has_type)
        return fail_missing(reader, "action.type");
    while (index < ACTION_COUNT && plan_action_infos[index].number != (int)action->type)
        index++;
    if (index == ACTION_COUNT)
        return fail(reader, "action.type", "%d is no action", (int)action->type);
    if (!is_native(reader) && !plan_action_infos[index].is_middleware)
        return fail(reader, "action.type", "%s needs a plan with config (at least an empty one)",
                    plan_action_infos[index].name);
    *ret_action = index;
    return ERROR_NONE;
}

static enum error_code read_fields(const struct reader *reader, const Interplay__Action *action,
                                   struct interaction *interaction)
{
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    enum error_code code = ERROR_NONE;
    for (int field = 0; code == ERROR_NONE && field < FIELD_COUNT; field++) {
        if (field == FIELD_duration || !protobuf_has(action, protobuf_fields[field]))
            continue;
        char place[48];
        uint32_t value = protobuf_get(action, protobuf_fields[field]);
        (void)snprintf(place, sizeof place, "action.%s", plan_field_infos[field].name);
        if (!is_native(reader) || !plan_action_info_has(info, (enum plan_field)field))
            code = fail(reader, place, "%s has no such field here", info->name);
        else
            code = check_range(reader, place, value, 0, plan_field_infos[field].domain - 1u);
        if (code == ERROR_NONE)
            interaction->arguments[field] = (uint8_t)value;
    }
    return code;
}

/* `sql` and `ms`: demanded of some actions, refused in the others. */
static enum error_code read_sql_and_ms(const struct reader *reader, const Interplay__Action *action,
                                       struct interaction *interaction)
{
    bool sleeps = plan_action_has((enum plan_action)interaction->action, FIELD_duration);
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    const char *name = info->name;
    if (sleeps != (bool)action->has_ms)
        return sleeps ? fail_missing(reader, "action.ms")
                      : fail(reader, "action.ms", "%s has no such field", name);
    if (info->has_sql != (action->sql != NULL))
        return action->sql == NULL ? fail_missing(reader, "action.sql")
                                   : fail(reader, "action.sql", "%s has no such field", name);
    if (sleeps)
        plan_set_sleep(interaction, action->ms);
    interaction->sql = action->sql;
    return ERROR_NONE;
}

static enum error_code check_expectation(const struct reader *reader, uint8_t action)
{
    const Interplay__Interaction *message = reader->within;
    if (message->expect_error != NULL && message->expect_error->contains == NULL)
        return fail_missing(reader, "expect_error.contains");
    if (is_native(reader))
        return ERROR_NONE;
    if (message->expect != NULL && message->expect->rows != NULL)
        return fail(reader, "expect.rows", "needs a plan with config");
    if (message->expect != NULL && action != ACTION_query)
        return fail(reader, "expect", "only query has it in a plan without config");
    if (message->expect_error != NULL && !plan_action_infos[action].has_sql)
        return fail(reader, "expect_error",
                    "only execute and query have it in a plan without config");
    return ERROR_NONE;
}

static enum error_code read_expectation(struct reader *reader, struct interaction *interaction)
{
    const Interplay__Expect *expect = reader->within->expect;
    const Interplay__ExpectError *expect_error = reader->within->expect_error;
    struct plan_expectation read = {0};
    enum error_code code = check_expectation(reader, interaction->action);
    if (code != ERROR_NONE)
        return code;
    if (expect != NULL) {
        read.has_row_count = expect->has_row_count;
        read.row_count = expect->row_count;
        read.has_column_count = expect->has_column_count;
        read.column_count = expect->column_count;
        read.rows = expect->rows;
    }
    if (expect_error != NULL) {
        read.expects_error = true;
        read.error_contains = expect_error->contains;
    }
    if (!read.has_row_count && !read.has_column_count && read.rows == NULL && !read.expects_error)
        return ERROR_NONE;
    struct plan_expectation *kept = read_alloc(reader, sizeof *kept);
    if (kept == NULL)
        return ERROR_MEMORY;
    *kept = read;
    interaction->expectation = kept;
    return ERROR_NONE;
}

static enum error_code read_action(struct reader *reader, struct interaction *interaction)
{
    const Interplay__Action *action = reader->within->action;
    if (action == NULL)
        return fail_missing(reader, "action");
    enum error_code code = read_type(reader, action, &interaction->action);
    if (code == ERROR_NONE)
        code = read_fields(reader, action, interaction);
    if (code == ERROR_NONE)
        code = read_sql_and_ms(reader, action, interaction);
    if (code == ERROR_NONE)
        code = read_expectation(reader, interaction);
    return code;
}

static enum error_code read_pause(const struct reader *reader, struct interaction *interaction)
{
    const Interplay__Pause *pause = reader->within->pause;
    if (pause == NULL)
        return ERROR_NONE;
    if (!is_native(reader))
        return fail(reader, "pause", "needs a plan with config");
    if (!pause->has_after)
        return fail_missing(reader, "pause.after");
    interaction->pause_after = (uint16_t)pause->after;
    interaction->pause_class = pause->has_at ? (uint8_t)pause->at : PAUSE_STORAGE;
    return check_range(reader, "pause.after", pause->after, 1, UINT16_MAX);
}

static enum error_code read_fault(const struct reader *reader, struct interaction *interaction)
{
    const Interplay__Fault *fault = reader->within->fault;
    if (fault == NULL)
        return ERROR_NONE;
    if (!is_native(reader))
        return fail(reader, "fault", "needs a plan with config");
    if (!fault->has_kind)
        return fail_missing(reader, "fault.kind");
    uint32_t at = fault->has_at ? fault->at : 1;
    interaction->fault = (uint8_t)fault->kind;
    interaction->fault_at = (uint16_t)at;
    return check_range(reader, "fault.at", at, 1, UINT16_MAX);
}

static enum error_code read_interaction(struct reader *reader, struct interaction *interaction)
{
    if (!reader->within->has_task)
        return fail_missing(reader, "task");
    enum error_code code = check_range(reader, "task", reader->within->task, 0, reader->tasks - 1);
    interaction->task = (uint8_t)reader->within->task;
    if (code == ERROR_NONE)
        code = read_action(reader, interaction);
    if (code == ERROR_NONE)
        code = read_pause(reader, interaction);
    if (code == ERROR_NONE)
        code = read_fault(reader, interaction);
    return code;
}

static enum error_code read_interactions(struct reader *reader, const Interplay__Plan *message)
{
    size_t count = message->n_interactions;
    struct interaction *interactions = read_alloc(reader, count * sizeof *interactions);
    if (interactions == NULL)
        return ERROR_MEMORY;
    enum error_code code = ERROR_NONE;
    for (size_t i = 0; code == ERROR_NONE && i < count; i++) {
        interactions[i] = (struct interaction){0};
        reader->within = message->interactions[i];
        reader->index = i;
        code = read_interaction(reader, &interactions[i]);
    }
    reader->plan->interaction_count = count;
    reader->plan->interactions = interactions;
    return code;
}

/* --- documents ------------------------------------------------------------------------------- */

static enum error_code fail_config(const struct reader *reader, const struct plan_config_info *info,
                                   int32_t value)
{
    char place[48], expected[160];
    struct text text;
    (void)snprintf(place, sizeof place, "config.%s", info->name);
    text_init(&text, expected, sizeof expected);
    for (int i = 0; i < info->value_count; i++)
        text_append_format(&text, "%s%d", i == 0 ? "" : ", ", info->values[i].number);
    return fail(reader, place, "expected one of %s, found %" PRId32, expected, value);
}

static enum error_code read_config(struct reader *reader, const Interplay__Config *config)
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        uint8_t choice = 0;
        if (!protobuf_has(config, protobuf_config[field]))
            continue;
        int32_t value = (int32_t)protobuf_get(config, protobuf_config[field]);
        while (choice < info->value_count &&
               value != (info->is_word ? choice : info->values[choice].number))
            choice++;
        if (choice == info->value_count)
            return fail_config(reader, info, value);
        reader->plan->config.choice[field] = choice;
    }
    if (config->has_tasks)
        reader->tasks = plan_tasks(reader->plan);
    return ERROR_NONE;
}

static enum error_code read_origin(struct reader *reader, const Interplay__RecordedOn *message)
{
    if (message == NULL)
        return ERROR_NONE;
    if (!is_native(reader))
        return fail(reader, "recorded_on", "needs a plan with config");
    if (message->target == NULL || message->backend == NULL)
        return fail_missing(reader,
                            message->target == NULL ? "recorded_on.target" : "recorded_on.backend");
    struct plan_origin *origin = read_alloc(reader, sizeof *origin);
    if (origin == NULL)
        return ERROR_MEMORY;
    *origin = (struct plan_origin){message->target, message->backend};
    reader->plan->origin = origin;
    return ERROR_NONE;
}

static enum error_code read_plan(struct reader *reader, const Interplay__Plan *message)
{
    struct plan *plan = reader->plan;
    enum error_code code = ERROR_NONE;
    if (message->has_version && message->version != PROTOBUF_VERSION)
        return fail(reader, "version", "expected 1, the only version that is known, found %" PRIu32,
                    message->version);
    if (message->config != NULL) {
        plan->kind = PLAN_NATIVE;
        if (message->has_pool_size)
            return fail(reader, "pool_size", "only a plan without config has it");
        code = read_config(reader, message->config);
    } else {
        plan->kind = PLAN_MIDDLEWARE;
        plan->pool_size = PLAN_POOL_SIZE_DEFAULT;
        if (message->has_pool_size)
            plan->pool_size = message->pool_size;
        code = check_range(reader, "pool_size", plan->pool_size, 1, PLAN_POOL_SIZE_MAX);
    }
    if (code == ERROR_NONE)
        code = read_origin(reader, message->recorded_on);
    if (code == ERROR_NONE)
        code = read_interactions(reader, message);
    if (code != ERROR_NONE)
        return code; /* a plan by half may name actions that there are not */
    plan_settle_database(plan);
    if (message->config == NULL || !message->config->has_tasks)
        plan->config.choice[PLAN_CONFIG_tasks] = plan_tasks_choice(plan);
    return ERROR_NONE;
}

enum error_code protobuf_read(struct plan *ret_plan, struct arena *arena, const char *name,
                              const uint8_t *bytes, size_t size, struct error *error)
{
    struct plan plan = {0};
    struct reader reader = {.plan = &plan, .name = name, .error = error, .tasks = PLAN_TASKS_MAX};
    protobuf_memory_init(&reader.memory, arena);
    const Interplay__Plan *message = interplay__plan__unpack(&reader.memory.allocator, size, bytes);
    if (message == NULL && reader.memory.is_full)
        return interplay_error(error, ERROR_MEMORY,
                               "%s: the plan is too large for its %zu bytes of memory",
                               file_short_path(name), arena->capacity_bytes);
    if (message == NULL)
        return interplay_error(error, ERROR_INPUT,
                               "%s: expected a protobuf message interplay.Plan, found bytes that "
                               "are cut short or something else",
                               file_short_path(name));
    enum error_code code = protobuf_check(&message->base, name, error);
    if (code == ERROR_NONE)
        code = read_plan(&reader, message);
    if (code == ERROR_NONE)
        *ret_plan = plan;
    return code;
}
