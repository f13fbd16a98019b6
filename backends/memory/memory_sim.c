/* SPDX-License-Identifier: Apache-2.0 */
/* Yield points and faults of the memory backend. */
#include "memory/memory_sim.h"

#include "sim/sim_call.h"
#include "sim/world.h"

#define CALL(name) (1u << MEMORY_##name)
static const uint32_t any_call = ~CALL(RELEASE);

/* In which calls a fault can strike, and what they come to. The others never strike here. */
static const struct sim_call_effect effects[FAULT_KIND_COUNT] = {
    [FAULT_io_open] = {CALL(CONNECT), OUTCOME_CANNOT_OPEN},
    [FAULT_io_lock] = {CALL(BEGIN) | CALL(READ) | CALL(WRITE), OUTCOME_IO_ERROR},
    [FAULT_io_shm] = {CALL(BEGIN) | CALL(READ) | CALL(WRITE), OUTCOME_IO_ERROR},
    [FAULT_io_read] = {CALL(READ) | CALL(ROW), OUTCOME_IO_ERROR},
    [FAULT_short_read] = {CALL(READ) | CALL(ROW), OUTCOME_IO_ERROR},
    [FAULT_io_write] = {CALL(WRITE) | CALL(COMMIT), OUTCOME_IO_ERROR},
    [FAULT_disk_full] = {CALL(WRITE) | CALL(COMMIT), OUTCOME_FULL},
    [FAULT_io_sync] = {CALL(SYNC), OUTCOME_IO_ERROR},
    [FAULT_io_truncate] = {CALL(SYNC), OUTCOME_IO_ERROR},
    [FAULT_io_delete] = {CALL(SYNC), OUTCOME_IO_ERROR},
    [FAULT_busy] = {CALL(BEGIN) | CALL(READ) | CALL(WRITE) | CALL(COMMIT) | CALL(ROLLBACK),
                    OUTCOME_BUSY},
    [FAULT_no_memory] = {CALL(CONNECT) | CALL(PREPARE) | CALL(BEGIN) | CALL(READ) | CALL(ROW) |
                             CALL(WRITE) | CALL(COMMIT),
                         OUTCOME_NO_MEMORY},
    [FAULT_process_death] = {any_call, OUTCOME_DIED},
    /* The runner cancels, and the step sees that. */
    [FAULT_interrupt] = {any_call, OUTCOME_OK},
    [FAULT_latency] = {any_call, OUTCOME_OK},
};

enum outcome memory_sim_cross(enum memory_call call)
{
    if (call != MEMORY_SYNC)
        world_yield(YIELD_backend_call);
    return sim_call_strike(effects, call);
}
