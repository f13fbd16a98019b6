/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/sim_call.h"

#include "sim/world.h"

static enum outcome offer_fault(const struct sim_call_effect *effect, enum fault_kind kind,
                                uint32_t call)
{
    if (!(effect->calls >> call & 1u) || !world_fault_due(kind))
        return OUTCOME_OK;
    if (kind == FAULT_latency)
        world_sleep(WORLD_LATENCY_NS);
    return effect->outcome;
}

enum outcome sim_call_strike(const struct sim_call_effect effects[FAULT_KIND_COUNT], uint32_t call)
{
    if (world->current == NULL)
        return OUTCOME_OK;
    enum outcome outcome = OUTCOME_OK;
    const struct world_fault *fault = world_current_fault();
    if (__builtin_expect(fault != NULL && fault->kind != FAULT_NONE, 0))
        outcome = offer_fault(&effects[fault->kind], fault->kind, call);
    return world->current->dead ? OUTCOME_DIED : outcome;
}
