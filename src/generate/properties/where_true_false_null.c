/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of which a comparison is true, those of which it is not, and all. */
#include "generate/properties/property.h"

void property_where_true_false_null_draw(struct shape *shape)
{
    static const uint8_t filters[] = {FILTER_VALUE_FROM, FILTER_VALUE_BELOW, FILTER_ALL};
    uint8_t bound = (uint8_t)random_below(shape->random, 4);
    uint8_t aggregate = random_chance(shape->random, 2) ? AGGREGATE_COUNT : AGGREGATE_ROWS;
    shape_write(shape, shape->one);
    for (uint32_t i = 0; i < sizeof filters; i++) {
        struct interaction *select =
            shape_select(shape, shape->other, (enum plan_filter)filters[i]);
        if (filters[i] != FILTER_ALL)
            select->arguments[FIELD_key] = bound;
        select->arguments[FIELD_aggregate] = aggregate;
    }
}
