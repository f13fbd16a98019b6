/* SPDX-License-Identifier: Apache-2.0 */
/* An aggregate over a filter, which an index may answer; then the rows of that filter. */
#include "generate/properties/property.h"

void property_select_select_optimizer_draw(struct shape *shape)
{
    static const uint8_t filters[] = {FILTER_ALL, FILTER_RANGE, FILTER_FROM, FILTER_VALUE_FROM,
                                      FILTER_VALUE_BELOW};
    uint8_t filter = filters[random_below(shape->random, sizeof filters)];
    uint8_t key = (uint8_t)random_below(shape->random, filter >= FILTER_VALUE_FROM ? 4 : PLAN_KEYS);
    uint8_t span = (uint8_t)random_below(shape->random, PLAN_KEYS);
    shape_write(shape, shape->one);
    for (uint32_t i = 0; i < 2; i++) {
        struct interaction *select = shape_select(shape, shape->other, (enum plan_filter)filter);
        if (filter != FILTER_ALL)
            select->arguments[FIELD_key] = key;
        select->arguments[FIELD_span] = filter == FILTER_RANGE ? span : 0;
        if (i == 0)
            select->arguments[FIELD_aggregate] =
                (uint8_t)(AGGREGATE_COUNT + random_below(shape->random, 4));
        else
            select->arguments[FIELD_order] =
                (uint8_t)random_below(shape->random, ORDER_VALUE_DESC + 1);
    }
}
