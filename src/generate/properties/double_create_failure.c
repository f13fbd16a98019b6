/* SPDX-License-Identifier: Apache-2.0 */
/* A table is created where there is one already. */
#include "generate/properties/property.h"

void property_double_create_failure_draw(struct shape *shape)
{
    shape->table = random_below(shape->random, PLAN_TABLES);
    if (shape->table >= PLAN_SEED_TABLES)
        (void)shape_add(shape, shape->one, ACTION_create_table);
    (void)shape_judge(shape, shape->other, ACTION_create_table);
}
