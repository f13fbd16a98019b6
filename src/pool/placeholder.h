/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Placeholders: ?1, ?2, ... as a dialect writes them ($1 in PostgreSQL, @p1 in SQL Server). What
 * stands in quotes or in comments is no placeholder, and neither is a question mark without a
 * number.
 */
#ifndef POOL_PLACEHOLDER_H
#define POOL_PLACEHOLDER_H

#include <interplay/backend.h>

#include <stdbool.h>
#include <stddef.h>

/* False: texts can be handed over as they are. */
bool placeholder_needs_translation(enum dialect dialect);

/*
 * Writes the translation with a terminator, as much of it as fits, and returns its whole length
 * without the terminator, like snprintf.
 */
size_t placeholder_translate(enum dialect dialect, const char *sql, char *text, size_t capacity);

#endif
