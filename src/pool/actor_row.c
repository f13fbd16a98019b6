/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of values and rows. */
#include "pool/actor_row.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 16 };

static bool has_bytes(const struct value *value)
{
    return (value->kind == VALUE_TEXT || value->kind == VALUE_BLOB) && value->text.length > 0;
}

size_t actor_values_size(const struct value *values, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += has_bytes(&values[i]) ? values[i].text.length : 0;
    return size;
}

char *actor_values_copy(struct value *ret_values, const struct value *values, size_t count,
                        char *bytes)
{
    for (size_t i = 0; i < count; i++) {
        ret_values[i] = values[i];
        if (!has_bytes(&values[i]))
            continue;
        memcpy(bytes, values[i].text.bytes, values[i].text.length);
        ret_values[i].text.bytes = bytes;
        bytes += values[i].text.length;
    }
    return bytes;
}

struct actor_row *actor_row_copy(const struct value *columns, uint32_t count)
{
    size_t head = sizeof(struct actor_row) + count * sizeof(struct value);
    struct actor_row *row = malloc(head + actor_values_size(columns, count));
    if (row == NULL)
        return NULL;
    row->count = count;
    (void)actor_values_copy(row->columns, columns, count, (char *)row + head);
    return row;
}

bool actor_rows_append(struct actor_rows *rows, const struct value *columns, uint32_t count)
{
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? FIRST_ROOM : 2 * rows->room;
        struct actor_row **grown = realloc(rows->rows, room * sizeof(struct actor_row *));
        if (grown == NULL)
            return false;
        rows->rows = grown;
        rows->room = room;
    }
    struct actor_row *row = actor_row_copy(columns, count);
    if (row == NULL)
        return false;
    rows->rows[rows->count++] = row;
    return true;
}

void actor_rows_clean_up(struct actor_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        free(rows->rows[i]);
    free(rows->rows);
    *rows = (struct actor_rows){0};
}
