/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the engine is told about a run besides its verdict: which edges of the code under test were
 * taken, and which states of src/run/feedback.h were seen. Works with every engine; where there is
 * none, nothing happens.
 */
#ifndef FUZZ_COVERAGE_H
#define FUZZ_COVERAGE_H

#include <stdbool.h>

/*
 * To be called after each run. libFuzzer reads the counters of feedback.h itself; for AFL++ they
 * are moved into its map, where they have places of their own, and its counts of edges become
 * "taken or not".
 */
void coverage_publish(void);

/*
 * True when the run took an edge, or came to a state, that none before it has in this process. To
 * be called after each run, before coverage_publish.
 */
bool coverage_is_new(void);

/* What was seen since the run began did not happen: the engine finds nothing new in this input. */
void coverage_forget(void);

#endif
