/* SPDX-License-Identifier: Apache-2.0 */
/* Orders that follow from others, and those that are left in a sensible order. */
#include "explain/orders.h"

#include <stdlib.h>
#include <string.h>

/* A moment in a task's own time. */
struct moment {
    uint32_t task, interaction, crossing;
};

static struct moment moment_of(const struct explain_place *place, uint32_t whole)
{
    return (struct moment){place->task, place->interaction,
                           place->edge == EXPLAIN_WHOLE ? whole : place->crossing};
}

/* A whole part is before something when it has ended, and after something when it has not begun. */
static struct moment before_of(const struct explain_order *order)
{
    return moment_of(&order->before, UINT32_MAX);
}

static struct moment after_of(const struct explain_order *order)
{
    return moment_of(&order->after, 0);
}

/* By the order of the task's own interactions, or at the same time. */
static bool is_reached(const struct moment *from, const struct moment *to)
{
    if (from->task != to->task)
        return false;
    if (from->interaction != to->interaction)
        return from->interaction < to->interaction;
    return from->crossing <= to->crossing;
}

/* `used` has the orders that led there. */
static bool leads_to(const struct explain_result *result, const struct moment *from,
                     const struct moment *to, bool *used)
{
    for (size_t i = 0; i < result->order_count; i++) {
        struct moment next = before_of(&result->orders[i]);
        if (used[i] || !is_reached(from, &next))
            continue;
        used[i] = true;
        next = after_of(&result->orders[i]);
        if (is_reached(&next, to) || leads_to(result, &next, to, used))
            return true;
    }
    return false;
}

static bool follows_from_others(const struct explain_result *result, size_t order, bool *used)
{
    struct moment from = before_of(&result->orders[order]);
    struct moment to = after_of(&result->orders[order]);
    memset(used, 0, result->order_count * sizeof *used);
    used[order] = true;
    return leads_to(result, &from, &to, used);
}

/* Those between the same two interactions together, as they come. */
static int compare_orders(const void *left, const void *right)
{
    const struct explain_order *one = left, *other = right;
    const uint32_t ones[] = {one->before.interaction, one->after.interaction, one->before.crossing,
                             one->after.crossing};
    const uint32_t others[] = {other->before.interaction, other->after.interaction,
                               other->before.crossing, other->after.crossing};
    for (size_t i = 0; i < sizeof ones / sizeof ones[0]; i++)
        if (ones[i] != others[i])
            return ones[i] < others[i] ? -1 : 1;
    return 0;
}

void orders_reduce(struct explain_result *result)
{
    if (result->order_count == 0)
        return;
    bool *used = ARENA_ARRAY(&result->arena, bool, result->order_count);
    for (size_t i = result->order_count; i-- > 0;) {
        if (!follows_from_others(result, i, used))
            continue;
        size_t behind = result->order_count - i - 1;
        memmove(&result->orders[i], &result->orders[i + 1], behind * sizeof *result->orders);
        result->order_count--;
    }
    qsort(result->orders, result->order_count, sizeof *result->orders, compare_orders);
}
