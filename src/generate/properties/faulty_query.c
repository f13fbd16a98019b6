/* SPDX-License-Identifier: Apache-2.0 */
/* A fault strikes in a write; afterwards all of it is there, or nothing. */
#include "generate/properties/property.h"

void property_faulty_query_draw(struct shape *shape)
{
    static const uint8_t faults[] = {FAULT_io_read,   FAULT_io_write,  FAULT_io_sync,
                                     FAULT_disk_full, FAULT_no_memory, FAULT_interrupt};
    struct interaction *write = shape_add(
        shape, shape->one, random_chance(shape->random, 2) ? ACTION_update : ACTION_upsert);
    if (write->action == ACTION_update) {
        write->arguments[FIELD_filter] = FILTER_FROM;
        write->arguments[FIELD_key] = (uint8_t)random_below(shape->random, 8);
    }
    write->arguments[FIELD_size] = (uint8_t)random_below(shape->random, 6);
    write->fault = faults[random_below(shape->random, sizeof faults)];
    write->fault_at = plan_fault_at_values[random_below(shape->random, PLAN_FAULT_AT_COUNT)];
    (void)shape_select(shape, random_chance(shape->random, 2) ? shape->one : shape->other,
                       FILTER_ALL);
}
