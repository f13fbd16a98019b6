/* SPDX-License-Identifier: Apache-2.0 */
/* The table of oracles, and who reads what. */
#include "oracle/oracles.h"

#include <string.h>

#define ORACLE(name, ...) extern const struct oracle_ops oracle_##name##_ops;
#include "oracle/oracles.def"
#undef ORACLE

const struct oracle oracle_table[ORACLE_COUNT] = {
#define ORACLE(name, signatures, claim, needs, events)                                             \
    {#name, signatures, claim, needs, events, &oracle_##name##_ops},
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
    if (setting->promises->one_writer)
        met |= ORACLE_NEEDS_ONE_WRITER;
    return met;
}

void oracles_begin(struct oracles *oracles, const struct oracle_setting *setting)
{
    uint32_t met = met_needs(setting);
    memset(oracles->readers, 0, sizeof oracles->readers);
    for (uint32_t i = 0; i < ORACLE_COUNT; i++) {
        const struct oracle *oracle = &oracle_table[i];
        if ((oracle->needs & ~met) != 0)
            continue;
        void *state = arena_alloc(setting->arena, oracle->ops->state_bytes);
        if (oracle->ops->begin != NULL)
            oracle->ops->begin(state, setting);
        oracles->begun[i].on_event = oracle->ops->on_event;
        oracles->begun[i].state = state;
        for (uint64_t left = oracle->events; left != 0; left &= left - 1)
            oracles->readers[__builtin_ctzll(left)] |= 1u << i;
    }
}

void oracles_explain(const struct oracles *oracles, const struct event *event,
                     struct explanation *explanation)
{
    for (uint32_t left = oracles->readers[event->kind]; left != 0; left &= left - 1) {
        uint32_t i = (uint32_t)__builtin_ctz(left);
        if (oracle_table[i].ops->explain != NULL && !explanation->is_known)
            oracle_table[i].ops->explain(oracles->begun[i].state, event, explanation);
    }
}
