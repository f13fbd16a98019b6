/* SPDX-License-Identifier: Apache-2.0 */
/* What world.c and outside.c share; nobody else includes it. */
#ifndef SIM_WORLD_INTERNAL_H
#define SIM_WORLD_INTERNAL_H

#include "sim/outside.h"

/* After a coroutine has sent something: until it is known what becomes of each line that owes. */
void outside_look(void);

/* Makes those ready whose line is answered, and those whose deadline has passed. */
void world_make_answered_ready(void);

/* The running task waits for the line, which owes an answer. */
void world_stop_outside(struct outside *line, uint64_t deadline_ns);

#endif
