/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction writes and rolls back; nobody finds it. */
#include "generate/properties/property.h"

void property_tx_rollback_invisible_draw(struct shape *shape)
{
    shape_begin(shape, shape->one);
    shape_write(shape, shape->one);
    (void)shape_add(shape, shape->one, ACTION_rollback);
    (void)shape_select(shape, random_chance(shape->random, 2) ? shape->one : shape->other,
                       random_chance(shape->random, 2) ? FILTER_KEY : FILTER_ALL);
}
