/* SPDX-License-Identifier: Apache-2.0 */
/* Writing plans as protobuf: messages in the arena, packed by protobuf-c. */
#include "plan/protobuf.h"
#include "plan/protobuf_message.h"

/* All messages that an interaction may need. */
struct interaction_messages {
    Interplay__Interaction interaction;
    Interplay__Action action;
    Interplay__Pause pause;
    Interplay__Fault fault;
    Interplay__Expect expect;
    Interplay__ExpectError expect_error;
};

/* protobuf-c's structs hold texts as char * and do not write to them. */
static char *text_of(const char *text)
{
    union {
        const char *in;
        char *out;
    } cast = {.in = text};
    return cast.out;
}

static void fill_action(Interplay__Action *action, const struct interaction *interaction)
{
    interplay__action__init(action);
    action->has_type = 1;
    action->type = (Interplay__ActionType)plan_action_infos[interaction->action].number;
    action->sql = text_of(interaction->sql);
    action->has_ms = plan_action_has((enum plan_action)interaction->action, FIELD_duration);
    action->ms = interaction->sleep_ms;
    for (int field = 0; field < FIELD_COUNT; field++)
        if (field != FIELD_duration && interaction->arguments[field] != 0)
            protobuf_set(action, protobuf_fields[field], interaction->arguments[field]);
}

static void fill_pause_and_fault(struct interaction_messages *messages,
                                 const struct interaction *interaction)
{
    if (interaction->pause_after > 0) {
        interplay__pause__init(&messages->pause);
        messages->interaction.pause = &messages->pause;
        messages->pause.has_after = 1;
        messages->pause.after = interaction->pause_after;
        messages->pause.has_at = interaction->pause_class != PAUSE_STORAGE;
        messages->pause.at = (Interplay__PauseAt)interaction->pause_class;
    }
    if (interaction->fault != FAULT_NONE) {
        interplay__fault__init(&messages->fault);
        messages->interaction.fault = &messages->fault;
        messages->fault.has_kind = 1;
        messages->fault.kind = (Interplay__FaultKind)interaction->fault;
        messages->fault.has_at = interaction->fault_at != 1;
        messages->fault.at = interaction->fault_at;
    }
}

static void fill_expectation(struct interaction_messages *messages,
                             const struct plan_expectation *expectation)
{
    if (expectation->has_row_count || expectation->has_column_count || expectation->rows != NULL) {
        interplay__expect__init(&messages->expect);
        messages->interaction.expect = &messages->expect;
        messages->expect.has_row_count = expectation->has_row_count;
        messages->expect.row_count = expectation->row_count;
        messages->expect.has_column_count = expectation->has_column_count;
        messages->expect.column_count = expectation->column_count;
        messages->expect.rows = text_of(expectation->rows);
    }
    if (expectation->expects_error) {
        interplay__expect_error__init(&messages->expect_error);
        messages->interaction.expect_error = &messages->expect_error;
        messages->expect_error.contains = text_of(expectation->error_contains);
    }
}

static bool texts_are_utf8(const struct interaction *interaction)
{
    const struct plan_expectation *expectation = interaction->expectation;
    return (interaction->sql == NULL || protobuf_is_utf8(interaction->sql)) &&
           (expectation == NULL || expectation->rows == NULL ||
            protobuf_is_utf8(expectation->rows)) &&
           (expectation == NULL || !expectation->expects_error ||
            protobuf_is_utf8(expectation->error_contains));
}

static void fill_interaction(struct interaction_messages *messages,
                             const struct interaction *interaction)
{
    interplay__interaction__init(&messages->interaction);
    messages->interaction.has_task = 1;
    messages->interaction.task = interaction->task;
    messages->interaction.action = &messages->action;
    fill_action(&messages->action, interaction);
    fill_pause_and_fault(messages, interaction);
    if (interaction->expectation != NULL)
        fill_expectation(messages, interaction->expectation);
}

static void fill_config(Interplay__Config *config, const struct plan_config *choices)
{
    interplay__config__init(config);
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        uint8_t choice = choices->choice[field];
        if (choice != 0)
            protobuf_set(config, protobuf_config[field],
                         info->is_word ? choice : (uint32_t)info->values[choice].number);
    }
}

/* False: its texts are not UTF-8. */
static bool fill_origin(Interplay__Plan *message, Interplay__RecordedOn *recorded_on,
                        const struct plan_origin *origin)
{
    if (origin == NULL)
        return true;
    interplay__recorded_on__init(recorded_on);
    recorded_on->target = text_of(origin->target);
    recorded_on->backend = text_of(origin->backend);
    message->recorded_on = recorded_on;
    return protobuf_is_utf8(origin->target) && protobuf_is_utf8(origin->backend);
}

static enum error_code pack(const Interplay__Plan *message, struct protobuf_memory *memory,
                            uint8_t **ret_bytes, size_t *ret_size)
{
    size_t size = interplay__plan__get_packed_size(message);
    uint8_t *bytes = memory->allocator.alloc(memory, size);
    if (bytes == NULL)
        return ERROR_MEMORY;
    *ret_size = interplay__plan__pack(message, bytes);
    *ret_bytes = bytes;
    return ERROR_NONE;
}

enum error_code protobuf_write(const struct plan *plan, struct arena *arena, uint8_t **ret_bytes,
                               size_t *ret_size)
{
    Interplay__Plan message;
    Interplay__Config config;
    Interplay__RecordedOn recorded_on;
    struct protobuf_memory memory;
    size_t count = plan->interaction_count;
    protobuf_memory_init(&memory, arena);
    interplay__plan__init(&message);
    struct interaction_messages *messages =
        memory.allocator.alloc(&memory, count * sizeof *messages);
    message.interactions = memory.allocator.alloc(&memory, count * sizeof *message.interactions);
    if (messages == NULL || message.interactions == NULL)
        return ERROR_MEMORY;
    message.n_interactions = count;
    message.has_version = 1;
    message.version = PROTOBUF_VERSION;
    switch (plan->kind) {
    case PLAN_NATIVE:
        fill_config(&config, &plan->config);
        message.config = &config;
        if (!fill_origin(&message, &recorded_on, plan->origin))
            return ERROR_INPUT;
        break;
    case PLAN_MIDDLEWARE:
        message.has_pool_size = plan->pool_size != PLAN_POOL_SIZE_DEFAULT;
        message.pool_size = plan->pool_size;
        break;
    }
    for (size_t i = 0; i < count; i++) {
        if (!texts_are_utf8(&plan->interactions[i]))
            return ERROR_INPUT;
        fill_interaction(&messages[i], &plan->interactions[i]);
        message.interactions[i] = &messages[i].interaction;
    }
    return pack(&message, &memory, ret_bytes, ret_size);
}
