/* SPDX-License-Identifier: Apache-2.0 */
/* All tables are read as a whole, in a transaction or by a connection of its own. */
#include "generate/properties/property.h"

void property_all_tables_have_expected_content_draw(struct shape *shape)
{
    shape_write(shape, shape->one);
    if (!shape->has_pool && random_chance(shape->random, 2)) {
        (void)shape_judge(shape, shape->other, ACTION_look);
        return;
    }
    (void)shape_add(shape, shape->other, ACTION_begin);
    for (shape->table = 0; shape->table < PLAN_TABLES; shape->table++)
        (void)shape_select(shape, shape->other, FILTER_ALL);
    (void)shape_add(shape, shape->other, ACTION_commit);
}
