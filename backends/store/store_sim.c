/* SPDX-License-Identifier: Apache-2.0 */
/* Yield points and faults of the versioned store. */
#include "store/store.h"

#define CALL(name) (1u << STORE_CALL_##name)

/* In which calls a fault can strike, and what they come to. */
static const struct effect {
    uint32_t calls;
    enum outcome outcome;
} effects[FAULT_KIND_COUNT] = {
    [FAULT_io_open] = {CALL(CONNECT), OUTCOME_CANNOT_OPEN},
    [FAULT_io_write] = {CALL(COMMIT), OUTCOME_IO_ERROR},
    [FAULT_busy] = {CALL(STEP), OUTCOME_BUSY},
    [FAULT_no_memory] = {CALL(CONNECT) | CALL(PREPARE) | CALL(STEP), OUTCOME_NO_MEMORY},
    [FAULT_process_death] = {CALL(CONNECT) | CALL(PREPARE) | CALL(STEP) | CALL(COMMIT),
                             OUTCOME_DIED},
    /* The runner cancels, and the step sees that. */
    [FAULT_interrupt] = {CALL(STEP), OUTCOME_OK},
    [FAULT_latency] = {CALL(STEP) | CALL(COMMIT), OUTCOME_OK},
};

static enum outcome offer_fault(enum fault_kind kind, enum store_call call)
{
    const struct effect *effect = &effects[kind];
    if (!(effect->calls >> call & 1u) || !world_fault_due(kind))
        return OUTCOME_OK;
    if (kind == FAULT_latency)
        world_sleep(WORLD_LATENCY_NS);
    return effect->outcome;
}

enum outcome store_cross(enum store_call call)
{
    world_yield(YIELD_backend_call);
    if (world->current == NULL)
        return OUTCOME_OK;
    enum outcome outcome = OUTCOME_OK;
    const struct world_fault *fault = world_current_fault();
    if (__builtin_expect(fault != NULL && fault->kind != FAULT_NONE, 0))
        outcome = offer_fault(fault->kind, call);
    return world->current->dead ? OUTCOME_DIED : outcome;
}
