/* SPDX-License-Identifier: Apache-2.0 */
/* Yield points and faults of the versioned store. */
#include "sim/sim_call.h"
#include "store/store.h"

#define CALL(name) (1u << STORE_CALL_##name)

/* In which calls a fault can strike, and what they come to. */
static const struct sim_call_effect effects[FAULT_KIND_COUNT] = {
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

enum outcome store_cross(enum store_call call)
{
    world_yield(YIELD_backend_call);
    return sim_call_strike(effects, call);
}
