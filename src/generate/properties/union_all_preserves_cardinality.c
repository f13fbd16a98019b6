/* SPDX-License-Identifier: Apache-2.0 */
/* Two ranges of keys that share none, and all keys. */
#include "generate/properties/property.h"

void property_union_all_preserves_cardinality_draw(struct shape *shape)
{
    uint32_t bound = 1 + random_below(shape->random, PLAN_KEYS - 1);
    uint8_t aggregate = random_chance(shape->random, 4) ? AGGREGATE_ROWS : AGGREGATE_COUNT;
    shape_write(shape, shape->one);
    struct interaction *lower = shape_select(shape, shape->other, FILTER_RANGE);
    lower->arguments[FIELD_key] = 0;
    lower->arguments[FIELD_span] = (uint8_t)(bound - 1);
    struct interaction *upper = shape_select(shape, shape->other, FILTER_FROM);
    upper->arguments[FIELD_key] = (uint8_t)bound;
    struct interaction *whole = shape_select(shape, shape->other, FILTER_ALL);
    lower->arguments[FIELD_aggregate] = upper->arguments[FIELD_aggregate] =
        whole->arguments[FIELD_aggregate] = aggregate;
}
