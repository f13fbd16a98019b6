/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody writes, and its process dies; what was acknowledged is there. */
#include "generate/properties/property.h"

void property_fsync_no_wait_draw(struct shape *shape)
{
    shape_write(shape, shape->one);
    struct interaction *last = shape_add(shape, shape->one, ACTION_upsert);
    last->arguments[FIELD_key] = (uint8_t)random_below(shape->random, PLAN_KEYS);
    last->arguments[FIELD_table] = (uint8_t)(1 - shape->table);
    if (random_chance(shape->random, 4)) {
        (void)shape_add(shape, shape->one, ACTION_reopen);
    } else {
        last->fault = FAULT_process_death;
        last->fault_at = plan_fault_at_values[random_below(shape->random, PLAN_FAULT_AT_COUNT)];
    }
    /* One after the other: compilers draw arguments in an order of their own. */
    uint32_t reader = random_chance(shape->random, 2) ? shape->one : shape->other;
    enum plan_filter filter = random_chance(shape->random, 2) ? FILTER_KEY : FILTER_ALL;
    (void)shape_select(shape, reader, filter);
}
