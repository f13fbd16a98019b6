/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ASSERT: an invariant of the harness itself, always checked. It aborts; it is never used for what
 * the system under test did (that is a verdict) or for what a user gave us (that is a `struct
 * error`).
 */
#ifndef BASE_ASSERT_H
#define BASE_ASSERT_H

_Noreturn void assert_failed(const char *expression, const char *file, int line);

#define ASSERT(expression) ((expression) ? (void)0 : assert_failed(#expression, __FILE__, __LINE__))

#endif
