/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are deleted; the same filter finds none of them. */
#include "generate/properties/property.h"

void property_delete_select_draw(struct shape *shape)
{
    static const uint8_t filters[] = {FILTER_ALL, FILTER_KEY, FILTER_RANGE, FILTER_FROM,
                                      FILTER_VALUE_BELOW};
    uint8_t filter = filters[random_below(shape->random, sizeof filters)];
    uint8_t span = (uint8_t)random_below(shape->random, 8);
    shape_write(shape, shape->one);
    struct interaction *delete = shape_add(shape, shape->one, ACTION_delete);
    delete->arguments[FIELD_filter] = filter;
    delete->arguments[FIELD_span] = span;
    struct interaction *select =
        shape_select(shape, random_chance(shape->random, 2) ? shape->one : shape->other,
                     (enum plan_filter)filter);
    select->arguments[FIELD_span] = span;
}
