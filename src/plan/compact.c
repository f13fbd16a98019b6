/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compact form. The header's bytes:
 *   0       format, 2; not read
 *   1       the database's number; 0: whichever runs it. Read where that is not known
 *   2-15    settings that all databases share, each where config.def places it
 *   16-31   settings of the plan's database, each where its table places it
 * A record's bytes:
 *   0       bits 0-2 task; bits 3-4 pause gate (a pause when both are set); bits 5-7 fault gate (a
 *           fault when all are)
 *   1       action: a wire number, or, where that is none of the database's, modulo how many it has
 *   2-7     arguments, as fields.def places them; a choice of 32 bits has room in 4-7
 *   8       the pause's count less 1
 *   9       the pause's class
 *   10      fault kind less 1
 *   11      index of the fault's opportunity
 * The gates make pauses and faults rare in random bytes: few, well-placed ones find the bugs.
 */
#include "plan/compact.h"

#include <string.h>

enum { PAUSE_GATE = 3, FAULT_GATE = 7, COMPACT_FORMAT = 2 };
enum { BYTE_FORMAT = 0, BYTE_DATABASE = 1 };
enum { BYTE_PAUSE_COUNT = 8, BYTE_PAUSE_CLASS, BYTE_FAULT_KIND, BYTE_FAULT_AT };

/* --- actions --------------------------------------------------------------------------------- */

/* What a plan draws its actions from. */
struct palette {
    enum plan_database database;
    uint32_t count; /* 0: not made yet */
    uint8_t actions[ACTION_COUNT];
};

/* By wire number, 1 more than the action; 0: none. */
static const uint8_t numbered[UINT8_MAX + 1] = {
#define OP(number, name, fields, meaning, ...) [number] = ACTION_##name + 1,
#include "plan/actions.def"
};

static bool is_on(const struct palette *palette, uint8_t action)
{
    const struct plan_action_info *info = &plan_action_infos[action];
    return !info->is_document &&
           (info->database == DATABASE_ALL || info->database == palette->database);
}

/* Made when it is needed first: the bytes of a canonical plan need none. */
static void make_palette(struct palette *palette)
{
    uint8_t all[ACTION_COUNT];
    uint32_t count = plan_list_actions(palette->database, all);
    for (uint32_t i = 0; i < count; i++)
        if (is_on(palette, all[i]))
            palette->actions[palette->count++] = all[i];
}

static uint8_t decode_action(struct palette *palette, uint8_t byte)
{
    if (numbered[byte] != 0 && is_on(palette, (uint8_t)(numbered[byte] - 1)))
        return (uint8_t)(numbered[byte] - 1);
    if (palette->count == 0)
        make_palette(palette);
    return palette->actions[byte % palette->count];
}

/* --- decoding -------------------------------------------------------------------------------- */

static bool is_configured(const struct plan_config_info *info, enum plan_database database)
{
    return info->database == DATABASE_ALL || info->database == database;
}

static void decode_config(struct plan *plan, const uint8_t header[COMPACT_HEADER_BYTES])
{
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (is_configured(info, plan->database))
            plan->config.choice[field] = header[info->byte] % info->value_count;
    }
}

static void decode_interaction(struct interaction *interaction, uint32_t tasks,
                               struct palette *palette, const uint8_t record[COMPACT_RECORD_BYTES])
{
    interaction->task = (uint8_t)((record[0] & 7u) % tasks);
    interaction->action = decode_action(palette, record[1]);
    uint64_t fields = plan_action_infos[interaction->action].fields;
    for (; fields != 0; fields &= fields - 1) {
        int field = __builtin_ctzll(fields);
        const struct plan_field_info *place = &plan_field_infos[field];
        uint32_t bits = (uint32_t)(record[place->byte] >> place->shift);
        interaction->arguments[field] =
            (uint8_t)((bits & ((1u << place->width) - 1)) % place->domain);
    }
    plan_settle_sleep(interaction);
    if (((record[0] >> 3) & PAUSE_GATE) == PAUSE_GATE) {
        interaction->pause_class = record[BYTE_PAUSE_CLASS] % PAUSE_CLASS_COUNT;
        interaction->pause_after = (uint16_t)(record[BYTE_PAUSE_COUNT] + 1);
    }
    if (record[0] >> 5 == FAULT_GATE) {
        interaction->fault = (uint8_t)(record[BYTE_FAULT_KIND] % (FAULT_KIND_COUNT - 1) + 1);
        interaction->fault_at = plan_fault_at_values[record[BYTE_FAULT_AT] % PLAN_FAULT_AT_COUNT];
    }
}

