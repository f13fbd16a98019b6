/* SPDX-License-Identifier: Apache-2.0 */
/* A task takes a connection, works, gives it back; then another one takes one. */
#include "generate/properties/property.h"

void property_pool_checkout_return_draw(struct shape *shape)
{
    struct interaction *first = shape_add(shape, shape->one, ACTION_checkout);
    uint8_t access = (uint8_t)random_below(shape->random, 2);
    first->arguments[FIELD_access] = access;
    if (access == ACCESS_WRITE)
        shape_write(shape, shape->one);
    (void)shape_add(shape, shape->one, ACTION_return);
    struct interaction *again = shape_judge(shape, shape->other, ACTION_checkout);
    again->arguments[FIELD_access] = access;
    again->arguments[FIELD_timeout] =
        (uint8_t)(random_chance(shape->random, 2) ? TIMEOUT_10_MS : TIMEOUT_1_S);
    (void)shape_add(shape, shape->other, ACTION_return);
}
