/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All paths of a stage with one fault each: each kind, in each step, at each opportunity that the
 * step gives it, and, where power is lost, with each way to lose it. Each has its number.
 */
#ifndef EXPLORE_FAULTS_H
#define EXPLORE_FAULTS_H

#include "explore/stage.h"

struct fault_slot {
    uint64_t first;  /* number of the first of its faults */
    uint64_t number; /* of the path, in the stage */
    uint32_t step;
    uint16_t opportunities;
    uint8_t kind;
    uint8_t seeds; /* ways, at each opportunity */
};

struct faults {
    const struct stage *stage;
    uint8_t first_seed; /* the scenario's */
    uint64_t total;
    size_t slot_count, slot_capacity;
    struct fault_slot *slots; /* on the heap */
};

void faults_init(struct faults *ret_faults, const struct stage *stage);
void faults_clean_up(struct faults *faults);

/* `seeds` counts only for a kind that loses power. */
void faults_add(struct faults *faults, uint64_t number, uint32_t step, enum fault_kind kind,
                uint16_t opportunities, uint32_t seeds);

/* Fault number `number`, below the total; returns the number of its path in the stage. */
uint64_t faults_at(const struct faults *faults, uint64_t number, struct path_fault *ret_fault);

#endif