void compact_decode(struct plan *plan, struct arena *arena, const uint8_t *bytes, size_t size,
                    enum plan_database database)
{
    uint8_t header[COMPACT_HEADER_BYTES] = {0};
    size_t header_size = size < sizeof header ? size : sizeof header;
    if (header_size > 0)
        memcpy(header, bytes, header_size);
    if (database == DATABASE_ALL)
        database = plan_database_numbered(header[BYTE_DATABASE]);
    *plan = (struct plan){.kind = PLAN_NATIVE, .database = database};
    decode_config(plan, header);

    size_t left = size - header_size;
    size_t count = (left + COMPACT_RECORD_BYTES - 1) / COMPACT_RECORD_BYTES;
    if (count > PLAN_INTERACTIONS_MAX)
        count = PLAN_INTERACTIONS_MAX;
    struct palette palette = {.database = database};
    plan->interaction_count = count;
    plan->interactions = ARENA_ARRAY(arena, struct interaction, count);
    for (size_t i = 0; i < count; i++) {
        uint8_t record[COMPACT_RECORD_BYTES] = {0};
        size_t offset = i * COMPACT_RECORD_BYTES;
        size_t here = left - offset < sizeof record ? left - offset : sizeof record;
        memcpy(record, bytes + header_size + offset, here);
        decode_interaction(&plan->interactions[i], plan_tasks(plan), &palette, record);
    }
}

/* --- encoding -------------------------------------------------------------------------------- */

/* The reason why the compact form cannot carry this interaction, or NULL. */
static const char *not_compact(const struct interaction *interaction, enum plan_database database)
{
    const struct palette palette = {.database = database};
    if (plan_action_infos[interaction->action].is_document)
        return "the compact form has no such action";
    if (!is_on(&palette, interaction->action))
        return "only another database has this action";
    if (interaction->expectation != NULL)
        return "the compact form has no expectations";
    if (plan_action_has((enum plan_action)interaction->action, FIELD_duration) &&
        interaction->sleep_ms != 1ull << interaction->arguments[FIELD_duration])
        return "the compact form sleeps for a power of two of milliseconds, 1 to 524288";
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

static void encode_config(const struct plan *plan, uint8_t header[COMPACT_HEADER_BYTES])
{
    memset(header, 0, COMPACT_HEADER_BYTES);
    header[BYTE_FORMAT] = COMPACT_FORMAT;
    header[BYTE_DATABASE] = plan_database_infos[plan->database].number;
    for (int field = 0; field < PLAN_CONFIG_COUNT; field++) {
        const struct plan_config_info *info = &plan_config_infos[field];
        if (is_configured(info, plan->database))
            header[info->byte] = plan->config.choice[field];
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
        record[BYTE_PAUSE_COUNT] = (uint8_t)(interaction->pause_after - 1);
        record[BYTE_PAUSE_CLASS] = interaction->pause_class;
    }
    if (interaction->fault != FAULT_NONE) {
        record[0] |= FAULT_GATE << 5;
        record[BYTE_FAULT_KIND] = (uint8_t)(interaction->fault - 1);
        record[BYTE_FAULT_AT] = fault_at_index(interaction->fault_at);
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
        const char *reason = not_compact(&plan->interactions[i], plan->database);
        if (reason != NULL)
            return interplay_error(error, ERROR_INPUT, "interactions[%zu] (%s): %s", i,
                                   plan_action_infos[plan->interactions[i].action].name, reason);
    }
    encode_config(plan, bytes);
    for (size_t i = 0; i < plan->interaction_count; i++)
        encode_interaction(&plan->interactions[i],
                           bytes + COMPACT_HEADER_BYTES + i * COMPACT_RECORD_BYTES);
    *ret_size = COMPACT_HEADER_BYTES + plan->interaction_count * COMPACT_RECORD_BYTES;
    return ERROR_NONE;
}
