/* SPDX-License-Identifier: Apache-2.0 */
/* The table of properties, and their names. */
#include "plan/properties.h"

#include <stddef.h>
#include <string.h>

const struct plan_property_info plan_property_infos[PROPERTY_COUNT] = {
    {NULL, NULL, PROPERTY_ANYWHERE, 0},
#define PROPERTY(name, title, where, claims, meaning) {title, meaning, PROPERTY_##where, claims},
    PLAN_PROPERTIES(PROPERTY)
#undef PROPERTY
};

static uint32_t titled(const char *title, size_t length)
{
    uint32_t property = PROPERTY_COUNT - 1;
    while (property != PROPERTY_none &&
           (strlen(plan_property_infos[property].title) != length ||
            memcmp(plan_property_infos[property].title, title, length) != 0))
        property--;
    return property;
}

bool plan_properties_take(uint32_t *set, const char *titles)
{
    for (const char *next = titles;; next++) {
        size_t length = strcspn(next, ",");
        uint32_t property = titled(next, length);
        if (property == PROPERTY_none)
            return false;
        *set |= 1u << property;
        next += length;
        if (*next == '\0')
            return true;
    }
}

void plan_properties_name(struct text *text)
{
    for (uint32_t property = PROPERTY_none + 1; property < PROPERTY_COUNT; property++) {
        if (property > PROPERTY_none + 1)
            text_append(text, property + 1 == PROPERTY_COUNT ? " or " : ", ");
        text_append(text, plan_property_infos[property].title);
    }
}
