/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stack that lies: whatever it is asked, it answers at random, drawn from what it was asked
 * before and from nothing else; now and then what it was asked is really done. It keeps the C of
 * stack.h (texts end, pointers point somewhere, a lease that was given out is one), and no other
 * promise. For fuzzing the runner and the oracles.
 */
#ifndef FUZZ_LYING_STACK_H
#define FUZZ_LYING_STACK_H

#include <interplay/stack.h>

#include <stdbool.h>

extern const struct stack_ops lying_stack;
/* As little as a stack can have; and streams that are statements of the lease's connection. */
extern const struct stack_ops lying_stack_plain, lying_stack_cursors;

/* Before each plan: what it draws does not depend on the plans before. */
void lying_stack_reset(void);

/* Planted: it gives locks back that it does not hold, which no lie about outcomes explains. */
extern bool lying_stack_misuses_locks;

/* Planted: it never comes back from a statement, and makes no call meanwhile. */
extern bool lying_stack_spins;

/* It meets limits of the harness: those plans are not judged. */
extern bool lying_stack_meets_limits;

#endif
