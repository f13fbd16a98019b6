/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of orders and batches. */
#include "pool/actor_order.h"

#include "pool/actor_row.h"

#include <stdlib.h>
#include <string.h>

bool actor_order_copy(struct order *ret_order, const struct order *order, void **ret_block)
{
    size_t count = order->parameter_count;
    size_t sql_size = order->sql == NULL ? 0 : strlen(order->sql) + 1;
    size_t size =
        count * sizeof(struct value) + actor_values_size(order->parameters, count) + sql_size;
    if (size == 0) {
        *ret_order = *order;
        *ret_block = NULL;
        return true;
    }
    struct value *values = malloc(size);
    if (values == NULL)
        return false;
    struct order copy = *order;
    copy.parameters = values;
    char *end = actor_values_copy(values, order->parameters, count, (char *)(values + count));
    if (sql_size > 0)
        copy.sql = memcpy(end, order->sql, sql_size);
    *ret_order = copy;
    *ret_block = values;
    return true;
}

static size_t batch_size(const struct batch_item *items, size_t count)
{
    size_t size = count * sizeof *items;
    for (size_t i = 0; i < count; i++) {
        size_t parameters = items[i].statement->statement.parameter_count;
        size +=
            parameters * sizeof(struct value) + actor_values_size(items[i].parameters, parameters);
    }
    return size;
}

bool actor_batch_copy(struct batch_item **ret_items, const struct batch_item *items, size_t count,
                      void **ret_block)
{
    struct batch_item *copy = malloc(batch_size(items, count));
    if (copy == NULL)
        return false;
    /* All values first: what follows them is bytes, which need no alignment. */
    struct value *values = (struct value *)(copy + count);
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += items[i].statement->statement.parameter_count;
    char *bytes = (char *)(values + total);
    for (size_t i = 0; i < count; i++) {
        size_t parameters = items[i].statement->statement.parameter_count;
        bytes = actor_values_copy(values, items[i].parameters, parameters, bytes);
        copy[i] = (struct batch_item){items[i].statement, values};
        values += parameters;
    }
    *ret_items = copy;
    *ret_block = copy;
    return true;
}
