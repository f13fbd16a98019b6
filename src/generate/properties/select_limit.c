/* SPDX-License-Identifier: Apache-2.0 */
/* Rows in an order, at most so many. */
#include "generate/properties/property.h"

void property_select_limit_draw(struct shape *shape)
{
    struct interaction *select =
        shape_select(shape, shape->one, random_chance(shape->random, 2) ? FILTER_ALL : FILTER_FROM);
    select->arguments[FIELD_order] =
        (uint8_t)(ORDER_KEY + random_below(shape->random, ORDER_VALUE_DESC - ORDER_KEY + 1));
    select->arguments[FIELD_limit] = (uint8_t)random_below(shape->random, 8);
}
