/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of faults: what plans order and what the simulated world decides on. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>

enum fault_kind {
    FAULT_NONE,
#define FAULT(number, name, meaning) FAULT_##name = (number),
#include "base/faults.def"
#undef FAULT
    FAULT_KIND_COUNT
};

struct fault_info {
    const char *name; /* "none" for FAULT_NONE */
    const char *meaning;
};
extern const struct fault_info fault_infos[FAULT_KIND_COUNT];

static inline bool fault_loses_power(enum fault_kind kind)
{
    return kind == FAULT_power_loss || kind == FAULT_sync_power_loss;
}

/* Strikes a request, and nothing else: see sim/requests.h. */
static inline bool fault_is_of_request(enum fault_kind kind)
{
    return kind == FAULT_request_drop || kind == FAULT_request_reorder ||
           kind == FAULT_partial_failure || kind == FAULT_partial_success;
}

#endif
