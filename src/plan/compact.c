/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compact form. A record's bytes:
 *   0  bits 0-2 task; bits 3-4 pause gate (a pause when both are set); bits 5-7 fault gate (a fault
 *   when all are)
 *   1  bits 0-4 action; bits 5-6 the pause's class
 *   2-5 argument fields, as fields.def places them
 *   6  the pause's count less 1
 *   7  bits 0-3 fault kind less 1 (modulo); bits 4-7 index of the opportunity
 * The gates make pauses and faults rare in random bytes: few, well-placed ones find the bugs.
 */
#include "plan/compact.h"

#include <string.h>

enum { PAUSE_GATE = 3, FAULT_GATE = 7, COMPACT_FORMAT = 0 };

static uint32_t compact_action_count(void)
{
    return ACTION_execute; /* document-only actions follow the compact ones in ops.def */
}

static void decode_config(struct plan_config *config, const uint8_t header[COMPACT_HEADER_BYTES])
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        config->choice[field] = (uint8_t)(header[info->byte] / info->divisor % info->value_count);
    }
}

static void decode_interaction(struct interaction *interaction, uint32_t tasks,
                               const uint8_t record[COMPACT_RECORD_BYTES])
{
    interaction->task = (uint8_t)((record[0] & 7u) % tasks);
    interaction->action = (uint8_t)((record[1] & 31u) % compact_action_count());
    const struct plan_action_info *info = &plan_action_infos[interaction->action];
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *place = &plan_field_infos[field];
        if (info->fields & (1u << field)) {
            uint32_t bits = (uint32_t)(record[place->byte] >> place->shift);
            interaction->arguments[field] =
                (uint8_t)((bits & ((1u << place->width) - 1)) % place->domain);
        }
    }
    plan_settle_sleep(interaction);
    if (((record[0] >> 3) & PAUSE_GATE) == PAUSE_GATE) {
        interaction->pause_class = (record[1] >> 5) & 3;
        interaction->pause_after = (uint16_t)(record[6] + 1);
    }
    if (record[0] >> 5 == FAULT_GATE) {
        interaction->fault = (uint8_t)((record[7] & 15) % (FAULT_KIND_COUNT - 1) + 1);
        interaction->fault_at = plan_fault_at_values[record[7] >> 4];
    }
}

void compact_decode(struct plan *plan, struct arena *arena, const uint8_t *bytes, size_t size)
{
    uint8_t header[COMPACT_HEADER_BYTES] = {0};
    size_t header_size = size < sizeof header ? size : sizeof header;
    if (header_size > 0)
        memcpy(header, bytes, header_size);
    *plan = (struct plan){.kind = PLAN_NATIVE};
    decode_config(&plan->config, header);

    size_t left = size - header_size;
    size_t count = (left + COMPACT_RECORD_BYTES - 1) / COMPACT_RECORD_BYTES;
    if (count > PLAN_INTERACTIONS_MAX)
        count = PLAN_INTERACTIONS_MAX;
    plan->interaction_count = count;
    plan->interactions = ARENA_ARRAY(arena, struct interaction, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t record[COMPACT_RECORD_BYTES] = {0};
        size_t offset = i * COMPACT_RECORD_BYTES;
        size_t here = left - offset < sizeof record ? left - offset : sizeof record;
        memcpy(record, bytes + header_size + offset, here);
        decode_interaction(&plan->interactions[i], plan_tasks(plan), record);
    }
}

/* The reason why the compact form cannot carry this interaction, or NULL. */
static const char *not_compact(const struct interaction *interaction)
{
    if (plan_action_infos[interaction->action].is_document)
        return "the compact form has no such action";
    if (interaction->expectation != NULL)
        return "the compact form has no expectations";
    if (interaction->action == ACTION_sleep &&
        interaction->sleep_ms != 1ull << interaction->arguments[FIELD_duration])
        return "the compact form sleeps for a power of two of milliseconds, 1 to 32768";
    if (interaction->pause_after > PLAN_PAUSE_MAX)
        return "the compact form pauses after 1 to 256 yield points";
    if (interaction->fault != FAULT_NONE) {
        for (int i = 0; i < PLAN_FAULT_AT_COUNT; i++)
            if (plan_fault_at_values[i] == interaction->fault_at)
                return NULL;
        return "the compact form has no such fault opportunity (1 to 8, 10, 12, 16, 20, 28, 40, "
               "64, 100)";
    }
    return NULL;
}

static void encode_config(const struct plan_config *config, uint8_t header[COMPACT_HEADER_BYTES])
{
    memset(header, 0, COMPACT_HEADER_BYTES);
    header[0] = COMPACT_FORMAT;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        header[info->byte] = (uint8_t)(header[info->byte] + config->choice[field] * info->divisor);
    }
}

static uint8_t fault_at_index(uint16_t at)
{
    uint8_t index = 0;
    while (plan_fault_at_values[index] != at)
        index++;
    return index;
}

static void encode_interaction(const struct interaction *interaction,
                               uint8_t record[COMPACT_RECORD_BYTES])
{
    memset(record, 0, COMPACT_RECORD_BYTES);
    record[0] = interaction->task;
    record[1] = plan_action_infos[interaction->action].number;
    for (int field = 0; field < FIELD_COUNT; field++) {
        const struct plan_field_info *place = &plan_field_infos[field];
        record[place->byte] |= (uint8_t)(interaction->arguments[field] << place->shift);
    }
    if (interaction->pause_after > 0) {
        record[0] |= PAUSE_GATE << 3;
        record[1] |= (uint8_t)(interaction->pause_class << 5);
        record[6] = (uint8_t)(interaction->pause_after - 1);
    }
    if (interaction->fault != FAULT_NONE) {
        record[0] |= FAULT_GATE << 5;
        record[7] =
            (uint8_t)((interaction->fault - 1) | fault_at_index(interaction->fault_at) << 4);
    }
}

enum error_code compact_encode(const struct plan *plan, uint8_t bytes[COMPACT_SIZE_MAX],
                               size_t *ret_size, struct error *error)
{
    if (!plan_kind(plan)->has_config)
        return interplay_error(
            error, ERROR_INPUT,
            "the compact form has no plans of sql-middleware's simulator: the plan "
            "needs a \"config\"");
    if (plan->interaction_count > PLAN_INTERACTIONS_MAX)
        return interplay_error(error, ERROR_INPUT,
                               "the compact form has at most %d interactions, the plan has %zu",
                               PLAN_INTERACTIONS_MAX, plan->interaction_count);
    for (size_t i = 0; i < plan->interaction_count; i++) {
        const char *reason = not_compact(&plan->interactions[i]);
        if (reason != NULL)
            return interplay_error(error, ERROR_INPUT, "interactions[%zu] (%s): %s", i,
                                   plan_action_infos[plan->interactions[i].action].name, reason);
    }
    encode_config(&plan->config, bytes);
    for (size_t i = 0; i < plan->interaction_count; i++)
        encode_interaction(&plan->interactions[i],
                           bytes + COMPACT_HEADER_BYTES + i * COMPACT_RECORD_BYTES);
    *ret_size = COMPACT_HEADER_BYTES + plan->interaction_count * COMPACT_RECORD_BYTES;
    return ERROR_NONE;
}
