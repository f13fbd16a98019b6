/* SPDX-License-Identifier: Apache-2.0 */
/* The candidates that were run already: a set of 64-bit hashes of plans. */
#ifndef SHRINK_TRIED_H
#define SHRINK_TRIED_H

#include "plan/plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tried {
    uint64_t *hashes; /* 0: free */
    size_t count;
    size_t capacity; /* a power of two, or 0 */
};

/* Starts as {0}. False: it was in there already. */
bool tried_add(struct tried *tried, const struct plan *plan);
void tried_clean_up(struct tried *tried);

#endif
