/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Faults in the calls of a backend that has no storage: which of its calls a kind of fault can
 * strike in, and what they come to, is a table of the backend's.
 */
#ifndef SIM_SIM_CALL_H
#define SIM_SIM_CALL_H

#include "base/fault.h"

#include <interplay/backend.h>

/* The kinds that it has no row for never strike. */
struct sim_call_effect {
    uint32_t calls; /* a bit set */
    enum outcome outcome;
};

/*
 * In a call, of the number `call`: OUTCOME_OK, or how it fails. OUTCOME_DIED: the process that
 * makes it is dead. Is no yield point itself.
 */
enum outcome sim_call_strike(const struct sim_call_effect effects[FAULT_KIND_COUNT], uint32_t call);

#endif
