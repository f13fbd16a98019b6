/* SPDX-License-Identifier: Apache-2.0 */
/* One writes in a transaction, the other meets its lock, and tries again when it is over. */
#include "generate/properties/property.h"

void property_retry_after_busy_draw(struct shape *shape)
{
    struct interaction *begin = shape_add(shape, shape->one, ACTION_begin);
    begin->arguments[FIELD_begin_mode] = BEGIN_IMMEDIATE;
    shape_write(shape, shape->one);
    shape_write(shape, shape->other);
    (void)shape_add(shape, shape->one,
                    random_chance(shape->random, 2) ? ACTION_commit : ACTION_rollback);
    (void)shape_judge(shape, shape->other, ACTION_upsert);
}
