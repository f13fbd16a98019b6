/* SPDX-License-Identifier: Apache-2.0 */
/* What was done since a savepoint is undone, and the rest is committed. */
#include "generate/properties/property.h"

void property_savepoint_rollback_draw(struct shape *shape)
{
    uint8_t name = (uint8_t)random_below(shape->random, PLAN_SAVEPOINTS);
    bool in_transaction = random_chance(shape->random, 2);
    if (in_transaction)
        shape_begin(shape, shape->one);
    shape_add(shape, shape->one, ACTION_savepoint)->arguments[FIELD_savepoint] = name;
    shape_write(shape, shape->one);
    shape_add(shape, shape->one, ACTION_rollback_to)->arguments[FIELD_savepoint] = name;
    (void)shape_select(shape, shape->one, FILTER_KEY);
    shape_add(shape, shape->one, ACTION_release)->arguments[FIELD_savepoint] = name;
    if (in_transaction)
        (void)shape_add(shape, shape->one, ACTION_commit);
    (void)shape_select(shape, shape->other, FILTER_ALL);
}
