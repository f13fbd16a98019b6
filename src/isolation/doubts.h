/* SPDX-License-Identifier: Apache-2.0 */
/* Whose commit is in doubt: it happened if somebody who counts saw it, otherwise that is open. */
#ifndef ISOLATION_DOUBTS_H
#define ISOLATION_DOUBTS_H

#include "isolation/judge.h"

enum { DOUBTS_MAX = 8 };

struct doubts {
    uint32_t open[DOUBTS_MAX], count;
};

/*
 * Copies the history's transactions, those that were seen as committed, unless the level lets
 * anybody read what is rolled back (`reads_matter` is false). False: too many are open.
 */
bool doubts_resolve(const struct isolation_history *history, bool reads_matter, struct arena *arena,
                    struct isolation_transaction *ret_transactions, struct doubts *ret_doubts);

#endif
