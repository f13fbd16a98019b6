/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction writes and rolls back; nobody finds it. */
#include "generate/properties/property.h"

void property_tx_rollback_invisible_draw(struct shape *shape)
{
    shape_begin(shape, shape->one);
    shape_write(shape, shape->one);
    (void)shape_add(shape, shape->one, ACTION_rollback);
    /* One after the other: compilers draw arguments in an order of their own. */
    uint32_t reader = random_chance(shape->random, 2) ? shape->one : shape->other;
    enum plan_filter filter = random_chance(shape->random, 2) ? FILTER_KEY : FILTER_ALL;
    (void)shape_select(shape, reader, filter);
}
