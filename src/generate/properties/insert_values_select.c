/* SPDX-License-Identifier: Apache-2.0 */
/* A row is inserted; another connection finds it by its key, and by its value. */
#include "generate/properties/property.h"

void property_insert_values_select_draw(struct shape *shape)
{
    struct interaction *insert = shape_add(shape, shape->one, ACTION_insert);
    insert->arguments[FIELD_size] = (uint8_t)random_below(shape->random, 4);
    (void)shape_select(shape, shape->other, FILTER_KEY);
    struct interaction *by_value = shape_select(shape, shape->other, FILTER_VALUE_FROM);
    by_value->arguments[FIELD_key] = (uint8_t)random_below(shape->random, 3);
}
