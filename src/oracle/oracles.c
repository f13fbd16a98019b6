/* SPDX-License-Identifier: Apache-2.0 */
/* The table of oracles, and who reads what. */
#include "oracle/oracles.h"

#include <inttypes.h>
#include <string.h>

#define ORACLE(name, ...) extern const struct oracle_ops oracle_##name##_ops;
#include "oracle/oracles.def"
#undef ORACLE

const struct oracle oracle_table[ORACLE_COUNT] = {
#define ORACLE(name, signatures, needs, claim)                                                     \
    {#name, signatures, needs, claim, &oracle_##name##_ops},
#include "oracle/oracles.def"
#undef ORACLE
};

static uint32_t met_needs(const struct oracle_setting *setting)
{
    uint32_t met = ORACLE_NEEDS_NOTHING;
    if (setting->has_model)
        met |= ORACLE_NEEDS_MODEL;
    if (plan_kind(setting->plan)->is_prepared)
        met |= ORACLE_NEEDS_PREPARED;
    if (setting->promises->commit_order_is_known)
        met |= ORACLE_NEEDS_COMMIT_ORDER;
    if (setting->promises->one_writer)
        met |= ORACLE_NEEDS_ONE_WRITER;
    if (setting->promises->locks_rows)
        met |= ORACLE_NEEDS_ROW_LOCKS;
    if (setting->isolation != NULL)
        met |= ORACLE_NEEDS_ISOLATION;
    if (setting->hears_commits)
        met |= ORACLE_NEEDS_HEARING;
    if (setting->has_properties)
        met |= ORACLE_NEEDS_PROPERTY;
    if (setting->is_pooled)
        met |= ORACLE_NEEDS_POOL;
    if (oracle_waits_when_busy(setting))
        met |= ORACLE_NEEDS_BUSY_TIMEOUT;
    if (setting->traits & STACK_BOUNDS_OVERTAKING)
        met |= ORACLE_NEEDS_QUEUE;
    if (oracle_knows_log_limit(setting))
        met |= ORACLE_NEEDS_LOG_LIMIT;
    return met;
}

static uint32_t active_in(const struct oracle_setting *setting)
{
    uint32_t met = met_needs(setting), active = 0;
    for (uint32_t i = 0; i < ORACLE_COUNT; i++)
        if ((oracle_table[i].needs & ~met) == 0)
            active |= 1u << i;
    return active;
}

static void add_readers(struct oracles *oracles, uint32_t number)
{
    const struct oracle_handler *next = oracle_table[number].ops->handlers;
    for (; next->on_event != NULL; next++)
        oracles->readers[next->kind][oracles->reader_count[next->kind]++] =
            (struct oracle_reader){next->on_event, number};
}

static void make_readers(struct oracles *oracles)
{
    memset(oracles->reader_count, 0, sizeof oracles->reader_count);
    for (uint32_t left = oracles->active; left != 0; left &= left - 1)
        add_readers(oracles, (uint32_t)__builtin_ctz(left));
}

void oracles_begin(struct oracles *oracles, const struct oracle_setting *setting)
{
    uint32_t active = active_in(setting);
    if (oracles->active != active) {
        oracles->active = active;
        make_readers(oracles);
    }
    for (uint32_t left = active; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        const struct oracle_ops *ops = oracle_table[i].ops;
        oracles->states[i] = arena_alloc(setting->arena, ops->state_bytes);
        if (ops->begin != NULL)
            ops->begin(oracles->states[i], setting);
    }
}

void oracles_explain(const struct oracles *oracles, const struct event *event,
                     struct explanation *explanation)
{
    for (uint32_t left = oracles->active; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        if (oracle_table[i].ops->explain != NULL && !explanation->is_known)
            oracle_table[i].ops->explain(oracles->states[i], event, explanation);
    }
}

/* --- those that have ended -------------------------------------------------------------------- */

void oracles_find_ends(const struct oracles *oracles, struct oracle_ends *ret_ends)
{
    ret_ends->count = 0;
    for (uint32_t left = oracles->active; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        const struct oracle_ops *ops = oracle_table[i].ops;
        const struct oracle_end *end = ops->end == NULL ? NULL : ops->end(oracles->states[i]);
        if (end == NULL || !oracle_has_ended(end) || end->why[0] == '\0')
            continue;
        ret_ends->ends[ret_ends->count].name = oracle_table[i].name;
        ret_ends->ends[ret_ends->count++].end = *end;
    }
}

static bool is_same_end(const struct oracle_ends *ends, uint32_t left, uint32_t right)
{
    const struct oracle_end *one = &ends->ends[left].end, *other = &ends->ends[right].end;
    return one->interaction == other->interaction && strcmp(one->why, other->why) == 0;
}

void oracle_ends_describe(const struct oracle_ends *ends, struct text *text)
{
    uint32_t told = 0; /* a bit set */
    for (uint32_t i = 0; i < ends->count; i++) {
        if (told >> i & 1u)
            continue;
        text_append_format(text, "%s%s", i == 0 ? "" : "; ", ends->ends[i].name);
        for (uint32_t k = i + 1; k < ends->count; k++) {
            if (!is_same_end(ends, i, k))
                continue;
            text_append_format(text, ", %s", ends->ends[k].name);
            told |= 1u << k;
        }
        const struct oracle_end *end = &ends->ends[i].end;
        if (end->interaction == EVENT_AT_END)
            text_append_format(text, " after the last step: %s", end->why);
        else
            text_append_format(text, " from step %" PRIu32 ": %s", end->interaction, end->why);
    }
}
