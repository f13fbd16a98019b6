/* SPDX-License-Identifier: Apache-2.0 */
/* Blanks and comments of SQL, for dialects whose comments stand within comments. */
#ifndef BASE_BLANK_H
#define BASE_BLANK_H

/* Where something else begins, or the zero byte. */
const char *blank_skip(const char *next);

#endif
