/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are updated and read with the same filter. */
#include "generate/properties/property.h"

void property_read_your_updates_back_draw(struct shape *shape)
{
    static const uint8_t filters[] = {FILTER_ALL, FILTER_KEY, FILTER_RANGE, FILTER_FROM};
    uint8_t filter = filters[random_below(shape->random, sizeof filters)];
    uint8_t span = (uint8_t)random_below(shape->random, 8);
    bool in_transaction = random_chance(shape->random, 2);
    if (in_transaction)
        shape_begin(shape, shape->one);
    struct interaction *update = shape_add(shape, shape->one, ACTION_update);
    update->arguments[FIELD_filter] = filter;
    update->arguments[FIELD_span] = span;
    update->arguments[FIELD_size] = (uint8_t)random_below(shape->random, 4);
    struct interaction *select = shape_select(shape, shape->one, (enum plan_filter)filter);
    select->arguments[FIELD_span] = span;
    if (in_transaction)
        (void)shape_add(shape, shape->one, ACTION_commit);
}
