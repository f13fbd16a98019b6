/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pool's statements for calls whose SQL is known: made when a text is first seen, kept as long
 * as the process lives, because pools keep statements prepared by their address.
 */
#ifndef STACK_KNOWN_STATEMENTS_H
#define STACK_KNOWN_STATEMENTS_H

#include <interplay/pool.h>
#include <interplay/stack.h>

/* NULL: the call is ad hoc. */
const struct read_statement *known_read_statement(const struct stack_call *call);
const struct write_statement *known_write_statement(const struct stack_call *call);

enum { KNOWN_BATCH_MAX = 64 };

/* The items of a batch of known writing calls; their parameters stay the calls'. */
void known_batch(const struct stack_call *calls, uint32_t count,
                 struct batch_item ret_items[KNOWN_BATCH_MAX]);

#endif
