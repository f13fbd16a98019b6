/* SPDX-License-Identifier: Apache-2.0 */
/* The names of columns as a reply has them. */
#ifndef STACK_COLUMN_NAMES_H
#define STACK_COLUMN_NAMES_H

#include <interplay/stack.h>

/* "k,v,p"; "" where they do not fit, or one of them is NULL. */
void stack_join_names(const char *const *names, uint32_t count, char ret_joined[STACK_NAMES_BYTES]);

#endif
