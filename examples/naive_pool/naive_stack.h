/* SPDX-License-Identifier: Apache-2.0 */
/* The pool as Interplay drives it. */
#ifndef NAIVE_STACK_H
#define NAIVE_STACK_H

#include <interplay/stack.h>

extern const struct stack_ops naive_stack;

#endif
