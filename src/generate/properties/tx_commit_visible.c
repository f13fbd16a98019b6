/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction writes and commits; others find it. */
#include "generate/properties/property.h"

void property_tx_commit_visible_draw(struct shape *shape)
{
    shape_begin(shape, shape->one);
    shape_write(shape, shape->one);
    (void)shape_add(shape, shape->one, ACTION_commit);
    (void)shape_select(shape, shape->other,
                       random_chance(shape->random, 2) ? FILTER_KEY : FILTER_ALL);
}
