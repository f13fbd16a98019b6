/* SPDX-License-Identifier: Apache-2.0 */
/* A table is written to, and read as a whole. */
#include "generate/properties/property.h"

void property_table_has_expected_content_draw(struct shape *shape)
{
    if (random_chance(shape->random, 2))
        shape_write(shape, shape->one);
    if (random_chance(shape->random, 2))
        shape_add(shape, shape->other, ACTION_delete)->arguments[FIELD_filter] = FILTER_KEY;
    (void)shape_select(shape, random_chance(shape->random, 2) ? shape->one : shape->other,
                       FILTER_ALL);
}
