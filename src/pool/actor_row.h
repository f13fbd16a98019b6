/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that outlive the call that read them: one block of memory each. */
#ifndef POOL_ACTOR_ROW_H
#define POOL_ACTOR_ROW_H

#include <interplay/value.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actor_row {
    uint32_t count;
    struct value columns[]; /* their bytes follow */
};

/* A growing list; zero is an empty one. */
struct actor_rows {
    struct actor_row **rows;
    size_t count, room;
};

/* Bytes that the values' texts and blobs need. */
size_t actor_values_size(const struct value *values, size_t count);

/* Copies values, their bytes to `bytes`; returns what lies behind these. */
char *actor_values_copy(struct value *ret_values, const struct value *values, size_t count,
                        char *bytes);

/* For free(); NULL: no memory. */
struct actor_row *actor_row_copy(const struct value *columns, uint32_t count);

/* False: no memory, the list is as it was. */
bool actor_rows_append(struct actor_rows *rows, const struct value *columns, uint32_t count);

void actor_rows_clean_up(struct actor_rows *rows);

#endif
