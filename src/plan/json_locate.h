/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where in a JSON text a value stands. jansson tells places for syntax errors only; for everything
 * that is found wrong later, the way to the value is walked again over the text that already
 * parsed. The way is given by counting (third member, first element, ...), so keys need not be
 * compared.
 */
#ifndef PLAN_JSON_LOCATE_H
#define PLAN_JSON_LOCATE_H

#include <stddef.h>

enum json_locate_what { JSON_LOCATE_VALUE, JSON_LOCATE_KEY };

/*
 * Offset of the value, or of the key before it, that one reaches from the outermost value by taking
 * member or element ordinals[0], in it ordinals[1], and so on; 0 for the outermost. `text` is valid
 * JSON; where it is not, some offset within it is returned.
 */
size_t json_locate(const char *text, size_t length, const size_t *ordinals, size_t depth,
                   enum json_locate_what what);

/* Line and column of an offset, from 1; columns count characters of UTF-8, not bytes. */
void json_line_column(const char *text, size_t length, size_t offset, size_t *ret_line,
                      size_t *ret_column);

#endif
