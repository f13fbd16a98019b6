/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as texts, for people and for what plans expect. */
#ifndef RUN_ROWS_H
#define RUN_ROWS_H

#include "base/text.h"

#include <interplay/value.h>

#include <stdint.h>

/* Appends a row as plans write what they expect: values as SQL writes them, "1|'a'|NULL". */
void run_append_row(struct text *text, const struct value *columns, uint32_t count);

#endif
