/* SPDX-License-Identifier: Apache-2.0 */
/* Numbering faults. */
#include "explore/faults.h"

#include "base/assert.h"
#include "explore/count.h"

#include <stdlib.h>

void faults_init(struct faults *ret_faults, const struct stage *stage)
{
    *ret_faults = (struct faults){
        .stage = stage,
        .first_seed = stage->steps->plan.config.choice[PLAN_CONFIG_loss_seed],
    };
}

void faults_clean_up(struct faults *faults)
{
    free(faults->slots);
    *faults = (struct faults){0};
}

void faults_add(struct faults *faults, uint64_t number, uint32_t step, enum fault_kind kind,
                uint16_t opportunities, uint32_t seeds)
{
    if (faults->slot_count == faults->slot_capacity) {
        faults->slot_capacity = faults->slot_capacity == 0 ? 64 : 2 * faults->slot_capacity;
        faults->slots = realloc(faults->slots, faults->slot_capacity * sizeof *faults->slots);
        ASSERT(faults->slots != NULL);
    }
    const struct fault_slot slot = {
        .first = faults->total,
        .number = number,
        .step = step,
        .opportunities = opportunities,
        .kind = (uint8_t)kind,
        .seeds = fault_loses_power(kind) ? (uint8_t)seeds : 1,
    };
    faults->slots[faults->slot_count++] = slot;
    faults->total = count_add(faults->total, (uint64_t)slot.opportunities * slot.seeds);
}

uint64_t faults_at(const struct faults *faults, uint64_t number, struct path_fault *ret_fault)
{
    ASSERT(number < faults->total);
    const struct fault_slot *slot =
        &faults
             ->slots[count_find(&faults->slots[0].first, sizeof *slot, faults->slot_count, number)];
    uint64_t within = number - slot->first;
    uint32_t seeds = plan_config_infos[PLAN_CONFIG_loss_seed].value_count;
    *ret_fault = (struct path_fault){
        .kind = slot->kind,
        .step = slot->step,
        .at = (uint16_t)(within / slot->seeds + 1),
        .loss_seed = (uint8_t)((faults->first_seed + within % slot->seeds) % seeds),
    };
    return slot->number;
}
