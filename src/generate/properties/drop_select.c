/* SPDX-License-Identifier: Apache-2.0 */
/* A table is dropped; whoever reads it is refused. */
#include "generate/properties/property.h"

void property_drop_select_draw(struct shape *shape)
{
    (void)shape_add(shape, shape->one, ACTION_drop_table);
    (void)shape_select(shape, shape->other,
                       random_chance(shape->random, 2) ? FILTER_KEY : FILTER_ALL);
}
