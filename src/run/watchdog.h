/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Code under test that spins, or waits for something that nobody simulates, makes no call through
 * which the simulation could end it: real time does. A timer of the process looks now and then
 * whether the plan that runs is the same as at its last look. No clock is read meanwhile.
 */
#ifndef RUN_WATCHDOG_H
#define RUN_WATCHDOG_H

#include "oracle/verdict.h"

#include <stdint.h>

/*
 * For how long a plan may run, 1 ms at least; process-wide, a minute unless set. A plan that runs
 * alone ends then, one of many at the latest after twice the time.
 */
void watchdog_set_limit(uint64_t limit_ms);

/*
 * Told of a plan that ran too long, on the stack of the code that it interrupts, anywhere: says so
 * somehow and ends the process. The verdict is a violation "timeout/ACTION".
 */
typedef void watchdog_fn(void *context, const struct verdict *verdict);

/* From now on, plans of this process are watched; not those of processes that it forks. */
void watchdog_begin(watchdog_fn *on_timeout, void *context);

#endif
